"""When a schedule starts: the instants that follow from its days and times, or its cron line, in its zone.

Days and times, and cron lines that name hours, mean moments of the wall clock, each of which starts once; see
Note [A missing and a repeated hour]. A cron line that runs in every hour (``*/5 * * * *``) means real time: it starts
at every instant at which the clock shows one of its minutes, also in the hour that comes twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

from flows.schedule.blackout import Window, end_of_blackout, read_windows
from flows.schedule.checks import DAYS
from flows.schedule.clock_changes import instant_of, next_change, wall_clock

#: With no start in so many years there is none: 29 February comes at least every eighth.
YEARS_BETWEEN_STARTS: Final = 8
_FOR_EVER: Final = timedelta(days=366 * YEARS_BETWEEN_STARTS)
_MINUTE: Final = timedelta(minutes=1)

NextMoment = Callable[[datetime], datetime | None]
"""The first moment of the wall clock after another one that the schedule names; None when none comes any more."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """What says when a schedule starts. ``start`` and ``end`` are its first and its last day."""

    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    cron: str = ""
    timezone: str = "UTC"
    start: date | None = None
    end: date | None = None
    blackout: tuple[Window, ...] = ()

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Recurrence":
        """From a schedule's fields, which ``problems_of`` has found nothing wrong with; dates are dates."""
        return cls(
            days=tuple(fields["days"]),
            times=tuple(sorted(fields["times"])),
            cron=fields["cron"],
            timezone=fields["timezone"],
            start=fields["start"],
            end=fields["end"],
            blackout=read_windows(fields["blackout"]),
        )

    def starts_after(self, instant: datetime) -> Iterator[datetime]:
        """Every start after this instant, in UTC, strictly increasing. A start costs up to 0.1 ms."""
        zone = ZoneInfo(self.timezone)
        moments = _by_cron(self.cron) if self.cron else _by_days(self.days, self.times)
        allowed = self._without_blackout(moments)
        if self.cron and _runs_in_every_hour(self.cron):
            return _real_time(allowed, instant.astimezone(UTC), zone)
        return _wall_time(allowed, instant.astimezone(UTC), zone)

    def starts_between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Those after one instant and not after the other."""
        return takewhile(lambda start: start <= until, self.starts_after(after))

    def next_after(self, instant: datetime) -> datetime | None:
        """The next one, if there is one."""
        return next(self.starts_after(instant), None)

    def _without_blackout(self, next_moment: NextMoment) -> NextMoment:
        """Leave out what is before the first day, after the last one, or in a blackout, without trying it all."""

        def allowed(moment: datetime) -> datetime | None:
            horizon = moment + _FOR_EVER
            if self.start:
                first = datetime.combine(self.start, time())
                moment, horizon = max(moment, first - _MINUTE), max(horizon, first + _FOR_EVER)
            while (found := next_moment(moment)) is not None:
                if found > horizon or (self.end and found.date() > self.end):
                    return None
                over = end_of_blackout(self.blackout, found)
                if over is None:
                    return found
                moment = over - _MINUTE
            return None

        return allowed


def _by_days(days: tuple[str, ...], times: tuple[str, ...]) -> NextMoment:
    wanted = {DAYS.index(day) for day in days}
    moments = [time.fromisoformat(text) for text in times]

    def next_moment(after: datetime) -> datetime | None:
        for ahead in range(8):
            day = after.date() + timedelta(days=ahead)
            for moment in moments if day.weekday() in wanted else ():
                found = datetime.combine(day, moment)
                if found > after:
                    return found
        return None

    return next_moment


def _by_cron(line: str) -> NextMoment:
    moments = croniter(line, datetime(2024, 1, 1), max_years_between_matches=YEARS_BETWEEN_STARTS)  # noqa: DTZ001

    def next_moment(after: datetime) -> datetime | None:
        try:
            found: datetime = moments.get_next(datetime, start_time=after)
        except CroniterBadDateError:
            return None
        return found

    return next_moment


def _runs_in_every_hour(line: str) -> bool:
    hours: list[int | str] = croniter.expand(line)[0][1]
    return hours == ["*"]


def _wall_time(next_moment: NextMoment, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Each moment once: several that do not exist stand for the same instant, which starts once."""
    moment = wall_clock(after, zone)
    while (found := next_moment(moment)) is not None:
        moment, start = found, instant_of(found, zone)
        if start > after:
            yield start
            after = start


def _real_time(next_moment: NextMoment, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Between two changes of the clock, moments are instants; at a change the clock is read anew."""
    moment = wall_clock(after, zone)
    while (found := next_moment(moment)) is not None:
        start = found.replace(tzinfo=UTC) - _offset(after, zone)
        change = next_change(after, start, zone)
        if change is None:
            yield start
            after, moment = start, found
        else:
            after, moment = change, wall_clock(change, zone) - timedelta(microseconds=1)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()
