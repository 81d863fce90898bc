"""From a seed to a scenario. The same seed gives the same scenario, whatever was made before."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.simulation.program import (
    Approve,
    Child,
    Condition,
    ContextAbove,
    Decide,
    For,
    GetContext,
    If,
    Log,
    NameIn,
    Node,
    Not,
    Ok,
    Place,
    Program,
    Returned,
    SetContext,
    Sleep,
    Step,
    Task,
    Try,
    While,
)
from tests.simulation.scenario import (
    Asked,
    FlowRules,
    KeepAbove,
    OrderBy,
    Processing,
    Scenario,
    Shift,
    ShiftKind,
    Storm,
    TaskRules,
    Trouble,
)

TASKS = "ABCDE"
SHIFTS: tuple[ShiftKind, ...] = (
    "dies", "dies", "dies", "taken_over", "retires", "loses_lease", "journal_fails", "write_hangs", "scripts_lost",
)  # fmt: skip
#: A task that no trouble befalls and that stores what it finds.
FRESH = "fresh"


def scenario_of(seed: int) -> Scenario:
    """The scenario of this seed."""
    chance = random.Random(seed)
    names = [f"E{number}" for number in range(1, chance.choice((1, 2, 3, 3, 4, 5, 6)) + 1)]
    depth = chance.choice((0, 0, 1, 1, 2, 3))
    writer = _Writer(chance, names)
    flows = tuple(writer.flow(level, depth) for level in range(depth + 1))
    return Scenario(
        seed=seed,
        contexts={name: {"rank": chance.randrange(4), "rounds": chance.randrange(3)} for name in names},
        flows=flows,
        tasks=(*(_task(chance, name) for name in TASKS), _task(chance, FRESH, saves=True)),
        trouble=_trouble(chance),
        storm=_storm(chance),
    )


def _task(chance: random.Random, name: str, *, saves: bool = False) -> TaskRules:
    return TaskRules(
        name,
        retries=chance.choice((0, 0, 1, 2)),
        delay=chance.choice((0.0, 1.0, 4.0)),
        backoff=chance.choice((1.0, 2.0)),
        jitter=chance.choice((0.0, 0.5)),
        on_interrupt=chance.choice(("retry", "retry", "retry", "fail", "ask")),
        saves=saves or chance.random() < 0.1,
    )


def _trouble(chance: random.Random) -> Trouble:
    if chance.random() < 0.25:
        return Trouble(even=chance.random() < 0.5)
    return Trouble(
        fail=chance.choice((0.05, 0.15, 0.4)),
        unreachable=chance.choice((0.0, 0.05)),
        hang=chance.choice((0.0, 0.0, 0.05)),
        breaks=chance.choice((0.0, 0.0, 0.0, 0.03)),
        even=chance.random() < 0.3,
        refuse=chance.choice((0.0, 0.2)),
        silent=chance.choice((0.0, 0.2)),
    )


def _storm(chance: random.Random) -> Storm:
    gaps = (0.0, 0.0, 1.0, 15.0)
    shifts = [
        Shift(chance.choice(SHIFTS), chance.random() ** 2 * 1.1, chance.choice(gaps))
        for _ in range(chance.randrange(5))
    ]
    asked: list[Asked] = []
    if chance.random() < 0.35:
        asked.append(Asked("pause", chance.random() * 15))
    if chance.random() < 0.3:
        asked.append(Asked("cancel", chance.random() ** 2 * 60))
    if asked and chance.random() < 0.2:
        asked.append(Asked("cancel", chance.random() ** 2 * 60))
    return Storm(tuple(shifts), tuple(asked), chance.choice((0.0, 0.0, 0.0, 0.1)))


@dataclass
class _Writer:
    """Writes flows. A flow calls those below it: F2 calls F3 and F4."""

    chance: random.Random
    names: Sequence[str]
    children: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    count: int = 0

    def flow(self, level: int, depth: int) -> FlowRules:
        """The flow F1, F2, ... of a level."""
        chance = self.chance
        mode: Literal["serial", "parallel"] = chance.choice(("serial", "parallel", "parallel"))
        self.children = tuple(f"F{number + 1}" for number in range(level + 1, depth + 1))
        self.variables = ()
        program = self.block(2 if level == 0 else 1, small=level > 0)
        batches = self.batches() if mode == "parallel" and chance.random() < 0.25 else ()
        return FlowRules(
            name=f"F{level + 1}",
            mode=mode,
            program=program,
            concurrency=chance.choice((1, 1, 2, 3)) if mode == "serial" else chance.choice((1, 2, 3, 50, 50)),
            threshold=self.threshold(level),
            on_empty=chance.choice(("fail", "succeed")),
            batches=batches,
            soak=chance.choice((0.0, 5.0, 40.0)) if batches else 0.0,
            refresh=self.refresh(),
            processing=self.processing(level),
        )

    def threshold(self, level: int) -> int | str | None:
        """Numbers and percentages; a child has its caller's most of the time."""
        if level and self.chance.random() < 0.6:
            return None
        return self.chance.choice((None, 0, 1, 2, "25%", "34%", "50%", "67%", "100%", "100%", "100%"))

    def batches(self) -> tuple[int | str, ...]:
        """Sizes as an author writes them."""
        sizes: tuple[int | str, ...] = (1, 2, 3, "1%", "34%", "50%", "100%")
        return tuple(self.chance.choice(sizes) for _ in range(self.chance.randrange(1, 4)))

    def refresh(self) -> tuple[str, ...]:
        """Seldom any."""
        if self.chance.random() < 0.88:
            return ()
        return self.chance.choice(((FRESH,), ("A",), (FRESH, "B")))

    def processing(self, level: int) -> Processing | None:
        """An order or a filter, by what never changes or by what steps store."""
        lot = self.chance.random()
        if lot < 0.15:
            return OrderBy("rank", self.chance.random() < 0.5)
        if lot < 0.25:
            return KeepAbove("rank", 0)
        if lot < 0.32 and level:
            return OrderBy("rounds", reverse=True)
        return None

    # --- programs ---------------------------------------------------------------------------------------------------

    def block(self, depth: int, *, small: bool = False, final: bool = False) -> Program:
        """One to four nodes."""
        return tuple(self.node(depth, final) for _ in range(self.chance.randrange(1, 3 if small or final else 5)))

    def node(self, depth: int, final: bool) -> Node:
        """A step or a block. In a ``finally`` nothing may leave it, and nothing is raised (R15)."""
        kinds: dict[str, float] = {"step": 10, "if": 1.5, "try": 2.5, "for": 1.5, "while": 0.8, "decide": 0.9}
        if depth == 0:
            kinds = {"step": 10, "decide": 0.9}
        if final:
            kinds = {"step": 10, "if": 1.0} if depth else {"step": 10}
        kind = self.chance.choices(list(kinds), list(kinds.values()))[0]
        makers: dict[str, Callable[[], Node]] = {
            "step": lambda: self.step(final),
            "decide": self.decide,
            "if": lambda: If(
                self.condition(), self.block(depth - 1, small=True, final=final), self.maybe(depth, final)
            ),
            "for": lambda: For(
                self.chance.choice((1, 2, "rounds", "rounds")), self.block(depth - 1, small=True),
                self.condition() if self.chance.random() < 0.3 else None,
            ),
            "while": lambda: While(self.condition(), self.chance.choice((2, 3)), self.block(depth - 1, small=True)),
            "try": lambda: self.guarded(depth),
        }  # fmt: skip
        return makers[kind]()

    def maybe(self, depth: int, final: bool = False) -> Program:
        """A block, or nothing."""
        return self.block(depth - 1, small=True, final=final) if self.chance.random() < 0.5 else ()

    def guarded(self, depth: int) -> Try:
        """A ``try`` with a handler, a ``finally`` or both."""
        catches: Literal["StepFailed", "Exception"] | None = self.chance.choice((None, "StepFailed", "Exception"))
        body = self.block(depth - 1, small=True)
        handler = self.maybe(depth) if catches else ()
        otherwise = self.maybe(depth) if catches and self.chance.random() < 0.3 else ()
        final = self.block(depth - 1, final=True) if catches is None or self.chance.random() < 0.4 else ()
        return Try(body, catches, handler, otherwise, final, bool(catches) and self.chance.random() < 0.25)

    def decide(self) -> Decide:
        """``fail`` and its like, for some elements."""
        kind = self.chance.choices(("fail", "finish", "raise", "abort"), (4, 3, 3, 1.5))[0]
        return Decide(kind, "enough", self.condition() if self.chance.random() < 0.85 else None)  # type: ignore[arg-type]

    def condition(self) -> Condition:
        """By the element's name, place or context, or by what a step returned."""
        chance = self.chance
        lot = chance.random()
        if self.variables and lot < 0.4:
            variable = chance.choice(self.variables)
            found: Condition = Ok(variable) if variable[0] != "r" or chance.random() < 0.5 else Returned(
                variable, "data", chance.randrange(3)
            )  # fmt: skip
            if variable[0] == "c":
                found = Returned(variable, "mark", 1)
        elif lot < 0.7:
            found = NameIn(tuple(sorted(chance.sample(self.names, chance.randrange(1, len(self.names) + 1)))))
        elif lot < 0.85:
            found = Place(chance.choice(("first", "last")))
        else:
            found = ContextAbove("rank", chance.randrange(3))
        return Not(found) if chance.random() < 0.3 else found

    def step(self, final: bool) -> Step:
        """One step. Children are called from a ``finally`` more often than elsewhere: they go on when a run stops."""
        weights: dict[Callable[[], Step], float] = {
            self.task: 12,
            self.sleep: 1.6,
            self.log: 1,
            self.set_context: 0.8,
            self.get_context: 0.8,
            self.approve: 0.8,
        }
        if self.children:
            weights[self.child] = 12 if final else 4
        return self.chance.choices(list(weights), list(weights.values()))[0]()

    def task(self) -> Task:
        """A task, sometimes on another element."""
        chance = self.chance
        return Task(
            chance.choice((*TASKS, *TASKS, FRESH)),
            check=chance.random() < 0.75,
            timeout=chance.choice((None, None, None, 2.0, 30.0)),
            retries=chance.choice((None, None, None, 0, 1)),
            target=chance.choice(self.names) if chance.random() < 0.12 else None,
            into=self.variable("r") if chance.random() < 0.4 else None,
        )

    def child(self) -> Child:
        """A child flow: for itself, for all, or for some."""
        chance = self.chance
        some = tuple(chance.sample([*self.names, "nobody"], chance.randrange(0, len(self.names) + 1)))
        if "nobody" in some and chance.random() < 0.7:
            some = tuple(name for name in some if name != "nobody")
        elements: Any = chance.choice((None, None, None, "all", some))
        return Child(
            chance.choice(self.children), elements, chance.random() < 0.7, chance.random() < 0.2,
            self.variable("f") if chance.random() < 0.3 else None,
        )  # fmt: skip

    def sleep(self) -> Sleep:
        """A short or a long sleep: past half a minute the worker is freed."""
        return Sleep(self.chance.choice((0.0, 1.0, 7.0, 7.0, 300.0)))

    def log(self) -> Log:
        """A line."""
        return Log("here")

    def set_context(self) -> SetContext:
        """A setting."""
        return SetContext("mark", self.chance.randrange(2))

    def get_context(self) -> GetContext:
        """The settings as they are now."""
        return GetContext(self.variable("c"))

    def approve(self) -> Approve:
        """A question to a person."""
        return Approve(
            "go on", self.chance.choice((10.0, 86400.0, 86400.0)), self.chance.random() < 0.7,
            self.chance.random() < 0.3, self.variable("a") if self.chance.random() < 0.4 else None,
        )  # fmt: skip

    def variable(self, kind: str) -> str:
        """A new name; its first letter says what it holds."""
        self.count += 1
        name = f"{kind}{self.count}"
        self.variables = (*self.variables, name)
        return name
