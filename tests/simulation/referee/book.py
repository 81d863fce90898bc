"""What the referee knows of one run: its elements, where their scripts are, who may step next.

Written from chapter 2 of the design, and without the engine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import Any, Literal

from flows.engine.commands import Call
from tests.simulation.program import Site
from tests.simulation.scenario import FlowRules
from tests.simulation.walking import Walk

Phase = Literal["pending", "in_script", "waiting", "running", "between", "asked", "ended"]
Decided = Literal["succeeded", "failed", "unreachable", "stopped", "cancelled", "not_started", "skipped"]
FAILED: frozenset[str] = frozenset({"failed", "unreachable"})
#: What fails the caller of a child flow (R24).
FAILS_CALLER: frozenset[str] = FAILED | {"stopped", "cancelled", "not_started"}

Position = tuple[tuple[int, int] | int, ...]


class Kind(IntEnum):
    """Why a run stops; a greater kind goes over a lesser one (R30, R35, R34)."""

    THRESHOLD = 1
    ABORT = 2
    CANCEL = 3


@dataclass(eq=False)
class Actor:
    """One element in one run."""

    name: str
    place: int
    walk: Walk
    phase: Phase = "pending"
    site: Site | None = None
    turns: dict[int, int] = field(default_factory=dict)
    rounds: list[int] = field(default_factory=list)
    attempt: int = 1
    failures: int = 0
    failed_by: Any = None  # the outcome of the last attempt
    may_retry_at: float = 0.0
    must_retry_at: float = 0.0
    begun: bool = False  # one of its steps was started
    state: Decided | None = None
    leaving: bool = False  # only its finally steps are left (R29, R31)
    stop_waits: bool = False  # the stop reaches it at its next step outside of finally
    last: tuple[int, int] | None = None
    question: int | None = None
    said: str | None = None  # by the fail or finish that decided

    @property
    def call(self) -> Call:
        """What it waits for."""
        assert self.walk.call is not None
        return self.walk.call

    @property
    def here(self) -> Site:
        """Where it is."""
        assert self.site is not None
        return self.site

    @property
    def turn(self) -> int:
        """How often it has come here."""
        return self.turns[self.here.number]

    @property
    def position(self) -> Position:
        """R19: each loop's first site with its round, from the outermost inward, then the site."""
        loops = zip(self.here.loops, self.rounds, strict=True)
        return (*(part for first, number in loops for part in (first, number)), self.here.number)

    def comes_to(self, site: Site) -> None:
        """R19: going back raises the round of the innermost loop around both, and those inside it begin anew."""
        before, self.site = self.site, site
        common = 0
        if before is not None:
            while common < min(len(before.loops), len(site.loops)) and before.loops[common] == site.loops[common]:
                common += 1
        rounds = self.rounds[:common]
        if before is not None and common and site.number <= before.number:
            rounds[common - 1] += 1
        self.rounds = rounds + [1] * (len(site.loops) - common)
        self.turns[site.number] = self.turns.get(site.number, 0) + 1
        self.attempt, self.failures, self.failed_by = 1, 0, None


@dataclass(eq=False)
class Family:
    """Callers of one wave that share a child (R22, R23)."""

    flow: str
    inputs: Mapping[str, Any]
    callers: list[Actor]
    passed: dict[str, tuple[str, ...]]
    in_finally: bool
    site: int
    turn: int
    child: "Book | None" = None
    unknown: frozenset[str] = frozenset()

    @property
    def all_started(self) -> bool:
        """Every caller's step has started."""
        return all(caller.phase == "running" for caller in self.callers)


@dataclass(eq=False)
class Book:
    """One run."""

    number: int
    rules: FlowRules
    names: Sequence[str]
    threshold: int | str
    parent: "Book | None" = None
    family: Family | None = None
    depth: int = 1
    skipped: Sequence[str] = ()
    actors: dict[str, Actor] = field(default_factory=dict)
    pending: list[Actor] = field(default_factory=list)
    later: list[list[Actor]] = field(default_factory=list)
    batch: int = 1
    soaking: Literal["", "wanted", "started"] = ""
    refreshing: bool = False
    unrefreshed: dict[str, Actor] = field(default_factory=dict)
    wave: list[Actor] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    failed: int = 0
    stopping: Kind | None = None
    ended: str = ""
    size: int = 0

    @property
    def serial(self) -> bool:
        """Element by element; what refreshes goes in waves all the same (R3)."""
        return self.rules.mode == "serial" and not self.refreshing

    @property
    def concurrency(self) -> int:
        """How many steps of a wave, or elements in progress, there may be."""
        return 50 if self.refreshing and self.rules.mode == "serial" else self.rules.concurrency

    @property
    def active(self) -> list[Actor]:
        """Those whose script has begun and not ended."""
        return [actor for actor in self.actors.values() if actor.phase not in ("pending", "ended")]

    @property
    def running(self) -> list[Actor]:
        """Those with an attempt under way."""
        return [actor for actor in self.actors.values() if actor.phase == "running"]

    def add(self, actors: Sequence[Actor]) -> None:
        """The elements in their order; the first batch is pending, the others come later (R21)."""
        self.actors = {actor.name: actor for actor in actors}
        left = list(actors)
        parts: list[list[Actor]] = []
        for size in sizes(self.rules.batches, len(left)):
            parts.append(left[:size])
            left = left[size:]
        self.pending, self.later = (parts[0], parts[1:]) if parts else ([], [])

    def passed_threshold(self) -> bool:
        """R30: more have failed than may."""
        return self.failed > allowed(self.threshold, self.size)

    def position_of_wave(self) -> list[Actor]:
        """R18: all that wait at the least position, in element order."""
        waiting = [actor for actor in self.actors.values() if actor.phase == "waiting"]
        least = min((actor.position for actor in waiting), default=())
        return [actor for actor in waiting if actor.position == least]

    def busy(self) -> bool:
        """A step of the run is under way, or its wave is not over: no next wave."""
        return bool(self.wave) or any(a.phase in ("running", "between", "asked", "in_script") for a in self.active)


def sizes(batches: Sequence[int | str], elements: int) -> Iterator[int]:
    """R21: the sizes as written, the last one repeating; percentages of all, rounded down, at least 1."""
    written = list(batches) or [elements or 1]
    left, number = elements, 0
    while left > 0:
        size = written[min(number, len(written) - 1)]
        count = size if isinstance(size, int) else max(1, int(elements * Fraction(size.rstrip("%")) / 100))
        yield min(count, left)
        left, number = left - count, number + 1


def allowed(threshold: int | str, elements: int) -> int:
    """R30: how many may fail; percentages are rounded down."""
    if isinstance(threshold, int):
        return threshold
    return int(elements * Fraction(threshold.rstrip("%")) / 100)


def stopped(book: Book) -> Decided:
    """What a stop makes of an element that had begun."""
    return "cancelled" if book.stopping is Kind.CANCEL else "stopped"


def state_in(child: Book, name: str) -> str:
    """What a child made of an element (R24)."""
    actor = child.unrefreshed.get(name) or child.actors.get(name)
    if actor is not None and actor.state is not None:
        return actor.state
    return "skipped" if name in child.skipped else "not_started"
