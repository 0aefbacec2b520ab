"""`socialcrm doctor` tells the truth, and its exit code too."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

from flask import Flask
from flask_migrate import stamp

from socialcrm.commands.doctor import Finding, examine
from socialcrm.customers.actions import create_customer
from socialcrm.database import transaction
from tests.servers import free_port


def findings(app: Flask) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(app)}


def run(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("socialcrm"), "doctor"]
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_every_engine_of_the_set_is_asked(app: Flask, engines: str) -> None:
    stamp()
    found = findings(app)
    extra = {"redis", "elasticsearch"} if engines == "full" else set()
    assert (
        set(found) == {"data folder", "front end", "database", "queue", "points", "uploads", "mail"} | extra
    )
    assert [f.what for f in found.values() if f.state == "broken" and f.what != "front end"] == []


def test_an_engine_that_is_away_is_broken_and_the_others_are_still_asked(app: Flask) -> None:
    away = {
        "redis_url": f"redis://127.0.0.1:{free_port()}/0",
        "elasticsearch_url": f"http://127.0.0.1:{free_port()}",
    }
    app.extensions["config"] = dataclasses.replace(app.extensions["config"], **away)
    found = findings(app)
    assert (found["redis"].state, found["elasticsearch"].state) == ("broken", "broken")
    assert found["queue"].state == "ok"


def test_tables_of_another_version_are_broken(app: Flask) -> None:
    assert findings(app)["database"].state == "broken"
    assert "socialcrm db upgrade" in findings(app)["database"].words


def test_work_that_waits_is_counted(app: Flask) -> None:
    with transaction():
        create_customer("李娜", source="import")
    assert "reactions wait" in findings(app)["queue"].words


def test_a_bad_configuration_ends_with_2_and_says_what_is_missing(tmp_path: Path) -> None:
    result = run(tmp_path, DATABASE_URL="postgresql://127.0.0.1/x")
    assert result.returncode == 2
    assert "REDIS_URL, ELASTICSEARCH_URL missing" in result.stdout


def test_an_installation_without_tables_ends_with_1(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.returncode == 1
    assert "BROKEN  database" in result.stdout
