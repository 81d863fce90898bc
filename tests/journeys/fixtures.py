"""Pytest fixtures of the journeys: sites on SQLite alone, and on PostgreSQL with Redis."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

from tests.journeys.site import Site, free_port
from tests.programs import postgres_url, redis_url

NewSite = Callable[..., Site]


@contextmanager
def sites_in(directory: Path, beginning: Path | None = None) -> Iterator[NewSite]:
    """Makes sites that are not started yet, each with a copy of the data directory ``beginning``, if one is given; at
    the end each must stop in order and leave no process."""
    sites: list[Site] = []

    def make(*, workers: int = 2, **environment: str) -> Site:
        data_dir = directory / f"site{len(sites)}"
        if beginning is None:
            data_dir.mkdir()
        else:
            shutil.copytree(beginning, data_dir)
        site = Site(data_dir, free_port(), {"FLOWSITE_ALLOW_LOCAL": "1", **environment}, workers)
        sites.append(site)
        return site

    yield make
    for site in sites:
        site.leave_runs()
        if site.process is not None:
            assert site.stop() == 0, site.log()
        assert not site.processes(), site.log()


@pytest.fixture(scope="session")
def beginning() -> Path | None:
    """The data directory that sites begin with; None for an empty one."""
    return None


@pytest.fixture
def new_site(tmp_path: Path, beginning: Path | None) -> Iterator[NewSite]:
    """Sites of this test alone."""
    with sites_in(tmp_path, beginning) as make:
        yield make


@pytest.fixture(scope="module")
def shared_up(tmp_path_factory: pytest.TempPathFactory, beginning: Path | None) -> Iterator[Site]:
    """A running site for all tests of a module that leave it as it is."""
    with sites_in(tmp_path_factory.mktemp("shared"), beginning) as make:
        site = make()
        site.start()
        yield site


@pytest.fixture
def live_up(new_site: NewSite) -> Site:
    """A running site as ``make run`` gives it: SQLite, two workers."""
    site = new_site()
    site.start()
    return site


@pytest.fixture
def production_environment() -> Iterator[dict[str, str]]:
    """DATABASE_URL of a new, empty PostgreSQL database and REDIS_URL of an emptied Redis one."""
    name = f"flowsite_journey_{secrets.token_hex(4)}"
    parts = urlsplit(postgres_url())
    broker = redis.from_url(redis_url())
    with ExitStack() as stack:
        server = stack.enter_context(psycopg.connect(postgres_url(), autocommit=True))
        server.execute(f'CREATE DATABASE "{name}"')
        stack.callback(server.execute, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        broker.flushdb()
        stack.callback(broker.flushdb)
        yield {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")), "REDIS_URL": redis_url()}
    broker.close()


@pytest.fixture
def live_up_in_production(production_environment: dict[str, str], new_site: NewSite) -> Site:
    """A running site on PostgreSQL and Redis."""
    site = new_site(**production_environment)
    site.start()
    return site
