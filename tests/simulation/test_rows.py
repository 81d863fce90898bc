"""The journals of simulated runs, written into the database: its rows are what the events say (3.4)."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.utils import timezone

from elements.models import Element, Profile
from flows.adapters import lease
from flows.adapters.database import DatabaseThread
from flows.adapters.journal import DatabaseJournal
from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Event,
    RunFinished,
    RunStarted,
    RunStateChanged,
    StepFinished,
    StepStarted,
)
from flows.models import Flow, FlowVersion, Run, RunElement, StepRun
from flows.runner.events import encode
from tests.simulation.generate import scenario_of
from tests.simulation.scenario import Scenario
from tests.simulation.stage import Performance, calmly, perform

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

SEEDS = int(os.environ.get("SIMULATED_ROWS") or 4)
#: How often the rows are held against the events on the way.
LOOKS = 6

Rows = tuple[dict[tuple[Any, ...], tuple[Any, ...]], dict[tuple[int, str], str], dict[int, str]]


@pytest.mark.parametrize("part", range(2))
def test_rows_are_what_the_events_of_a_simulated_run_say_on_the_way_and_in_the_end(part: int) -> None:
    """fold(events) == StepRun (3.4); half of the seeds are those that refresh (R3)."""
    seeds = (seed for seed in range(1000) if bool(scenario_of(seed).flows[0].refresh) == bool(part))
    for _, seed in zip(range(SEEDS), seeds, strict=False):
        scenario = scenario_of(seed)
        calm = perform(calmly(scenario))
        _write(perform(scenario, calm_turns=calm.turns))


def _write(performance: Performance) -> None:
    root, versions, identities = _rows_of(performance.scenario)
    claimed = lease.claim(root, lease_s=60)
    assert claimed is not None
    events = performance.events
    looks = {len(events) * number // LOOKS for number in range(1, LOOKS + 1)}

    async def write() -> None:
        database = DatabaseThread()
        try:
            journal = DatabaseJournal(claimed, database, performance.scenario.definitions, versions)
            for number, (at, event) in enumerate(performance.journal, start=1):
                await journal.append([event], at=at, elements=_dicts(performance.scenario, event, identities))
                if number in looks:
                    assert await database.run(_stored, root) == _folded(events[:number]), performance.scenario.seed
            history = await journal.load()
            assert [encode(item.event) for item in history.events] == [encode(event) for event in events]
        finally:
            await database.close()

    asyncio.run(write())


def _rows_of(scenario: Scenario) -> tuple[int, dict[str, int], dict[str, int]]:
    """The run, the versions of its flows and its elements, in the database."""
    versions = {}
    for name in scenario.flow:
        flow, _ = Flow.objects.get_or_create(name=name)
        versions[name], _ = FlowVersion.objects.get_or_create(
            flow=flow, number=1, defaults={"name": name, "published_at": timezone.now(), "published_by": "ana"}
        )
    profile, _ = Profile.objects.get_or_create(name="linux")
    elements = {
        name: Element.objects.get_or_create(name=name, defaults={"profile": profile})[0].pk
        for name in scenario.contexts
    }
    first = scenario.flows[0].name
    run = Run.objects.create(flow_version=versions[first], flow_name=first, started_by="ana", created_at=timezone.now())
    return run.pk, {name: version.pk for name, version in versions.items()}, elements


def _dicts(scenario: Scenario, event: Event, identities: Mapping[str, int]) -> dict[int, Sequence[dict[str, Any]]]:
    if not isinstance(event, RunStarted | ElementsOrdered):
        return {}
    return {event.run: [{**scenario.element(name, {}), "id": identities[name]} for name in event.elements]}


def _folded(events: Sequence[Event]) -> Rows:
    """What the events say of outcomes, elements and runs."""
    steps: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    elements: dict[tuple[int, str], str] = {}
    runs: dict[int, str] = {0: "queued"}
    for event in events:
        match event:
            case RunStarted():
                elements |= {(event.run, name): "queued" for name in event.elements}
                elements |= {(event.run, name): "skipped" for name in event.skipped if event.run}
                runs.setdefault(event.run, "running")
            case ElementsOrdered():
                elements |= {(event.run, name): "queued" for name in event.elements}
                for name in event.skipped:
                    elements.pop((event.run, name))
                    elements |= {(event.run, name): "skipped"} if event.run else {}
            case StepStarted(key=key):
                elements[key.run, key.element] = "running" if event.until is None else "waiting"
            case StepFinished(key=key, outcome=outcome):
                told = (event.step, event.name, event.target, outcome.status, outcome.reason, dict(outcome.result))
                steps[key.run, key.element, key.site, key.turn, key.attempt] = told
            case ElementFinished():
                elements[event.run, event.element] = event.state
            case RunStateChanged():
                runs[event.run] = event.state
            case RunFinished():
                runs[event.run] = event.status
            case _:
                pass
    return steps, elements, runs


def _stored(root: int) -> Rows:
    """What the rows say of the same."""
    tree = Run.objects.tree_of(root)
    elements = RunElement.objects.filter(run__in=tree).values_list("run__number", "name", "state")
    return (
        dict(_steps(root)),
        {(number, name): state for number, name, state in elements},
        dict(tree.values_list("number", "state")),
    )


def _steps(root: int) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    place = ("run__number", "element_name", "site", "turn", "attempt")
    told = ("step", "name", "target", "status", "reason", "result")
    for row in StepRun.objects.filter(run__in=Run.objects.tree_of(root)).values_list(*place, *told):
        yield tuple(row[:5]), tuple(row[5:])
