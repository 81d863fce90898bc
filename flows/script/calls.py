"""What passes between scripts and whoever runs them: the engine's words, field by field, without importing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ElementDict = Mapping[str, Any]
"""One element as scripts see it: id, name, address, profile, groups, context (R1)."""


class ScriptProblem(Exception):
    """The author's script cannot do its work; the text names line, cause and elements (R6)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A step that a script waits for. Arguments are checked and in their normal form; times in seconds.

    ``name`` is the task's or flow's name, or the message of ``log`` and ``approve``. ``elements`` is what the caller
    of a child flow passed: names, each once, in the order of first mention; None for itself. ``element`` is the name
    of the target of ``run_task`` (R27), None for the caller. ``set_context`` has the inputs ``key`` and ``value``.
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
    """What a script decided about its element; the first one stands (R11, R29).

    ``finished``, ``aborted``: ``finish(message)``, ``abort(message)``. ``failed``: ``fail(message)``, or a
    ``StepFailed`` that nothing catches, whose reason is the message (also one that the host itself raised at an
    uncaught step, which the engine knew before). ``error``: any other uncaught exception. ``limit``: one that depends
    on the machine too (R44), so that it is not judged again. The message does not repeat ``line``, which counts from 1
    in the author's text and is the innermost line of the script that is known; where a session ran out of memory that
    may be the line of the last step before it. ``is_raised`` tells such a ``StepFailed`` from ``fail`` (R12).
    """

    kind: Literal["failed", "finished", "aborted", "error", "limit"]
    message: str
    line: int | None = None
    is_raised: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class InstanceId:
    """One script instance: an element in a run."""

    run: int
    element: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The script waits at a step. ``verdict`` is set when it already decided and is on its way out."""

    instance: InstanceId
    call: Call
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The script is over; no verdict means that it reached its end, or was stopped."""

    instance: InstanceId
    verdict: Verdict | None = None


Answer = Paused | Ended


@dataclass(frozen=True, slots=True)
class Begin:
    """Start the script from its first line."""


@dataclass(frozen=True, slots=True)
class Return:
    """Give the step's value, made of JSON values, to the script."""

    value: Any


@dataclass(frozen=True, slots=True)
class RaiseStepFailed:
    """Raise ``StepFailed(message)`` at the step (R13)."""

    message: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Raise what only ``finally`` sees (R31)."""


Resume = Begin | Return | RaiseStepFailed | Stop


@dataclass(frozen=True, slots=True)
class Resumption:
    """One instance and what it goes on with."""

    instance: InstanceId
    resume: Resume


@dataclass(frozen=True, slots=True)
class FlowScripts:
    """The texts of one flow version; an empty text does nothing."""

    processing: str
    execution: str


@dataclass(frozen=True, slots=True)
class Variables:
    """What the scripts of one run share (R8). ``run`` is {'id', 'flow', 'started_at'}; all are JSON values."""

    number: int
    flow: str
    elements: Sequence[ElementDict]
    inputs: Mapping[str, Any]
    run: Mapping[str, Any]
