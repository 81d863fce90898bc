"""What a run's page tells beside the frames of its socket: who started it, why, and how long it usually takes."""

from statistics import median
from typing import Any

from flows.engine.status import RunState
from flows.models import Run
from flows.queries.plans import describe_plan
from flows.queries.runs import describe_run
from flowsite.kernel.errors import NotFound

#: Runs that went well and are looked at to say how long one usually takes.
_LATELY = 10


def run_of_page(pk: int) -> Run:
    """The run, child or root, with its flow; raises ``NotFound``. One query."""
    runs = Run.objects.select_related("flow_version__flow", "tried", "root", "scheduled_start__schedule")
    run = runs.filter(pk=pk).first()
    if run is None:
        raise NotFound(f"There is no run {pk}. It may have been removed; the list of runs shows those that are kept.")
    return run


def describe_for_page(run: Run) -> dict[str, Any]:
    """As JSON for the page's script. Who started it and why is the root's, also for a child. At most 4 queries."""
    root = run.root or run
    version, tried = run.flow_version, getattr(run, "tried", None)
    what = version or tried
    start = getattr(root, "scheduled_start", None)
    told = describe_run(root)
    return {
        "run": run.pk,
        "root": root.pk,
        "parent": run.parent_id,
        "flow": run.flow_name,
        "flow_id": None if what is None or (tried and tried.task) else what.flow_id,
        "version": version.number if version else None,
        "is_try": run.is_try,
        "mode": run.mode,
        "started_by": root.started_by,
        "schedule": start.schedule.name if start else None,
        "run_reason": root.run_reason,
        "created_at": told["created_at"],
        "inputs": run.inputs,
        "narrowed": run.narrowed,
        "error_threshold": what.definition.get("error_threshold") if what else None,
        "plan": describe_plan(run),
        "usual_s": usual_seconds(run.flow_name) if run.root_id is None else None,
    }


def usual_seconds(flow: str) -> float | None:
    """The median time of the flow's last runs that succeeded; None where there were none. One query."""
    ended = Run.objects.roots().in_earnest().filter(flow_name=flow, state=RunState.SUCCEEDED, started_at__isnull=False)
    times = ended.order_by("-id").values_list("started_at", "ended_at")[:_LATELY]
    seconds = [(end - start).total_seconds() for start, end in times if start and end]
    return median(seconds) if seconds else None
