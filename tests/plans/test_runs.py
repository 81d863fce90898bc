"""What a complete plan tells is what runs: the cases' flows go through the real engine, driver and sandbox (R40)."""

from typing import Any

import pytest

from flows.adapters.definitions import Catalog
from flows.engine.events import StepStarted
from flows.plan import Plan
from flows.script.calls import FlowScripts
from tests.examples.examples import Example
from tests.examples.stage import Stage
from tests.fakes import FakeInventory
from tests.plans.cases import CONTEXTS, Case
from tests.plans.planning import definitions, planned
from tests.plans.waves import WAVES

#: A plan shows these as if one element went at a time, and without what is refreshed first.
SIMPLIFIED = ("concurrency", "refresh")
COMPLETE = [case for case in WAVES if not case.top.rules.keys() & set(SIMPLIFIED)]

Step = tuple[tuple[str, ...], int, str, str | None, int, str, str]


def staged(case: Case) -> Stage:
    """A run of the case in which nothing fails but by its scripts."""
    flows = {"Top": case.top, **case.children}
    elements = FakeInventory(CONTEXTS).elements
    catalog = Catalog(
        engine=definitions(flows),
        scripts={name: FlowScripts(processing=flow.processing, execution=flow.script) for name, flow in flows.items()},
        tasks={},
        inputs={},
        targets={},
        versions={},
        steps_are_read=False,
    )
    fleet = {name: {**elements[name], "context": dict(context)} for name, context in CONTEXTS.items()}
    example = Example("Top", catalog, case.elements.split(), fleet)
    return Stage(example, inputs=case.inputs, approve_at=[10 * number for number in range(1, 6)])


def ran(stage: Stage) -> list[Step]:
    """Every step in the order of its start: path, site, step, name, line, element, target."""
    return [
        (event.path, event.key.site, event.step, event.name, event.line, event.key.element, event.target or "")
        for event in stage.events
        if isinstance(event, StepStarted)
    ]


def told(plan: Plan) -> list[Step]:
    """The same, as the plan tells it."""
    steps: list[Any] = []
    for wave in plan.waves:
        for element in wave.elements:
            name = wave.name if wave.names is None else wave.names[element]
            target = wave.target if wave.targets is None else wave.targets[element]
            steps.append((wave.path, wave.site, wave.step, name, wave.line, element, target or element))
    return steps


@pytest.mark.parametrize("case", COMPLETE, ids=str)
def test_r40_a_complete_plan_is_what_runs(case: Case) -> None:
    assert ran(staged(case)) == told(planned(case))
