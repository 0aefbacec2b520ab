"""What a page costs: CPU of the web process per request, as a multiple of an empty Flask route in the same run.

    python -m benchmarks.pages [--engines full] [--requests 400]

A topic page of 20 posts and its group's page, signed out and signed in, through the same gunicorn worker class and over
one kept-open connection. The cost of the database server is not counted; that of the web process is, whole.
"""

import argparse
import sys

import httpx
from sqlalchemy import select

from benchmarks.place import Place, place
from benchmarks.table import show
from socialcrm.accounts.models import Account
from socialcrm.community.topics.actions import set_reaction
from socialcrm.community.topics.models import Post
from socialcrm.database import db, transaction
from tests.servers import free_port
from tests.servers.installation import Process

WARM_UP = 40
POSTS = 20
KIND = "like"


def bare_process(found: Place) -> Process:
    """Gunicorn with the empty route, as `socialcrm serve` starts it."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-k",
        "gthread",
        "-w",
        "1",
        "--threads",
        "16",
        "--keep-alive",
        "15",
    ]
    process = Process(
        "bare",
        [*command, "--no-control-socket", "-b", f"127.0.0.1:{port}", "benchmarks.bare:app"],
        found.made.env,
        found.made.folder / "bare.log",
        f"http://127.0.0.1:{port}",
    )
    found.made.processes.append(process)
    process.start()
    process.wait()
    return process


def cost(process: Process, path: str, requests: int, cookie: str = "") -> float:
    """CPU milliseconds of `process` per GET of `path`."""
    with httpx.Client(base_url=str(process.url), timeout=30) as client:
        if cookie:
            client.cookies.set("socialcrm", cookie, domain="127.0.0.1")
        for _ in range(WARM_UP):
            client.get(path).raise_for_status()
        before = process.cpu_seconds()
        for _ in range(requests):
            client.get(path)
        return (process.cpu_seconds() - before) / requests * 1000


def react_to_posts(found: Place) -> None:
    """Some reactions under every post, as on a living page."""
    with found.made.app():
        people = db.session.scalars(select(Account).where(Account.role == "customer").limit(3)).all()
        with transaction():
            for post_id in db.session.scalars(select(Post.id).where(Post.topic_id == found.topic_id)):
                for person in people:
                    set_reaction(post_id, person.customer_id, KIND, on=True)


def run(found: Place, engines: str, requests: int) -> None:
    """Measure and print."""
    react_to_posts(found)
    bare, web = bare_process(found), found.made.serve(processes=1)
    empty = cost(bare, "/", requests * 10)
    topic, group = f"/topics/{found.topic_id}", f"/groups/{found.group_id}"
    pages = [
        ("topic page, signed out", topic, "", "20×"),
        ("topic page, signed in", topic, found.members[1], "30×"),
        ("group page, signed out", group, "", "20×"),
        ("group page, signed in", group, found.members[1], "30×"),
    ]
    rows = [("empty Flask route", f"{empty:.2f} ms", "")]
    for name, path, cookie, bar in pages:
        spent = cost(web, path, requests, cookie)
        rows.append((name, f"{spent:.2f} ms = {spent / empty:.1f}×", bar))
    show(f"CPU of the web process per request, {engines} set, {POSTS} posts", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engines", choices=["embedded", "full"], default="full")
    parser.add_argument("--requests", type=int, default=400)
    asked = parser.parse_args()
    with place(asked.engines, posts=POSTS - 1) as found:
        run(found, asked.engines, asked.requests)
