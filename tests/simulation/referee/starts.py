"""Who may start a step, and who must (R17, R18, R20, R23, R27, R31, R33)."""

from collections.abc import Sequence

from flows.engine.events import StepStarted
from tests.simulation.referee.book import Actor, Book, Kind
from tests.simulation.referee.court import Court
from tests.simulation.referee.questions import asks


def step_started(court: Court, event: StepStarted) -> None:
    """An attempt was decided: it must be one that may start now."""
    key = event.key
    book = court.books[key.run]
    actor = book.actors.get(key.element)
    if actor is None or actor.phase not in ("waiting", "between"):
        court.foul(f"R17, R18: {key} starts, its element is {actor and actor.phase}")
    assert actor is not None
    if court.key(book, actor) != key or (event.step, event.name) != (actor.here.step, actor.call.name):
        court.foul(f"R37: {event.step} {event.name} {key} starts, must be {court.key(book, actor)} {actor.call}")
    if court.is_paused:
        court.foul(f"R33: {key} starts while the run is paused")
    _may_start(court, book, actor)
    _on_target(court, book, actor, event.target)
    actor.phase, actor.begun = "running", True
    _enough_slots(court, book)
    if event.step == "approve":
        asks(court, book, actor)


def _may_start(court: Court, book: Book, actor: Actor) -> None:
    site = actor.here
    if book.stopping is not None and not (book.serial and book.stopping is Kind.THRESHOLD) and not site.in_finally:
        court.foul(f"R31: {actor.name} starts site {site.number} after the run's stop")
    if actor.attempt > 1 and actor.phase == "between":
        if court.at < actor.may_retry_at - 1e-3:
            court.foul(f"R28: {actor.name} tries site {site.number} again {actor.may_retry_at - court.at} s early")
        return
    if book.serial:
        return
    if actor not in book.wave:
        wave = [(member.name, member.position, member.phase) for member in book.wave]
        court.foul(f"R18: {actor.name} starts at {actor.position} outside of the wave {wave}")
    before = book.wave[: book.wave.index(actor)]
    waiting = [other for other in before if other.phase == "waiting" and not _waits_for_target(court, book, other)]
    if site.step == "run_flow":
        mine = next(family for family in book.families if actor in family.callers)
        if mine is not book.families[0]:
            court.foul(f"R23: {actor.name} calls before the family of {book.families[0].callers[0].name} is done")
        waiting = [other for other in waiting if other in mine.callers]
    if waiting:
        court.foul(f"R18: {actor.name} starts site {site.number} before {waiting[0].name}")


def _enough_slots(court: Court, book: Book) -> None:
    if book.serial:
        return
    running = [actor for actor in book.running if actor.here.step == "run_task"]
    if len(running) > book.concurrency:
        court.foul(f"R18: {len(running)} steps of run {book.number} at once, {book.concurrency} may be")


def _target(actor: Actor) -> str | None:
    if actor.here.step != "run_task":
        return None
    return actor.call.element or actor.name


def _waits_for_target(court: Court, book: Book, actor: Actor) -> bool:
    """R27: somebody else of the root run works on its target, or comes before it in caller order."""
    target = _target(actor)
    if target is None:
        return False
    before = [] if book.serial else book.wave[: book.wave.index(actor)]
    if any(other.phase == "waiting" and _target(other) == target for other in before):
        return True
    return any(other is not actor for other in _on(court, target, ("running", "between", "asked", "waiting")))


def _on(court: Court, target: str, phases: Sequence[str]) -> list[Actor]:
    """Those who step on this element, or want to, in any run."""
    found = [actor for book in court.open for actor in book.active if actor.phase in phases]
    return [actor for actor in found if _target(actor) == target]


def _on_target(court: Court, book: Book, actor: Actor, target: str | None) -> None:
    wanted = _target(actor)
    if wanted is None:
        return
    if target != wanted:
        court.foul(f"R27: {actor.name} steps on {target}, must be {wanted}")
    if busy := [other.name for other in _on(court, wanted, ("running", "between", "asked")) if other is not actor]:
        court.foul(f"R27: {actor.name} starts on {wanted} while {busy} step there")
    before = book.wave[: book.wave.index(actor)] if actor in book.wave else []
    if first := [other.name for other in before if other.phase == "waiting" and _target(other) == wanted]:
        court.foul(f"R27: {actor.name} starts on {wanted} before {first[0]}")


def nobody_idles(court: Court) -> None:
    """R18, R20, R28: in a calm run whatever may start has started before time goes on."""
    for book in court.open:
        for actor in book.active:
            if actor.phase == "waiting" and (book.serial or actor in book.wave) and _could_start(court, book, actor):
                court.foul(f"R18: {actor.name} of run {book.number} waits at {actor.here.number} and nothing holds it")
            if (
                actor.stop_waits
                and actor.phase == "running"
                and actor.here.step == "sleep"
                and not actor.here.in_finally
            ):
                court.foul(f"R31: {actor.name} of run {book.number} sleeps on at {actor.here.number} after the stop")
            if actor.phase == "between" and court.at > actor.must_retry_at + 1e-3:
                court.foul(f"R28: {actor.name} of run {book.number} should have tried {actor.here.number} again")


def _could_start(court: Court, book: Book, actor: Actor) -> bool:
    if actor.here.step == "run_flow":
        return book.serial or actor in book.families[0].callers
    if actor.here.step != "run_task":
        return True
    if _waits_for_target(court, book, actor):
        return False
    held = [a for a in book.active if a.phase in ("running", "between") and a.here.step == "run_task"]
    return book.serial or len(held) < book.concurrency
