"""nginx with the configuration that `deploy/` gives people, on free ports."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import accepts_connections, free_port, program, running

DEPLOYED = Path(__file__).parents[2] / "deploy" / "nginx" / "socialcrm.conf"
MAIN = """\
{user}daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    types {{ text/html html; text/css css; application/javascript js; image/svg+xml svg; }}
    {temporary}
{site}
}}
"""


@contextmanager
def nginx(pages: Sequence[int], live: Sequence[int], port: int | None = None) -> Iterator[str]:
    """nginx before page processes on the ports `pages` and real-time processes on `live`; yields its base URL."""
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="socialcrm-nginx-") as scratch:
        folder = Path(scratch)
        configuration = folder / "nginx.conf"
        configuration.write_text(_main(folder, _site(DEPLOYED.read_text(), pages, live, port)))
        command: list[str | Path] = [
            program("nginx", "nginx"),
            "-e",
            folder / "error.log",
            "-p",
            folder,
            "-c",
            configuration,
        ]
        with running(command, log=folder / "nginx.log", ready=lambda: accepts_connections(port)):
            yield f"http://127.0.0.1:{port}"


def _site(deployed: str, pages: Sequence[int], live: Sequence[int], port: int) -> str:
    """The deployed site with other ports; everything else stays as people get it."""
    site = deployed.replace("listen 80;", f"listen 127.0.0.1:{port};")
    for name, ports in (("socialcrm_pages", pages), ("socialcrm_live", live)):
        head, block, tail = re.split(rf"(upstream {name} {{.*?\n}})", site, flags=re.DOTALL)
        kept = re.sub(r"\n    server [^\n]*", "", block).removesuffix("}")
        site = head + kept + "".join(f"    server 127.0.0.1:{number};\n" for number in ports) + "}" + tail
    return site


def _main(folder: Path, site: str) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return MAIN.format(
        # As root, nginx would drop to a user who cannot enter the temporary folder.
        user="user root;\n" if os.geteuid() == 0 else "",
        folder=folder,
        temporary="\n    ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds),
        site=site,
    )
