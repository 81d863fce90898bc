"""Changes schedules. What is stored as enabled can start: its flow, version, inputs, elements and account are there."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from flows.adapters.definitions import declared_inputs
from flows.adapters.sealing import inputs_of_schedule, seal
from flows.models import Flow, FlowVersion, Schedule, StartOutcome
from flows.models.schedule import WHEN_FIELDS
from flows.operations.runs import UnknownFlow, startable
from flowsite.kernel import audit
from flowsite.kernel.access import SYSTEM, AccessDenied, Actor, require
from flowsite.kernel.errors import FlowsiteError, InvalidRequest, NotFound

#: The fields that a person sets, as the keys of a schedule's document.
SET_FIELDS = (
    "name", "flow", *WHEN_FIELDS, "overlap", "missed", "inputs", "elements", "version", "run_as", "stop_new_after",
    "owner", "note", "enabled",
)  # fmt: skip
#: Made by the timekeeper; the form of a schedule does not hold them.
PLANNED_FIELDS = frozenset({"since", "next_at"})


class Change(StrEnum):
    """What a call did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class ScheduleRefused(InvalidRequest):
    """The schedule has problems; ``fields`` has them by field, and nothing was stored."""

    code = "schedule"

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        told = [f"{field}: {message}" for field, messages in fields.items() for message in messages]
        super().__init__("; ".join(told), fields=fields)


class UnknownSchedule(NotFound):
    """No schedule has this number."""

    code = "unknown_schedule"


class UnknownAccount(NotFound):
    """Nobody has this user name."""

    code = "unknown_account"


def save_schedule(*, values: Mapping[str, Any], by: Actor, now: datetime | None = None) -> Change:
    """Create or change the schedule of this name by the keys of its document; raises ``ScheduleRefused``."""
    require(by, "schedule.change")
    schedule = Schedule.objects.filter(name=values["name"]).first() or Schedule()
    flow = Flow.objects.filter(name=values["flow"], archived=False).first()
    if flow is None:
        raise UnknownFlow(f"there is no flow {values['flow']!r}; publish it first", fields={"flow": ["unknown"]})
    dates = {key: values[key] and date.fromisoformat(values[key]) for key in ("start", "end")}
    for field, value in {**values, **dates, "flow": flow, "version": str(values["version"])}.items():
        setattr(schedule, field, value)
    return store_schedule(schedule=schedule, by=by, now=now)


@transaction.atomic
def store_schedule(*, schedule: Schedule, by: Actor, now: datetime | None = None) -> Change:
    """Store a schedule as its fields are set, and plan its next start; raises ``ScheduleRefused``.

    It is planned from now on if what says when it starts has changed, or it was enabled; else its plan goes on. One
    that names no owner is owned by whoever stores it.
    """
    require(by, "schedule.change")
    if not schedule.owner and by is not SYSTEM:
        schedule.owner = by.get_username()
    _seal_inputs(schedule)
    _refuse_problems(schedule)
    # The row is locked, so that the timekeeper does not go on with the plan meanwhile.
    stored = Schedule.objects.select_for_update().filter(pk=schedule.pk).first()
    before = inputs_of_schedule(stored) if stored else {}
    changed = [field for field in SET_FIELDS if stored is None or getattr(stored, field) != getattr(schedule, field)]
    if before != inputs_of_schedule(schedule) and "inputs" not in changed:
        changed.append("inputs")
    if not changed:
        return Change.UNCHANGED
    if stored is not None and not {"enabled", *WHEN_FIELDS} & set(changed):
        schedule.since, schedule.next_at = stored.since, stored.next_at
    else:
        _plan(schedule, now or timezone.now())
    schedule.save()
    change = Change.CREATED if stored is None else Change.UPDATED
    audit.record(by, change, "schedule", schedule.name, {"fields": sorted(changed)})
    return change


def set_enabled(*, schedule: int, enabled: bool, by: Actor, now: datetime | None = None) -> Change:
    """Enable or disable a schedule; raises ``UnknownSchedule``, ``ScheduleRefused``."""
    require(by, "schedule.change")
    row = Schedule.objects.filter(pk=schedule).first()
    if row is None:
        raise UnknownSchedule(f"there is no schedule {schedule}")
    row.enabled = enabled
    return store_schedule(schedule=row, by=by, now=now)


def start_problems(schedule: Schedule) -> Iterator[tuple[str, str]]:
    """(field, message) for everything that would keep an enabled schedule, whose fields are sound, from starting."""
    try:
        require(runs_as(schedule), "flow.run")
    except (AccessDenied, UnknownAccount) as problem:
        yield "run_as", problem.message
    try:
        startable(**what_to_start(schedule))
    except FlowsiteError as problem:
        yield _FIELD_AT_FAULT.get(problem.code, "elements"), problem.message


_FIELD_AT_FAULT = {"unknown_flow": "flow", "unknown_version": "version", "inputs_refused": "inputs"}


def what_to_start(schedule: Schedule) -> dict[str, Any]:
    """Flow, version, inputs and elements as ``start_run`` takes them."""
    return {
        "flow": schedule.flow.name,
        "version": None if schedule.version == "latest" else int(schedule.version),
        "inputs": inputs_of_schedule(schedule),
        "elements": schedule.elements or None,
    }


def runs_as(schedule: Schedule) -> Actor:
    """Who starts its runs: the account ``run_as``, else that of the owner, else the site. Raises ``UnknownAccount``."""
    name = schedule.run_as or schedule.owner
    if not name:
        return SYSTEM
    account = get_user_model().objects.filter(username=name).first()
    if account is None:
        whose = "account" if schedule.run_as else "owner"
        raise UnknownAccount(f"the {whose} {name!r} is nobody's user name; name an account that may run flows")
    return account


def _seal_inputs(schedule: Schedule) -> None:
    """Let its inputs show no secret, by what the version that it starts declares; ``•••`` stands for the stored one."""
    versions = FlowVersion.objects.filter(flow=schedule.flow).order_by("-number")
    number = schedule.version
    version = (versions.filter(number=int(number)) if number.isdecimal() else versions).first()
    if version is not None and isinstance(schedule.inputs, dict):
        sealed = seal(declared_inputs(version), inputs_of_schedule(schedule))
        schedule.inputs, schedule.sealed_inputs = sealed.shown, sealed.token


def _refuse_problems(schedule: Schedule) -> None:
    try:
        schedule.full_clean(exclude=PLANNED_FIELDS)
    except ValidationError as problem:
        raise ScheduleRefused({field or "schedule": told for field, told in problem.message_dict.items()}) from problem
    problems: dict[str, list[str]] = {}
    for field, message in start_problems(schedule) if schedule.enabled else ():
        problems.setdefault(field, []).append(message)
    if problems:
        raise ScheduleRefused(problems)


def _plan(schedule: Schedule, now: datetime) -> None:
    """From now on; a start that waits for the run before it was one of the old plan."""
    schedule.since = now if schedule.enabled else None
    schedule.next_at = schedule.recurrence.next_after(now) if schedule.enabled else None
    if schedule.pk is not None:
        reason = "the schedule was changed or disabled while this start waited"
        schedule.starts.waiting().update(outcome=StartOutcome.SKIPPED_OVERLAP, reason=reason)
