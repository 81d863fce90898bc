"""What is checked of a performance beside the referee: the record itself, its folds, and two performances together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Event,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunStarted,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.status import StepStatus
from flows.live.view import LETTERS, TreeView
from flows.runner.events import encode
from tests.simulation.program import Approve, Task, nodes_of
from tests.simulation.stage import Performance

Place = tuple[Any, ...]

# --- one performance ------------------------------------------------------------------------------------------------


def of_the_record(performance: Performance) -> Iterator[str]:
    """R36: nothing stands twice in the journal, nothing is left open, seq has no gaps."""
    events = performance.events
    if list(performance.seqs) != sorted(performance.seqs):
        yield "the journal's seq goes back"
    started = Counter(event.key for event in events if isinstance(event, StepStarted))
    finished = Counter(event.key for event in events if isinstance(event, StepFinished))
    yield from (f"R36: {key} started {count} times" for key, count in started.items() if count > 1)
    yield from (f"R36: {key} has {count} outcomes" for key, count in finished.items() if count > 1)
    yield from (f"R32: {key} has no outcome" for key in started.keys() - finished.keys())
    facts = Counter(
        str(encode(event)) for event in events if isinstance(event, ElementFinished | RunFinished | QuestionAsked)
    )
    yield from (f"R36: a fact stands {count} times: {fact}" for fact, count in facts.items() if count > 1)
    broken = [event.reason for event in events if isinstance(event, RunFinished) and _is_broken(event.reason)]
    yield from (f"the run broke down: {reason}" for reason in broken[:1])


def _is_broken(reason: str) -> bool:
    return reason.startswith(("internal error", "recorded "))


def of_the_view(performance: Performance) -> Iterator[str]:
    """3.4: what the pages fold from the events is what became of every element, step and run."""
    view = TreeView(0)
    view.apply_all(_public(performance))
    for run, names in _elements(performance.events).items():
        band = view.bands[run]
        shown = {name: chr(band.states[band.rows[name]]) for name in band.rows}
        ends = {e.element: e.state for e in performance.events if isinstance(e, ElementFinished) and e.run == run}
        if set(ends) - set(shown) or set(names) - set(shown):
            yield f"the view of run {run} lacks elements: {sorted(set(ends) - set(shown))}"
            continue
        wrong = [name for name in ends if LETTERS[shown[name]] != ends[name]]
        yield from (f"the view shows {name} of run {run} {LETTERS[shown[name]]}, it is {ends[name]}" for name in wrong)
        yield from _cells(performance.events, run, band)
    if view.questions:
        yield f"the view shows questions of a run that has ended: {view.questions}"


def _cells(events: Sequence[Event], run: int, band: Any) -> Iterator[str]:
    """Each cell shows an outcome of one of its turns: of the last attempt, or what an operator said of it while that
    was open. A root does not show what its processing script removed."""
    last: dict[tuple[str, int], dict[int, str]] = {}
    asked: dict[int, StepKey] = {}
    for event in events:
        match event:
            case StepFinished(key=key) if key.run == run:
                last.setdefault((key.element, _column(key)), {})[key.turn] = event.outcome.status.value
            case QuestionAsked(key=key) if key.run == run:
                asked[event.question] = key
            case ElementFinished() if event.run == run:
                asked = {number: key for number, key in asked.items() if key.element != event.element}
            case QuestionAnswered(answer="succeeded" | "failed") if event.question in asked:
                key = asked[event.question]
                last[key.element, _column(key)][key.turn] = event.answer
            case _:
                pass
    for (element, site), turns in last.items():
        if element in band.rows and (shown := band.cell(band.rows[element], site)[1]) not in turns.values():
            yield f"the view shows {element} at {site} of run {run} {shown}, its turns ended {turns}"


def _column(key: StepKey) -> int:
    """The task number k of a refresh is the column -k (R3)."""
    return key.site or -key.turn


def _elements(events: Sequence[Event]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for event in events:
        if isinstance(event, RunStarted | ElementsOrdered):
            found[event.run] = event.elements
    return found


def _public(performance: Performance) -> Iterator[Mapping[str, Any]]:
    for seq, (at, event) in enumerate(performance.journal, start=1):
        encoded = encode(event)
        yield {"seq": seq, "run": encoded.run, "root": 0, "type": encoded.type, "at": str(at), **encoded.data}


# --- two performances -----------------------------------------------------------------------------------------------


def of_resuming(calm: Performance, storm: Performance) -> Iterator[str]:
    """R36, R37: where nothing depends on the moment, a run that was disturbed comes to what the calm one came to."""
    if not is_comparable(calm, storm):
        return
    told, wanted = _outcomes(storm), _outcomes(calm)
    if told != wanted:
        different = [place for place in {**wanted, **told} if told.get(place) != wanted.get(place)]
        place = different[0]
        yield f"R37: disturbed, {place} came to {told.get(place)}, undisturbed to {wanted.get(place)}"
    for name, starts in _orders(calm).items():
        if _orders(storm).get(name) != starts:
            yield f"R18, R36: the steps of {name} started in another order: {_orders(storm).get(name)}, calm {starts}"


def is_comparable(calm: Performance, storm: Performance) -> bool:
    """Nobody stopped it, nobody was asked about what was interrupted, and no question came near its end."""
    scenario = storm.scenario
    if scenario.storm.asked or _was_stopped(calm):
        return False
    if any(
        isinstance(node, Approve) and node.timeout < 1000 for flow in scenario.flows for node in nodes_of(flow.program)
    ):
        return False
    names = {event.name for event in storm.events if _is_interrupted(event) and isinstance(event, StepFinished)}
    return all(scenario.task[name].on_interrupt == "retry" for name in names if name)


def _was_stopped(performance: Performance) -> bool:
    ends = [event.status for event in performance.events if isinstance(event, RunFinished)]
    return any(status not in ("succeeded", "partial") for status in ends)


def _is_interrupted(event: Event) -> bool:
    return isinstance(event, StepFinished) and event.outcome.status is StepStatus.INTERRUPTED


def _outcomes(performance: Performance) -> dict[Place, Any]:
    """The outcomes of every step and the ends of elements and runs; runs by who called them, attempts that were
    interrupted left out."""
    named = _named(performance.events)
    found: dict[Place, Any] = {}
    tries: Counter[Place] = Counter()
    for event in performance.events:
        match event:
            case StepFinished(key=key) if event.outcome.status is not StepStatus.INTERRUPTED:
                place = (named[key.run], key.element, key.site, key.turn)
                tries[place] += 1
                data = event.outcome.result.get("data")
                found[*place, tries[place]] = (event.step, event.name, event.target, event.outcome.status, data)
            case ElementFinished():
                found[named[event.run], event.element] = (event.state, event.last_step)
            case RunFinished():
                found[named[event.run], "ended"] = event.status
            case _:
                pass
    return found


def _orders(performance: Performance) -> dict[Place, list[StepKey]]:
    """The order in which steps started in each run, where it does not depend on how long they take: no element waits
    for what another one works on (R27), and no Serial flow has several in progress."""
    flows, named = performance.scenario.flows, _named(performance.events)
    found: dict[Place, list[StepKey]] = {}
    targets = any(isinstance(node, Task) and node.target for flow in flows for node in nodes_of(flow.program))
    if targets or any(flow.mode == "serial" and flow.concurrency > 1 for flow in flows):
        return found
    for event in performance.events:
        if isinstance(event, StepStarted) and event.key.attempt == 1:
            key = event.key
            found.setdefault(named[key.run], []).append(StepKey(0, key.element, key.site, key.turn))
    return found


def _named(events: Sequence[Event]) -> dict[int, Place]:
    """Runs by who called them: children of a Serial run may start in another order after a death."""
    named: dict[int, Place] = {}
    for event in events:
        if isinstance(event, RunStarted):
            above = () if event.parent is None else named[event.parent]
            named[event.run] = (*above, (event.site, event.turn, event.callers))
    return named
