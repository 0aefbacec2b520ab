"""`socialcrm backup` and `restore`: the database, the uploads and the secret in one tar file.

The database is copied first and the uploads after it: an upload is stored before the row that names it, and never
changed, so every file that the copied rows name is in the archive while the installation goes on working.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from socialcrm.config import Config

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"embedded": "database.sqlite3", "full": "database.pgdump"}
UPLOADS = "uploads/"
SECRET = "secret"  # noqa: S105  # the member's name


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the database, the uploads and the secret into FILE (tar). The installation may go on working.

    \b
    Example:
      socialcrm backup /var/backups/socialcrm-monday.tar
    """
    from socialcrm import create_app

    app = create_app()
    with app.app_context():
        uploads = write_backup(file)
    click.echo(
        f"{file}: the database and {uploads} uploads, {file.stat().st_size / 1e6:.1f} MB. Keep it private."
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Throw away what is in the database now.")
def restore(file: Path, replace: bool) -> None:
    """Bring the database, the uploads and the secret back from FILE. Stop the installation first.

    \b
    Example:
      DATA_DIR=/var/lib/new socialcrm restore /var/backups/socialcrm-monday.tar
    """
    from socialcrm import create_app

    app = create_app()
    with app.app_context():
        uploads = read_backup(file, replace=replace)
    click.echo(
        f"Restored the database and {uploads} uploads. Now run: socialcrm db upgrade && socialcrm reindex"
    )


def write_backup(file: Path) -> int:
    """Write the archive beside `file` and put it in its place when it is whole; returns the number of uploads.

    Needs an app context. Raises ClickException when pg_dump is missing or fails.
    """
    config: Config = current_app.extensions["config"]
    file.parent.mkdir(parents=True, exist_ok=True)
    half_written = file.with_name(f".{file.name}.part")
    try:
        handle = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
            _add_bytes(archive, MANIFEST, json.dumps(_manifest(config)).encode())
            with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
                copy = Path(scratch) / "database"
                _dump(config, copy)
                archive.add(copy, DATABASE[config.engine_set])
            secret = config.data_dir / "secret"
            if secret.is_file():
                archive.add(secret, SECRET)
            uploads = _add_uploads(archive)
        half_written.replace(file)
    finally:
        half_written.unlink(missing_ok=True)
    return uploads


def read_backup(file: Path, *, replace: bool) -> int:
    """Restore the archive; returns the number of uploads. Needs an app context.

    Raises ClickException, before anything is changed, when the archive belongs to the other set of engines or
    when the database already holds tables and `replace` is not given.
    """
    config: Config = current_app.extensions["config"]
    if not tarfile.is_tarfile(file):
        raise click.ClickException(f"{file} is not a SocialCRM backup: it is no tar file.")
    with tarfile.open(file) as archive:
        manifest = json.loads(_read(archive, MANIFEST))
        if manifest["format"] != FORMAT:
            raise click.ClickException(
                f"{file} was written by a newer SocialCRM (format {manifest['format']})."
            )
        if manifest["engines"] != config.engine_set:
            raise click.ClickException(
                f"{file} holds the {manifest['engines']} set; this installation is the {config.engine_set} set."
            )
        if _has_tables() and not replace:
            raise click.ClickException(
                "The database is not empty. Give --replace to throw away what is in it."
            )
        with tempfile.TemporaryDirectory(dir=config.data_dir) as scratch:
            copy = Path(scratch) / "database"
            with archive.extractfile(DATABASE[config.engine_set]) as source, copy.open("wb") as target:  # type: ignore[union-attr]
                shutil.copyfileobj(source, target)
            _load(config, copy)
        _restore_secret(archive, config.data_dir / "secret")
        return _restore_uploads(archive)


def _manifest(config: Config) -> dict[str, object]:
    return {"format": FORMAT, "engines": config.engine_set, "made_at": datetime.now(UTC).isoformat()}


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    archive.addfile(member, BytesIO(content))


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        member = archive.extractfile(name)
    except KeyError:
        raise click.ClickException(f"{archive.name!s} is not a SocialCRM backup: it has no {name}.") from None
    return member.read() if member else b""


def _add_uploads(archive: tarfile.TarFile) -> int:
    store = current_app.extensions["storage"]
    count = 0
    for key in store.keys():  # noqa: SIM118  # a store is no mapping
        content = store.get(key)
        if content is not None:
            _add_bytes(archive, UPLOADS + key, content)
            count += 1
    return count


def _restore_uploads(archive: tarfile.TarFile) -> int:
    store = current_app.extensions["storage"]
    names = [name for name in archive.getnames() if name.startswith(UPLOADS)]
    for name in names:
        store.put(name.removeprefix(UPLOADS), _read(archive, name), "application/octet-stream")
    return len(names)


def _restore_secret(archive: tarfile.TarFile, place: Path) -> None:
    if SECRET not in archive.getnames():
        return
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as target:
        target.write(_read(archive, SECRET))


def _has_tables() -> bool:
    from socialcrm.database import db

    tables = inspect(db.engine).get_table_names()
    db.engine.dispose()
    return bool(tables)


def _dump(config: Config, target: Path) -> None:
    if config.engine_set == "full":
        _run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={target}",
            _libpq_url(config),
        )
        return
    with closing(sqlite3.connect(_sqlite_path(config))) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _load(config: Config, source: Path) -> None:
    if config.engine_set == "full":
        with _emptied_schema():
            _run(
                "pg_restore",
                "--no-owner",
                "--single-transaction",
                f"--dbname={_libpq_url(config)}",
                str(source),
            )
        return
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(_sqlite_path(config))) as target:
        _check_sqlite(copy)
        # Into the open file: whoever has it open sees the restored content, not a deleted file.
        copy.backup(target)


def _check_sqlite(copy: sqlite3.Connection) -> None:
    try:
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise click.ClickException(f"The database in the backup is damaged: {verdict}")


@contextmanager
def _emptied_schema() -> Iterator[None]:
    """An empty schema `public` while the block runs; what was in it is dropped afterwards, or put back on an error."""
    _execute("ALTER SCHEMA public RENAME TO replaced", "CREATE SCHEMA public")
    try:
        yield
    except BaseException:
        _execute("DROP SCHEMA public CASCADE", "ALTER SCHEMA replaced RENAME TO public")
        raise
    _execute("DROP SCHEMA replaced CASCADE")


def _execute(*statements: str) -> None:
    from socialcrm.database import db

    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    db.engine.dispose()


def _sqlite_path(config: Config) -> str:
    return str(make_url(config.database_url).database)


def _libpq_url(config: Config) -> str:
    return make_url(config.database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's client programs. Raises ClickException with its own words when it fails."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True
    )
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, places)])
    program = shutil.which(name, path=path)
    if program is None:
        raise click.ClickException(f"{name} is not installed (Debian and Ubuntu: postgresql-client).")
    ended = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode != 0:
        raise click.ClickException(f"{name} failed: {ended.stderr.strip()}")
