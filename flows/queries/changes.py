"""What differs between versions and drafts of a flow, and whom the next version would reach."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from flows.adapters.sealing import inputs_of_schedule
from flows.changes import Change, changes_between, line_changes, whole
from flows.keys.called import inputs_by_name
from flows.models import Flow, FlowVersion, Schedule
from flows.models.draft import FlowDraft, keys_of_version
from flows.queries.flows import callers_of
from flows.script.uses import given_in
from flows.tasks.fitting import Misfit, misfit
from flows.tasks.inputs import InputSpec
from flowsite.kernel.encryption import EncryptionProblem
from flowsite.kernel.errors import NotFound

#: Versions of a list: each is compared with the one before it.
MOST: Final = 20

Keys = Mapping[str, Any]


def listed_flow(pk: int) -> Flow:
    """The flow, published or not, or ``NotFound``. One query."""
    flow = Flow.objects.listed().filter(pk=pk).first()
    if flow is None:
        raise NotFound(f"there is no flow with the id {pk}")
    return flow


def version_of(flow: Flow, number: int) -> FlowVersion:
    """The version of this number, or ``NotFound``. One query, 2 where there is none."""
    found = FlowVersion.objects.filter(flow=flow, number=number).first()
    if found is None:
        count = FlowVersion.objects.filter(flow=flow).count()
        raise NotFound(f"{flow.name} has no version {number}, expected one from 1 to {count}")
    return found


def versions_of(flow: Flow, before: int | None = None) -> list[dict[str, Any]]:
    """The newest versions below this number, at most 20, each with its difference to the one before it.

    The first is told whole. One query.
    """
    rows = FlowVersion.objects.filter(flow=flow).order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    found = list(rows[: MOST + 1])
    keys: list[Keys] = [keys_of_version(version) for version in found]
    return [
        {
            "number": version.number,
            "published_at": version.published_at,
            "published_by": version.published_by,
            "note": version.note,
            "words": told(whole(own) if older is None else changes_between(older, own)),
        }
        for version, own, older in zip(found[:MOST], keys, [*keys[1:], None], strict=False)
    ]


_SCRIPTS: Final = ("processing_script", "execution_script")


def difference(before: Keys | None, after: Keys) -> dict[str, Any]:
    """``words`` of each part, whether there are none, and the lines of both scripts; without ``before`` all of it."""
    words = told(whole(after) if before is None else changes_between(before, after))
    old = before or {}
    scripts = {
        name.removesuffix("_script"): line_changes(str(old.get(name) or ""), str(after.get(name) or ""))
        for name in _SCRIPTS
    }
    return {"words": words, "is_same": not words, "scripts": scripts}


def changes_of_draft(draft: FlowDraft, keys: Keys, *, against: int | None, before: Keys | None) -> dict[str, Any]:
    """The draft with these keys laid over it, against the version of this number, or else the current one.

    With ``before`` it is compared with the draft with those keys laid over it instead: what two people made of one
    draft. ``schedules`` and ``callers`` are what a new version reaches: enabled schedules that start the latest one,
    and flows whose current version calls this one; with what of their inputs would not fit. At most 5 queries.
    """
    flow = draft.flow
    stored = draft.keys()
    reached = _reached(flow, list(inputs_by_name({**stored, **keys}).values()))
    if before is not None:
        return {"version": None, **difference({**stored, **before}, {**stored, **keys}), **reached}
    version = version_of(flow, against) if against is not None else _current(flow)
    return {
        "version": version and version.number,
        **difference(keys_of_version(version) if version else None, {**stored, **keys}),
        **reached,
    }


def told(changes: list[Change]) -> list[dict[str, str]]:
    """As JSON."""
    return [{"part": change.part, "text": change.text} for change in changes]


def _current(flow: Flow) -> FlowVersion | None:
    return FlowVersion.objects.filter(flow=flow).order_by("-number").first()


def _reached(flow: Flow, declared: Sequence[InputSpec]) -> dict[str, Any]:
    schedules = Schedule.objects.filter(flow=flow, enabled=True, version="latest").order_by("next_at", "name")
    callers = callers_of(flow.name)
    return {
        "schedules": [_reached_schedule(schedule, declared) for schedule in schedules],
        "callers": [name for name, _ in callers],
        "unfit_calls": [call for name, script in callers for call in _unfit_calls(name, script, flow.name, declared)],
    }


def _reached_schedule(schedule: Schedule, declared: Sequence[InputSpec]) -> dict[str, Any]:
    return {
        "id": schedule.pk,
        "name": schedule.name,
        "next_at": schedule.next_at,
        "timezone": schedule.timezone,
        "misfit": _told_misfit(_misfit_of_schedule(schedule, declared)),
    }


def _misfit_of_schedule(schedule: Schedule, declared: Sequence[InputSpec]) -> Misfit:
    """Of inputs that are sealed under another key only the names can be compared."""
    try:
        return misfit(declared, inputs_of_schedule(schedule))
    except EncryptionProblem:
        return misfit(declared, {}, schedule.inputs)


def _unfit_calls(caller: str, script: str, flow: str, declared: Sequence[InputSpec]) -> Iterator[dict[str, Any]]:
    """The calls of the flow in one published script that give what it will not take."""
    for call in given_in(script, "run_flow", flow):
        found = _told_misfit(misfit(declared, call.literal, call.computed))
        if found is not None:
            yield {"flow": caller, "line": call.line, "misfit": found}


def _told_misfit(found: Misfit) -> dict[str, Any] | None:
    """As JSON; None where everything fits."""
    if not found:
        return None
    wrong = [{"name": name, "expected": expected} for name, expected in found.wrong]
    return {"missing": found.missing, "unknown": found.unknown, "wrong": wrong}
