"""`socialcrm backup` and `restore`: what was there is there again, in an empty place."""

import dataclasses
import hashlib
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import click
import pytest
from flask import Flask
from sqlalchemy import select, text

from socialcrm import create_app
from socialcrm.commands.backup import read_backup, write_backup
from socialcrm.config import Config
from socialcrm.customers.actions import create_customer
from socialcrm.customers.models import Customer
from socialcrm.database import db, transaction
from socialcrm.storage import fetch, keep
from tests.servers import Servers

PICTURE = b"\x89PNG what a customer uploaded"


@pytest.fixture
def archive(app: Flask, tmp_path: Path) -> Path:
    """A backup of an installation with one customer, one upload and its secret."""
    with transaction():
        create_customer("李娜", source="community")
    keep(PICTURE, "image/png")
    (app.extensions["config"].data_dir / "secret").write_text("the secret of the old place")
    file = tmp_path / "monday.tar"
    assert write_backup(file) == 1
    return file


@pytest.fixture
def empty_place(config: Config, engines: str, tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    """The configuration of an installation with no tables."""
    folder = tmp_path / "new"
    folder.mkdir()
    if engines == "embedded":
        url = f"sqlite:///{folder / 'socialcrm.db'}"
    else:
        servers: Servers = request.getfixturevalue("servers")
        name = servers.postgresql.create()
        request.addfinalizer(lambda: servers.postgresql.drop(name))
        url = servers.postgresql.url(name).replace("postgresql://", "postgresql+psycopg://")
    return dataclasses.replace(config, data_dir=folder, database_url=url)


def in_place(config: Config, look: Callable[[], object]) -> object:
    with create_app(config).app_context():
        try:
            return look()
        finally:
            db.session.remove()
            db.engine.dispose()


def names() -> list[str]:
    return list(db.session.scalars(select(Customer.display_name).order_by(Customer.id)))


def test_everything_is_back_in_an_empty_place(archive: Path, empty_place: Config) -> None:
    assert in_place(empty_place, lambda: read_backup(archive, replace=False)) == 1
    assert in_place(empty_place, names) == ["李娜"]
    key = hashlib.sha256(PICTURE).hexdigest()
    assert in_place(empty_place, lambda: fetch(key)) == PICTURE
    assert (empty_place.data_dir / "secret").read_text() == "the secret of the old place"


def test_a_place_that_is_not_empty_is_refused_and_left_as_it_is(app: Flask, archive: Path) -> None:
    with transaction():
        create_customer("王强", source="community")
    with pytest.raises(click.ClickException, match="not empty"):
        read_backup(archive, replace=False)
    assert names() == ["李娜", "王强"]


def test_replace_throws_away_what_came_later(app: Flask, archive: Path) -> None:
    with transaction():
        create_customer("王强", source="community")
    db.session.remove()
    read_backup(archive, replace=True)
    assert names() == ["李娜"]


def test_a_damaged_database_in_the_archive_leaves_the_place_as_it_is(
    app: Flask, archive: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(archive) as whole, tarfile.open(damaged, "w") as broken:
        for member in whole.getmembers():
            content = whole.extractfile(member).read()
            if member.name.startswith("database"):
                content = b"not a database" * 100
                member.size = len(content)
            broken.addfile(member, BytesIO(content))
    db.session.remove()
    with pytest.raises(click.ClickException):
        read_backup(damaged, replace=True)
    assert names() == ["李娜"]


def test_the_archive_is_private_and_no_half_archive_stays(archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0
    assert list(archive.parent.glob("*.part")) == []


def test_what_is_no_backup_is_refused_in_words(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "letter.tar"
    file.write_text("dear reader")
    with pytest.raises(click.ClickException, match="not a SocialCRM backup"):
        read_backup(file, replace=True)


def test_a_backup_of_the_other_engines_is_refused(app: Flask, archive: Path, engines: str) -> None:
    other = {"embedded": {"redis_url": "redis://127.0.0.1:1/0"}, "full": {"redis_url": None}}[engines]
    app.extensions["config"] = dataclasses.replace(app.extensions["config"], **other)
    with pytest.raises(click.ClickException, match=f"holds the {engines} set"):
        read_backup(archive, replace=True)


def test_rows_written_during_the_backup_are_whole(app: Flask, tmp_path: Path) -> None:
    """A copy taken between two commits holds the first and not the second."""
    with transaction():
        create_customer("李娜", source="community")
    write_backup(tmp_path / "first.tar")
    with transaction():
        create_customer("王强", source="community")
    db.session.remove()
    read_backup(tmp_path / "first.tar", replace=True)
    assert names() == ["李娜"]
    assert db.session.execute(text("SELECT count(*) FROM events")).scalar_one() == 1
