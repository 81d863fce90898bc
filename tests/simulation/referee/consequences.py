"""What an outcome leads to: the script goes on, the element fails, the run stops (R13, R25, R29-R31, R34, R35)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from tests.simulation.referee.book import FAILED, Actor, Book, Decided, Family, Kind, stopped
from tests.simulation.referee.court import Court
from tests.simulation.walking import Leave, StepFailed


def final(court: Court, book: Book, actor: Actor, outcome: Outcome) -> None:
    """The step is over: the script has what it returns, or the exception (R13)."""
    call, site = actor.call, actor.here
    attempts = actor.attempt
    leave_step(court, book, actor)
    if outcome.ok or not call.check:
        value = _value(call.step, outcome, attempts)
        court.resume(book, actor, lambda walk: walk.give(value))
        return
    if not site.caught:
        _fail(court, book, actor, "unreachable" if outcome.status is StepStatus.UNREACHABLE else "failed")
    court.resume(book, actor, lambda walk: walk.throw(StepFailed(outcome.reason)))


def leave_step(court: Court, book: Book, actor: Actor) -> None:
    actor.last = (0, actor.here.number) if book.refreshing else (actor.here.number, actor.turn)
    actor.question = None
    court.out_of_wave(book, actor)


def derived(court: Court, book: Book, caller: Actor, outcome: Outcome, said: Mapping[str, str] | None = None) -> None:
    """The step of a caller is over, which the journal must say. ``said`` are its child's messages, if it had one."""

    def compare(status: StepStatus, result: Any) -> None:
        if status is not outcome.status:
            court.foul(f"R24: {key} is {status}, must be {outcome.status}")
        for name, value in outcome.result.items():
            if result.get(name) != value:
                court.foul(f"R12: {name} of {key} is {result.get(name)}, must be {value}")
        if said is not None and not _says(result["messages"], said):
            court.foul(f"R12: messages of {key} are {result['messages']}, must be {said}")

    key = court.key(book, caller)
    court.expect(("step", key), compare)
    if outcome.status is StepStatus.CANCELLED and caller.stop_waits:
        leave_step(court, book, caller)
        raise_stop(court, book, caller, stopped(book))
    else:
        final(court, book, caller, outcome)


def _says(messages: Mapping[str, str], said: Mapping[str, str]) -> bool:
    """The same names and texts; the reasons that a child or an interruption gave to a step are not known here."""
    return messages.keys() == said.keys() and all(text in ("", messages[name]) for name, text in said.items())


def judge(court: Court, book: Book, actor: Actor) -> None:
    """R11, R29: what was decided first stands."""
    verdict = actor.walk.verdict
    if actor.state is not None or verdict is None:
        return
    actor.said = verdict.message if verdict.kind in ("failed", "finished") else None
    if verdict.kind == "finished":
        actor.leaving, actor.stop_waits, actor.state = True, False, "succeeded"
        return
    if verdict.kind == "aborted":
        has_failed(court, book, actor, "failed")
        abort(court, book)
    else:
        _fail(court, book, actor, "failed")


def _fail(court: Court, book: Book, actor: Actor, state: Decided) -> None:
    """R29: it counts at this moment, before its finally steps."""
    has_failed(court, book, actor, state)
    stop_past_threshold(court, book)


def has_failed(court: Court, book: Book, actor: Actor, state: Decided) -> None:
    actor.leaving, actor.stop_waits = True, False
    if actor.state is None:
        actor.state = state
        book.failed += state in FAILED


def stop_past_threshold(court: Court, book: Book) -> None:
    if book.passed_threshold() and book.stopping is None:
        stop(court, book, Kind.THRESHOLD)


def abort(court: Court, book: Book) -> None:
    """R35: the whole root run; a child that was called from a ``finally`` runs on, within its threshold (R25)."""
    stop(court, court.books[0], Kind.ABORT)
    stop_past_threshold(court, book)


def again(actor: Actor) -> None:
    actor.attempt += 1
    actor.phase, actor.may_retry_at = "between", 0.0


def _forget_question(court: Court, actor: Actor) -> None:
    if actor.question is not None:
        court.questions.pop(actor.question, None)
        actor.question = None


def raise_stop(court: Court, book: Book, actor: Actor, state: Decided) -> None:
    actor.leaving, actor.stop_waits = True, False
    actor.state = actor.state or state
    court.resume(book, actor, lambda walk: walk.throw(Leave()))


