"""What the journal must still say when a run cannot go on: every open step, element and run gets its end."""

from collections.abc import Sequence

from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Event,
    Outcome,
    RunFinished,
    RunStarted,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.status import ElementState, RunState, StepStatus
from flows.runner.steps import finished


def closing_events(events: Sequence[Event], reason: str) -> list[Event]:
    """The events that end the run tree as failed with this reason: steps first, then elements, children, the root."""
    steps: dict[StepKey, StepStarted] = {}
    elements: dict[tuple[int, str], None] = {}
    runs: dict[int, None] = {0: None}
    begun: set[tuple[int, str]] = set()
    last_steps: dict[tuple[int, str], tuple[int, int]] = {}
    for event in events:
        match event:
            case RunStarted():
                runs[event.run] = None
                elements.update({(event.run, name): None for name in event.elements})
            case ElementsOrdered():
                for name in event.skipped:
                    elements.pop((event.run, name), None)
            case StepStarted():
                steps[event.key] = event
                begun.add((event.key.run, event.key.element))
            case StepFinished():
                steps.pop(event.key, None)
                last_steps[event.key.run, event.key.element] = (event.key.site, event.key.turn)
            case ElementFinished():
                elements.pop((event.run, event.element), None)
            case RunFinished():
                runs.pop(event.run, None)
            case _:
                pass
    closing: list[Event] = [_closed(started) for started in steps.values()]
    for run, name in elements:
        state = ElementState.STOPPED if (run, name) in begun else ElementState.NOT_STARTED
        closing.append(ElementFinished(run, name, state, reason, last_steps.get((run, name))))
    closing += [RunFinished(run, RunState.FAILED, reason) for run in sorted(runs, reverse=True)]
    return closing


def _closed(started: StepStarted) -> StepFinished:
    if started.step == "run_task":
        outcome = Outcome(
            StepStatus.INTERRUPTED,
            reason="the run broke down while it ran",
            advice="Look on the element what it did.",
        )
    else:
        outcome = Outcome(StepStatus.CANCELLED, reason="the run broke down")
    return finished(started, outcome)
