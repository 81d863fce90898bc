"""Job workers are forked from a process that has used the database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import postgres_url

FORK = """
import os, django
django.setup()
from django.db import connection
def ask():
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return cursor.fetchone()[0]
before = ask()
connection.close()
child = os.fork()
if child == 0:
    os._exit(0 if ask() != before else 1)
assert os.waitpid(child, 0)[1] == 0, "the child spoke over its parent's connection"
assert ask() == before, "the parent lost its connection"
"""


@pytest.mark.postgres
def test_a_forked_worker_gets_connections_of_its_own_and_the_parent_keeps_its(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "DATABASE_URL": postgres_url(),
        "FLOWSITE_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "flowsite.settings",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK],
        cwd=Path(__file__).parents[2],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
