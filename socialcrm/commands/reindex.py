"""`socialcrm reindex`: build the search index anew while it is in use."""

from __future__ import annotations

import time

import click

#: Small enough that a page's write on SQLite waits a tenth of a second at most.
BATCH = {"embedded": 50, "full": 500}


@click.command()
def reindex() -> None:
    """Build the search index anew from the database. Search goes on answering, and what is written meanwhile stays.

    \b
    Example:
      socialcrm reindex
    """
    from socialcrm import create_app
    from socialcrm.search.engine import SearchUnavailable

    app = create_app()
    with app.app_context():
        try:
            documents, seconds = rebuild(BATCH[app.extensions["config"].engine_set])
        except SearchUnavailable as error:
            raise click.ClickException(f"the search engine does not answer: {error.reason}") from error
    click.echo(f"{documents} documents in {seconds:.1f} s")


def rebuild(batch: int, *, quiet: bool = False) -> tuple[int, float]:
    """Rebuild with a progress line per kind unless `quiet`, one short transaction per batch; (documents, seconds)."""
    from socialcrm.database import transaction
    from socialcrm.desks.finding.sources import SOURCES
    from socialcrm.search.actions import begin_reindex, finish_reindex, reindex_next

    began = time.monotonic()
    with transaction():
        begin_reindex()
    for source in SOURCES:
        last, seen = 0, 0
        while True:
            with transaction():
                ids = reindex_next(source, last, batch)
            if not ids:
                break
            last, seen = ids[-1], seen + len(ids)
            if not quiet:
                click.echo(f"\r{source.kind:<10} {seen}", nl=False, err=True)
        if not quiet:
            click.echo(f"\r{source.kind:<10} {seen}", err=True)
    with transaction():
        documents = finish_reindex()
    return documents, time.monotonic() - began
