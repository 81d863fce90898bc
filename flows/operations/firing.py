"""Fires schedules: a start that has come makes one run, or is told to have been left out and why.

Several timekeepers may fire at once: a start is decided in one transaction that holds the schedule's row, notes the
start, which is unique, makes the run and plans the next one.
"""

import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet

from flows.models import Run, Schedule, ScheduledStart, StartOutcome
from flows.models.schedule import Overlap
from flows.operations.runs import start_run
from flows.operations.schedules import runs_as, what_to_start
from flows.schedule.missed import due_now
from flowsite.kernel.errors import FlowsiteError

log = logging.getLogger(__name__)


def fire_due_schedules(now: datetime) -> None:
    """Fire every schedule whose time has come. What goes wrong with one is told on it and stops no other."""
    for schedule in due_schedules(now).values_list("pk", flat=True):
        try:
            with transaction.atomic():
                _fire(schedule, now)
        except (OperationalError, InterfaceError) as error:
            log.error("schedule %s is tried again: %s", schedule, error)  # noqa: TRY400 - the database's fault
        except Exception as error:
            log.exception("schedule %s could not be fired", schedule)
            _give_up(schedule, now, error)


def due_schedules(now: datetime) -> QuerySet[Schedule]:
    """Enabled ones whose next start has come, or whose waiting start needs to wait no longer."""
    waiting = ScheduledStart.objects.waiting().values("schedule")
    going_on = ScheduledStart.objects.going_on().values("schedule")
    may_go_on = Q(pk__in=waiting) & ~Q(pk__in=going_on)
    return Schedule.objects.filter(Q(next_at__lte=now) | may_go_on, enabled=True).order_by("next_at", "pk")


def _fire(pk: int, now: datetime) -> None:
    schedule = _locked(pk)
    if schedule is None:
        return
    _start_what_waits(schedule, now)
    first = schedule.next_at
    if first is None or first > now:
        return
    due = due_now(schedule.recurrence, first, now, schedule.missed)
    if due.missed is not None and not _is_noted(schedule, due.missed):
        late = f"nothing looked at this start before {now:%Y-%m-%d %H:%M:%S} UTC; was the site down?"
        _note(schedule, due.missed, now, StartOutcome.SKIPPED_MISSED, reason=late)
    if due.start is not None and not _is_noted(schedule, due.start):
        _begin(schedule, due.start, now)
    _go_on(schedule, schedule.recurrence.next_after(due.start or now))


def _locked(pk: int) -> Schedule | None:
    """The row, or None when somebody changes it or fires it right now: the next second looks again."""
    rows = Schedule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("flow")
    return rows.filter(pk=pk, enabled=True).first()


def _is_noted(schedule: Schedule, start: datetime) -> bool:
    """True if it came due before: a clock that was behind has planned it again."""
    return schedule.starts.filter(intended_at=start).exists()


def _start_what_waits(schedule: Schedule, now: datetime) -> None:
    waiting = schedule.starts.waiting().first()
    if waiting is not None and not schedule.starts.going_on().exists():
        outcome, reason, run = _start(schedule)
        schedule.starts.filter(pk=waiting.pk).update(outcome=outcome, reason=reason, run=run, at=now)


def _begin(schedule: Schedule, start: datetime, now: datetime) -> None:
    """Start, wait or skip, by what the schedule says about overlapping."""
    before = schedule.starts.going_on().first()
    if before is None or schedule.overlap == Overlap.ALLOW:
        outcome, reason, run = _start(schedule)
        _note(schedule, start, now, outcome, reason=reason, run=run)
        return
    busy = f"run {before.run_id} of this schedule was not over"
    if schedule.overlap == Overlap.SKIP:
        _note(schedule, start, now, StartOutcome.SKIPPED_OVERLAP, reason=busy)
    elif schedule.starts.waiting().exists():
        _note(schedule, start, now, StartOutcome.SKIPPED_OVERLAP, reason=f"{busy}, and one start waits for it already")
    else:
        _note(schedule, start, now, StartOutcome.WAITING, reason=busy)


def _start(schedule: Schedule) -> tuple[StartOutcome, str, Run | None]:
    try:
        with transaction.atomic():
            by = runs_as(schedule)
            run = start_run(**what_to_start(schedule), by=by, reason=f"schedule {schedule.name}")
    except FlowsiteError as refused:
        log.warning("schedule %s could not start %s: %s", schedule.name, schedule.flow.name, refused.message)
        return StartOutcome.FAILED, refused.message, None
    return StartOutcome.STARTED, "", run


def _note(
    schedule: Schedule, start: datetime, now: datetime, outcome: StartOutcome, *, reason: str, run: Run | None = None
) -> None:
    ScheduledStart.objects.create(schedule=schedule, intended_at=start, at=now, outcome=outcome, reason=reason, run=run)


def _go_on(schedule: Schedule, next_at: datetime | None) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(next_at=next_at)


def _give_up(pk: int, now: datetime, error: Exception) -> None:
    """Our bug, or a row that nothing of ours has written: tell it on the schedule and go on with its next start."""
    try:
        with transaction.atomic():
            schedule = _locked(pk)
            if schedule is None or schedule.next_at is None:
                return
            reason = f"internal error ({type(error).__name__}); the log of the timekeeper says more"
            noted = {"at": now, "outcome": StartOutcome.FAILED, "reason": reason}
            schedule.starts.get_or_create(intended_at=schedule.next_at, defaults=noted)
            _go_on(schedule, _next_if_it_can_be_said(schedule, now))
    except (OperationalError, InterfaceError) as failed:
        log.error("schedule %s is tried again: %s", pk, failed)  # noqa: TRY400 - the database's fault


def _next_if_it_can_be_said(schedule: Schedule, now: datetime) -> datetime | None:
    try:
        return schedule.recurrence.next_after(now)
    except Exception:
        log.exception("schedule %s cannot say when it starts: it will not start until it is saved anew", schedule.name)
        return None
