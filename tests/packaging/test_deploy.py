"""The deployment examples call commands and name settings that exist."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from socialcrm import config
from socialcrm.commands import main

DEPLOY = Path(__file__).parents[2] / "deploy"
SET_FOR_OTHER_PROGRAMS = {"POSTGRES_PASSWORD", "USER", "PASSWORD", "BUCKET", "KEY", "SECRET"}


def compose() -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


def deployed_commands() -> list[list[str]]:
    """Every `socialcrm …` that a unit, the compose file, the Dockerfile or the README runs."""
    units = [line for unit in DEPLOY.glob("systemd/*") for line in unit.read_text().splitlines()]
    executed = [line.partition("=")[2].replace("%i", "8010") for line in units if line.startswith("Exec")]
    shown = re.findall(r"`(socialcrm [^`]+)`", (DEPLOY / "README.md").read_text())
    composed = [s["command"] for s in compose().values() if "socialcrm" in str(s.get("command", ""))]
    image = yaml.safe_load(re.search(r"^CMD (.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)[1])
    return [shlex.split(line) for line in executed + shown] + [*composed, image]


@pytest.mark.parametrize("words", deployed_commands(), ids=" ".join)
def test_a_deployed_command_is_understood(words: list[str]) -> None:
    assert Path(words[0]).name == "socialcrm"
    command: click.Command = main
    rest = words[1:]
    while isinstance(command, click.Group):
        _, command, rest = command.resolve_command(click.Context(command), rest)
    command.make_context(command.name, rest)


def test_every_process_of_the_full_set_is_deployed_both_ways() -> None:
    composed = {tuple(s["command"][:2]) for s in compose().values() if "socialcrm" in str(s.get("command"))}
    assert composed == {("socialcrm", name) for name in ("db", "serve", "worker", "beat")}
    names = {unit.name for unit in DEPLOY.glob("systemd/*")}
    kinds = ("pages.service", "live@.service", "worker.service", "beat.service")
    assert names == {f"socialcrm-{kind}" for kind in kinds}


def test_nginx_knows_the_ports_the_processes_listen_on() -> None:
    site = (DEPLOY / "nginx" / "socialcrm.conf").read_text()
    ports = {words[words.index("--port") + 1] for words in deployed_commands() if "--port" in words}
    assert set(re.findall(r"server 127\.0\.0\.1:(\d+);", site)) == ports


def test_every_setting_of_the_example_exists() -> None:
    known = set(re.findall(r'"([A-Z][A-Z_]+)"', Path(config.__file__).read_text()))
    example = (DEPLOY / "socialcrm.env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", example, flags=re.MULTILINE)) <= known
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["x-socialcrm"]["environment"]
    assert set(composed) <= known
