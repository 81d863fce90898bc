"""Makes plans over the database's inventory, and keeps those that somebody saw and those of runs (R40)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from elements.models import Setting
from flows.adapters.context import DatabaseInventory, KnownInventory
from flows.adapters.database import DatabaseThread
from flows.adapters.definitions import Catalog
from flows.adapters.masked_scripts import masked_scripts
from flows.models import Run, RunPlan, StoredPlan
from flows.plan import Effort, Plan, make_plan, packed, unpacked
from flows.runner.ports import ElementDict, Inventory
from flows.tasks.secrets import RunSecrets

KEPT_FOR: Final = timedelta(days=1)
"""A plan that no run was started with."""

_IN_QUERY: Final = 400


async def plan_now(
    catalog: Catalog,
    flow: str,
    inputs: Mapping[str, Any],
    narrowed: Sequence[str] | None,
    database: DatabaseThread,
) -> Plan:
    """The plan over the inventory as it is now, its secrets masked. Raises ``PlanRefused``."""
    secrets = _secrets(catalog, flow, inputs)
    inventory = DatabaseInventory(database, catalog.targets, catalog.inputs, narrowed, secrets)
    plan = await _make(catalog, flow, inputs, inventory, secrets)
    return await database.run(_with_age, plan) if _is_of_old_settings(plan) else plan


def plan_selected(
    catalog: Catalog, flow: str, inputs: Mapping[str, Any], elements: Sequence[ElementDict], effort: Effort
) -> Plan:
    """The same over elements that ``select_elements`` gave, with checked inputs. Blocks; no query of its own, but for a
    child that works on other elements, and one where a refresh is left out."""
    plan = asyncio.run(_plan_selected(catalog, flow, inputs, elements, effort))
    return _with_age(plan) if _is_of_old_settings(plan) else plan


async def _plan_selected(
    catalog: Catalog, flow: str, inputs: Mapping[str, Any], elements: Sequence[ElementDict], effort: Effort
) -> Plan:
    secrets = _secrets(catalog, flow, inputs)
    database = DatabaseThread()
    try:
        inventory = KnownInventory(database, catalog.inputs, elements, secrets)
        return await _make(catalog, flow, inputs, inventory, secrets, effort)
    finally:
        await database.close()


def _secrets(catalog: Catalog, flow: str, inputs: Mapping[str, Any]) -> RunSecrets:
    secrets = RunSecrets(catalog.inputs)
    secrets.run_started(flow, inputs)
    return secrets


async def _make(
    catalog: Catalog,
    flow: str,
    inputs: Mapping[str, Any],
    inventory: Inventory,
    secrets: RunSecrets,
    effort: Effort | None = None,
) -> Plan:
    tasks = {name: task.inputs for name, task in catalog.tasks.items()}
    return await make_plan(
        catalog.engine,
        catalog.scripts,
        flow,
        inputs,
        inventory,
        saves={name: frozenset(task.save) for name, task in catalog.tasks.items()},
        masked=lambda scripts: masked_scripts(scripts, secrets, catalog.inputs, tasks),
        effort=effort,
    )


def _is_of_old_settings(plan: Plan) -> bool:
    return any("settings as they are" in note for note in plan.notes)


def _with_age(plan: Plan) -> Plan:
    """Say how old the settings are that a refresh would renew (R3)."""
    ages = [written for names in _chunks(plan.elements) for written in _written(names)]
    told = f"The oldest setting was written {_ago(min(ages))}." if ages else "No setting was ever written."
    return Plan(
        plan.flow,
        plan.version,
        plan.mode,
        plan.concurrency,
        plan.elements,
        plan.waves,
        (*plan.notes, told),
        plan.stops_at,
    )


def _written(names: Sequence[str]) -> Iterable[datetime]:
    return (
        Setting.objects.filter(element__name__in=names).order_by("written_at").values_list("written_at", flat=True)[:1]
    )


def _ago(at: datetime) -> str:
    minutes = int((timezone.now() - at).total_seconds() // 60)
    for size, unit in ((1440, "days"), (60, "h")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit} ago"
    return f"{minutes} min ago" if minutes else "less than a minute ago"


def _chunks(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return [names[at : at + _IN_QUERY] for at in range(0, len(names), _IN_QUERY)]


# --- keeping ------------------------------------------------------------------------------------------------------


def keep_plan(plan: Plan) -> StoredPlan:
    """Keep the plan under its hash; forget those that nobody started a run with. At most 3 queries."""
    now = timezone.now()
    StoredPlan.objects.filter(made_at__lt=now - KEPT_FOR, runs=None).delete()
    stored = StoredPlan.objects.filter(hash=plan.hash).first()
    if stored is None:
        values = {
            "flow_name": plan.flow,
            "made_at": now,
            "waves": len(plan.waves),
            "stops_at": plan.stops_at and plan.stops_at.to_json(),
            "content": packed(plan),
        }
        return StoredPlan.objects.get_or_create(hash=plan.hash, defaults=values)[0]
    StoredPlan.objects.filter(pk=stored.pk).update(made_at=now)
    return stored


def kept_plan(hash_: str) -> Plan | None:
    """The plan of this hash, if it is still kept."""
    stored = StoredPlan.objects.filter(hash=hash_).first()
    return None if stored is None else unpacked_plan(stored)


def unpacked_plan(stored: StoredPlan) -> Plan:
    """What was kept."""
    return unpacked(bytes(stored.content))


def wants_plan(run: int) -> bool:
    """True for a run that has no plan and has not begun."""
    return Run.objects.filter(pk=run, last_seq=0, planned=None).exists()


def give_plan(run: int, plan: Plan | None, problem: str = "") -> None:
    """Let the run have its plan, or the reason why it has none. The first one stays."""
    stored = None if plan is None else keep_plan(plan)
    RunPlan.objects.get_or_create(run_id=run, defaults={"plan": stored, "problem": problem})
