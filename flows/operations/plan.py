"""Plans a flow over the inventory as it is now (R40), and starts it only as planned."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from flows.adapters.database import DatabaseThread
from flows.adapters.definitions import Catalog, catalog_as_of
from flows.adapters.planning import give_plan, keep_plan, kept_plan, plan_now
from flows.models import Run
from flows.operations.runs import checked_inputs, current_version, start_run
from flows.plan import Plan, PlanRefused, difference
from flowsite.kernel.access import SYSTEM, Actor, require
from flowsite.kernel.errors import Conflict, InvalidRequest


class NoPlan(InvalidRequest):
    """There is no plan: the run would fail before its first step, or its scripts cost too much to be planned."""

    code = "no_plan"


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
