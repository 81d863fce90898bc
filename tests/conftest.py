"""What all tests share: skipping by missing program, and the `up` of the journeys."""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests.programs import PROGRAMS, Program

pytest_plugins = ["tests.journeys.fixtures", "tests.sshd"]

# Properties look for new counterexamples wherever a person runs them; what decides about a submission is the same
# every time. How long an example takes says what else the machine does, nothing of the property.
settings.register_profile(
    "flowsite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("flowsite")

_missing = pytest.StashKey[dict[str, Program]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--on-postgres``: the default database is PostgreSQL by DATABASE_URL, so the server is needed by every test."""
    parser.addoption(
        "--on-postgres", action="store_true", help="DATABASE_URL names PostgreSQL; skip if it is not there"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs a program that is not here; with REQUIRE_ALL=1 such a test fails instead."""
    missing: dict[str, Program] = {}
    everywhere = {"postgres"} if config.getoption("--on-postgres") else set()
    for program in PROGRAMS:
        needing = [item for item in items if program.marker in everywhere or item.get_closest_marker(program.marker)]
        if needing and not program.is_there():
            missing[program.marker] = program
            for item in needing:
                item.add_marker(pytest.mark.needs_missing(program=program))
    config.stash[_missing] = missing


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail, by REQUIRE_ALL, before any fixture is made."""
    marker = item.get_closest_marker("needs_missing")
    if marker is None:
        return
    program = marker.kwargs["program"]
    if os.environ.get("REQUIRE_ALL", "") not in ("", "0"):
        pytest.fail(f"{program.name} is missing: {program.get}", pytrace=False)
    pytest.skip(f"{program.name} is missing")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line for each missing program: its name and how to get it."""
    for program in config.stash.get(_missing, {}).values():
        terminalreporter.write_line(f"{program.name} is missing, its tests did not run: {program.get}", yellow=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which PostgreSQL drops only when the last session has ended: threads close theirs, and the
    server needs a moment to see it. A session that stays open still fails."""
    yield
    with django_db_blocker.unblock():
        deadline = time.monotonic() + 5
        while _other_sessions() and time.monotonic() < deadline:
            time.sleep(0.05)


def _other_sessions() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing a developer has exported reaches a test's child processes by accident."""
    for name in ("FLOWSITE_WORKERS", "FLOWSITE_DEBUG", "FLOWSITE_ALLOWED_HOSTS", "Q_CLUSTER_NAME"):
        monkeypatch.delenv(name, raising=False)
