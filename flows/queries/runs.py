"""Runs as lists show them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from flows.adapters.names import flow_names
from flows.models import Run, RunElement


def list_runs(
    *,
    flow: str | None = None,
    state: str | None = None,
    states: Sequence[str] = (),
    started_by: str | None = None,
    search: str = "",
    is_try: bool | None = None,
) -> QuerySet[Run]:
    """Root runs, the newest first; of a flow under any of its names. ``search`` is in flow or reason, or a number of a
    run; ``is_try`` None takes tries and all others. One query per slice."""
    wanted = {
        "flow_name__in": None if flow is None else flow_names(flow),
        "state": state,
        "started_by": started_by,
        "state__in": states or None,
        "is_try": is_try,
    }
    runs = Run.objects.roots().select_related("flow_version").order_by("-id")
    return runs.filter(_mentions(search), **{name: value for name, value in wanted.items() if value is not None})


def starters_of_runs() -> list[str]:
    """Who has started runs, by name. One query."""
    names = Run.objects.roots().order_by("started_by").values_list("started_by", flat=True)
    return list(names.distinct())


def _mentions(search: str) -> Q:
    text = search.strip()
    if not text:
        return Q()
    number = text.removeprefix("#")
    found = Q(flow_name__icontains=text) | Q(run_reason__icontains=text)
    return found | Q(pk=int(number)) if number.isdecimal() and len(number) < 19 else found


def describe_run(run: Run) -> dict[str, Any]:
    """One run as JSON; times are ISO 8601 or null. No query if ``flow_version`` was selected with it."""
    return {
        "id": run.pk,
        "root": run.root_id or run.pk,
        "parent": run.parent_id,
        "flow": run.flow_name,
        "version": run.flow_version.number if run.flow_version else None,
        "is_try": run.is_try,
        "mode": run.mode,
        "state": run.state,
        "reason": run.reason,
        "inputs": run.inputs,
        "elements": run.narrowed,
        "run_reason": run.run_reason,
        "started_by": run.started_by,
        "created_at": _iso(run.created_at),
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "last_seq": run.last_seq,
    }


def count_elements(run: int) -> dict[str, int]:
    """How many elements of a run are in each state, those in none left out. One query."""
    states = RunElement.objects.filter(run_id=run).order_by().values_list("state")
    return dict(sorted(states.annotate(number=Count("id"))))


def _iso(at: Any) -> str | None:
    return None if at is None else at.isoformat()
