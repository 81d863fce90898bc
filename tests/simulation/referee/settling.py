"""What happens by itself: scripts begin and go on, waves are chosen, runs end (R17, R18, R21, R23)."""

from collections.abc import Sequence
from typing import Any

from tests.simulation.program import Site, Task
from tests.simulation.referee.book import Actor, Book, Family
from tests.simulation.referee.consequences import judge, raise_stop
from tests.simulation.referee.court import Court
from tests.simulation.referee.runs import finish_run, next_batch
from tests.simulation.walking import Walk


def settle(court: Court) -> None:
    """Until everything waits for the journal."""
    while court.resumptions or any(_move(court, book) for book in list(court.open)):
        items, court.resumptions = court.resumptions, []
        for _, actor, how in items:
            how(actor.walk)
        for book, actor, _ in items:
            _paused(court, book, actor)


def _move(court: Court, book: Book) -> bool:
    if book not in court.open:
        return False
    if _begin(court, book):
        return True
    if not book.active and not book.pending:
        return _go_on(court, book)
    if not book.serial and not book.busy() and not book.families:
        _choose_wave(court, book)
    return False


def _begin(court: Court, book: Book) -> bool:
    """R17: in order, so many at once; R18: all of the batch."""
    if court.is_paused or book.stopping is not None:
        return False
    began = False
    while book.pending and (not book.serial or len(book.active) < book.concurrency):
        court.resume(book, book.pending.pop(0), Walk.begin)
        began = True
    return began


def _go_on(court: Court, book: Book) -> bool:
    """Nobody is in progress: the next batch, the order after a refresh, or the end."""
    if book.refreshing and any(actor.state == "succeeded" for actor in book.actors.values()):
        return False
    if not book.later:
        finish_run(court, book)
        return True
    if book.rules.soak:
        book.soaking = book.soaking or "wanted"
        return False
    next_batch(court, book)
    return True


def _choose_wave(court: Court, book: Book) -> None:
    book.wave = book.position_of_wave()
    if book.wave and book.wave[0].here.step == "run_flow":
        book.families = _families(court, book.wave)


def _families(court: Court, callers: Sequence[Actor]) -> list[Family]:
    found: dict[tuple[Any, ...], Family] = {}
    for caller in callers:
        call = caller.call
        group = (call.name, tuple(sorted(call.inputs.items())))
        family = found.setdefault(group, Family(
            call.name or "", call.inputs, [], {}, caller.here.in_finally, caller.here.number, caller.turn
        ))  # fmt: skip
        family.callers.append(caller)
        family.passed[caller.name] = (caller.name,) if call.elements is None else tuple(dict.fromkeys(call.elements))
    return list(found.values())


def _paused(court: Court, book: Book, actor: Actor) -> None:
    """Where a script came."""
    if actor.walk.verdict is not None:
        judge(court, book, actor)
    if book.refreshing and book.stopping is not None and actor.state is None:
        court.finish(book, actor, "not_started")
        return
    if actor.walk.ended:
        court.finish(book, actor, actor.state or "succeeded")
        return
    actor.comes_to(_site(court, book, actor))
    actor.phase = "waiting"
    if court.cancels > 1 or (actor.stop_waits and not actor.begun):
        court.finish(book, actor, actor.state or ("stopped" if actor.begun else "not_started"))
    elif (actor.stop_waits or actor.leaving) and not actor.here.in_finally:
        raise_stop(court, book, actor, "stopped")
    elif book.serial and actor.here.step == "run_flow":
        book.families += _families(court, [actor])


def _site(court: Court, book: Book, actor: Actor) -> Site:
    if book.refreshing:
        return Site(actor.call.site, Task(actor.call.name or ""))
    return book.rules.by_number[actor.call.site]
