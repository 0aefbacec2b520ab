"""The lock files name the official index or no address at all, and belong to pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OFFICIAL = {"pypi.org", "files.pythonhosted.org"}
LOCKS = [
    "uv.lock",
    "requirements.lock",
    "requirements-train.lock",
    "requirements-build.lock",
    "requirements-test.lock",
]


def hosts(text: str) -> set[str]:
    return set(re.findall(r"\w+://(?:[^/@\s\"']*@)?([^/:\s\"']+)", text))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_but_the_official_index(name: str) -> None:
    assert hosts((ROOT / name).read_text()) <= (OFFICIAL if name == "uv.lock" else set())


@pytest.mark.parametrize("name", LOCKS[1:])
def test_every_locked_package_has_a_hash(name: str) -> None:
    requirements = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    assert len(requirements) > 3
    assert [line for line in requirements if "--hash=sha256:" not in line] == []


def test_every_dependency_is_locked_for_running() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[<>=~ ]", line)[0] for line in project["dependencies"]}
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
    assert wanted - locked == set()


def test_what_builds_the_wheel_is_what_the_lock_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(project["build-system"]["requires"]) <= set(project["dependency-groups"]["build"])


def test_the_front_end_lock_names_no_host() -> None:
    packages = (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"resolved"' not in packages
