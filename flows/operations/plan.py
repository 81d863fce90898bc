"""Plans a flow over the inventory as it is now (R40), and starts it only as planned."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from elements.queries import NotInTarget, TargetProblem, select_elements
from flows.adapters.database import DatabaseThread
from flows.adapters.definitions import Catalog, FlowSource, catalog_as_of, catalog_of, declared_inputs, draft_source
from flows.adapters.input_check import sampled_inputs
from flows.adapters.planning import give_plan, keep_plan, kept_plan, plan_now, plan_selected
from flows.models import Flow, Run
from flows.operations.runs import checked_inputs, current_version, start_run
from flows.plan import Effort, Plan, PlanRefused, difference
from flows.plan.board import Board, Column, board_of, sites_only
from flows.tasks.inputs import InputRefused
from flowsite.kernel.access import SYSTEM, Actor, require
from flowsite.kernel.errors import Conflict, InvalidRequest

DRAFT_EFFORT: Final = Effort(most_s=8.0, keeps_workers=True)
"""A draft is planned while somebody types: a plan that takes longer helps nobody."""


class NoPlan(InvalidRequest):
    """There is no plan: the run would fail before its first step, or its scripts cost too much to be planned."""

    code = "no_plan"


class Overtaken(Conflict):
    """The same person asked about the same draft again before there was an answer."""

    code = "overtaken"


class PlanChanged(Conflict):
    """What would run now is not what the plan of this hash showed."""

    code = "plan_changed"


def plan_flow(
    *,
    flow: str,
    inputs: Mapping[str, Any] | None = None,
    elements: Sequence[str] | None = None,
    by: Actor = SYSTEM,
) -> Plan:
    """The plan of the flow's current version; ``elements`` narrows its target. Nothing runs; the plan is kept for a
    day, so that a start that demands it can be told what has changed since.

    Raises ``AccessDenied``, ``UnknownFlow``, ``InputsRefused``, ``NoPlan``.
    """
    require(by, "flow.plan")
    plan = _planned(flow, inputs or {}, elements)
    keep_plan(plan)
    return plan


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """The plan of a draft with its board; or the ``reason`` why there is none, with the columns alone.

    ``sampled`` are the values that stood in for required inputs; secrets are masked.
    """

    board: Board
    plan: Plan | None
    reason: str | None
    sampled: Mapping[str, Any]


def plan_draft(
    *,
    flow: Flow,
    values: Mapping[str, Any],
    inputs: Mapping[str, Any],
    elements: Sequence[str] | None = None,
    rows: int,
    by: Actor = SYSTEM,
) -> DraftPlan:
    """The plan that the flow would have with these values, which are its document in normal form; nothing is stored.

    42 elements x 5 steps take about 40 ms, and no plan more than 8 s. Raises ``AccessDenied``, and ``Overtaken`` when
    the same person asks again meanwhile.
    """
    require(by, "flow.plan")
    source = draft_source(flow.name, values)
    sampled: dict[str, Any] = {}
    with _newest((by.get_username(), flow.pk)) as is_wanted:
        try:
            chosen = select_elements(source.definition["target"], elements)
            given, sampled = sampled_inputs(source.name, declared_inputs(source), inputs, chosen)
            catalog = catalog_of(source, timezone.now())
            plan = plan_selected(catalog, flow.name, given, chosen, replace(DRAFT_EFFORT, is_wanted=is_wanted))
        except (TargetProblem, NotInTarget, InputRefused, PlanRefused) as problem:
            if not is_wanted():
                raise Overtaken("this draft was asked about again: the newer answer counts") from problem
            return DraftPlan(_without_rows(source), None, str(problem), sampled)
    return DraftPlan(board_of(plan, catalog.scripts, rows), plan, None, sampled)


def _without_rows(source: FlowSource) -> Board:
    columns: tuple[Column, ...] = sites_only(source.name, source.execution_script)
    return Board((), 0, columns, len(columns), ())


_asked: dict[tuple[str, int], object] = {}


@contextmanager
def _newest(key: tuple[str, int]) -> Iterator[Callable[[], bool]]:
    """Gives what tells whether nobody in this process has asked the same since."""
    mine = _asked[key] = object()
    try:
        yield lambda: _asked.get(key) is mine
    finally:
        if _asked.get(key) is mine:
            del _asked[key]


def start_as_planned(*, flow: str, by: Actor, plan_hash: str | None = None, **given: Any) -> Run:
    """``start_run``; with a ``plan_hash`` only if the plan is still the one that has this hash, and the run has it as
    its plan. A second start with the same ``idempotency_key`` gives the run that the first one made.

    Raises ``PlanChanged`` with the difference, ``NoPlan``, and what ``start_run`` raises.
    """
    if plan_hash is None or _was_started(by, given.get("idempotency_key")):
        return start_run(flow=flow, by=by, **given)
    require(by, "flow.run")
    plan = _planned(flow, given.get("inputs") or {}, given.get("elements"))
    if plan.hash != plan_hash:
        keep_plan(plan)
        raise PlanChanged(_what_changed(plan_hash, plan), fields={"plan_hash": [plan.hash]})
    with transaction.atomic():
        run = start_run(flow=flow, by=by, **given)
        give_plan(run.pk, plan)
    return run


def _was_started(by: Actor, key: str | None) -> bool:
    return key is not None and Run.objects.filter(started_by=by.get_username(), idempotency_key=key).exists()


def _what_changed(plan_hash: str, now: Plan) -> str:
    shown = kept_plan(plan_hash)
    if shown is None:
        return f"the plan has changed: there is none of hash {plan_hash!r} any more, it would be {now.hash}; look at it"
    return f"the plan has changed since you saw it: {difference(shown, now)}. Look at the new one and start again"


def _planned(flow: str, inputs: Mapping[str, Any], elements: Sequence[str] | None) -> Plan:
    version = current_version(flow)
    checked = checked_inputs(version, inputs)
    catalog = catalog_as_of(version.pk, timezone.now())
    try:
        return asyncio.run(_plan(catalog, version.flow.name, checked, elements))
    except PlanRefused as refused:
        raise NoPlan(str(refused)) from refused


async def _plan(catalog: Catalog, flow: str, inputs: Mapping[str, Any], elements: Sequence[str] | None) -> Plan:
    database = DatabaseThread()
    try:
        return await plan_now(catalog, flow, inputs, elements, database)
    finally:
        await database.close()
