"""Questions to people: about what was interrupted, and approvals (R14, R20, R36)."""

from typing import Any

from flows.engine.events import Outcome, QuestionAnswered
from flows.engine.status import StepStatus
from tests.simulation.referee.book import Actor, Book
from tests.simulation.referee.consequences import abort, again, derived, final, has_failed, leave_step, raise_stop
from tests.simulation.referee.court import Court


def ask(court: Court, book: Book, actors: list[Actor], kind: str) -> None:
    court.asked += 1
    for actor in actors:
        actor.question = court.asked
    court.questions[court.asked] = (book, actors)
    callers = tuple(actor.name for actor in actors)
    key = court.key(book, actors[0])

    def compare(told: Any, _: Any) -> None:
        if told[0] != key or told[1] != kind or (kind == "approval" and told[2] != callers):
            court.foul(f"R20: a question {told}, must be {(key, kind, callers)}")

    court.expect(("question", court.asked), compare)


def asks(court: Court, book: Book, actor: Actor) -> None:
    """R20: one question for those of a wave that ask the same, once all of them have started."""
    if book.serial:
        ask(court, book, [actor], "approval")
        return
    mine = (actor.call.name, actor.call.timeout, actor.call.check)
    same = [other for other in book.wave if (other.call.name, other.call.timeout, other.call.check) == mine]
    if all(other.phase == "running" for other in same):
        ask(court, book, same, "approval")


def answered_question(court: Court, event: QuestionAnswered) -> None:
    if event.question not in court.questions:
        return
    book, actors = court.questions.pop(event.question)
    for actor in actors:
        actor.question = None
    match event.answer:
        case "retry":
            again(actors[0])
        case "succeeded":
            final(court, book, actors[0], Outcome(StepStatus.SUCCEEDED))
        case "failed":
            final(court, book, actors[0], Outcome(StepStatus.FAILED))
        case "approve":
            for actor in actors:
                derived(court, book, actor, Outcome(StepStatus.SUCCEEDED))
        case _:
            _refused(court, book, actors)


def _refused(court: Court, book: Book, actors: list[Actor]) -> None:
    """R14: the run aborts, and the callers have failed; unless they look at the answer themselves."""
    if not actors[0].call.check:
        for actor in actors:
            derived(court, book, actor, Outcome(StepStatus.FAILED))
        return
    for actor in actors:
        court.expect(("step", court.key(book, actor)), StepStatus.FAILED)
        leave_step(court, book, actor)
        has_failed(court, book, actor, "failed")
    abort(court, book)
    for actor in actors:
        raise_stop(court, book, actor, "failed")
