"""Plans a flow over the inventory as it is now (R40)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from flows.adapters.context import DatabaseInventory
from flows.adapters.database import DatabaseThread
from flows.adapters.definitions import Catalog, catalog_as_of
from flows.adapters.masked_scripts import masked_scripts
from flows.operations.runs import checked_inputs, current_version
from flows.plan import Plan, PlanRefused, make_plan
from flows.tasks.secrets import RunSecrets
from flowsite.kernel.access import SYSTEM, Actor, require
from flowsite.kernel.errors import InvalidRequest


class NoPlan(InvalidRequest):
    """There is no plan: the run would fail before its first step, or a script decides by results."""

    code = "no_plan"


def plan_flow(
    *,
    flow: str,
    inputs: Mapping[str, Any] | None = None,
    elements: Sequence[str] | None = None,
    by: Actor = SYSTEM,
) -> Plan:
    """The plan of the flow's current version; ``elements`` narrows its target. Nothing is stored or run.

    Raises ``AccessDenied``, ``UnknownFlow``, ``InputsRefused``, ``NoPlan``.
    """
    require(by, "flow.plan")
    version = current_version(flow)
    checked = checked_inputs(version, inputs or {})
    catalog = catalog_as_of(version.pk, timezone.now())
    try:
        return asyncio.run(_plan(catalog, version.flow.name, checked, elements))
    except PlanRefused as refused:
        raise NoPlan(str(refused)) from refused


async def _plan(catalog: Catalog, flow: str, inputs: Mapping[str, Any], elements: Sequence[str] | None) -> Plan:
    database = DatabaseThread()
    secrets = RunSecrets(catalog.inputs)
    secrets.run_started(flow, inputs)
    tasks = {name: task.inputs for name, task in catalog.tasks.items()}
    inventory = DatabaseInventory(database, catalog.targets, catalog.inputs, elements, secrets)
    try:
        return await make_plan(
            catalog.engine,
            catalog.scripts,
            flow,
            inputs,
            inventory,
            saves={name: frozenset(task.save) for name, task in catalog.tasks.items()},
            masked=lambda scripts: masked_scripts(scripts, secrets, catalog.inputs, tasks),
        )
    finally:
        await database.close()
