"""Runs, their elements and their steps, as lists and pages show them."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet

from flows.models import Run, RunElement, StepRun

_PAGE = 1000


def list_runs(*, flow: str | None = None, state: str | None = None) -> QuerySet[Run]:
    """Root runs, the newest first. One query per slice."""
    runs = Run.objects.roots().order_by("-id")
    if flow is not None:
        runs = runs.filter(flow_name=flow)
    if state is not None:
        runs = runs.filter(state=state)
    return runs


def describe_run(run: Run) -> dict[str, Any]:
    """One run as JSON; times are ISO 8601 or null. No query if ``flow_version`` was selected with it."""
    return {
        "id": run.pk,
        "root": run.root_id or run.pk,
        "parent": run.parent_id,
        "flow": run.flow_name,
        "version": run.flow_version.number if run.flow_version else None,
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
    """How many elements of a run are in each state. One query."""
    states = RunElement.objects.filter(run_id=run).order_by().values_list("state")
    return dict(states.annotate(number=Count("id")))


def run_elements(run: int) -> QuerySet[RunElement]:
    """The elements of a run in execution order, those removed by its processing script last; without snapshots."""
    return RunElement.objects.filter(run_id=run).defer("snapshot").order_by("position")


def run_steps(run: int) -> QuerySet[StepRun]:
    """The outcomes of a run, in the order in which they came."""
    return StepRun.objects.filter(run_id=run).order_by("id")


def children_of(root: int) -> QuerySet[Run]:
    """The child runs of a root run, in the order in which they started."""
    return Run.objects.tree_of(root).exclude(pk=root).select_related("flow_version")


def describe_steps(run: int) -> Iterator[dict[str, Any]]:
    """The outcomes of a run as JSON, in the order in which they came, read in pages."""
    fields = (
        "element_name",
        "target",
        "site",
        "turn",
        "attempt",
        "line",
        "step",
        "name",
        "status",
        "reason",
        "advice",
        "exit_code",
        "result",
        "started_at",
        "finished_at",
    )
    for row in run_steps(run).values(*fields).iterator(_PAGE):
        element = row.pop("element_name")
        times = {name: _iso(row.pop(name)) for name in ("started_at", "finished_at")}
        yield {"element": element, **row, **times}


def _iso(at: Any) -> str | None:
    return None if at is None else at.isoformat()
