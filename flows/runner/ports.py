"""The runner's ports: everything it asks of the world. ``tests/fakes.py`` has an in-memory one of each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from flows.engine.commands import PrepareRun, Resumption, ScriptAnswer
from flows.engine.definitions import Definitions
from flows.engine.events import Event, Outcome, StepKey

ElementDict = Mapping[str, Any]
"""One element as scripts see it: id, name, address, profile, groups, context (R1)."""


class LeaseLost(Exception):
    """Another worker owns the run now: stop at once, dispatch nothing, write nothing."""


class ScriptsLost(Exception):
    """The scripts' paused state is gone, through no fault of theirs: the run must be replayed."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in the journal: ``seq`` counts from 1 in the root run, without gaps; ``at`` is Unix seconds."""

    seq: int
    at: float
    event: Event


@dataclass(frozen=True, slots=True)
class Signal:
    """What somebody asked of the run: pause, resume, cancel or answer, not yet consumed."""

    id: int
    kind: str
    arguments: Mapping[str, Any]
    by: str


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of a root run when a worker takes it.

    ``events`` has no ``step_output``; ``elements`` are the dicts of every started run, in execution order: those of
    its ``ElementsOrdered`` if it has one (R3).
    """

    root: int
    flow: str
    inputs: Mapping[str, Any]
    definitions: Definitions
    events: Sequence[Recorded]
    elements: Mapping[int, Sequence[ElementDict]]
    started_at: float


@dataclass(frozen=True, slots=True)
class StepRequest:
    """One attempt to be made on ``target``. Inputs are the flow's with the call's over them, whose names are ``given``.

    ``run`` is {'id', 'flow', 'started_at'} and ``steps`` the results of the element's earlier steps (R43).
    """

    key: StepKey
    task: str
    target: str
    inputs: Mapping[str, Any]
    timeout_s: float | None
    given: frozenset[str] = frozenset()
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)


OutputSink = Callable[[StepKey, str, bytes], Awaitable[None]]
"""Takes (key, 'stdout' | 'stderr', bytes) as they come; waits when the journal is behind."""


class Journal(Protocol):
    """The root run's log, written by the holder of its lease alone. Every write is fenced and renews the lease."""

    async def load(self) -> History:
        """Everything recorded so far."""

    async def append(
        self,
        events: Sequence[Event],
        *,
        at: float,
        consumed: Sequence[int] = (),
        elements: Mapping[int, Sequence[ElementDict]] | None = None,
    ) -> int:
        """Commit the events in order and mark the signals consumed, in one transaction, or raise ``LeaseLost``.

        Returns the journal's last ``seq``. ``elements`` holds, for each ``RunStarted`` and ``ElementsOrdered`` among
        the events, the dicts of its elements by run number. The ``settings`` in the result of an outcome that succeeded
        are written to the target's settings in the same transaction; an element that is gone has none.
        """

    def run_id(self, number: int) -> int:
        """The id by which people and scripts know a run of the tree whose ``RunStarted`` is committed."""

    async def write_output(self, chunks: Sequence[tuple[StepKey, str, bytes]], *, at: float) -> int:
        """Store output and one ``step_output`` event per chunk; returns the journal's last ``seq``."""

    async def signals(self) -> Sequence[Signal]:
        """Signals not consumed yet, oldest first."""

    async def renew(self) -> None:
        """Keep the lease when nothing happens, or raise ``LeaseLost``."""

    async def release(self, *, wake_at: float | None) -> None:
        """Give the lease back; with ``wake_at`` the run sleeps until then (or until a signal)."""


class Executor(Protocol):
    """Does the work of task steps."""

    async def run(self, request: StepRequest, output: OutputSink) -> Outcome:
        """Make one attempt. Never raises for what the element did; cancellation means: end it and say what is known."""

    async def connect_ahead(self, targets: Sequence[str]) -> None:
        """Open connections to these elements soon; never fails, never waits for them."""

    async def close(self) -> None:
        """Close every connection."""


@dataclass(frozen=True, slots=True)
class ScriptContext:
    """What the scripts of one run share: the variables of R8. ``run`` is {'id', 'flow', 'started_at'}."""

    number: int
    flow: str
    elements: Sequence[ElementDict]
    inputs: Mapping[str, Any]
    run: Mapping[str, Any]


class ScriptHost(Protocol):
    """Runs scripts in the sandbox."""

    @property
    def version(self) -> str:
        """What runs them: recorded with every run, since a replay needs the same (R37)."""

    patience: float
    """Multiplies the time that a script may take (R44); more than 1 in a replay, which should not judge again."""

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """Apply the flow's processing script (R4-R6), or raise ``ScriptProblem`` with line, cause and elements."""

    async def begin(self, context: ScriptContext) -> None:
        """Make a run's variables known; its instances start with ``Begin``."""

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        """Run each instance to its next step or its end: one answer per item, in the items' order.

        Raises ``ScriptsLost``.
        """

    async def end(self, number: int) -> None:
        """Forget a run's instances."""

    async def close(self) -> None:
        """Free the sandbox."""


class ScriptProblem(Exception):
    """The author's processing script failed; the text names line, cause and elements (R6)."""


class TargetProblem(Exception):
    """The root's elements could not be selected; the text names what was asked for and what was found (R3)."""


class Inventory(Protocol):
    """Selects the elements of a run and freezes their context (R2, R3, R22)."""

    async def select(self, request: PrepareRun) -> tuple[Sequence[ElementDict], Sequence[str]]:
        """The elements in order, and the names that are no enabled elements (their callers' lists are left out).

        Raises ``TargetProblem`` when the root's target cannot be resolved.
        """

    async def contexts(self, names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        """The effective contexts of the enabled elements among these, as they are now; others are left out."""


class Clock(Protocol):
    """Time. Engine and driver have no other."""

    def now(self) -> float:
        """Unix seconds."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class Publisher(Protocol):
    """Tells watchers that the journal has grown; losing a call costs a poll, nothing else."""

    def published(self, root: int, seq: int) -> None:
        """The journal of ``root`` now ends at ``seq``."""
