"""The real servers that tests and benchmarks run against, started privately on 127.0.0.1 and stopped with their user.

    with full_set() as env:            # {"DATABASE_URL": …, "REDIS_URL": …, "ELASTICSEARCH_URL": …, "SEARCH_PREFIX": …}
        subprocess.run([".venv/bin/socialcrm", "db", "upgrade"], env=os.environ | env, check=True)

`python -m tests.servers COMMAND …` starts PostgreSQL and Elasticsearch once and runs a command, and every
`full_set()` under it (each pytest-xdist worker has one) shares them: its own database, Redis and index prefix.
"""

from tests.servers.full_set import Servers, full_set, shared_servers
from tests.servers.nginx import nginx
from tests.servers.processes import MissingProgram, free_port, running, wait_until
from tests.servers.redis_server import redis_server

__all__ = [
    "MissingProgram",
    "Servers",
    "free_port",
    "full_set",
    "nginx",
    "redis_server",
    "running",
    "shared_servers",
    "wait_until",
]
