"""Job workers are forked from a process that has used the database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import postgres_url

FORK = """
import os, sys, django
django.setup()
from django.db import connection
def ask():
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()" if connection.vendor == "postgresql" else "select 1")
        return cursor.fetchone()[0], id(connection.connection)
before = ask()
if "--closed" in sys.argv:
    connection.close()
child = os.fork()
if child == 0:
    os._exit(0 if ask() != before else 1)
assert os.waitpid(child, 0)[1] == 0, "the child spoke over its parent's connection"
assert ask()[0] == before[0], "the parent lost its connection"
"""


def fork_after_asking(data_dir: Path, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        "DATABASE_URL": database,
        "FLOWSITE_DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "flowsite.settings",
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, *arguments],
        cwd=Path(__file__).parents[2],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.postgres
@pytest.mark.parametrize("arguments", [(), ("--closed",)])
def test_a_forked_worker_gets_connections_of_its_own_and_the_parent_keeps_its(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = fork_after_asking(tmp_path, postgres_url(), *arguments)
    assert done.returncode == 0, done.stderr


def test_no_sqlite_connection_is_carried_over_a_fork(tmp_path: Path) -> None:
    done = fork_after_asking(tmp_path, f"sqlite:///{tmp_path}/f.sqlite3")
    assert done.returncode == 0, done.stderr
