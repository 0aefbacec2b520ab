"""A wheel built from this checkout serves from an empty virtual environment, outside the checkout."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port, running

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the build backend itself; what it needs is installed in this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build; hatchling.build.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_templates_front_end_and_translations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "socialcrm/templates/base.html" in names
    assert "socialcrm/static/manifest.json" in names
    assert any(name.startswith("worker/") for name in names)
    sources = {p.relative_to(ROOT).as_posix() for p in (ROOT / "socialcrm").rglob("*.po")}
    assert {name.removesuffix(".po") + ".mo" for name in sources} <= names
    assert not any("node_modules" in name or name.startswith(("tests/", "frontend/")) for name in names)


def test_an_empty_environment_serves_from_it(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home)
    uv = [
        Path(sys.executable).with_name("uv"),
        "pip",
        "install",
        "--quiet",
        "--python",
        home / "bin" / "python",
    ]
    subprocess.run([*uv, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    subprocess.run([*uv, "--no-deps", wheel], check=True)
    port = free_port()
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    command = [home / "bin" / "socialcrm", "serve", "--prepare", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with running(
        command, log=tmp_path / "serve.log", ready=lambda: _is_ready(url), env=env, cwd=tmp_path, within=120
    ):
        page = httpx.get(url)
        assert page.status_code == 200
        style = next(part for part in page.text.split('"') if part.startswith("/static/") and ".css" in part)
        assert httpx.get(url + style).status_code == 200


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.HTTPError:
        return False
