"""Approvals: one question per wave for the same words, its answer, its time, and what stops it (R14, R20, R31, R34)."""

from typing import Any

import pytest

from flows.engine.approvals import told_time
from flows.engine.events import (
    CancelRequested,
    PauseRequested,
    QuestionAnswered,
    QuestionAsked,
    ResumeRequested,
    RunStateChanged,
    StepFinished,
)
from tests.engine.programs import Fail, If, Library, Node, Step, Try, abort, flow, tasks
from tests.engine.rehearsal import BAD, OK, Outcomes, Rehearsal

THREE = ("E1", "E2", "E3")
DAY = 86_400.0


def approve(message: str = "Go on?", **rest: Any) -> Step:
    return Step(message, "approve", timeout=rest.pop("timeout", DAY), **rest)


def waiting(*flows: object, outcomes: Outcomes | None = None, **options: Any) -> Rehearsal:
    """A run that came to rest, at its questions; their timers have not fired."""
    library = Library(*flows)  # type: ignore[arg-type]
    run = Rehearsal(library, "F1", options.pop("elements", THREE), outcomes or (lambda task, e, attempt: OK), **options)
    run.run_until(1000.0)
    return run


def answer(run: Rehearsal, number: int, word: Any, comment: str = "") -> Rehearsal:
    run.take(QuestionAnswered(number, word, "ops", comment))
    run.run_until(run.now + 1000.0)
    return run


def questions(run: Rehearsal) -> list[QuestionAsked]:
    return [event for _, event in run.journal if isinstance(event, QuestionAsked)]


def results(run: Rehearsal) -> dict[str, tuple[str, str]]:
    finished = [e for _, e in run.journal if isinstance(e, StepFinished) and e.step == "approve"]
    return {event.key.element: (str(event.outcome.status), event.outcome.reason) for event in finished}


def test_r20_approvals_of_one_wave_with_the_same_words_are_one_question() -> None:
    run = waiting(flow("F1", "parallel", [Step("A"), approve(), Step("B")]))
    [question] = questions(run)
    assert (question.question, question.kind, question.message) == (1, "approval", "Go on?")
    assert (question.callers, question.key.element, question.options) == (THREE, "E1", ("approve", "reject"))
    assert question.until == 1.0 + DAY
    assert run.order == "A1 A2 A3"
    answer(run, 1, "approve", "looked")
    assert run.order == "A1 A2 A3 B1 B2 B3"
    assert run.execution.state == "succeeded"
    assert results(run) == dict.fromkeys(THREE, ("succeeded", ""))


def test_r20_another_message_is_another_question_of_the_same_wave() -> None:
    words = {"E1": "left", "E2": "right", "E3": "left"}
    run = waiting(flow("F1", "parallel", [approve(told=lambda e: words[e]), Step("B")]))
    assert {q.message: q.callers for q in questions(run)} == {"left": ("E1", "E3"), "right": ("E2",)}
    answer(run, 2, "approve")
    assert run.order == ""  # the wave is not over
    answer(run, 1, "approve")
    assert run.order == "B1 B2 B3"


def test_r17_serial_callers_are_never_merged() -> None:
    run = waiting(flow("F1", "serial", [approve(), Step("B")], concurrency=2))
    assert [q.callers for q in questions(run)] == [("E1",), ("E2",)]
    answer(run, 2, "approve")
    assert run.order == "B2"
    assert [q.callers for q in questions(run)] == [("E1",), ("E2",), ("E3",)]


def test_r20_an_approval_takes_no_slot() -> None:
    run = waiting(flow("F1", "parallel", [approve()], concurrency=1))
    assert questions(run)[0].callers == THREE


def test_r14_the_script_gets_who_answered_and_what_was_said() -> None:
    seen: list[Any] = []
    run = waiting(flow("F1", "serial", [approve()]), elements=("E1",), seen=seen)
    answer(run, 1, "approve", "looked")
    assert seen == [{"ok": True, "by": "ops", "comment": "looked"}]


