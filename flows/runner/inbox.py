"""Signals: what people ask of a run while it runs, made into events."""

from collections.abc import Callable

from flows.engine.events import CancelRequested, Input, PauseRequested, QuestionAnswered, ResumeRequested
from flows.runner.commit_queue import CommitQueue, JournalFailed
from flows.runner.ports import Clock, Journal, LeaseLost, Signal

#: How often signals are looked for.
POLL_S = 0.25
#: What people may answer: about a step that was interrupted (R36), or an approval (R14).
ANSWERS = ("retry", "succeeded", "failed", "approve", "reject")


class Inbox:
    """Reads the signals of one run and hands each to the commit queue once."""

    def __init__(self, journal: Journal, queue: CommitQueue, clock: Clock) -> None:
        """Nothing was read yet."""
        self._journal = journal
        self._queue = queue
        self._clock = clock
        self._seen: set[int] = set()

    async def run(self) -> None:
        """Look for signals, for ever; ends only by an error."""
        while True:
            await self.read()
            await self._clock.sleep(POLL_S)

    async def read(self) -> None:
        """Hand over the signals that were not seen yet, oldest first. Raises ``JournalFailed``."""
        try:
            signals = await self._journal.signals()
        except LeaseLost:
            raise
        except Exception as error:
            raise JournalFailed(f"the signals of the run could not be read: {error}") from error
        for signal in signals:
            if signal.id not in self._seen:
                self._seen.add(signal.id)
                self._queue.consume(signal.id, event_of(signal))


def event_of(signal: Signal) -> Input | None:
    """The event that a signal asks for; None if it says nothing that this version understands."""
    make = _EVENTS.get(signal.kind)
    return make(signal) if make else None


def _answer(signal: Signal) -> QuestionAnswered | None:
    arguments = signal.arguments
    question, answer = arguments.get("question"), arguments.get("answer")
    if not isinstance(question, int) or answer not in ANSWERS:
        return None
    return QuestionAnswered(question, answer, signal.by, str(arguments.get("comment", "")))


_EVENTS: dict[str, Callable[[Signal], Input | None]] = {
    "pause": lambda signal: PauseRequested(signal.by),
    "resume": lambda signal: ResumeRequested(signal.by),
    "cancel": lambda signal: CancelRequested(signal.by),
    "answer": _answer,
}
