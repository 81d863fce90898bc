"""The state of a run tree: runs, their script instances, what some share. Changed by the engine alone."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, auto
from operator import attrgetter
from typing import Any

from flows.engine.commands import InstanceId
from flows.engine.definitions import REFRESH_CONCURRENCY, REFRESH_SITE, FlowSpec, SiteSpec
from flows.engine.instances import UNDER_WAY, Instance, Phase
from flows.engine.lockstep import Position, Track, least
from flows.engine.status import COUNTS_AS_FAILED, ElementState, Mode, RunState
from flows.engine.threshold import Threshold, allowed_failures

_BY_INDEX = attrgetter("index")


class Stopping(IntEnum):
    """Why nothing new starts in a run (R30, R34, R35). A greater one overrides a lesser one."""

    THRESHOLD = auto()
    ABORT = auto()
    CANCEL = auto()


class Refresh(IntEnum):
    """How far the refresh of a run is (R3): its tasks run, its elements are put in order, or there is none."""

    NONE = 0
    STEPPING = 1
    ORDERING = 2


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
class Approval:
    """Callers of one wave that wait for the same answer (R14, R20). ``number`` is the question's, once it is asked."""

    callers: list[Instance]
    message: str
    check: bool
    number: int | None = None
    started: int = 0  # callers whose step has started


@dataclass(slots=True, eq=False)
class RunNode:
    """One run of the tree. ``queue`` holds instances whose step may start, in element order; ``behind`` those of a
    Parallel run that wait for their wave, by position; among them may be some that have left it since.

    ``elements`` are those in execution order; while the run refreshes, those selected. ``instances`` has those whose
    refresh failed too. ``parked`` counts instances that wait for their target (R27).
    """

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
    behind: dict[Position, list[Instance]] = field(default_factory=dict)
    groups: list[ChildGroup] = field(default_factory=list)
    refresh: Refresh = Refresh.NONE
    refreshed: int = 0  # tasks of the refresh that have begun
    batch: int = 0
    soaked: int = 0
    soaking: bool = False
    wave: int = 0
    failed: int = 0
    in_script: int = 0
    stepping: int = 0
    parked: int = 0
    slots: int = 0
    active: int = 0
    stopping: Stopping | None = None
    stop_reason: str = ""
    state: RunState = RunState.RUNNING
    reason: str = ""
    serial: bool = False
    sites: tuple[SiteSpec, ...] = ()
    _tracks: tuple[Track | None, ...] = ()

    def __post_init__(self) -> None:
        """Every element gets an instance, none has begun."""
        self.serial = self.spec.mode is Mode.SERIAL
        self.sites = (REFRESH_SITE, *self.spec.sites)
        self._tracks = tuple(None if site.loops else Track().moved_to(site) for site in self.sites)
        self.order(self.elements)

    def order(self, elements: tuple[str, ...]) -> None:
        """These elements are to run, in this order; instances that have ended are kept."""
        ended = {name: instance for name, instance in self.instances.items() if instance.phase is Phase.ENDED}
        new = {name: Instance(InstanceId(self.number, name), index) for index, name in enumerate(elements)}
        self.elements, self.instances = elements, {**ended, **new}
        self.pending, self.active = deque(new.values()), 0

    @property
    def size(self) -> int:
        """How many elements the run has: those in execution order, and those whose refresh failed."""
        return len(self.instances)

    @property
    def allowed(self) -> int:
        """How many elements may fail."""
        return allowed_failures(self.threshold, self.size)

    @property
    def concurrency(self) -> int:
        """How many task steps of a wave may run at the same moment; Serial flows refresh like Parallel ones (R3)."""
        return REFRESH_CONCURRENCY if self.serial else self.spec.concurrency

    def site(self, number: int) -> SiteSpec:
        """The step site with this number; 0 is that of ``refresh``."""
        return self.sites[number]

    def track_to(self, instance: Instance, number: int) -> Track:
        """The way of this instance on to a site."""
        return self._tracks[number] or instance.track.moved_to(self.sites[number])

    def fall_behind(self, instance: Instance) -> None:
        """The instance waits for the wave that has its position."""
        self.behind.setdefault(instance.track.position, []).append(instance)

    def next_wave(self) -> list[Instance]:
        """Those with the least position, in element order; nobody, if nobody waits (R18). Cost: that of the wave."""
        while self.behind:
            position = least(self.behind)
            wave = [instance for instance in self.behind.pop(position) if instance.phase is Phase.WAITING]
            wave = [instance for instance in wave if instance.track.position == position]
            if wave:
                return sorted(wave, key=_BY_INDEX)
        return []

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

    def enter_script(self, instance: Instance) -> None:
        """The host runs the instance now."""
        if instance.phase is not Phase.WAITING:
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
