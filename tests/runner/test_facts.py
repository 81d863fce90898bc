"""Facts on the way: refresh, get_context and set_context, soaks, and what a break-down leaves of them (R3, R9, R21)."""

from collections.abc import Generator
from typing import Any

import pytest

from flows.engine.commands import Call
from flows.engine.definitions import TaskPolicy
from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Outcome,
    RunStarted,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.status import StepStatus
from flows.runner.breakdown import closing_events
from flows.runner.driver import Ending
from tests.engine.programs import tasks
from tests.fakes import EPOCH, Deed, DeedName, ScriptView, failing, run_virtual
from tests.runner.scripted import scripted
from tests.runner.test_waiting import drive_and
from tests.runner.world import world


def reads(role: str) -> Deed:
    """A task that saves a role."""
    return Deed(Outcome(StepStatus.SUCCEEDED, exit_code=0, result={"settings": {"role": role}}))


ROLES: dict[DeedName, Deed] = {("Read", "E1"): reads("master"), ("Read", "E2"): reads("replica")}


def leader_last(elements: Any, _: Any) -> Any:
    return sorted(elements, key=lambda element: element["context"]["role"] == "master")


def test_the_order_is_made_from_what_the_refresh_has_stored() -> None:
    """R3, R4."""

    def script(view: ScriptView) -> Generator[Call, Any, None]:
        yield Call("log", 1, str(view.element["context"]))

    run = scripted(script, "log", mode="serial", deeds=ROLES, refresh=("Read",))
    run.processing = {"F1": leader_last}
    assert run.run() is Ending.ENDED
    [started] = [event for event in run.events if isinstance(event, RunStarted)]
    assert (started.refreshing, started.elements) == (True, ("E1", "E2"))
    assert ElementsOrdered(0, ("E2", "E1")) in run.events
    assert [element["name"] for element in run.store.elements[0]] == ["E2", "E1"]
    said = [event.name for event in run.events if isinstance(event, StepStarted) and event.step == "log"]
    assert said == ["{'role': 'replica'}", "{'role': 'master'}"]


def test_a_run_without_elements_is_not_refreshed() -> None:
    """R3, R7."""
    run = world(tasks("A"), elements=[], refresh=("Read",))
    assert run.run() is Ending.ENDED
    assert not any(isinstance(event, ElementsOrdered) for event in run.events)
    assert run.started() == []


def test_connections_are_opened_in_the_order_that_the_refresh_has_made() -> None:
    """Also by a worker that did not see the run start."""
    elements = [f"E{number}" for number in range(1, 7)]
    run = world(tasks("A"), elements=elements, deeds={"Read": reads("replica")}, refresh=("Read",))
    run.processing = {"F1": lambda given, _: list(reversed(given))}
    run.run()
    connected = run.executors[0].connected
    assert connected[:6] == elements
    assert connected[6] == "E6"


def test_get_context_of_a_wave_costs_one_look_and_sees_what_was_stored_before() -> None:
    """R9."""

    def script(view: ScriptView) -> Generator[Call, Any, None]:
        yield Call("set_context", 1, inputs={"key": "seen", "value": view.current})
        context = yield Call("get_context", 2)
        yield Call("log", 3, str(context))

    run = scripted(script, "set_context", "get_context", "log")
    run.run()
    said = [event.name for event in run.events if isinstance(event, StepStarted) and event.step == "log"]
    assert said == ["{'seen': 0}", "{'seen': 1}"]
    assert run.inventory.looks == 1
    assert run.store.settings == {"E1": {"seen": 0}, "E2": {"seen": 1}}


@pytest.mark.parametrize("step", ["set_context", "get_context"])
def test_a_context_step_without_outcome_repeats_harmlessly(step: str) -> None:
    """R36."""
    inputs = {"key": "seen", "value": 1} if step == "set_context" else {}

    def script(_: ScriptView) -> Generator[Call, Any, None]:
        yield Call(step, 1, inputs=inputs)
        yield Call("run_task", 2, "A")

    run = scripted(script, step, "run_task", elements=["E1"])
    run.run()
    ends = next(i for i, (_, _, encoded) in enumerate(run.store.events) if encoded.type == "step_finished")
    del run.store.events[ends:]
    run.store.seq = len(run.store.events)
    run.trace.clear()
    assert run.run() is Ending.ENDED
    assert [event.outcome.status for event in run.events if isinstance(event, StepFinished)] == [
        "interrupted", "succeeded", "succeeded",
    ]  # fmt: skip
    assert str(run.finished().status) == "succeeded"