def stop(court: Court, book: Book, kind: Kind) -> None:
    """R31, R25: nothing new starts; children under way stop the same way."""
    if book.stopping is not None and book.stopping >= kind:
        return
    book.stopping = kind
    _drop(court, book)
    if book.serial and kind is Kind.THRESHOLD:
        return
    for family in [family for family in book.families if not family.in_finally]:
        if family.child is not None:
            stop(court, family.child, max(kind, Kind.ABORT))
    _drop_unborn(court, book, [family for family in book.families if not family.in_finally])
    kept = [caller for family in book.families for caller in family.callers]
    book.wave = [actor for actor in book.wave if actor.phase != "waiting" or actor in kept]
    for actor in list(book.actors.values()):
        if book.refreshing:
            _stop_refreshing(court, book, actor)
        elif actor.phase != "ended":
            _stop_actor(court, book, actor)


def _drop_unborn(court: Court, book: Book, families: Sequence[Family]) -> None:
    """Children that have not started will not."""
    for family in [family for family in families if family.child is None]:
        book.families.remove(family)
        for caller in family.callers:
            if caller.phase == "running":
                _end_by_stop(court, book, caller)


def _end_by_stop(court: Court, book: Book, actor: Actor) -> None:
    """A step that waits for a child or an answer is cancelled."""
    court.expect(("step", court.key(book, actor)), StepStatus.CANCELLED)
    leave_step(court, book, actor)
    raise_stop(court, book, actor, stopped(book))


def _stop_refreshing(court: Court, book: Book, actor: Actor) -> None:
    """R3: no script has begun. What is under way counts, everything else has not started."""
    if actor.leaving:
        return
    if actor.phase == "running":
        actor.stop_waits = True
    elif actor.phase == "between" and actor.failed_by is not None:
        final(court, book, actor, actor.failed_by)
    elif actor.phase in ("between", "asked"):
        _forget_question(court, actor)
        leave_step(court, book, actor)
        court.finish(book, actor, "cancelled" if book.stopping is Kind.CANCEL else "not_started")
    elif actor.phase == "waiting" or actor.state == "succeeded":
        court.finish(book, actor, "not_started")


def _stop_actor(court: Court, book: Book, actor: Actor) -> None:
    if actor.leaving:
        return
    if actor.phase == "in_script":
        actor.stop_waits = True
    elif actor.phase == "waiting" and not actor.begun:
        court.finish(book, actor, "not_started")
    elif actor.here.in_finally:
        actor.stop_waits = True
    elif actor.phase == "waiting":
        raise_stop(court, book, actor, "stopped")
    elif actor.phase == "running" and actor.here.step == "approve":
        _forget_question(court, actor)
        _end_by_stop(court, book, actor)
    elif actor.phase == "running":
        actor.stop_waits = True
    elif actor.phase == "between" and actor.failed_by is not None:
        actor.stop_waits = True
        final(court, book, actor, actor.failed_by)
    else:
        _forget_question(court, actor)
        leave_step(court, book, actor)
        raise_stop(court, book, actor, stopped(book))


def _drop(court: Court, book: Book) -> None:
    for actor in [*book.pending, *(actor for batch in book.later for actor in batch)]:
        court.finish(book, actor, "not_started")
    book.pending, book.later = [], []


def cancel(court: Court) -> None:
    """R34: the first one stops everything but ``finally``, the second one those too."""
    court.cancels += 1
    court.is_paused = False
    if not court.books:
        return
    if court.cancels == 1:
        stop(court, court.books[0], Kind.CANCEL)
        return
    for book in list(court.open):
        book.stopping = Kind.CANCEL
        _drop(court, book)
        _drop_unborn(court, book, list(book.families))
        for actor in book.active:
            actor.stop_waits = True
            if actor.phase == "running" and actor.here.step == "approve":
                _forget_question(court, actor)
                _end_by_stop(court, book, actor)
            elif actor.phase not in ("running", "in_script"):
                _forget_question(court, actor)
                court.finish(book, actor, actor.state or ("stopped" if actor.begun else "not_started"))


def _value(step: str, outcome: Outcome, attempts: int) -> dict[str, Any] | None:
    """What a step returns (R12), as far as programs look at it."""
    head = {"ok": outcome.ok, "status": outcome.status.value}
    match step:
        case "run_task":
            return {**head, "data": None, **outcome.result, "attempts": attempts}
        case "run_flow":
            return {**head, **outcome.result}
        case "approve":
            return {"ok": outcome.ok}
        case "get_context":
            context: dict[str, Any] = outcome.result.get("context", {})
            return context
        case _:
            return None
