"""Runs and their elements: how they start, are ordered, come in batches and end (R2, R3, R7, R21-R24, R32)."""

from collections.abc import Iterable, Sequence

from flows.engine.events import ElementsOrdered, Outcome, RunStarted, SoakEnded, SoakStarted
from flows.engine.status import StepStatus
from tests.simulation.program import Task
from tests.simulation.referee.book import FAILS_CALLER, Actor, Book, Family, Kind, state_in
from tests.simulation.referee.consequences import derived, stop, stop_past_threshold
from tests.simulation.referee.court import Court
from tests.simulation.scenario import FlowRules, process
from tests.simulation.walking import Walk
from tests.simulation.world import Foul


def run_started(court: Court, event: RunStarted) -> None:
    if court.is_paused and event.parent is not None:
        court.foul(f"R33: run {event.run} starts while the root is paused")
    if event.run != len(court.books):
        court.foul(f"run {event.run} is number {len(court.books)}")
    rules = court.scenario.flow[event.flow]
    parent = None if event.parent is None else court.books[event.parent]
    family = None if parent is None else _family_of(court, parent, event)
    selected, unknown = _selected(court, family)
    if set(unknown) != set(event.unknown):
        court.foul(f"R22: unknown are {unknown}, told {event.unknown}")
    default: int | str = 0 if parent is None else parent.threshold
    threshold = default if rules.threshold is None else rules.threshold
    book = Book(event.run, rules, event.elements, threshold, parent, family)
    court.books.append(book)
    court.open.append(book)
    if family is not None:
        family.child, family.unknown = book, frozenset(unknown)
    if event.refreshing:
        _refresh(court, book, event, selected)
    else:
        _order(court, book, selected, event.elements, event.skipped)
    if court.cancels:
        stop(court, court.books[0], Kind.CANCEL)


def _family_of(court: Court, parent: Book, event: RunStarted) -> Family:
    candidates = parent.families if parent.serial else parent.families[:1]
    for family in candidates:
        if family.child is None and family.callers[0].name == event.callers[0]:
            told = (tuple(a.name for a in family.callers), family.site, family.turn, family.flow)
            if told != (event.callers, event.site, event.turn, event.flow):
                court.foul(f"R23: a child of {event.callers} at {event.site}, must be of {told}")
            if not family.all_started:
                court.foul("R22: a child starts before all of its callers' steps")
            if dict(event.inputs) != dict(family.inputs):
                court.foul(f"R23: inputs {event.inputs}, must be {family.inputs}")
            return family
    raise Foul(f"event {court.number}: R23: nobody's turn to call {event.flow} for {event.callers}")


def _selected(court: Court, family: Family | None) -> tuple[list[str], list[str]]:
    if family is None:
        return list(court.scenario.contexts), []
    chosen: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for names in family.passed.values():
        missing = [name for name in names if name not in court.settings]
        (unknown if missing else chosen).update(dict.fromkeys(missing or names))
    return list(chosen), list(unknown)


def _order(court: Court, book: Book, selected: Iterable[str], told: Sequence[str], skipped: Sequence[str]) -> None:
    """The run has its elements: as its processing rule orders them, from their settings as they are now (R2)."""
    dicts = [court.scenario.element(name, court.settings[name]) for name in selected]
    ordered = process(book.rules.processing, dicts)
    names = tuple(element["name"] for element in ordered)
    left = {element["name"] for element in dicts} - set(names)
    if tuple(told) != names or set(skipped) != left:
        court.foul(f"R5: run {book.number} has {told} without {skipped}, must be {names} without {left}")
    frozen = {element["name"]: element for element in court.performance.elements[book.number]}
    if [frozen[name] for name in names] != ordered:
        court.foul(f"R2: run {book.number} froze other contexts than there were")
    walks = [Walk(ordered, place, book.rules.program, book.rules.sites) for place in range(len(ordered))]
    book.add([Actor(name, place, walk) for place, (name, walk) in enumerate(zip(names, walks, strict=True))])
    book.names, book.skipped = names, tuple(skipped)
    book.size = len(names) + len(book.unrefreshed)
    if book.parent is not None:
        for name in skipped:
            court.expect(("element", book.number, name), ("skipped", None))
    elif not names and book.rules.on_empty == "fail":
        book.stopping = Kind.ABORT
    stop_past_threshold(court, book)


