"""The plan of an example, from the same catalog and fleet as its runs."""

import asyncio
from collections.abc import Mapping
from typing import Any

from flows.plan import Plan, make_plan
from tests.examples.examples import Example
from tests.fakes import FakeInventory


def plan_of(example: Example, inputs: Mapping[str, Any] | None = None) -> Plan:
    """The plan over the fleet as the documents have it."""
    catalog = example.catalog
    inventory = FakeInventory((), targets={example.flow: example.selected})
    inventory.elements = {name: dict(found) for name, found in example.elements.items()}
    saves = {name: frozenset(task.save) for name, task in catalog.tasks.items()}
    return asyncio.run(make_plan(catalog.engine, catalog.scripts, example.flow, inputs or {}, inventory, saves))


def planned_steps(plan: Plan) -> list[tuple[tuple[str, ...], int, str, str]]:
    """Every step of the plan: path, site, step, element."""
    return [(wave.path, wave.site, wave.step, element) for wave in plan.waves for element in wave.elements]
