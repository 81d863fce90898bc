"""The open steps of a run tree: what was started and has no outcome, and what is needed to make and end an attempt."""

from flows.engine.commands import StartStep
from flows.engine.events import ENDED_BY_ENGINE, Event, Outcome, StepFinished, StepKey, StepStarted
from flows.engine.status import StepStatus
from flows.runner.outcomes import kept
from flows.runner.ports import StepRequest
from flows.runner.rounds import Rounds


class Steps:
    """Follows every committed event. Memory is one entry per open step."""

    def __init__(self, rounds: Rounds, *, steps_are_read: bool) -> None:
        """``steps_are_read``: some task's template uses ``steps`` (R43)."""
        self._rounds = rounds
        self._steps_are_read = steps_are_read
        self._open: dict[StepKey, StepStarted] = {}

    def note(self, event: Event) -> None:
        """An event was committed."""
        if isinstance(event, StepStarted):
            self._open[event.key] = event
        elif isinstance(event, StepFinished):
            self._open.pop(event.key, None)

    def request(self, command: StartStep) -> StepRequest:
        """The attempt that the engine wants."""
        call = command.call
        assert call.name is not None
        return StepRequest(
            key=command.key,
            task=call.name,
            target=command.target,
            inputs=command.inputs,
            timeout_s=call.timeout,
            given=frozenset(call.inputs),
            steps=dict(command.steps),
            run=self._rounds.variable(command.key.run),
        )

    def finished(self, key: StepKey, outcome: Outcome) -> StepFinished | None:
        """The outcome of an open step as it is journaled; None if the step is not open. Said once per step.

        None for a child flow and an approval: their outcomes are the engine's to tell.
        """
        started = self._open.get(key)
        if started is None or started.step in ENDED_BY_ENGINE:
            return None
        is_read = self._steps_are_read or self._rounds.uses_result(key)
        event = finished(started, kept(outcome, is_read=is_read))
        del self._open[key]
        return event

    def is_sleep(self, key: StepKey) -> bool:
        """True for an open sleep: there is no attempt to terminate, only a wait to end."""
        return key in self._open and self._open[key].step == "sleep"

    def left_by_dead_worker(self, started: StepStarted) -> StepFinished | None:
        """What becomes of a step that another worker started (R36).

        A task is interrupted; ``set_context`` and ``get_context`` too, which the engine repeats. A sleep and a question
        go on.
        """
        outcome = _LEFT.get(started.step)
        return None if outcome is None else self.finished(started.key, outcome)


def finished(started: StepStarted, outcome: Outcome) -> StepFinished:
    """The outcome of a started step."""
    return StepFinished(
        key=started.key,
        step=started.step,
        name=started.name,
        line=started.line,
        path=started.path,
        outcome=outcome,
        target=started.target,
    )


_REPEATED = Outcome(StepStatus.INTERRUPTED, reason="the worker stopped while it ran", advice="It is repeated.")
_LEFT = {
    "run_task": Outcome(
        StepStatus.INTERRUPTED,
        reason="the worker stopped while it ran",
        advice="Look on the element what it did, then answer: retry, treat as succeeded, or treat as failed.",
    ),
    "log": Outcome(StepStatus.SUCCEEDED),
    "set_context": _REPEATED,
    "get_context": _REPEATED,
}
