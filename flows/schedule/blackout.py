"""Times at which a schedule starts nothing: whole days by date, and hours of days of the week (4.3).

All of them are read on the wall clock of the schedule's zone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from flows.schedule.checks import DAYS

_MIDNIGHT: Final = time()


@dataclass(frozen=True, slots=True)
class Dates:
    """From the beginning of one day to the end of another."""

    first: date
    last: date

    def end(self, at: datetime) -> datetime | None:
        """When it is over, if this moment is in it."""
        covers = self.first <= at.date() <= self.last
        return datetime.combine(self.last + timedelta(days=1), _MIDNIGHT) if covers else None


@dataclass(frozen=True, slots=True)
class Hours:
    """From a time of each of these days (0 is Monday) on; one that is not over by midnight goes on the next day."""

    days: frozenset[int]
    begin: timedelta
    length: timedelta

    def end(self, at: datetime) -> datetime | None:
        """When it is over, if this moment is in it."""
        for day in (at.date() - timedelta(days=1), at.date()):
            begins = datetime.combine(day, _MIDNIGHT) + self.begin
            if day.weekday() in self.days and begins <= at < begins + self.length:
                return begins + self.length
        return None


Window = Dates | Hours


def read_windows(blackout: Iterable[Mapping[str, Any]]) -> tuple[Window, ...]:
    """The windows of a schedule's ``blackout``, which ``problems_of`` has found nothing wrong with."""
    return tuple(_window(window) for window in blackout)


def end_of_blackout(windows: Iterable[Window], at: datetime) -> datetime | None:
    """The end of a window that covers this moment of the wall clock, or None; another may begin where it ends."""
    return max((end for window in windows if (end := window.end(at))), default=None)


def _window(window: Mapping[str, Any]) -> Window:
    if "days" not in window:
        return Dates(date.fromisoformat(window["from"]), date.fromisoformat(window["to"]))
    begin, end = _since_midnight(window["from"]), _since_midnight(window["to"])
    length = end - begin if end > begin else end - begin + timedelta(days=1)
    return Hours(frozenset(DAYS.index(day) for day in window["days"]), begin, length)


def _since_midnight(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
