"""The state of a run tree: runs, their script instances, the child flows under way. Changed by the engine alone."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from typing import Any

from flows.engine.commands import Call
from flows.engine.definitions import FlowSpec, SiteSpec
from flows.engine.events import Outcome, StepKey, StepStarted
from flows.engine.lockstep import Track
from flows.engine.status import COUNTS_AS_FAILED, ElementState, Mode, RunState
from flows.engine.threshold import Threshold, allowed_failures


class Phase(Enum):
    """What a script instance is doing."""

    PENDING = auto()  # its script has not begun
    IN_SCRIPT = auto()  # the host runs it
    WAITING = auto()  # it waits at a step that has not started
    STEPPING = auto()  # an attempt of its step is under way
    RETRYING = auto()  # its last attempt failed, the next has a time
    ASKING = auto()  # its attempt was interrupted, an operator decides (R36)
    ENDED = auto()


#: Phases in which a step of the instance is not over: no next wave can be chosen.
UNDER_WAY = frozenset({Phase.STEPPING, Phase.RETRYING, Phase.ASKING})


class Stopping(IntEnum):
    """Why nothing new starts in a run (R30, R34, R35). A greater one overrides a lesser one."""

    THRESHOLD = auto()
    ABORT = auto()
    CANCEL = auto()


@dataclass(slots=True, eq=False)
class Instance:
    """One element in one run, and how far its script came."""

    element: str
    index: int
    phase: Phase = Phase.PENDING
    call: Call | None = None
    track: Track = field(default_factory=Track)
    turns: dict[int, int] = field(default_factory=dict)
    attempt: int = 1
    failed_attempts: int = 0
    started: bool = False  # one of its steps was started (R31)
    decided: ElementState | None = None  # the state it will end with
    message: str = ""
    unwinding: bool = False  # on its way out: only finally steps are left
    stop_pending: bool = False  # gets Stop at its next step outside of finally
    holds_slot: bool = False
    last_step: tuple[int, int] | None = None
    step_started: StepStarted | None = None
    last_outcome: Outcome | None = None
    steps: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def key(self, run: int) -> StepKey:
        """The attempt that is waiting or under way."""
        site = self.waiting_call.site
        return StepKey(run, self.element, site, self.turns[site], self.attempt)

    @property
    def waiting_call(self) -> Call:
        """The step that the script asked for last."""
        if self.call is None:
            raise AssertionError(f"{self.element} has not asked for a step")
        return self.call

    def reach(self, site: SiteSpec, call: Call) -> None:
        """The script asks for this step now."""
        self.call = call
        self.track = self.track.moved_to(site)
        self.turns[site.number] = self.turns.get(site.number, 0) + 1
        self.attempt, self.failed_attempts = 1, 0
        self.step_started, self.last_outcome = None, None


@dataclass(slots=True, eq=False)
class ChildGroup:
    """Callers of one wave that share a child run (R22, R23): pairs of caller and the names it passed, or None."""

    flow: str
    inputs: Mapping[str, Any]
    callers: tuple[tuple[Instance, tuple[str, ...] | None], ...]
    site: SiteSpec
    child: int | None = None
    unknown: frozenset[str] = frozenset()
    started: int = 0  # callers whose step has started

    @property
    def first(self) -> Instance:
        """The caller that the child is named by."""
        return self.callers[0][0]

    @property
    def ready(self) -> bool:
        """True when all callers have started and the child can be prepared."""
        return self.child is None and self.started == len(self.callers)


@dataclass(slots=True, eq=False)
class RunNode:
    """One run of the tree. ``queue`` holds instances whose step may start, in element order."""

    number: int
    spec: FlowSpec
    elements: tuple[str, ...]
    inputs: Mapping[str, Any]
    path: tuple[str, ...]
    threshold: Threshold
    parent: int | None = None
    skipped: frozenset[str] = frozenset()
    instances: dict[str, Instance] = field(default_factory=dict)
    pending: deque[Instance] = field(default_factory=deque)
    queue: deque[Instance] = field(default_factory=deque)
    groups: list[ChildGroup] = field(default_factory=list)
    failed: int = 0
    in_script: int = 0
    stepping: int = 0
    slots: int = 0
    active: int = 0
    stopping: Stopping | None = None
    stop_reason: str = ""
    state: RunState = RunState.RUNNING
    reason: str = ""

    def __post_init__(self) -> None:
        """Every element gets an instance, none has begun."""
        self.instances = {name: Instance(name, index) for index, name in enumerate(self.elements)}
        self.pending = deque(self.instances.values())

    @property
    def serial(self) -> bool:
        """True when all steps of one element go before the next element."""
        return self.spec.mode is Mode.SERIAL

    @property
    def allowed(self) -> int:
        """How many elements may fail."""
        return allowed_failures(self.threshold, len(self.elements))

    def site(self, number: int) -> SiteSpec:
        """The step site with this number."""
        return self.spec.sites[number - 1]

    def live(self) -> Iterator[Instance]:
        """Instances that have not ended, in element order."""
        return (instance for instance in self.instances.values() if instance.phase is not Phase.ENDED)

    def count_failure(self, instance: Instance, state: ElementState, message: str) -> None:
        """Decide the element's state, once; failures count for the threshold (R29, R30)."""
        if instance.decided is not None:
            return
        instance.decided, instance.message = state, message
        if state in COUNTS_AS_FAILED:
            self.failed += 1

    def group_of(self, instance: Instance) -> ChildGroup | None:
        """The child flow that this instance calls, if it waits for one."""
        return next((g for g in self.groups if any(caller is instance for caller, _ in g.callers)), None)

    def enter_script(self, instance: Instance) -> None:
        """The host runs the instance now."""
        self._leave(instance)
        instance.phase = Phase.IN_SCRIPT
        self.in_script += 1

    def wait(self, instance: Instance) -> None:
        """The instance waits for its step to start."""
        self._leave(instance)
        instance.phase = Phase.WAITING

    def step(self, instance: Instance, phase: Phase = Phase.STEPPING) -> None:
        """An attempt is under way, or (RETRYING, ASKING) between two attempts."""
        self._leave(instance)
        instance.phase = phase
        self.stepping += 1

    def end(self, instance: Instance) -> None:
        """The instance is over."""
        if instance.phase is not Phase.PENDING:
            self.active -= 1
        self._leave(instance)
        instance.phase = Phase.ENDED
        instance.step_started = None

    def take_slot(self, instance: Instance) -> None:
        """Count the instance's step for the concurrency of a wave."""
        if not instance.holds_slot:
            instance.holds_slot = True
            self.slots += 1

    def free_slot(self, instance: Instance) -> None:
        """Its step needs no slot any more."""
        if instance.holds_slot:
            instance.holds_slot = False
            self.slots -= 1

    def _leave(self, instance: Instance) -> None:
        if instance.phase is Phase.IN_SCRIPT:
            self.in_script -= 1
        elif instance.phase in UNDER_WAY:
            self.stepping -= 1
