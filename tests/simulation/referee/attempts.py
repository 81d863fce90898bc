"""What an attempt leads to: another one, a question, or the end of its step (R28, R34, R36)."""

from flows.engine.events import Outcome, StepFinished
from flows.engine.status import StepStatus
from tests.simulation.referee.book import Actor, Book, Kind, stopped
from tests.simulation.referee.consequences import again, final, leave_step, raise_stop
from tests.simulation.referee.court import Court
from tests.simulation.referee.questions import ask

#: What an attempt that a cancel ended may turn out to be (R34).
ENDED_BY_CANCEL = frozenset(
    {StepStatus.CANCELLED, StepStatus.STILL_RUNNING_THERE, StepStatus.UNKNOWN, StepStatus.INTERRUPTED}
)


def step_finished(court: Court, event: StepFinished) -> None:
    """An attempt has its outcome; what it saved is stored from now on."""
    book = court.books[event.key.run]
    actor = book.actors.get(event.key.element)
    if actor is None or actor.phase != "running" or court.key(book, actor) != event.key:
        court.foul(f"{event.key} has an outcome and was not under way")
    assert actor is not None
    saved = event.outcome.result.get("settings")
    if event.outcome.ok and isinstance(saved, dict):
        court.settings[event.target or actor.name].update(saved)
    if event.step == "get_context" and event.outcome.ok:
        _context_is_fresh(court, actor, event.outcome)
    _outcome(court, book, actor, event.outcome)


def _context_is_fresh(court: Court, actor: Actor, outcome: Outcome) -> None:
    """R9: the context as it is now, with what earlier steps have stored."""
    wanted = court.scenario.element(actor.name, court.settings[actor.name])["context"]
    if outcome.result.get("context") != wanted:
        court.foul(f"R9: get_context of {actor.name} returns {outcome.result}, must be {wanted}")


def _outcome(court: Court, book: Book, actor: Actor, outcome: Outcome) -> None:
    is_stopped = actor.stop_waits and (court.cancels > 1 or not actor.here.in_finally)
    by_cancel = book.stopping is Kind.CANCEL or court.cancels > 1
    ended_by_stop = ENDED_BY_CANCEL if by_cancel else {StepStatus.INTERRUPTED}
    if is_stopped and outcome.status in ended_by_stop:
        leave_step(court, book, actor)
        if book.refreshing:
            court.finish(book, actor, "cancelled" if book.stopping is Kind.CANCEL else "not_started")
        else:
            raise_stop(court, book, actor, stopped(book))
    elif outcome.status is StepStatus.INTERRUPTED:
        _interrupted(court, book, actor)
    elif outcome.ok or actor.here.step != "run_task" or not _tried_again(court, actor, outcome, is_stopped=is_stopped):
        final(court, book, actor, outcome)


def _tried_again(court: Court, actor: Actor, outcome: Outcome, *, is_stopped: bool) -> bool:
    """R28."""
    task, call = court.scenario.task[actor.call.name or ""], actor.call
    actor.failures += 1
    actor.failed_by = outcome
    retries = task.retries if call.retries is None else call.retries
    may = outcome.status in (StepStatus.FAILED, StepStatus.UNREACHABLE) or (
        outcome.status is StepStatus.UNKNOWN and task.on_interrupt == "retry"
    )
    if not may or actor.failures > retries or is_stopped:
        return False
    delay = task.delay * task.backoff ** (actor.failures - 1)
    actor.may_retry_at = court.at + delay * (1 - task.jitter)
    actor.must_retry_at = court.at + delay * (1 + task.jitter)
    actor.attempt += 1
    actor.phase = "between"
    return True


def _interrupted(court: Court, book: Book, actor: Actor) -> None:
    """R36."""
    match court.scenario.task[actor.call.name or ""].on_interrupt:
        case "retry":
            again(actor)
        case "fail":
            final(court, book, actor, Outcome(StepStatus.FAILED))
        case "ask":
            ask(court, book, [actor], "interrupted")
            actor.phase = "asked"
