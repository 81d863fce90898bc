"""Approvals as the driver sees them: timers, workers that are freed, answers that come too late (R14, R20, R36)."""

import asyncio
from collections.abc import Generator
from typing import Any

import pytest

from flows.engine.commands import Call
from flows.engine.events import QuestionAnswered, QuestionAsked, StepFinished, StepStarted
from flows.runner.driver import Ending
from tests.fakes import EPOCH, Deed, ScriptView, run_virtual
from tests.runner.scripted import ScriptedWorld, approve, scripted

DAY_S = 86_400.0


def asks(_: ScriptView) -> Generator[Call, Any, None]:
    answer = yield approve(1)
    yield Call("log", 2, f"{answer['ok']} {answer['by']} {answer['comment']}")


def asking(*, timeout: float = DAY_S, check: bool = True) -> ScriptedWorld:
    def script(_: ScriptView) -> Generator[Call, Any, None]:
        answer = yield approve(1, timeout=timeout, check=check)
        yield Call("log", 2, str(answer["ok"]))

    return scripted(script, "approve", "log")


def answers(run: ScriptedWorld) -> list[tuple[str, str]]:
    return [(event.answer, event.by) for event in run.events if isinstance(event, QuestionAnswered)]


def test_a_question_frees_its_worker_until_it_is_answered_or_times_out() -> None:
    """R14: no worker is held; R20: two callers, one question."""
    run = scripted(asks, "approve", "log")
    assert run.run() is Ending.SUSPENDED
    assert (run.store.released, run.store.wake_at) == (True, EPOCH + DAY_S)
    [asked] = [event for event in run.events if isinstance(event, QuestionAsked)]
    assert (asked.callers, asked.until) == (("E1", "E2"), EPOCH + DAY_S)
    assert run.states() == ["running", "waiting"]
    run.store.signal("answer", by="ana", question=1, answer="approve", comment="well")
    assert run.run() is Ending.ENDED
    assert [event.name for event in run.events if isinstance(event, StepStarted) and event.step == "log"] == [
        "True ana well"
    ] * 2
    assert run.states() == ["running", "waiting", "running", "succeeded"]


@pytest.mark.parametrize("check", [True, False])
def test_a_question_that_nobody_answers_times_out_at_its_time(check: bool) -> None:
    """R14: within the worker's patience it is waited for here."""
    run = asking(timeout=20, check=check)
    assert run.run() is Ending.ENDED
    assert answers(run) == [("timed_out", "")]
    at = next(at for _, at, encoded in run.store.events if encoded.type == "question_answered")
    assert at == pytest.approx(EPOCH + 20, abs=0.1)
    assert str(run.finished().status) == ("failed" if check else "succeeded")


def test_a_worker_that_comes_after_the_time_finds_that_nobody_answered() -> None:
    """R14, R36: the end is that of the journal."""
    run = asking(timeout=3600)
    assert run.run() is Ending.SUSPENDED

    async def late() -> Ending:
        worker = run.worker()
        worker.driver._ports.clock.offset_s += 4000  # type: ignore[attr-defined]
        return await worker.driver.drive()

    assert run_virtual(late()) is Ending.ENDED
    assert answers(run) == [("timed_out", "")]


def test_a_timer_of_an_answered_question_wakes_nobody() -> None:
    """The next wait is told by its own end."""

    def script(_: ScriptView) -> Generator[Call, Any, None]:
        yield approve(1, timeout=100)
        yield approve(2, "And now?", timeout=5000)

    run = scripted(script, "approve", "approve", elements=["E1"])

    async def answer_soon() -> Ending:
        asyncio.get_running_loop().call_later(
            1, lambda: run.store.signal("answer", question=1, answer="approve", by="ana")
        )
        return await run.worker().driver.drive()

    run.pace = type(run.pace)(suspend_after_s=1000)
    assert run_virtual(answer_soon()) is Ending.SUSPENDED
    assert run.store.wake_at == pytest.approx(EPOCH + 5001, abs=1)


def test_an_answer_that_does_not_fit_or_comes_twice_changes_nothing() -> None:
    run = scripted(asks, "approve", "log")
    run.run()
    run.store.signal("answer", question=1, answer="retry")
    assert run.run() is Ending.SUSPENDED
    for word in ("approve", "reject"):
        run.store.signal("answer", question=1, answer=word)
    assert run.run() is Ending.ENDED
    assert str(run.finished().status) == "succeeded"
    assert [event.outcome.ok for event in run.events if isinstance(event, StepFinished)] == [True] * 4


def test_work_that_goes_on_beside_a_question_is_waited_for() -> None:
    """R18, R20: a Serial element asks while another works; the run is running until only answers are waited for."""

    def script(view: ScriptView) -> Generator[Call, Any, None]:
        if view.current == 0:
            yield approve(1)
        yield Call("run_task", 2, "A")

    run = scripted(
        script, "approve", "run_task", mode="serial", concurrency=2, deeds={("A", "E2"): Deed(duration_s=50)}
    )
    assert run.run() is Ending.SUSPENDED
    waiting = [at - EPOCH for _, at, encoded in run.store.events if encoded.data.get("state") == "waiting"]
    assert waiting == [pytest.approx(50, abs=1)]
