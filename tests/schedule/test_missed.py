"""Starts that nobody fired in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.schedule.missed import Due, due_now
from flows.schedule.recurrence import Recurrence

HOURLY = Recurrence(cron="0 * * * *")
FIRST = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return FIRST + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "missed", "expected"),
    [
        (0, "skip", Due(FIRST, None)),
        (1, "skip", Due(FIRST, None)),
        (1.1, "skip", Due(None, FIRST)),
        (1.1, {"within_minutes": 30}, Due(FIRST, None)),
        (30, {"within_minutes": 30}, Due(FIRST, None)),
        (31, {"within_minutes": 30}, Due(None, FIRST)),
        (200, "skip", Due(None, FIRST)),
        (200, {"within_minutes": 30}, Due(later(180), FIRST)),
        (200, {"within_minutes": 10}, Due(None, FIRST)),
        (200, {"within_minutes": 6000}, Due(later(180), FIRST)),
        (180.5, "skip", Due(later(180), FIRST)),
    ],
)
def test_of_late_starts_the_newest_is_fired_if_it_may_be_so_late(minutes: float, missed: Any, expected: Due) -> None:
    assert due_now(HOURLY, FIRST, later(minutes), missed) == expected
