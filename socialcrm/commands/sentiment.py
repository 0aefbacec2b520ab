"""`socialcrm sentiment`: train, measure and try the engine."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_AT_ONCE = 64  # texts
CHANNEL = click.Choice(["post", "review", "chat"])


@click.group()
def sentiment() -> None:
    """Train, measure and try the sentiment engine.

    \b
    Example:
      socialcrm sentiment analyse "等了三天还没发货，包装倒是挺好看的。"
    """


@sentiment.command()
@click.option(
    "--data", "folders", type=FOLDER, multiple=True, required=True, help="A folder of labelled TSV files."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The model file to write."
)
@click.option(
    "--leave-one-out", is_flag=True, help="Also measure each domain unseen (one more training per domain)."
)
@click.option("--base", type=FILE, help="An older model: keep it and train only the heads named by --only.")
@click.option(
    "--only",
    type=click.Choice(["mood", "dialogue", "aspects"]),
    multiple=True,
    help="Heads to train anew upon --base; may be repeated.",
)
def train(
    folders: tuple[Path, ...], out: Path, leave_one_out: bool, base: Path | None, only: tuple[str, ...]
) -> None:
    """Train a model from TSV files with columns text and label; writes OUT and its card as OUT.md and OUT.json.

    \b
    Example:
      socialcrm sentiment train --data my-texts --out model.npz
    """
    # The work is sparse; a second BLAS thread only waits for the first, for minutes on a busy machine.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from socialcrm.sentiment import build, model
    from socialcrm.sentiment import card as cards

    if (base is None) != (not only):
        raise click.UsageError("--base and --only go together")
    if base is None and find_spec("sklearn") is None:
        raise click.ClickException("training needs scikit-learn: pip install 'socialcrm[train]'")
    try:
        with _progress(build.expected_steps(only, folders if leave_one_out else ())) as tell:
            if base is None:
                arrays, card = build.build(folders, tell)
            else:
                arrays, card = build.refit(base, folders, only, tell)
            if leave_one_out:
                card["figures"]["unseen"] = build.leave_one_out(folders, tell)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    model.save(out, arrays, card)
    out.with_suffix(".md").write_text(cards.card_markdown(card), encoding="utf-8")
    described = json.dumps(cards.card_json(card), ensure_ascii=False, indent=1)
    out.with_suffix(".json").write_text(described + "\n", encoding="utf-8")
    click.echo(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, a line a step with the time elsewhere; gives the function to tell each step to."""
    began = time.monotonic()
    if not sys.stderr.isatty():
        yield lambda line: click.echo(f"[{time.monotonic() - began:6.1f} s] {line}", err=True)
        return
    with click.progressbar(length=steps, file=sys.stderr, item_show_func=str, show_eta=False) as bar:
        yield lambda line: bar.update(1, line)


@sentiment.command()
@click.argument("file", type=FILE)
@click.option("--channel", type=CHANNEL, help="How the texts came; guessed from each text when not given.")
@click.option("--score-column", help="Measure dissatisfied dialogues by this column instead of a label.")
@click.option(
    "--negative-below",
    type=float,
    default=-0.5,
    show_default=True,
    help="At most this score is dissatisfied.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    file: Path, channel: str | None, score_column: str | None, negative_below: float, as_json: bool
) -> None:
    """Measure polarity on a TSV with columns text, label (0, 1, 2) and optionally domain.

    \b
    Example:
      socialcrm sentiment evaluate hotel.tsv --channel review --json
    """
    from socialcrm.sentiment import evaluation

    try:
        if score_column:
            report = evaluation.evaluate_scores(file, score_column, negative_below)
        else:
            report = evaluation.evaluate(file, channel)  # type: ignore[arg-type]
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    _show(report, as_json)


