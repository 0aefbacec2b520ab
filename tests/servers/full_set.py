"""The full set of engines for one test process or one benchmark."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from tests.servers.elasticsearch import elasticsearch
from tests.servers.postgresql import PostgreSQL, postgresql
from tests.servers.redis_server import redis_server

#: Names the servers that `python -m tests.servers` started, for the processes under it.
SHARED = "SOCIALCRM_TEST_SERVERS"


@dataclass(frozen=True)
class Servers:
    """The two servers that are slow to start and easy to share."""

    postgresql_port: int
    elasticsearch_url: str

    @property
    def postgresql(self) -> PostgreSQL:
        """The cluster, to make databases in."""
        return PostgreSQL(self.postgresql_port)

    def to_json(self) -> str:
        """For the environment of a child process."""
        return json.dumps(asdict(self))


@contextmanager
def shared_servers() -> Iterator[Servers]:
    """PostgreSQL and Elasticsearch: those named in the environment, or new ones until the block ends."""
    given = os.environ.get(SHARED)
    if given:
        yield Servers(**json.loads(given))
        return
    with postgresql() as cluster, elasticsearch() as url:
        yield Servers(cluster.port, url)


@contextmanager
def full_set() -> Iterator[dict[str, str]]:
    """Settings of a full set that is empty: a new database, a new Redis, an index prefix nobody else has."""
    with ExitStack() as stack:
        servers = stack.enter_context(shared_servers())
        redis_url = stack.enter_context(redis_server())
        database_url = stack.enter_context(servers.postgresql.database())
        yield {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "ELASTICSEARCH_URL": servers.elasticsearch_url,
            "SEARCH_PREFIX": f"t{secrets.token_hex(6)}",
        }