@pytest.mark.parametrize("mode", ["serial", "parallel"])
def test_r14_a_refused_approval_aborts_the_run_and_its_callers_have_failed(mode: str) -> None:
    program: list[Node] = [If(lambda e: e == "E2", tasks("A"), [approve()]), Step("B")]
    library = flow("F1", mode, [Try(program, final=tasks("Z"))], concurrency=2, error_threshold="100%")
    run = waiting(library, elements=(*THREE, "E4"))
    answer(run, 1, "reject", "too late")
    states = run.states()
    assert states["E1"] == "failed"
    assert run.finished().status == "failed"
    assert run.finished().reason == "aborted at 'Go on?': refused by ops: too late"
    if mode == "parallel":  # A stands first: E2 has done it and is stopped, the question was that of all others
        assert states == {"E1": "failed", "E2": "stopped", "E3": "failed", "E4": "failed"}
        assert run.waves == "A2 Z1·Z2·Z3·Z4"
    else:
        assert results(run)["E3"] == ("cancelled", "the run stopped before anybody answered")
        assert states == {"E1": "failed", "E2": "succeeded", "E3": "stopped", "E4": "not_started"}


def test_r14_a_handler_does_not_catch_the_abort_of_a_refused_approval() -> None:
    run = waiting(flow("F1", "parallel", [Try([approve()], handler=tasks("R"), final=tasks("Z")), Step("B")]))
    answer(run, 1, "reject")
    assert run.order == "Z1 Z2 Z3"
    assert results(run)["E1"] == ("failed", "refused by ops")
    assert set(run.states().values()) == {"failed"}


def test_r14_with_check_false_a_refusal_comes_back_and_nothing_stops() -> None:
    seen: list[Any] = []
    run = waiting(flow("F1", "parallel", [approve(check=False), Step("B")]), seen=seen)
    answer(run, 1, "reject", "no")
    assert run.order == "B1 B2 B3"
    assert seen[0] == {"ok": False, "by": "ops", "comment": "no"}
    assert run.execution.state == "succeeded"


def test_r14_nobody_answering_in_time_is_a_refusal() -> None:
    library = Library(flow("F1", "parallel", [approve(timeout=90.0), Step("B")]))
    run = Rehearsal(library, "F1", THREE)
    run.run()
    assert run.now == 90.0
    assert results(run)["E2"] == ("failed", "nobody answered within 90 s")
    assert run.execution.state == "failed"
    assert not run.execution.unfinished_timers()


@pytest.mark.parametrize(
    ("seconds", "told"), [(86_400, "24 h"), (3_600, "1 h"), (300, "5 min"), (90, "90 s"), (0.5, "0.5 s"), (0, "0 s")]
)
def test_r14_the_time_is_told_in_the_unit_that_fits(seconds: float, told: str) -> None:
    assert told_time(seconds) == told


def test_r14_r35_a_refusal_in_a_child_stops_the_whole_tree() -> None:
    flows = (
        flow("F1", "serial", [Step("F2", "run_flow"), Step("F")], error_threshold="100%"),
        flow("F2", "parallel", [approve(), Step("B")], error_threshold="100%"),
    )
    run = answer(waiting(*flows), 1, "reject")
    assert run.states() == {"E1": "failed", "E2": "not_started", "E3": "not_started"}
    assert run.finished(1).status == run.finished(0).status == "failed"


def test_r14_a_refusal_in_a_finally_does_not_change_what_was_decided() -> None:
    outcomes: Outcomes = lambda task, e, attempt: BAD if task == "A" else OK  # noqa: E731
    run = waiting(flow("F1", "serial", [Try(tasks("A"), final=[approve(), Step("Z")])]), outcomes=outcomes)
    answer(run, 1, "reject")
    assert run.states() == {"E1": "failed", "E2": "not_started", "E3": "not_started"}
    assert run.order == "A1"  # the rest of the block is not reached


