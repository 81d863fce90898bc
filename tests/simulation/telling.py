"""A trial in words: the scenario as a person would write it, and the journal line by line."""

from collections.abc import Iterator

from flows.engine.events import Event
from tests.simulation.scenario import Scenario, processing_text
from tests.simulation.stage import Performance
from tests.simulation.text import script_of
from tests.simulation.trial import Trial

COMMAND = "python -m tests.simulation --seed {seed}"


def told(trial: Trial) -> str:
    """What was found, where, and how it is seen again."""
    lines = [f"seed {trial.seed}:", *(f"  {breach}" for breach in trial.breaches)]
    return "\n".join([*lines, f"  again: {COMMAND.format(seed=trial.seed)}"])


def scenario_told(scenario: Scenario) -> str:
    """All of it."""
    return "\n".join(_scenario_lines(scenario))


def journal_told(performance: Performance) -> str:
    """One line an event, with the seconds since the start."""
    start = performance.journal[0][0] if performance.journal else 0.0
    lines = (
        f"{number:4} {at - start:8.2f}  {_event(event)}"
        for number, (at, event) in enumerate(performance.journal, start=1)
    )
    return "\n".join(lines)


def _scenario_lines(scenario: Scenario) -> Iterator[str]:
    for flow in scenario.flows:
        rules = {
            "concurrency": flow.concurrency,
            "error_threshold": flow.threshold,
            "on_empty": flow.on_empty,
            "batches": list(flow.batches),
            "soak": flow.soak,
            "refresh": list(flow.refresh),
        }
        yield f"--- {flow.name}: {flow.mode}, {', '.join(f'{key} {value}' for key, value in rules.items() if value)}"
        if flow.processing is not None:
            yield f"processing: {processing_text(flow.processing)}"
        yield script_of(flow.program)
    yield from (f"{name}: {dict(context)}" for name, context in scenario.contexts.items())
    yield from (str(task) for task in scenario.tasks)
    yield str(scenario.trouble)
    yield str(scenario.storm)


def _event(event: Event) -> str:
    fields = {name: getattr(event, name) for name in event.__slots__}
    for left_out in ("path", "line", "sandbox", "version"):
        fields.pop(left_out, None)
    key = fields.pop("key", None)
    place = f" {key.run}/{key.element}/{key.site}.{key.turn}#{key.attempt}" if key is not None else ""
    outcome = fields.pop("outcome", None)
    came_to = f" -> {outcome.status} {outcome.reason} {dict(outcome.result)}" if outcome is not None else ""
    said = " ".join(f"{name}={value}" for name, value in fields.items() if value not in (None, "", (), {}, False))
    return f"{type(event).__name__}{place} {said}{came_to}"
