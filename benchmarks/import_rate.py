"""How fast real files come in, and how fast the worker then reads them.

    python -m benchmarks.import_rate [--posts FILE …] [--orders FILE] [--engines embedded|full] [--rows 2000]

Without files: the five of ../shared (some 50,000 rows, about ten minutes; `--rows 1500` about one). Each file is imported by the command line while the installation serves; the second rate is until the queue is empty:
every post scored, profiles, tags and alerts filled. Columns are found by their names; texts and orders without a
column for something get the same value for all.
"""

import argparse
import os
import subprocess
import time
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.place import Place, place
from benchmarks.table import show
from socialcrm.database import db
from socialcrm.events import ReactionRun
from socialcrm.sentiment.models import OpinionRow
from socialcrm.service.alerts.models import Alert
from tests.servers import wait_until
from tests.servers.installation import COMMAND

DRAINED_WITHIN = 3600
ORDERS = ["--currency", "USD"]
SHARED = Path(__file__).parents[2] / "shared"
POSTS = [
    SHARED / "sentiment" / "dev" / f"{name}.tsv" for name in ("hotel", "waimai", "chat", "service_chat_stc3")
]
PURCHASES = SHARED / "value" / "cdnow_sample_transactions.csv"


def first_rows(file: Path, rows: int, folder: Path) -> Path:
    """The head of a text file with its header line, or the file itself when `rows` is 0."""
    if not rows:
        return file
    head = folder / file.name
    with file.open(encoding="utf-8") as source:
        head.write_text(
            "".join(line for line, _ in zip(source, range(rows + 1), strict=False)), encoding="utf-8"
        )
    return head


def run_import(found: Place, kind: str, file: Path, options: list[str]) -> tuple[str, float, float]:
    """Import one file; the command's closing line, seconds of the command, and seconds until nothing waits."""
    began = time.monotonic()
    ended = subprocess.run(
        [COMMAND, "import", kind, file, *options],
        env=found.made.env,
        capture_output=True,
        text=True,
        check=False,
    )
    imported = time.monotonic() - began
    if ended.returncode not in (0, 1):
        raise SystemExit(f"{file.name}: {ended.stdout}{ended.stderr}")
    wait_until(nothing_waits, "the queue to be empty", within=DRAINED_WITHIN)
    return ended.stdout.strip().splitlines()[-1], imported, time.monotonic() - began


def nothing_waits() -> bool:
    """Whether every reaction is carried out."""
    waiting = db.session.scalar(select(func.count()).where(ReactionRun.state == "pending"))
    db.session.rollback()
    return waiting == 0


def number(table: type[OpinionRow] | type[Alert]) -> int:
    """How many rows the table has."""
    count = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return count


def run(found: Place, engines: str, posts: list[Path], orders: Path | None, rows: int) -> None:
    """Import each file and print."""
    found.made.serve()
    if engines == "full":
        found.made.worker(concurrency=2)
        found.made.beat()
    table: list[tuple[str, str, str]] = []
    jobs = [("posts", file, ["--group", "咖啡品鉴交流", "--author", "评论搬运"]) for file in posts]
    if orders is not None:
        jobs.append(("orders", orders, ORDERS))
    with found.made.app():
        wait_until(nothing_waits, "the queue to be empty", within=DRAINED_WITHIN)
        for kind, file, options in jobs:
            before = number(OpinionRow)
            head = first_rows(file, rows, found.made.folder)
            closing, imported, whole = run_import(found, kind, head, options)
            print(f"{file.name}: {closing}; nothing waits after {whole:.0f} s", flush=True)
            rows_taken = sum(1 for _ in head.open(encoding="utf-8")) - 1
            table.append((f"{kind} {file.name}: import", f"{closing} (command: {imported:.1f} s)", ""))
            scored = number(OpinionRow) - before
            read = f", {scored} texts read" if scored else ""
            table.append(
                (f"{kind} {file.name}: all done", f"{whole:.1f} s{read}, {rows_taken / whole:.0f} rows/s", "")
            )
        table.append(("alerts raised", str(number(Alert)), ""))
        table.append(
            ("load of the machine (1, 5, 15 min)", " ".join(f"{n:.1f}" for n in os.getloadavg()), "")
        )
    show(f"Imports, {engines} set", table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=Path, nargs="*")
    parser.add_argument("--orders", type=Path)
    parser.add_argument("--engines", choices=["embedded", "full"], default="embedded")
    parser.add_argument("--rows", type=int, default=0, help="only the first ROWS of each file")
    asked = parser.parse_args()
    if asked.posts is None and asked.orders is None:
        asked.posts, asked.orders = POSTS, PURCHASES
        if not all(file.exists() for file in [*POSTS, PURCHASES]):
            parser.error("the files of ../shared are not there: name some with --posts and --orders")
    with place(asked.engines, members=3, posts=3, LOG_FORMAT="json") as found:
        run(found, asked.engines, asked.posts or [], asked.orders, asked.rows)
