"""The driver's order: what is committed before what is done (3.3, R36), with everything in memory."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from flows.engine.commands import Resumption, Return, ScriptAnswer
from flows.engine.definitions import TaskPolicy
from flows.engine.events import ElementFinished, RunStarted, StepFinished, StepKey, StepStarted
from flows.engine.status import ElementState, RunState
from flows.runner.commit_queue import JournalFailed
from flows.runner.driver import Ending, Pace
from flows.runner.ports import LeaseLost, ScriptsLost
from tests.engine.programs import Loop, Step, flow, tasks
from tests.fakes import EPOCH, Deed, failing, run_virtual
from tests.runner.world import World, world


def test_a_serial_run_takes_its_elements_one_by_one_to_the_end() -> None:
    """R17, R32."""
    run = world(tasks("AB"), elements=3)
    assert run.run() is Ending.ENDED
    assert run.started() == ["A1", "B1", "A2", "B2", "A3", "B3"]
    assert run.finished().status is RunState.SUCCEEDED
    assert run.store.released
    assert run.store.wake_at is None


def test_a_parallel_run_keeps_to_its_concurrency_and_closes_everything() -> None:
    """R18."""
    run = world(tasks("AB"), mode="parallel", elements=9, concurrency=4, deeds={"A": Deed(duration_s=5)})
    run.run()
    assert run.executors[0].most_running == 4
    assert run.executors[0].closed
    assert run.finished().status is RunState.SUCCEEDED


def test_a_start_is_committed_before_it_is_dispatched_and_an_outcome_before_its_script_goes_on() -> None:
    """3.3."""
    run = world([*tasks("A"), Loop(lambda _: 3, tasks("B"))], mode="parallel", elements=5, concurrency=2)
    run.run()
    starts, outcomes, dispatched, returned = 0, 0, 0, 0
    committed: set[tuple[str, StepKey]] = set()
    for item in run.trace:
        match item:
            case ("committed", StepStarted(key=key)):
                committed.add(("start", key))
                starts += 1
            case ("committed", StepFinished(key=key)):
                committed.add(("outcome", key))
                outcomes += 1
            case ("dispatched", key):
                assert ("start", key) in committed
                dispatched += 1
            case ("resumed", _, Return()):
                returned += 1
                assert returned <= outcomes
    assert starts == outcomes == dispatched == returned == 20


def test_outcomes_that_arrive_together_share_a_commit() -> None:
    """Group commit without a window (3.3)."""
    run = world(tasks("A"), mode="parallel", elements=200, concurrency=200)
    run.run()
    assert run.store.commits < 10


def test_log_and_sleep_are_steps_without_an_executor() -> None:
    """R9: a log line is committed with its outcome, a sleep lasts its seconds of virtual time."""
    run = world([Step("hello", "log"), Step(None, "sleep", seconds=12.0), *tasks("A")], elements=1)
    run.run()
    assert [type(event) for event in run.events if isinstance(event, StepStarted | StepFinished)][:2] == [
        StepStarted,
        StepFinished,
    ]
    sleep = next(event for event in run.events if isinstance(event, StepStarted) and event.step == "sleep")
    assert sleep.until == EPOCH + 12.0
    assert [request.task for request in run.executors[0].requests] == ["A"]


def test_a_step_is_retried_after_its_delay() -> None:
    """R28."""
    policy = TaskPolicy("A", retries=2, retry_delay=5)
    run = world(tasks("A"), elements=1, tasks=[policy], deeds={("A", "E1", 1): failing(), ("A", "E1", 2): failing()})
    run.run()
    assert list(run.outcomes().values()) == ["failed", "failed", "succeeded"]
    assert run.finished().status is RunState.SUCCEEDED


def test_a_child_run_is_prepared_begun_and_ended_in_the_same_journal() -> None:
    """R22, R25: the child's events carry its number, its caller's step ends after it."""
    child = flow("F2", "serial", tasks("BC"))
    run = world([*tasks("A"), Step("F2", "run_flow"), *tasks("F")], children=[child])
    run.run()
    assert run.started() == ["A1", "B1", "C1", "F1", "A2", "B2", "C2", "F2"]
    started = [event for event in run.events if isinstance(event, RunStarted)]
    assert [(event.run, event.parent, event.callers) for event in started] == [
        (0, None, ()),
        (1, 0, ("E1",)),
        (2, 0, ("E2",)),
    ]
    assert run.finished().status is RunState.SUCCEEDED


def test_a_target_problem_fails_the_run_before_any_step() -> None:
    """R3."""
    run = world(tasks("A"))
    run.inventory.problem = "db9 is not in the target of F1"
    assert run.run() is Ending.ENDED
    assert run.finished().status is RunState.FAILED
    assert run.finished().reason == "db9 is not in the target of F1"
    assert run.started() == []


def test_the_processing_script_decides_order_and_absence_but_cannot_add() -> None:
    """R5, R24."""
    run = world(tasks("A"), elements=3)
    stranger = {"id": 99, "name": "E9"}
    run.processing = {"F1": lambda elements, inputs: [elements[2], stranger, elements[0], elements[2]]}
    run.run()
    started = next(event for event in run.events if isinstance(event, RunStarted))
    assert started.elements == ("E3", "E1")
    assert started.skipped == ("E2",)
    assert run.started() == ["A3", "A1"]


def test_connections_are_opened_ahead_of_the_elements_that_come_next() -> None:
    """6-facts: the first command right after connecting is slow."""
    run = world(tasks("AB"), elements=4)
    run.run()
    assert run.executors[0].connected == ["E1", "E2", "E3", "E4"]


def test_an_exception_of_the_executor_fails_the_step_as_our_bug(caplog: pytest.LogCaptureFixture) -> None:
    """Only our bugs are logged as errors."""
    run = world(tasks("A"), elements=1, deeds={"A": Deed(error=KeyError("x"))})
    run.run()
    outcome = next(event.outcome for event in run.events if isinstance(event, StepFinished))
    assert outcome.reason == "internal error: KeyError"
    assert run.finished().status is RunState.FAILED
    assert "executor failed" in caplog.text


def test_our_own_bug_ends_the_run_clearly_and_ends_every_open_step(caplog: pytest.LogCaptureFixture) -> None:
    """A run never hangs and never loops through workers for a defect of ours."""
    run = world(tasks("AB"), mode="parallel", deeds={("A", "E2"): Deed(duration_s=60)})

    async def drive() -> Ending:
        worker = run.worker()
        resume = worker.host.resume

        async def broken(items: Any) -> Any:
            if any(isinstance(item.resume, Return) for item in items):
                raise RuntimeError("the sandbox is gone")
            return await resume(items)

        worker.host.resume = broken  # type: ignore[method-assign]
        return await worker.driver.drive()

    assert run_virtual(drive()) is Ending.ENDED
    assert run.finished().status is RunState.FAILED
    assert run.finished().reason == "internal error: RuntimeError: the sandbox is gone"
    ends = {event.element: event.state for event in run.events if isinstance(event, ElementFinished)}
    assert ends == {"E1": ElementState.STOPPED, "E2": ElementState.STOPPED}
    assert set(run.outcomes().values()) == {"succeeded", "interrupted"}
    assert "broke down" in caplog.text


# --- the lease ------------------------------------------------------------------------------------------------------


def drives_with(run: World, prepare: Any) -> Coroutine[Any, Any, Ending]:
    async def drive() -> Ending:
        worker = run.worker()
        prepare(worker)
        return await worker.driver.drive()

    return drive()


def test_a_worker_that_lost_its_lease_stops_at_once_and_writes_nothing_more() -> None:
    """3.3."""
    run = world(tasks("ABC"), elements=3, deeds={"A": Deed(duration_s=1), "B": Deed(duration_s=1)})

    def lose_soon(worker: Any) -> None:
        asyncio.get_running_loop().call_later(1.5, worker.journal.lose_lease)

    with pytest.raises(LeaseLost):
        run_virtual(drives_with(run, lose_soon))
    assert run.started() == ["A1", "B1"]
    assert run.executors[0].closed
    assert run.executors[0].running == 0
    assert not run.store.released


def test_a_database_that_hangs_ends_the_worker_at_its_own_deadline() -> None:
    """Past the local deadline nothing is dispatched, and what runs is closed."""
    run = world(tasks("AB"), elements=1, deeds={"A": Deed(duration_s=600)}, pace=Pace(lease_s=4))
    times: dict[str, float] = {}

    def hang_later(worker: Any) -> None:
        loop = asyncio.get_running_loop()

        async def hang() -> None:
            await asyncio.sleep(3600)

        def begin() -> None:
            worker.journal.on_write = hang

        loop.call_later(10, begin)
        closing = worker.executor.close

        async def close() -> None:
            times["closed"] = loop.time()
            await closing()

        worker.executor.close = close

    with pytest.raises(LeaseLost):
        run_virtual(drives_with(run, hang_later))
    assert 10 < times["closed"] <= 14


def test_a_quiet_run_renews_its_lease_every_quarter() -> None:
    run = world(tasks("A"), elements=1, deeds={"A": Deed(duration_s=100)}, pace=Pace(lease_s=4))
    renewals = []
    run_virtual(drives_with(run, lambda worker: renewals.append(worker.journal)))
    assert 95 <= renewals[0].renewals <= 105
    assert run.finished().status is RunState.SUCCEEDED


def test_a_journal_that_fails_stops_the_worker_and_the_next_one_goes_on() -> None:
    run = world(tasks("AB"), elements=2)

    def break_at_third(worker: Any) -> None:
        async def fail() -> None:
            if run.store.commits == 3:
                raise OSError("the database is gone")

        worker.journal.on_write = fail

    with pytest.raises(JournalFailed, match="the database is gone"):
        run_virtual(drives_with(run, break_at_third))
    assert not run.store.released


def test_a_lost_sandbox_gives_the_run_back_and_the_replay_goes_on() -> None:
    """R36: nothing recorded runs again, and no element is blamed."""
    run = world(tasks("AB"), elements=2)
    lost: list[str] = []

    def lose_scripts(worker: Any) -> None:
        resume = worker.host.resume

        async def resume_or_lose(items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
            if run.outcomes() and not lost:
                lost.append("once")
                raise ScriptsLost("a worker of the sandbox died")
            answers: Sequence[ScriptAnswer] = await resume(items)
            return answers

        worker.host.resume = resume_or_lose

    endings = [run_virtual(drives_with(run, lose_scripts)), run.run()]
    assert endings == [Ending.RETIRED, Ending.ENDED]
    assert run.finished().status is RunState.SUCCEEDED
    assert run.started() == ["A1", "B1", "A2", "B2"]


def test_a_slow_sandbox_or_a_big_replay_does_not_cost_the_lease() -> None:
    """The lease is renewed while scripts run."""
    run = world(tasks("A"), elements=1, pace=Pace(lease_s=4))

    def slow(worker: Any) -> None:
        resume = worker.host.resume

        async def slowly(items: Any) -> Any:
            await asyncio.sleep(30)
            return await resume(items)

        worker.host.resume = slowly

    assert run_virtual(drives_with(run, slow)) is Ending.ENDED


def test_an_executor_that_swallows_its_cancellation_holds_no_lost_worker() -> None:
    """The executor of tasks answers a cancellation with what it found out; the worker still ends."""
    run = world(tasks("A"), mode="parallel", elements=2, concurrency=1, deeds={"A": Deed(duration_s=600)})

    def swallow(worker: Any) -> None:
        make = worker.executor.run

        async def run_and_answer(request: Any, output: Any) -> Any:
            outcome = await make(request, output)
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            return outcome

        worker.executor.run = run_and_answer
        asyncio.get_running_loop().call_later(5, worker.journal.lose_lease)

    with pytest.raises(LeaseLost):
        run_virtual(drives_with(run, swallow))
    assert run.started() == ["A1"]
    assert run.outcomes() == {}
