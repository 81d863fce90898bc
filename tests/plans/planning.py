"""Makes the plan of a case: the real sandbox and engine over a fleet in memory."""

import asyncio
from collections.abc import Mapping
from typing import Any

from flows.engine.definitions import Definitions, FlowSpec, SiteSpec, TaskPolicy
from flows.engine.status import Mode
from flows.plan import Plan, make_plan
from flows.script.analysis import analyse
from flows.script.calls import FlowScripts
from tests.fakes import FakeInventory
from tests.plans.cases import CONTEXTS, Case, Flow


def planned(case: Case, contexts: Mapping[str, Mapping[str, Any]] = CONTEXTS, root: str = "Top") -> Plan:
    """The plan of the case's first flow over a fleet with these contexts."""
    flows = {root: case.top, **case.children}
    inventory = FakeInventory(contexts, targets={root: case.elements.split()})
    for name, context in contexts.items():
        inventory.elements[name]["context"] = dict(context)
    scripts = {name: FlowScripts(processing=flow.processing, execution=flow.script) for name, flow in flows.items()}
    saves = {task: frozenset({"role"}) for task in case.saving}
    return asyncio.run(make_plan(definitions(flows), scripts, root, case.inputs, inventory, saves))


def definitions(flows: dict[str, Flow]) -> Definitions:
    """The flows of a case, and every task that they name."""
    literals = {
        site.literal for flow in flows.values() for site in analyse(flow.script).sites if site.step == "run_task"
    }
    tasks = {name: TaskPolicy(name) for name in (literals | set("ABCDEFZ")) if name}
    return Definitions({name: spec(name, flow) for name, flow in flows.items()}, tasks)


def spec(name: str, flow: Flow) -> FlowSpec:
    """One flow as the engine knows it."""
    mode = Mode(flow.mode)
    rules: dict[str, Any] = {"concurrency": 1 if mode is Mode.SERIAL else 50, **flow.rules}
    sites = tuple(
        SiteSpec(
            number=site.number,
            step=site.step,
            line=site.line,
            loops=site.loops,
            caught=site.caught,
            in_finally=site.in_finally,
            uses_result=site.uses_result,
        )
        for site in analyse(flow.script).sites
    )
    return FlowSpec(name=name, version=1, mode=mode, sites=sites, input_defaults=flow.inputs, **rules)
