"""The referee: reads the journal of a run event by event and says where it breaks a rule of chapter 2.

An oracle: it knows the scenario's programs and the rules, and works out by itself where every script waits, who may
step next and what every outcome must lead to. It never asks the engine.
"""

from collections.abc import Callable
from typing import Any

from flows.engine.events import (
    CancelRequested,
    ElementFinished,
    ElementsOrdered,
    Event,
    PauseRequested,
    QuestionAnswered,
    QuestionAsked,
    ResumeRequested,
    RunFinished,
    RunStarted,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepStarted,
)
from tests.simulation.referee.attempts import step_finished
from tests.simulation.referee.consequences import cancel
from tests.simulation.referee.court import Court
from tests.simulation.referee.questions import answered_question
from tests.simulation.referee.runs import elements_ordered, run_started, soak_ended, soak_started
from tests.simulation.referee.settling import settle
from tests.simulation.referee.starts import nobody_idles, step_started
from tests.simulation.stage import Performance

#: Steps that the engine ends by itself: their outcomes follow from the journal.
DERIVED = frozenset({"run_flow", "approve"})


def watch(performance: Performance, *, is_calm: bool) -> None:
    """Read it all; raises ``Foul`` at the first breach. ``is_calm``: nobody died, so nobody may idle either."""
    court = Court(performance)
    for number, (at, event) in enumerate(performance.journal, start=1):
        court.number = number
        if at > court.at and is_calm:
            nobody_idles(court)
        court.at = at
        judge = _JUDGES.get(type(event))
        if judge is not None:
            judge(court, event)
        settle(court)
    if court.open or not court.books:
        court.foul("R32: the journal ends before the run")
    if court.expected:
        court.foul(f"these facts are missing: {list(court.expected.items())[:3]}")


def _step_finished(court: Court, event: StepFinished) -> None:
    if event.step in DERIVED:
        court.claim(("step", event.key), event.outcome.status, event.outcome.result)
    else:
        step_finished(court, event)


def _pause(court: Court, *, is_paused: bool) -> None:
    court.is_paused = is_paused


_JUDGES: dict[type[Event], Callable[[Court, Any], None]] = {
    RunStarted: run_started,
    ElementsOrdered: elements_ordered,
    StepStarted: step_started,
    StepFinished: _step_finished,
    PauseRequested: lambda court, _: _pause(court, is_paused=True),
    ResumeRequested: lambda court, _: _pause(court, is_paused=False),
    CancelRequested: lambda court, _: cancel(court),
    QuestionAnswered: answered_question,
    SoakStarted: soak_started,
    SoakEnded: soak_ended,
    QuestionAsked: lambda court, e: court.claim(("question", e.question), (e.key, e.kind, e.callers)),
    ElementFinished: lambda court, e: court.claim(("element", e.run, e.element), (e.state.value, e.last_step)),
    RunFinished: lambda court, e: court.claim(("run", e.run), e.status.value),
}
