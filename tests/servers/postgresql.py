"""A private PostgreSQL cluster (15 or later) in a temporary folder, without fsync, and databases in it."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.processes import MissingProgram, free_port, program, running

OLDEST_VERSION = 15
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_statement": "none",
}


@dataclass(frozen=True)
class PostgreSQL:
    """A running cluster, reached as its superuser `socialcrm` without a password."""

    port: int

    def url(self, database: str) -> str:
        """Address of `database` in this cluster."""
        return f"postgresql://socialcrm@127.0.0.1:{self.port}/{database}"

    def create(self, *, template: str = "template0") -> str:
        """Make a new database, a copy of `template`, which nobody may be connected to; returns its name."""
        name = f"t_{secrets.token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy ENCODING 'UTF8'")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Remove database `name`, ending the connections to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self, *, template: str = "template0") -> Iterator[str]:
        """The address of a new database that is removed when the block ends."""
        name = self.create(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def answers(self) -> bool:
        """Whether the cluster accepts connections."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A new cluster, gone when the block ends. Raises MissingProgram when PostgreSQL is not installed."""
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix="socialcrm-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user, user)
        data = folder / "data"
        initdb: list[str | Path] = [
            _binary("initdb"),
            "-D",
            data,
            "-U",
            "socialcrm",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run(
            [*initdb, "--locale=C.UTF-8", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            group=user,
            cwd=folder,
        )
        cluster = PostgreSQL(free_port())
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with running(
            [_binary("postgres"), "-D", data, "-p", str(cluster.port), *settings],
            log=folder / "postgresql.log",
            ready=cluster.answers,
            user=user,
            cwd=folder,
            stop_signal=signal.SIGINT,
        ):
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: root starts it as `postgres`, anybody else as themselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise MissingProgram(
            "there is no user postgres. On Debian or Ubuntu: apt-get install postgresql"
        ) from None


def _binary(name: str) -> str:
    """The newest installed `name`; Debian keeps each version's programs in a folder that is not on PATH."""
    versions = [folder for folder in Path("/usr/lib/postgresql").glob("*") if folder.name.isdigit()]
    fit = sorted(
        (f for f in versions if int(f.name) >= OLDEST_VERSION), key=lambda f: int(f.name), reverse=True
    )
    return program(name, "postgresql", *(folder / "bin" for folder in fit))
