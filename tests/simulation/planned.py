"""The plan of a scenario beside a run in which nothing fails (R40)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flows.engine.events import RunFinished, RunStarted, StepStarted
from flows.plan import Plan, PlanRefused, PlanWave, StopsAt, make_plan
from tests.simulation.program import Task, nodes_of
from tests.simulation.referee.book import sizes
from tests.simulation.sandboxed import RealTime, scripts_of
from tests.simulation.scenario import CALM, Scenario, Trouble
from tests.simulation.stage import Performance, perform
from tests.simulation.world import World, WorldInventory


def breaches_of_plan(scenario: Scenario) -> Iterator[str]:
    """R40: as far as the plan goes it is what runs if nothing fails; if it is complete, it is all of it."""
    quiet = replace(scenario, trouble=Trouble(even=True), storm=CALM)
    if not _is_planned_exactly(quiet):
        return
    run = perform(quiet)
    if any(event.status != "succeeded" for event in run.events if isinstance(event, RunFinished)):
        return
    plan = _plan(quiet)
    if isinstance(plan, PlanRefused):
        if any(event.elements for event in run.events if isinstance(event, RunStarted)):
            yield f"R40: there is no plan: {plan}"
        return
    starts = [event for event in run.events if isinstance(event, StepStarted) and event.key.attempt == 1]
    yield from _differences(quiet, plan, starts, _batches(run))


def _is_planned_exactly(scenario: Scenario) -> bool:
    """The plan does not refresh, and goes through Serial flows one by one."""
    return not any(
        flow.refresh or (flow.mode == "serial" and flow.concurrency > 1 and len(scenario.contexts) > 1)
        for flow in scenario.flows
    )


def _plan(scenario: Scenario) -> Plan | PlanRefused:
    saves = {task.name: frozenset({"fresh"}) for task in scenario.tasks if task.saves}
    inventory = WorldInventory(World(scenario))
    time = RealTime()
    try:
        return time.run(
            make_plan(scenario.definitions, scripts_of(scenario), scenario.flows[0].name, {}, inventory, saves)
        )
    except PlanRefused as refused:
        return refused
    finally:
        time.close()


def _differences(
    scenario: Scenario, plan: Plan, starts: Sequence[StepStarted], batches: dict[tuple[int, str], int]
) -> Iterator[str]:
    place = 0
    for wave in plan.waves:
        part = starts[place : place + len(wave.elements)]
        place += len(wave.elements)
        if problem := _difference(scenario, wave, part, batches):
            yield f"R40: wave {wave.n} is planned as {wave.to_json()}, {problem}: {[event.key for event in part]}"
            return
    if plan.stops_at is None and place < len(starts):
        yield f"R40: the plan is complete, and {starts[place]} runs behind its end"
    if plan.stops_at is not None and len(plan.stops_at.path) == 1:
        yield from _unforeseen(plan.stops_at, plan.elements, starts[place:])


def _unforeseen(stop: StopsAt, elements: Sequence[str], behind: Sequence[StepStarted]) -> Iterator[str]:
    """``may_run`` foresees the steps of the element whose script used the unknown; which one that is, is not told."""
    own = [event for event in behind if event.path == stop.path]
    sites = [{event.key.site for event in own if event.key.element == name} for name in elements]
    if not any(run <= set(stop.may_run) for run in sites):
        yield f"R40: sites {sites} run behind the plan, {stop.may_run} may"


def _difference(
    scenario: Scenario, wave: PlanWave, part: Sequence[StepStarted], batches: dict[tuple[int, str], int]
) -> str:
    """What is not as planned; the order within a wave is that of the elements, unless they wait for a target (R27)."""
    names = [event.key.element for event in part]
    ordered = not any(isinstance(node, Task) and node.target for node in nodes_of(scenario.flow[wave.path[-1]].program))
    if names != list(wave.elements) if ordered else set(names) != set(wave.elements):
        return "others step"
    if any((event.path, event.key.site, event.step) != (wave.path, wave.site, wave.step) for event in part):
        return "elsewhere"
    if max(event.key.turn for event in part) != wave.turn:
        return "in another turn"
    if wave.step in ("run_task", "run_flow") and any(_name(wave, event.key.element) != event.name for event in part):
        return "with another name"
    if any(_target(wave, event.key.element) != event.target for event in part if event.step == "run_task"):
        return "on another target"
    if any(batches[event.key.run, event.key.element] != wave.batch for event in part):
        return "in another batch"
    return ""


def _name(wave: PlanWave, element: str) -> str | None:
    return wave.name if wave.names is None else wave.names[element]


def _target(wave: PlanWave, element: str) -> str:
    return (wave.target if wave.targets is None else wave.targets[element]) or element


def _batches(run: Performance) -> dict[tuple[int, str], int]:
    """The batch of each element of each run (R21)."""
    found: dict[tuple[int, str], int] = {}
    for event in run.events:
        if isinstance(event, RunStarted):
            rules, left = run.scenario.flow[event.flow], list(event.elements)
            for number, size in enumerate(sizes(rules.batches, len(left)), start=1):
                found.update({(event.run, name): number for name in left[:size]})
                left = left[size:]
    return found
