"""`socialcrm import customers|orders|posts|referrals FILE`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

KINDS = ("customers", "orders", "posts", "referrals")


@click.group("import")
def import_group() -> None:
    """Bring in customers, orders, posts or referrals from CSV, TSV, XLSX or JSONL.

    Columns are found by their names (Chinese or English) or given with --map. A file can be imported again: what
    is there already is left as it is. A run that was cut off goes on where it was.

    \b
    Example:
      socialcrm import orders orders.csv --currency CNY
      socialcrm import posts reviews.tsv --group 咖啡品鉴交流 --author 评论搬运
    """


def _command(kind: str, text: str, example: str) -> None:
    @import_group.command(kind, help=f"{text}\n\n\b\nExample:\n  {example}")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option(
        "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column holds a field."
    )
    @click.option("--source", help="Name of where the rows come from (default: the file's name).")
    @click.option("--group", help="Posts: name of the group they go to when the file has no such column.")
    @click.option(
        "--topic", help="Posts: title of the topic for rows without one (default: the file's name)."
    )
    @click.option("--author", help="Posts: name of the writer when the file has no such column.")
    @click.option("--at", help="Time of every row when the file has no such column (default: now).")
    @click.option("--currency", help="Orders: three letters, when the file has no such column.")
    @click.option(
        "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write refused lines to a TSV file."
    )
    def run(file: Path, columns: tuple[str, ...], report: Path | None, **given: str | None) -> None:
        sys.exit(_import(kind, file, columns, report, given))


for _kind, _text, _example in (
    (
        "customers",
        "Customers with identities; consents only with their proof.",
        "socialcrm import customers people.xlsx",
    ),
    ("orders", "Orders and refunds of the shop.", "socialcrm import orders orders.csv --currency CNY"),
    (
        "posts",
        "Posts of a community or reviews.",
        "socialcrm import posts hotel.tsv --group 生活 --author 住客",
    ),
    ("referrals", "Who brought whom.", "socialcrm import referrals chain.csv --map referrer=邀请人"),
):
    _command(_kind, _text, _example)


def _import(
    kind: str, file: Path, columns: tuple[str, ...], report: Path | None, given: dict[str, str | None]
) -> int:
    """Exit status: 0 when every row is in, 1 when lines were refused, 2 when the file cannot be imported at all."""
    from socialcrm import create_app
    from socialcrm.desks.imports.fields import BadValue
    from socialcrm.desks.imports.reading import UnreadableFile, count_rows
    from socialcrm.desks.imports.running import Refused, run_import

    app = create_app()
    began = time.monotonic()
    refused: list[Refused] = []
    with app.app_context():
        try:
            total = count_rows(file)
            options = _options(file, given)
            with click.progressbar(length=total, label=f"{kind} {file.name}", file=sys.stderr) as bar:

                def progress(rows: int, lines: list[Refused]) -> None:
                    bar.update(rows)
                    refused.extend(lines)

                outcome = run_import(kind, file, options, dict(_pair(text) for text in columns), progress)
        except (BadValue, UnreadableFile) as error:
            click.echo(f"{file.name}: {error}", err=True)
            return 2
    seconds = time.monotonic() - began
    for line in refused[:50]:
        click.echo(f"line {line.line}: {line.code} ({line.field}: {line.value!r})", err=True)
    if len(refused) > 50:
        click.echo(f"… and {len(refused) - 50} more; --report FILE writes them all", err=True)
    if report is not None:
        rows = [f"{each.line}\t{each.field}\t{each.code}\t{each.value}" for each in refused]
        report.write_text("\n".join(["line\tfield\tcode\tvalue", *rows]) + "\n", encoding="utf-8")
    if outcome.resumed_after:
        click.echo(f"resumed after line {outcome.resumed_after}")
    rows_done = outcome.made + outcome.present + outcome.refused
    click.echo(
        f"{outcome.made} new, {outcome.present} there already, {outcome.refused} refused; "
        f"{seconds:.1f} s, {rows_done / max(seconds, 0.001):.0f} rows/s"
    )
    return 1 if outcome.refused else 0


def _pair(text: str) -> tuple[str, str]:
    field, sign, column = text.partition("=")
    if not sign or not field or not column:
        raise click.BadParameter(f"{text!r}: write FIELD=COLUMN", param_hint="--map")
    return field, column


def _options(file: Path, given: dict[str, str | None]) -> Any:
    from sqlalchemy import select

    from socialcrm.community.groups.models import Group
    from socialcrm.database import db
    from socialcrm.days import zone
    from socialcrm.desks.imports.fields import parse_time
    from socialcrm.desks.imports.rows import Options

    place = zone()
    group_id = None
    if given["group"]:
        group_id = db.session.scalar(select(Group.id).where(Group.name == given["group"]))
        if group_id is None:
            raise click.BadParameter(f"there is no group called {given['group']}", param_hint="--group")
    return Options(
        source=given["source"] or file.name,
        zone=place,
        group_id=group_id,
        topic_title=given["topic"],
        author=given["author"],
        at=parse_time(given["at"], place) if given["at"] else None,
        currency=given["currency"],
    )
