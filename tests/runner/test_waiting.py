"""Signals, long waits, and workers that retire."""

import asyncio
from typing import Any

import pytest

from flows.engine.definitions import TaskPolicy
from flows.engine.events import (
    CancelRequested,
    ElementFinished,
    Outcome,
    PauseRequested,
    RunStateChanged,
    StepFinished,
    StepStarted,
)
from flows.engine.status import RunState, StepStatus
from flows.runner.driver import Ending, Pace
from tests.engine.programs import If, Step, Try, tasks
from tests.fakes import EPOCH, Deed, DeedName, failing, run_virtual
from tests.runner.world import World, world


async def drive_and(run: World, *acts: tuple[float, Any]) -> Ending:
    """Drive with one worker; each act is called with it after its virtual seconds."""
    worker = run.worker()
    loop = asyncio.get_running_loop()
    for after_s, act in acts:
        loop.call_later(after_s, act, worker)
    return await worker.driver.drive()


def at_of(run: World, kind: str) -> float:
    return next(at for _, at, encoded in run.store.events if encoded.type == kind) - EPOCH


def test_a_signal_is_read_within_a_quarter_second_and_consumed_with_its_event() -> None:
    run = world(tasks("AB"), elements=1, deeds={"A": Deed(duration_s=10)})
    run_virtual(drive_and(run, (5, lambda _: run.store.signal("pause", by="ana"))))
    assert 5 <= at_of(run, "pause_requested") <= 5.3
    assert PauseRequested("ana") in run.events
    assert run.store.consumed == {1}


def test_a_paused_run_lets_running_steps_end_then_frees_its_worker_and_goes_on_when_resumed() -> None:
    """R33."""
    run = world(tasks("AB"), elements=1, deeds={"A": Deed(duration_s=10)})
    ending = run_virtual(drive_and(run, (5, lambda _: run.store.signal("pause"))))
    assert ending is Ending.SUSPENDED
    assert run.store.wake_at is None
    assert run.store.released
    assert run.started() == ["A1"]
    assert run.states() == ["running", "paused"]
    run.store.signal("resume")
    assert run.run() is Ending.ENDED
    assert run.started() == ["A1", "B1"]
    assert run.states() == ["running", "paused", "running", "succeeded"]


def test_a_cancel_ends_running_attempts_with_what_was_found_out() -> None:
    """R34: and finally steps run."""
    there = Outcome(StepStatus.STILL_RUNNING_THERE, reason="the process did not end")
    deeds: dict[DeedName, Deed] = {
        ("A", "E1"): Deed(duration_s=600),
        ("A", "E2"): Deed(duration_s=600, when_cancelled=there),
        ("A", "E3"): Deed(duration_s=600, when_cancelled=None),
    }
    run = world([Try(tasks("A"), None, tasks("Z"))], mode="parallel", elements=3, deeds=deeds)
    run_virtual(drive_and(run, (5, lambda _: run.store.signal("cancel", by="ana"))))
    assert CancelRequested("ana") in run.events
    ended = {e.key.element: e.outcome.status for e in run.events if isinstance(e, StepFinished) and e.name == "A"}
    assert ended == {"E1": "cancelled", "E2": "still_running_there", "E3": "unknown"}
    assert sorted(run.started()) == ["A1", "A2", "A3", "Z1", "Z2", "Z3"]
    assert run.finished().status is RunState.CANCELLED
    assert {e.state for e in run.events if isinstance(e, ElementFinished)} == {"cancelled"}


def test_an_attempt_that_does_not_end_when_told_is_called_unknown_in_bounded_time() -> None:
    """A timeout on every wait for the outside."""
    run = world(tasks("A"), elements=1, deeds={"A": Deed(duration_s=600)})

    def stubborn(worker: Any) -> None:
        async def ignore(request: Any, output: Any) -> Outcome:
            for _ in range(2):
                try:
                    await asyncio.sleep(6000)
                except asyncio.CancelledError:
                    continue
            raise asyncio.CancelledError

        worker.executor.run = ignore

    run_virtual(drive_and(run, (0, stubborn), (5, lambda _: run.store.signal("cancel"))))
    outcome = next(event.outcome for event in run.events if isinstance(event, StepFinished))
    assert outcome.status is StepStatus.UNKNOWN
    assert 35 <= at_of(run, "step_finished") <= 36


def test_a_signal_that_nobody_understands_is_consumed_and_changes_nothing() -> None:
    run = world(tasks("A"), elements=1, deeds={"A": Deed(duration_s=10)})
    run.store.signal("dance")
    run.store.signal("answer", question="one", answer="maybe")
    run.run()
    assert run.store.consumed == {1, 2}
    assert run.finished().status is RunState.SUCCEEDED


def test_a_short_sleep_keeps_its_worker_and_a_long_one_frees_it_until_its_end() -> None:
    """3.3: more than 30 s."""
    short = world([Step(None, "sleep", seconds=30.0)], elements=1)
    assert short.run() is Ending.ENDED
    run = world([Step(None, "sleep", seconds=3600.0), *tasks("A")], elements=1)
    assert run.run() is Ending.SUSPENDED
    assert run.store.wake_at == EPOCH + 3600
    assert run.events[-1] == RunStateChanged(0, RunState.WAITING, "timer until 2026-11-23T01:00:00+00:00")


