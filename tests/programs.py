"""The foreign programs that tests need: how to see whether one is there, and how to get it."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

#: Databases of a Redis server as it comes.
REDIS_DATABASES = 16


@dataclass(frozen=True, slots=True)
class Program:
    """``marker`` is the pytest marker of the tests that need it; ``get`` says how to install and start it."""

    marker: str
    name: str
    is_there: Callable[[], bool]
    get: str


def answers(url: str, default_port: int) -> bool:
    """True when something listens where the address points."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or default_port), timeout=2):
            return True
    except OSError:
        return False


def postgres_url() -> str:
    """A server on which tests may create databases."""
    return os.environ.get("TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"


def redis_url() -> str:
    """A database of a Redis server that tests may use for themselves: each process of the tests has its own."""
    parts = urlsplit(os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/15")
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return urlunsplit(parts._replace(path=f"/{(int(parts.path.strip('/') or 0) - process) % REDIS_DATABASES}"))


def sshd_path() -> str | None:
    """The SSH daemon; it usually stands outside a user's PATH."""
    return shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


PROGRAMS = (
    Program("browser", "Chromium", lambda: shutil.which("chromium") is not None, "apt-get install chromium"),
    Program("ssh", "sshd", lambda: sshd_path() is not None, "apt-get install openssh-server"),
    Program(
        "redis",
        "Redis",
        lambda: answers(redis_url(), 6379),
        "apt-get install redis-server, start it, or set TEST_REDIS_URL",
    ),
    Program(
        "postgres",
        "PostgreSQL",
        lambda: answers(postgres_url(), 5432),
        "apt-get install postgresql, start it, or set TEST_POSTGRES_URL",
    ),
)