@sentiment.command("evaluate-aspects")
@click.argument("file", type=FILE)
@click.option("--map", "mapping", type=FILE, required=True, help="TSV: file column, aspect.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate_aspects(file: Path, mapping: Path, as_json: bool) -> None:
    """Measure aspects: F1 of finding each, and accuracy of the polarity of those found.

    \b
    Example:
      socialcrm sentiment evaluate-aspects reviews.tsv --map columns.tsv --json
    """
    from socialcrm.sentiment import evaluation

    try:
        report = evaluation.evaluate_aspects(file, mapping)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    _show(report, as_json)


@sentiment.command()
@click.argument("text", required=False)
@click.option("--file", type=FILE, help="Read texts from this file, one a line.")
@click.option("--channel", type=CHANNEL, help="How the text came; guessed when not given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a text.")
def analyse(text: str | None, file: Path | None, channel: str | None, as_json: bool) -> None:
    """Say what a text says.

    \b
    Example:
      socialcrm sentiment analyse "客服很耐心，就是快递太慢了"
    """
    from socialcrm.sentiment.engine import analyse_batch

    if (text is None) == (file is None):
        raise click.UsageError("give either a text or --file")
    texts = iter([text or ""]) if file is None else _lines(file)
    while piece := list(islice(texts, _AT_ONCE)):
        opinions = analyse_batch(piece, channel=channel)  # type: ignore[arg-type]
        if as_json:
            click.echo("\n".join(json.dumps(each.to_json(), ensure_ascii=False) for each in opinions))
        else:
            for own, opinion in zip(piece, opinions, strict=True):
                click.echo(_for_a_person(own, opinion))


@sentiment.command()
@click.argument("file", type=FILE)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="At most this many rows a domain.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(file: Path, limit: int, as_json: bool) -> None:
    """Run SnowNLP, and cnsenti if it is installed, beside ours on the same rows.

    \b
    Example:
      socialcrm sentiment compare reviews.tsv --limit 500
    """
    from socialcrm.sentiment import evaluation

    try:
        report = evaluation.compare(file, limit)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(evaluation.as_json(report) if as_json else _comparison(report))


def _comparison(report: dict[str, Any]) -> str:
    programs = report["programs"]
    lines = ["".join(f"{cell:>12}" for cell in ["", *programs])]
    for domain in programs["ours"]["by_domain"]:
        cells = [f"{each['by_domain'][domain]:.1%}" for each in programs.values()]
        lines.append("".join(f"{cell:>12}" for cell in [domain, *cells]))
    lines.append(
        "".join(f"{cell:>12}" for cell in ["all", *(f"{each['accuracy']:.1%}" for each in programs.values())])
    )
    speeds = [f"{each['docs_per_second']:,.0f}" for each in programs.values()]
    lines.append("".join(f"{cell:>12}" for cell in ["texts/s", *speeds]))
    lines.append(
        f"{report['n']} texts of {report['characters']} characters; {report['gain']:+.1f} points over SnowNLP as a mean of "
        f"the domains, {report['times_snownlp']:.0f} times its speed"
    )
    return "\n".join(lines)


def _lines(file: Path) -> Iterator[str]:
    """The lines of a file as they come; bytes that are not UTF-8 are replaced and told of at the end."""
    strange = 0
    with file.open("rb") as stream:
        for number, line in enumerate(stream):
            encoding = "utf-8" if number else "utf-8-sig"
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError:
                strange += 1
                text = line.decode(encoding, "replace")
            yield text.rstrip("\r\n")
    if strange:
        click.echo(
            f"{file.name}: {strange} lines with bytes that are not UTF-8, read with � in their place",
            err=True,
        )


def _show(report: dict[str, object], as_json: bool, indent: str = "") -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for name, value in report.items():
        if isinstance(value, dict):
            click.echo(f"{indent}{name}")
            _show(value, False, indent + "  ")
        else:
            click.echo(f"{indent}{name:<24}{value}")


def _for_a_person(text: str, opinion: object) -> str:
    from socialcrm.sentiment.engine import Opinion

    assert isinstance(opinion, Opinion)
    lines = [text, f"  {opinion.polarity}  P(positive) {opinion.probability:.2f}  {opinion.emotion}"]
    lines.append(f"  urgency {opinion.urgency}  complaint {opinion.complaint:.2f}")
    for name, each in opinion.aspects.items():
        shown = " / ".join(text[start:end] for start, end in each.spans)
        lines.append(f"  {name}: {each.polarity} {each.probability:.2f}  「{shown}」")
    words = sorted(opinion.words, key=lambda word: -abs(word[2]))
    lines.append("  words: " + "  ".join(f"{text[start:end]} {weight:+.2f}" for start, end, weight in words))
    # What came from the command line may hold bytes that are no characters.
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode("utf-8")