def test_a_soak_frees_its_worker_and_keeps_its_end() -> None:
    """R21."""
    run = world(tasks("A"), mode="parallel", elements=2, batches=(1,), soak=600.0)
    assert run.run() is Ending.SUSPENDED
    assert run.store.wake_at == EPOCH + 600
    assert run.events[-1] != SoakEnded(0, 1)
    assert SoakStarted(0, 1, EPOCH + 600) in run.events
    assert run.states() == ["running", "waiting"]

    async def later() -> Ending:
        worker = run.worker()
        worker.driver._ports.clock.offset_s = 600  # type: ignore[attr-defined]
        return await worker.driver.drive()

    assert run_virtual(later()) is Ending.ENDED
    assert SoakEnded(0, 1) in run.events
    assert run.started() == ["A1", "A2"]


def test_a_run_that_is_cancelled_while_it_soaks_ends_at_once_without_a_late_timer() -> None:
    """R21, R34."""
    run = world(tasks("A"), mode="parallel", elements=2, batches=(1,), soak=20.0)
    assert run_virtual(drive_and(run, (5, lambda _: run.store.signal("cancel")))) is Ending.ENDED
    assert not any(isinstance(event, SoakEnded) for event in run.events)
    assert str(run.finished().status) == "cancelled"
    assert run.store.last_at < EPOCH + 6


def test_the_roots_seed_is_journaled_and_spreads_the_retries() -> None:
    """R28: never by chance: the same run waits the same times again."""

    def starts() -> dict[StepKey, float]:
        policy = TaskPolicy("A", retries=2, retry_delay=4.0, retry_backoff=2.0, retry_jitter=0.5)
        run = world(tasks("A"), mode="parallel", elements=2, deeds={"A": failing()}, tasks=[policy])
        run.run()
        [started] = [event for event in run.events if isinstance(event, RunStarted)]
        assert started.seed == "7"
        encoded = [(at, one.data) for _, at, one in run.store.events if one.type == "step_started"]
        return {StepKey(0, data["element"], 1, 1, data["attempt"]): at - EPOCH for at, data in encoded}

    first = starts()
    assert first == pytest.approx(starts())
    for element in ("E1", "E2"):
        assert 2 <= first[StepKey(0, element, 1, 1, 2)] <= 6
    assert first[StepKey(0, "E1", 1, 1, 2)] != pytest.approx(first[StepKey(0, "E2", 1, 1, 2)], abs=0.01)


def test_a_break_down_ends_those_whom_the_order_left_in_the_run_and_nobody_else() -> None:
    run = world(tasks("A"), mode="parallel", elements=3, deeds={("Read", "E3"): failing()}, refresh=("Read",),
                error_threshold=1)  # fmt: skip
    run.processing = {"F1": lambda given, _: [element for element in given if element["name"] != "E1"]}
    run.run()
    events = run.events
    ordered = next(i for i, event in enumerate(events) if isinstance(event, ElementsOrdered))
    ended = {event.element: str(event.state) for event in events[: ordered + 1] if isinstance(event, ElementFinished)}
    closing = closing_events(events[: ordered + 1], "it broke")
    closed = {event.element for event in closing if isinstance(event, ElementFinished)}
    assert (ended, closed) == ({"E3": "failed"}, {"E2"})


def test_targets_reach_the_executor_and_only_their_own_connections_are_opened_ahead() -> None:
    """R27."""

    def script(_: ScriptView) -> Generator[Call, Any, None]:
        yield Call("run_task", 1, "A", element="E2")

    run = scripted(script, "run_task", elements=["E1", "E2"])
    run.run()
    requests = [(request.key.element, request.target) for request in run.executors[0].requests]
    assert requests == [("E1", "E2"), ("E2", "E2")]
    assert run.executors[0].most_running == 1
