"""The plan of a run, and where the run left it (R40)."""

from collections.abc import Iterator
from typing import Any, Final

from flows.adapters.planning import unpacked_plan
from flows.engine.status import RUN_ENDED
from flows.models import Run, RunEvent, RunPlan, StoredPlan
from flows.plan import Plan, Start, departure
from flowsite.kernel.errors import NotFound

MOST_EVENTS: Final = 5_000
"""A run that goes on and has more is judged at its end: reading that many takes 50 ms."""


def plan_of_run(run: int) -> Plan:
    """The plan that the run was started with; a child has its root's. Raises ``NotFound`` with the reason."""
    kept = _kept(Run.objects.get(pk=run))
    if kept is None:
        raise NotFound(f"run {run} has no plan yet: its worker makes one before the first step")
    if kept.plan is None:
        raise NotFound(f"run {run} has no plan: {kept.problem}")
    return unpacked_plan(kept.plan)


def describe_plan(run: Run) -> dict[str, Any] | None:
    """``hash``, ``complete``, ``stops_at``, ``waves`` (their number), ``departed_at``; or the ``problem`` alone; None
    as long as there is none.

    Reads the run's starts until it is known for good where the run left its plan, or that it did not; of a run with
    very many, only once it has ended.
    """
    kept = _kept(run)
    if kept is None:
        return None
    if kept.plan is None:
        return {"problem": kept.problem}
    return {
        "hash": kept.plan.hash,
        "complete": kept.plan.stops_at is None,
        "stops_at": kept.plan.stops_at,
        "waves": kept.plan.waves,
        "departed_at": _departed(kept, kept.plan),
    }


def _kept(run: Run) -> RunPlan | None:
    return RunPlan.objects.select_related("plan", "run").filter(pk=run.root_id or run.pk).first()


def _departed(kept: RunPlan, stored: StoredPlan) -> dict[str, Any] | None:
    has_ended = kept.run.state in RUN_ENDED
    if kept.is_judged or (not has_ended and kept.run.last_seq > MOST_EVENTS):
        return kept.departed
    found = departure(unpacked_plan(stored), _starts(kept.run_id), has_ended=has_ended)
    told = None if found is None else found.to_json()
    if told is not None or has_ended:
        RunPlan.objects.filter(pk=kept.pk).update(departed=told, is_judged=True)
    return told


def _starts(root: int) -> Iterator[Start]:
    """First attempts in the order of the journal; tasks of a refresh are in no plan."""
    events = RunEvent.objects.filter(root_id=root, type="step_started").order_by("seq").values_list("data", flat=True)
    for data in events.iterator(chunk_size=2000):
        if data["attempt"] == 1 and data["site"]:
            yield Start(tuple(data["path"]), data["site"], data["turn"], data["step"], data["name"], data["element"])
