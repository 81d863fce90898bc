"""What the engine wants done: imperative, carried out by the driver.

What there is one of for each element and step is a named tuple: it is made four times as fast as a frozen dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from flows.engine.events import Fact, StepFinished, StepKey

NOTHING: Mapping[str, Any] = MappingProxyType({})

# --- what a script asks for, as its host reports it -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """A step that a script waits for. Arguments are checked and in their normal form; times in seconds.

    ``name`` is the task's or flow's name, or the message of ``log`` and ``approve``. ``element`` is the target of R27.
    ``elements`` is what the caller of a child flow passed (names), or None for itself. The ``inputs`` of
    ``set_context`` are ``key`` and ``value``.
    """

    step: str
    site: int
    name: str | None = None
    check: bool = True
    timeout: float | None = None
    retries: int | None = None
    element: str | None = None
    elements: tuple[str, ...] | None = None
    seconds: float = 0.0
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a script itself decided about its element; the first one stands (R11, R29).

    ``error`` is an exception that nothing catches; ``limit`` one that depends on the machine too (R44), so that it is
    recorded and not judged again (R37). ``is_raised``: the message of ``failed`` is the reason of a ``StepFailed``, not
    what ``fail`` was given (R12).
    """

    kind: Literal["failed", "finished", "aborted", "error", "limit"]
    message: str
    line: int | None = None
    is_raised: bool = field(default=False, compare=False)


class InstanceId(NamedTuple):
    """One script instance: an element in a run."""

    run: int
    element: str


class Paused(NamedTuple):
    """The script waits at a step. ``verdict`` is set when it already decided and is on its way out."""

    instance: InstanceId
    call: Call
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The script is over; no verdict means that it reached its end."""

    instance: InstanceId
    verdict: Verdict | None = None


ScriptAnswer = Paused | Ended


@dataclass(frozen=True, slots=True)
class Begin:
    """Start the script from its first line."""


class Return(NamedTuple):
    """Give the step's value to the script. ``child`` is the number of the child run that it speaks of: the driver
    puts that run's id under ``run`` (R12)."""

    value: Any
    child: int | None = None


@dataclass(frozen=True, slots=True)
class RaiseStepFailed:
    """Raise ``StepFailed(message)`` at the step (R13)."""

    message: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Raise what only ``finally`` sees (R31)."""


Resume = Begin | Return | RaiseStepFailed | Stop


class Resumption(NamedTuple):
    """One instance and what it goes on with."""

    instance: InstanceId
    resume: Resume


# --- commands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResumeScripts:
    """Run these scripts to their next step or end; answer with ``Execution.scripts_paused``. One command a round."""

    items: tuple[Resumption, ...]


@dataclass(frozen=True, slots=True)
class PrepareRun:
    """Select and order the elements of a run; answer with the event ``RunStarted``.

    If the flow has ``refresh``, select only, and say ``refreshing``; ``OrderElements`` follows (R3).
    ``callers`` pairs each caller with the names that it passed, None meaning itself. The root has no parent and no
    callers: its elements come from its target.
    """

    flow: str
    inputs: Mapping[str, Any]
    path: tuple[str, ...]
    parent: int | None = None
    site: int | None = None
    turn: int | None = None
    callers: tuple[tuple[str, tuple[str, ...] | None], ...] = ()


class StartStep(NamedTuple):
    """Journal ``StepStarted``, then do it. ``element`` of the key is the caller, ``target`` where it runs.

    ``inputs`` are the flow's with the call's over them; ``steps`` the results of this element's earlier steps by
    task name (R43). ``batch`` counts from 1 (R21); ``wave`` is that of the run, counted from 1 (R18), in Serial
    0: starts of one run with the same number belong to one wave, whenever they come (R27).
    """

    key: StepKey
    call: Call
    line: int
    path: tuple[str, ...]
    target: str
    inputs: Mapping[str, Any] = NOTHING
    steps: Mapping[str, Mapping[str, Any]] = NOTHING
    batch: int = 1
    wave: int = 0


@dataclass(frozen=True, slots=True)
class OrderElements:
    """The settings of this run's elements are fresh: read their contexts anew, leave out those that failed, let the
    processing script order the others; answer with the event ``ElementsOrdered`` (R3)."""

    run: int
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartSoak:
    """Journal ``SoakStarted`` that ends so many seconds from now; its end is the timer of site 0 (R21)."""

    run: int
    batch: int
    seconds: float


@dataclass(frozen=True, slots=True)
class WaitForTimer:
    """At ``due_at`` (Unix seconds) something is over. What to do then, by the step of the key:

    a sleep: post its ``StepFinished``; an approval (``Execution.question_of(key)`` is not None): post
    ``QuestionAnswered(n, "timed_out", by="")``; site 0 without an element: post ``SoakEnded(key.run, key.turn)``;
    else a retry's turn has come: call ``Execution.timer_fired(key)``.
    """

    key: StepKey
    due_at: float


@dataclass(frozen=True, slots=True)
class EndWait:
    """The run stops: end this sleep at once, as succeeded (R31)."""

    key: StepKey


@dataclass(frozen=True, slots=True)
class TerminateStep:
    """The run was cancelled: end this step and find out what became of it (R34)."""

    key: StepKey


@dataclass(frozen=True, slots=True)
class Record:
    """Append this fact to the journal. A ``StepFinished`` here is a caller's of a child flow, or of an approval."""

    fact: Fact | StepFinished


Command = (
    ResumeScripts | PrepareRun | OrderElements | StartStep | StartSoak | WaitForTimer | EndWait | TerminateStep | Record
)
