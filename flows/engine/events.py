"""What happened in a run tree: the words of the journal, in the past tense.

*Inputs* (outcomes, starts, signals) are what a replay feeds to the engine. *Facts* follow from them: the engine
derives them, the journal keeps them for readers, and a replay derives them again. Runs of one tree are numbered
from 0, the root, in the order in which they started; elements are named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flows.engine.status import ElementState, Mode, RunState, StepStatus

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class StepKey:
    """One attempt of one step: ``attempt`` and ``turn`` count from 1."""

    run: int
    element: str
    site: int
    turn: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. ``result`` is what the script gets beside ``ok``, ``status`` and ``attempts`` (R12).

    ``reason`` is one line that says what happened, ``advice`` one that says what to do; both are empty on success.
    """

    status: StepStatus
    reason: str = ""
    advice: str = ""
    exit_code: int | None = None
    result: JsonObject = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when the step did what it should (R28)."""
        return self.status is StepStatus.SUCCEEDED


# --- inputs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A root or child run has its elements, in execution order, and may begin.

    A child names its caller: ``parent`` run, ``site`` and the ``callers`` in their order, ``turn`` of the first one.
    ``skipped`` were removed by the processing script (R24). ``unknown`` are names that a caller gave and that are
    no enabled elements: the callers that gave one fail, the others go on (R22). With a ``problem`` the run ends
    failed before its first step (R6, R7). ``sandbox`` says what ran the scripts, for whoever asks why a replay differs.
    """

    run: int
    flow: str
    version: int
    mode: Mode
    elements: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    inputs: JsonObject = field(default_factory=dict)
    parent: int | None = None
    site: int | None = None
    turn: int | None = None
    callers: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    problem: str = ""
    sandbox: str = ""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """An attempt was decided; it may have been dispatched. ``until`` (Unix seconds) is the end of a sleep."""

    key: StepKey
    step: str
    name: str | None
    line: int
    path: tuple[str, ...]
    target: str | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class StepFinished:
    """An attempt has its outcome. ``interrupted``: the worker died and nobody knows (R36)."""

    key: StepKey
    step: str
    name: str | None
    line: int
    path: tuple[str, ...]
    outcome: Outcome
    target: str | None = None


@dataclass(frozen=True, slots=True)
class PauseRequested:
    """Somebody asked for no new step (R33)."""

    by: str


@dataclass(frozen=True, slots=True)
class ResumeRequested:
    """Somebody ended the pause."""

    by: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Somebody cancelled the run (R34); a second time: skip the ``finally`` blocks too."""

    by: str


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """An operator decided about an interrupted step (R36)."""

    question: int
    answer: Literal["retry", "succeeded", "failed"]
    by: str
    comment: str = ""


# --- facts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """The run needs an operator: questions are numbered from 1 in the root run."""

    question: int
    key: StepKey
    message: str
    options: tuple[str, ...] = ("retry", "succeeded", "failed")


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """A script used more than it may, when it was resumed for the ``resumption``-th time (its beginning is the first).

    The script host's judgement, which depends on the machine: a replay takes it from here (R37).
    """

    run: int
    element: str
    resumption: int
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ElementFinished:
    """An element has its final state in one run. ``last_step`` is ``(site, turn)`` of its last finished step."""

    run: int
    element: str
    state: ElementState
    message: str = ""
    last_step: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RunStateChanged:
    """The root run went to a state that is not final, with the reason in words."""

    run: int
    state: RunState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run has ended (R32)."""

    run: int
    status: RunState
    reason: str = ""


Input = RunStarted | StepStarted | StepFinished | PauseRequested | ResumeRequested | CancelRequested | QuestionAnswered
Fact = LimitExceeded | QuestionAsked | ElementFinished | RunStateChanged | RunFinished
Event = Input | Fact
