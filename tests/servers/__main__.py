"""`python -m tests.servers COMMAND …`: run COMMAND while PostgreSQL and Elasticsearch stand; ends with its exit status."""

import os
import subprocess
import sys

from tests.servers.full_set import SHARED, shared_servers

if len(sys.argv) < 2:
    sys.exit("usage: python -m tests.servers COMMAND [ARGUMENT …]")
with shared_servers() as servers:
    sys.exit(
        subprocess.run(sys.argv[1:], env={**os.environ, SHARED: servers.to_json()}, check=False).returncode
    )