def finish_run(court: Court, book: Book) -> None:
    if book.stopping is Kind.CANCEL:
        book.ended = "cancelled"
    elif book.stopping is not None:
        book.ended = "failed"
    else:
        book.ended = "partial" if book.failed else "succeeded"
    court.open.remove(book)
    court.expect(("run", book.number), book.ended)
    family, parent = book.family, book.parent
    if family is None or parent is None:
        return
    parent.families.remove(family)
    for caller in family.callers:
        _child_ended(court, parent, book, family, caller)


def _child_ended(court: Court, parent: Book, child: Book, family: Family, caller: Actor) -> None:
    """R24, R12: each caller by the list that it passed."""
    names = family.passed[caller.name]
    if family.unknown & set(names):
        derived(court, parent, caller, Outcome(StepStatus.FAILED))
        return
    states = {name: state_in(child, name) for name in names}
    bad = [name for name, state in states.items() if state in FAILS_CALLER]
    status = StepStatus.SUCCEEDED
    if bad:
        status = StepStatus.CANCELLED if child.stopping is Kind.CANCEL else StepStatus.FAILED
    result = {"elements": states, "failed": bad}
    derived(court, parent, caller, Outcome(status, result=result), _said(child, names))


def _said(child: Book, names: Sequence[str]) -> dict[str, str]:
    """R12: the texts of ``finish`` and ``fail``. Who raised a failed step again has said the reason of that step."""
    actors = (child.actors[name] for name in names if name in child.actors)
    return {actor.name: actor.said for actor in actors if actor.said is not None}


def _refresh(court: Court, book: Book, event: RunStarted, selected: Sequence[str]) -> None:
    """R3: the tasks run in waves on all that were selected, before anything else."""
    if not book.rules.refresh or not selected:
        court.foul("R3: there is nothing to refresh")
    if tuple(event.elements) != tuple(selected):
        court.foul(f"R3: refreshed are {event.elements}, must be {selected}")
    book.refreshing, book.size = True, len(selected)
    program = tuple(Task(name) for name in book.rules.refresh)
    rules = FlowRules(book.rules.name, "parallel", program)
    dicts = [court.scenario.element(name, court.settings[name]) for name in selected]
    actors = [Actor(name, place, Walk(dicts, place, program, rules.sites)) for place, name in enumerate(selected)]
    book.actors = {actor.name: actor for actor in actors}
    book.pending = actors


def elements_ordered(court: Court, event: ElementsOrdered) -> None:
    book = court.books[event.run]
    if court.is_paused:
        court.foul(f"R33: run {event.run} is ordered while the root is paused")
    if not book.refreshing or book.active or book.pending or book.stopping:
        court.foul("R3: the elements are ordered before they are fresh")
    left = [actor.name for actor in book.actors.values() if actor.state == "succeeded"]
    book.unrefreshed = {actor.name: actor for actor in book.actors.values() if actor.state != "succeeded"}
    book.refreshing = False
    _order(court, book, left, event.elements, event.skipped)


def soak_started(court: Court, event: SoakStarted) -> None:
    book = court.books[event.run]
    if book.soaking != "wanted" or event.batch != book.batch:
        court.foul(f"R21: no soak is due after batch {event.batch}")
    if abs(event.until - court.at - book.rules.soak) > 2.5:
        court.foul(f"R21: a soak of {event.until - court.at} s, must be {book.rules.soak}")
    book.soaking = "started"


def soak_ended(court: Court, event: SoakEnded) -> None:
    book = court.books[event.run]
    if book.ended or book.stopping:
        return
    if book.soaking != "started" or event.batch != book.batch:
        court.foul(f"R21: no soak is going on after batch {event.batch}")
    next_batch(court, book)


def next_batch(court: Court, book: Book) -> None:
    book.soaking = ""
    book.batch += 1
    book.pending = book.later.pop(0)