def test_r31_a_threshold_stop_ends_the_question_of_a_child_at_once() -> None:
    words = {"E1": "left", "E2": "right"}
    program: list[Node] = [approve(check=False, told=lambda e: words[e]), Fail("no", lambda e: e == "E2"), Step("B")]
    run = waiting(flow("F1", "parallel", [Try(program, final=tasks("Z"))]), elements=("E1", "E2"))
    number = {q.message: q.question for q in questions(run)}
    answer(run, number["right"], "approve")
    assert results(run)["E1"] == ("cancelled", "the run stopped before anybody answered")
    assert run.states() == {"E1": "stopped", "E2": "failed"}
    assert run.order == "Z1 Z2"
    assert not run.execution.unfinished_timers()


def test_r25_r31_an_abort_elsewhere_ends_the_question_of_a_child() -> None:
    slow: list[Node] = [If(lambda e: e == "E2", [Step("A"), abort("enough")], [Step("F2", "run_flow")])]
    flows = (flow("F1", "serial", slow, concurrency=2), flow("F2", "parallel", [approve(), Step("B")]))
    run = waiting(*flows, elements=("E1", "E2"))
    assert run.execution.state == "failed"
    assert run.finished().reason == "aborted by E2: enough"
    assert run.states(1) == {"E1": "stopped"}
    answer(run, 1, "approve")  # too late: it changes nothing
    assert run.order == "A2"


def test_r34_the_first_cancel_leaves_a_question_in_a_finally_and_the_second_ends_it() -> None:
    program = [Try(tasks("A"), final=[approve(), Step("Z")])]
    run = waiting(flow("F1", "serial", program), elements=("E1",))
    run.take(CancelRequested("ana"))
    run.run_until(1000.0)
    assert str(run.execution.state) == "waiting"
    run.take(CancelRequested("ana"))
    run.run()
    assert str(run.execution.state) == "cancelled"
    assert run.order == "A1"
    assert results(run)["E1"][0] == "cancelled"


def test_a_run_that_only_waits_for_an_answer_says_so_and_one_that_works_on_does_not() -> None:
    """R14."""
    program: list[Node] = [If(lambda e: e == "E1", [approve("left?")], [Step("A"), approve("right?")]), Step("B")]
    library = Library(flow("F1", "serial", program, concurrency=2))
    run = Rehearsal(library, "F1", ("E1", "E2"), duration=lambda *_: 5.0)
    run.run_until(100.0)
    answer(run, 1, "approve")
    told = [(at, str(e.state), e.reason) for at, e in run.journal if isinstance(e, RunStateChanged)]
    assert told == [
        (0.0, "running", ""),
        (5.0, "waiting", "approval: left?"),
        (5.0, "running", ""),
        (10.0, "waiting", "approval: right?"),
    ]


def test_r33_an_answer_during_a_pause_is_kept_and_nothing_starts() -> None:
    run = waiting(flow("F1", "serial", [approve(), Step("B")]), elements=("E1",))
    run.take(PauseRequested("ana"))
    answer(run, 1, "approve")
    assert (run.order, str(run.execution.state)) == ("", "paused")
    run.take(ResumeRequested("ana"))
    run.run()
    assert run.order == "B1"


@pytest.mark.parametrize("word", ["retry", "succeeded", "failed"])
def test_an_answer_that_does_not_fit_an_approval_changes_nothing(word: str) -> None:
    run = waiting(flow("F1", "serial", [approve(), Step("B")]), elements=("E1",))
    before = len(run.journal)
    answer(run, 1, word)
    assert len(run.journal) == before + 1
    answer(run, 1, "approve")
    assert run.execution.state == "succeeded"


def test_r14_an_approval_without_a_timeout_waits_for_ever() -> None:
    run = waiting(flow("F1", "serial", [approve(timeout=None)]), elements=("E1",))
    assert not run.execution.unfinished_timers()
    assert questions(run)[0].until is None
