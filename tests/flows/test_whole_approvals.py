"""Approvals through every real part but the queue: asked, answered, refused, timed out, over restarts (R14, R20)."""

from pathlib import Path

import pytest
from django.utils import timezone

from flows.models import Run, RunEvent, RunSignal, StepRun
from flows.operations.runs import (
    AnswerRefused,
    NoSuchQuestion,
    QuestionAnsweredAlready,
    answer_question,
    cancel_run,
    open_questions,
)
from flows.queries.events import events_after
from flowsite.kernel.access import SYSTEM
from tests.flows.wholes import advance, element_states, flow, logged, start, trace

__all__ = ["trace"]
pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

GATE = """run_task('A')
answer = approve('Go on?')
log(f"{answer['ok']} {answer['by']}: {answer['comment']}")
run_task('B')
"""


def asked(script: str = GATE, *elements: str) -> Run:
    """A run that waits for an answer."""
    flow(script)
    run = start(*(elements or ("E1", "E2")))
    assert advance(run) == "suspended"
    return run


def answer(run: Run, word: str, comment: str = "", question: int = 1) -> None:
    answer_question(run=run.pk, question=question, answer=word, by=SYSTEM, comment=comment)


def test_a_question_holds_no_worker_and_goes_on_with_the_answer(trace: Path) -> None:
    """R14, R20: the callers of one wave are one question; the script gets ok, by and comment."""
    run = asked()
    assert (run.state, run.reason, run.lease_until) == ("waiting", "approval: Go on?", None)
    assert run.wake_at is not None
    assert (run.wake_at - timezone.now()).total_seconds() > 86_000
    [question] = open_questions(run.pk).values()
    assert (question["kind"], question["callers"]) == ("approval", ["E1", "E2"])
    answer(run, "approve", "looks well")
    assert advance(run) == "ended"
    assert run.state == "succeeded"
    assert sorted(trace.read_text().split()) == ["A1", "A2", "B1", "B2"]
    assert logged(run) == ["True [system]: looks well"] * 2
    assert open_questions(run.pk) == {}
    steps = StepRun.objects.filter(run=run, step="approve")
    assert list(steps.values_list("status", "name")) == [("succeeded", "Go on?")] * 2


def test_a_refusal_stops_the_run_and_fails_those_who_asked(trace: Path) -> None:
    """R14, R35."""
    run = asked("if current == first:\n    approve('Go on?')\nrun_task('A')\nrun_task('B')")
    answer(run, "reject", "not today")
    assert advance(run) == "ended"
    assert run.state == "failed"
    assert "refused by [system]: not today" in run.reason
    assert element_states(run) == {"E1": "failed", "E2": "not_started"}
    assert trace.read_text() == ""
    assert StepRun.objects.get(run=run, step="approve").reason == "refused by [system]: not today"


def test_a_refusal_comes_back_with_check_false(trace: Path) -> None:
    """R14."""
    run = asked("if not approve('Really?', check=False)['ok']:\n    finish('left alone')\nrun_task('A')", "E1")
    answer(run, "reject")
    assert advance(run) == "ended"
    assert (run.state, trace.read_text()) == ("succeeded", "")


def test_nobody_answers_in_time(trace: Path) -> None:
    """R14."""
    flow("approve('Go on?', timeout=0.2)\nrun_task('A')")
    run = start("E1")
    assert advance(run) == "ended"
    assert run.state == "failed"
    assert StepRun.objects.get(run=run).reason == "nobody answered within 0.2 s"
    [told] = [event for event in events_after(run.pk, 0) if event["type"] == "question_answered"]
    assert (told["answer"], told["by"]) == ("timed_out", "")


def test_the_time_runs_on_while_no_worker_is_there(trace: Path) -> None:
    """R14, R36: the end is as asked, not counted anew."""
    flow("approve('Go on?', timeout=31)")
    run = start("E1")
    assert advance(run) == "suspended"
    asked_until = open_questions(run.pk)[1]["until"]
    assert run.wake_at is not None
    assert run.wake_at.timestamp() == pytest.approx(asked_until)
    RunEvent.objects.filter(root=run, type="step_started").update(
        data={**RunEvent.objects.get(root=run, type="step_started").data, "until": asked_until - 60}
    )
    RunEvent.objects.filter(root=run, type="question_asked").update(
        data={**RunEvent.objects.get(root=run, type="question_asked").data, "until": asked_until - 60}
    )
    assert advance(run) == "ended"
    assert StepRun.objects.get(run=run).reason == "nobody answered within 31 s"


def test_a_worker_that_dies_asks_once_only(trace: Path) -> None:
    """R36: the question is in the journal; another worker goes on waiting for its answer."""
    run = asked()
    for _ in range(2):
        Run.objects.filter(pk=run.pk).update(lease_owner="nobody", lease_until=timezone.now())
        assert advance(run) == "suspended"
    assert RunEvent.objects.filter(root=run, type="question_asked").count() == 1
    assert run.reason == "approval: Go on?"
    answer(run, "approve")
    assert advance(run) == "ended"
    assert sorted(trace.read_text().split()) == ["A1", "A2", "B1", "B2"]


def test_callers_with_other_messages_are_other_questions(trace: Path) -> None:
    """R20."""
    run = asked("approve(f'Restart {element[\"name\"]}?')")
    assert [question["message"] for question in open_questions(run.pk).values()] == ["Restart E1?", "Restart E2?"]
    answer(run, "approve", question=2)
    assert advance(run) == "suspended"
    assert run.reason == "approval: Restart E1?"
    answer(run, "approve")
    assert advance(run) == "ended"
    assert run.state == "succeeded"


def test_a_question_is_answered_once_and_by_its_own_words(trace: Path) -> None:
    run = asked()
    with pytest.raises(AnswerRefused, match=r"question 1 is an approval: .*'retry', expected one of approve, reject"):
        answer(run, "retry")
    with pytest.raises(NoSuchQuestion, match="question 2; open questions: 1"):
        answer(run, "approve", question=2)
    answer(run, "approve")
    with pytest.raises(QuestionAnsweredAlready, match=r"answered already: approve by \[system\]"):
        answer(run, "reject")
    assert RunSignal.objects.count() == 1
    assert advance(run) == "ended"


def test_a_cancelled_question_is_open_no_more(trace: Path) -> None:
    """R34."""
    run = asked("try:\n    approve('Go on?')\nfinally:\n    approve('Clean up?')", "E1")
    cancel_run(run=run.pk, by=SYSTEM)
    assert advance(run) == "suspended"
    assert [question["message"] for question in open_questions(run.pk).values()] == ["Clean up?"]
    with pytest.raises(NoSuchQuestion, match="question 1; open questions: 2"):
        answer(run, "approve")
    answer(run, "approve", question=2)
    assert advance(run) == "ended"
    assert (run.state, element_states(run)) == ("cancelled", {"E1": "cancelled"})
