"""Ctrl-C in a real terminal, which interrupts every process of the foreground group and not the command alone."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from flows.models import Run, StepOutput
from tests.commands.fleets import local_fleet
from tests.commands.terminals import CTRL_C, in_a_terminal

__all__ = ["local_fleet"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("local_fleet"),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the other process is given the database as a file"),
]


def test_ctrl_c_cancels_though_it_ends_the_sandbox_too() -> None:
    """R34; the sandbox's worker belongs to the group, so the run must be taken up again to be cancelled."""
    words = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "run", "Work", "--local"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    database = {"DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"}
    with in_a_terminal(words, environment | database) as session:
        wait_until(lambda: StepOutput.objects.count() == 2)
        session.press(CTRL_C)
        session.read_until("[leave/cancel]", within_s=10)
        session.press(b"cancel\n")
        assert session.end(within_s=20) == 3, session.seen[-500:]
    stored = Run.objects.get()
    assert (stored.state, stored.lease_until) == ("cancelled", None)


def wait_until(true: Callable[[], bool], within_s: float = 20.0) -> None:
    """For what another process does."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
