"""What starts next, and what became of the last start."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypedDict

from django.db.models import Min, OuterRef, QuerySet, Subquery

from flows.models import Schedule, ScheduledStart

#: A calendar tells each start of a schedule that starts every hour, and of one that starts more often only the next.
MOST_A_DAY = 24
_A_DAY = timedelta(days=1)


class UpcomingStart(TypedDict):
    """One start to come."""

    schedule: int
    name: str
    flow: str
    flow_id: int
    at: datetime


class Calendar(TypedDict):
    """``starts`` in order, without those of schedules that start ``often`` in a day: of these the next one alone."""

    starts: list[UpcomingStart]
    often: list[UpcomingStart]


def calendar_of(schedules: Iterable[Schedule], *, now: datetime, days: int) -> Calendar:
    """The starts of these schedules in the next days. No query."""
    calendar: Calendar = {"starts": [], "often": []}
    for schedule in schedules:
        starts = _starts(schedule, now, now + days * _A_DAY)
        first = list(islice(starts, MOST_A_DAY + 1))
        if len(first) > MOST_A_DAY and first[-1]["at"] - first[0]["at"] < _A_DAY:
            calendar["often"].append(first[0])
        else:
            calendar["starts"] += [*first, *starts]
    calendar["starts"].sort(key=lambda start: start["at"])
    return calendar


def next_starts(schedule: Schedule, *, now: datetime, limit: int) -> list[datetime]:
    """The next starts of one schedule; a disabled one has none. No query."""
    return list(islice(_instants(schedule, now, None), limit))


def next_start_by_flow() -> dict[int, datetime]:
    """The next start of each flow (by its id) that has an enabled schedule. One query."""
    planned = Schedule.objects.filter(next_at__isnull=False).order_by()
    return dict(planned.values_list("flow_id").annotate(next_at=Min("next_at")))


def schedules_with_last_start() -> QuerySet[Schedule, Any]:
    """All schedules with their flow, by name, each with ``last_at``, ``last_outcome``, ``last_reason``, ``last_run``
    and ``last_run_state`` of its newest start. One query."""
    newest = ScheduledStart.objects.filter(schedule=OuterRef("pk")).order_by("-intended_at", "-id")
    return Schedule.objects.select_related("flow").annotate(
        last_at=Subquery(newest.values("intended_at")[:1]),
        last_outcome=Subquery(newest.values("outcome")[:1]),
        last_reason=Subquery(newest.values("reason")[:1]),
        last_run=Subquery(newest.values("run_id")[:1]),
        last_run_state=Subquery(newest.values("run__state")[:1]),
    )


def last_starts(schedule: int, *, limit: int) -> QuerySet[ScheduledStart]:
    """The newest starts of a schedule with their runs, the newest first. One query."""
    starts = ScheduledStart.objects.filter(schedule_id=schedule).select_related("run")
    return starts.order_by("-intended_at", "-id")[:limit]


def _starts(schedule: Schedule, now: datetime, until: datetime) -> Iterator[UpcomingStart]:
    for at in _instants(schedule, now, until):
        yield {
            "schedule": schedule.pk,
            "name": schedule.name,
            "flow": schedule.flow.name,
            "flow_id": schedule.flow_id,
            "at": at,
        }


def _instants(schedule: Schedule, now: datetime, until: datetime | None) -> Iterator[datetime]:
    """From the planned one on; one that has come and was not looked at yet is still to come."""
    first = schedule.next_at
    if first is None or (until is not None and first > until):
        return
    yield first
    recurrence = schedule.recurrence
    after = max(first, now)
    yield from recurrence.starts_after(after) if until is None else recurrence.starts_between(after, until)
