"""How much memory the worker holds while it reads an import, and how fast it reads.

    python -m benchmarks.worker_memory [--texts 10000] [--engines embedded|full]

The texts are stored with their reactions waiting in the last lane; then a process of its own works the queue off, as
the worker of the installation does (`embedded`: the worker's loop alone; `full`: `socialcrm worker` with its children).
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.place import TEXTS, Place, place
from benchmarks.table import show
from socialcrm.community.events import PostPublished
from socialcrm.community.intake import NewPost, NewTopic, take_in_topics
from socialcrm.community.topics.models import Post
from socialcrm.database import db, transaction, utcnow
from socialcrm.events import ReactionRun, announce, bulk_work
from socialcrm.sentiment.models import OpinionRow
from tests.servers import wait_until

BAR_MB = 400
WITHIN = 3600
ALONE = """
import json, re, time
from socialcrm import create_app
from worker.schedule import run_due_jobs, work_through
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
app = create_app()
with app.app_context():
    idle = peak()
    began = time.process_time()
    done = work_through()
    used = time.process_time() - began
    working = peak()
    run_due_jobs()
print(json.dumps({"idle": idle, "working": working, "jobs": peak(), "seconds": used, "reactions": done}))
"""


def leave_waiting(found: Place, texts: int) -> None:
    """Posts as an import leaves them."""
    author = db.session.scalar(select(Post.author_id).limit(1)) or 0
    now = utcnow()
    posts = [NewPost(author, TEXTS[number % len(TEXTS)].format(number), now) for number in range(texts)]
    for start in range(0, texts, 1000):
        with transaction(), bulk_work():
            piece = posts[start : start + 1000]
            (topic_id,), (ids,) = take_in_topics([NewTopic(found.group_id, f"旧论坛 {start}", piece)])
            for post_id in ids:
                announce(PostPublished(post_id, topic_id, found.group_id, author))


def family_peaks(pid: int) -> list[float]:
    """Peak resident megabytes of a process and of each of its children (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{pid}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return [own / 1024, *(peak for child in children for peak in family_peaks(int(child)))]


def waiting() -> int:
    """Reactions still to be carried out."""
    db.session.rollback()
    query = select(func.count()).select_from(ReactionRun).where(ReactionRun.state == "pending")
    return db.session.scalar(query) or 0


def alone(found: Place) -> list[tuple[str, str, str]]:
    """The embedded worker's loop in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", ALONE], env=found.made.env, capture_output=True, text=True, check=True
    )
    got = json.loads(ended.stdout.strip().splitlines()[-1])
    return [
        ("worker before its first text", f"{got['idle']:.0f} MB", ""),
        ("worker at its largest, reading", f"{got['working']:.0f} MB", f"{BAR_MB} MB"),
        ("worker at its largest, periodic jobs too", f"{got['jobs']:.0f} MB", f"{BAR_MB} MB"),
        ("reactions carried out", f"{got['reactions']:,}", ""),
        ("processor time", f"{got['seconds']:.1f} s", ""),
    ]


def with_celery(found: Place) -> list[tuple[str, str, str]]:
    """`socialcrm worker` of the full set, its parent and each child."""
    worker = found.made.worker()
    found.made.beat()
    began = time.monotonic()
    wait_until(lambda: waiting() == 0, "the queue to be empty", within=WITHIN)
    assert worker.running is not None
    peaks = family_peaks(worker.running.pid)
    return [
        ("largest worker process at its largest", f"{max(peaks):.0f} MB", f"{BAR_MB} MB"),
        ("worker processes", str(len(peaks)), ""),
        ("seconds until nothing waits", f"{time.monotonic() - began:.0f} s", ""),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--engines", choices=("embedded", "full"), default="embedded")
    given = parser.parse_args()
    with place(given.engines, members=2, posts=1) as found, found.made.app():
        leave_waiting(found, given.texts)
        began = time.monotonic()
        rows = alone(found) if given.engines == "embedded" else with_celery(found)
        read = db.session.scalar(select(func.count()).select_from(OpinionRow)) or 0
        rows.append(("texts read", f"{read:,} in {time.monotonic() - began:.0f} s", ""))
    show(f"{given.texts:,} texts of an import, {given.engines} set", rows)


if __name__ == "__main__":
    main()
