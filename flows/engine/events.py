"""What happened in a run tree: the words of the journal, in the past tense.

*Inputs* (outcomes, starts, signals) are what a replay feeds to the engine. *Facts* follow from them: the engine
derives them, the journal keeps them for readers, and a replay derives them again. Runs of one tree are numbered
from 0, the root, in the order in which they started; elements are named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from flows.engine.status import ElementState, Mode, RunState, StepStatus

JsonObject = Mapping[str, Any]

QuestionKind = Literal["interrupted", "approval"]
Answer = Literal["retry", "succeeded", "failed", "approve", "reject", "timed_out"]

#: Steps whose ``StepFinished`` is a fact: it follows from what happened in a child run, or from an answer.
ENDED_BY_ENGINE = frozenset({"run_flow", "approve"})
#: The site of ``refresh`` steps, which stand in no script, and of the timers of soaks (R3, R21).
NO_SITE = 0


class StepKey(NamedTuple):
    """One attempt of one step: ``attempt`` and ``turn`` count from 1.

    Site 0 is no step of a script: there ``turn`` is the place of a task in ``refresh`` (R3), or, with no element, the
    batch after which a run soaks (R21).
    """

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
    ``refreshing``: the elements are those selected; an ``ElementsOrdered`` follows when their settings are fresh (R3).
    ``version`` is None for what is no version: a draft that is tried.
    ``seed`` is the root's, and what the jitter of retries comes from (R28).
    """

    run: int
    flow: str
    version: int | None
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
    refreshing: bool = False
    seed: str = ""


@dataclass(frozen=True, slots=True)
class ElementsOrdered:
    """A run that was ``refreshing`` has its elements in execution order; they replace those of its ``RunStarted``.

    ``skipped`` and ``problem`` as there. Elements whose refresh failed are in neither: they have failed (R3).
    """

    run: int
    elements: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """An attempt was decided; it may have been dispatched.

    ``until`` (Unix seconds) is the end of a sleep, or when an approval times out.
    """

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
class SoakStarted:
    """The batch has ended; the run waits before the next one, until then (Unix seconds, R21)."""

    run: int
    batch: int
    until: float


@dataclass(frozen=True, slots=True)
class SoakEnded:
    """The soak after this batch is over."""

    run: int
    batch: int


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
    """An operator decided about an interrupted step (R36) or an approval (R14); nobody did: ``timed_out``."""

    question: int
    answer: Answer
    by: str
    comment: str = ""


# --- facts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """The run needs an operator: questions are numbered from 1 in the root run.

    ``callers`` are the elements that wait for the answer, in their order; ``key`` is the first one's step. ``until``
    (Unix seconds) is when an approval times out.
    """

    question: int
    key: StepKey
    message: str
    options: tuple[str, ...] = ("retry", "succeeded", "failed")
    kind: QuestionKind = "interrupted"
    callers: tuple[str, ...] = ()
    until: float | None = None


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


Input = (
    RunStarted
    | ElementsOrdered
    | StepStarted
    | StepFinished
    | SoakStarted
    | SoakEnded
    | PauseRequested
    | ResumeRequested
    | CancelRequested
    | QuestionAnswered
)
Fact = LimitExceeded | QuestionAsked | ElementFinished | RunStateChanged | RunFinished
Event = Input | Fact