def test_a_woken_run_says_that_it_goes_on_and_a_needless_wake_writes_nothing() -> None:
    run = world([Step(None, "sleep", seconds=3600.0), *tasks("A")], elements=1)
    run.run()
    before = run.store.seq
    assert run.run() is Ending.SUSPENDED
    assert run.store.seq == before
    run.store.events.append((run.store.seq, EPOCH + 3600, run.store.events.pop()[2]))
    assert run.run() is Ending.ENDED
    assert run.states() == ["running", "waiting", "running", "succeeded"]


@pytest.mark.parametrize("kind", ["pause", "cancel"])
def test_a_run_that_is_asked_something_while_it_waits_does_not_say_that_the_wait_is_over(kind: str) -> None:
    """R33, R34."""
    run = world([Step(None, "sleep", seconds=3600.0), *tasks("A")], elements=1)
    run.run()
    run.store.signal(kind, by="ana")
    run.run()
    assert run.states() == ["running", "waiting", "running", "paused" if kind == "pause" else "cancelled"]
    reasons = [event.reason for event in run.events if isinstance(event, RunStateChanged)]
    assert reasons[2] == "taken up again"


def test_a_run_that_waits_for_a_retry_frees_its_worker_too() -> None:
    """R28."""

    policy = TaskPolicy("A", retries=1, retry_delay=120)
    run = world(tasks("A"), elements=1, tasks=[policy], deeds={("A", "E1", 1): failing()})
    assert run.run() is Ending.SUSPENDED
    assert run.store.wake_at == pytest.approx(EPOCH + 120)


def test_a_sleep_ends_at_once_when_the_run_stops() -> None:
    """R31."""
    program = [If(lambda element: element == "E1", tasks("A"), [Step(None, "sleep", seconds=25.0)])]
    run = world(program, mode="serial", concurrency=2, deeds={"A": failing(duration_s=2)})
    run.run()
    assert run.finished().status is RunState.FAILED


def test_a_retiring_worker_starts_nothing_waits_for_what_runs_and_gives_the_run_back() -> None:
    run = world(tasks("AB"), mode="parallel", elements=4, concurrency=2, deeds={"A": Deed(duration_s=6)})
    ending = run_virtual(drive_and(run, (3, lambda worker: worker.driver.retire())))
    assert ending is Ending.RETIRED
    assert run.started() == ["A1", "A2"]
    assert list(run.outcomes().values()) == ["succeeded", "succeeded"]
    assert run.store.released
    assert run.store.wake_at is not None
    run.run()
    assert run.started() == ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]


def test_a_retiring_worker_does_not_wait_longer_than_its_grace() -> None:
    run = world(tasks("A"), elements=1, deeds={"A": Deed(duration_s=600)}, pace=Pace(grace_s=10))

    async def timed() -> tuple[Ending, float]:
        ending = await drive_and(run, (3, lambda worker: worker.driver.retire()))
        return ending, asyncio.get_running_loop().time()

    ending, after_s = run_virtual(timed())
    assert ending is Ending.RETIRED
    assert 13 <= after_s < 14
    assert run.executors[0].running == 0
    assert run.outcomes() == {}
    assert run.store.released


def test_output_is_committed_before_the_outcome_of_its_attempt_and_in_its_order() -> None:
    pieces = tuple(("stdout", bytes([65 + number % 26]) * 1000) for number in range(300))
    run = world(tasks("A"), mode="parallel", elements=3, deeds={"A": Deed(output=pieces, duration_s=1)})
    run.run()
    assert {len(content) for content in run.store.output.values()} == {300_000}
    assert all(content == b"".join(data for _, data in pieces) for content in run.store.output.values())
    ended = set()
    for item in run.trace:
        match item:
            case ("committed", StepFinished(key=key)):
                ended.add(key)
            case ("output", key, _):
                assert key not in ended


@pytest.mark.slow
def test_an_attempt_that_prints_without_end_waits_for_the_journal_and_starves_no_event() -> None:
    """Backpressure: memory is bounded, and other steps' events still come through."""
    flood = tuple(("stdout", b"x" * 65536) for _ in range(640))
    deeds: dict[DeedName, Deed] = {("A", "E1"): Deed(output=flood), ("A", "E2"): Deed(duration_s=1)}
    run = world(tasks("AB"), mode="parallel", elements=2, deeds=deeds)
    most = 0

    def slow_journal(worker: Any) -> None:
        async def write() -> None:
            nonlocal most
            most = max(most, worker.driver._queue._output.size_bytes)
            await asyncio.sleep(0.01)

        worker.journal.on_write = write

    run_virtual(drive_and(run, (0, slow_journal)))
    assert most <= 4 * 1024 * 1024 + 65536
    finished = next(at for _, at, e in run.store.events if e.type == "step_finished" and e.data["element"] == "E2")
    assert finished - EPOCH < 1.5
    assert run.finished().status is RunState.SUCCEEDED


def test_watchers_are_told_of_every_commit() -> None:
    run = world(tasks("A"), elements=1)
    run.run()
    assert run.publisher.seqs == sorted(run.publisher.seqs)
    assert run.publisher.seqs[-1] == run.store.seq
    assert [event for event in run.events if isinstance(event, StepStarted)]
