"""Scripts as data: a seed makes them, a generator walks them, and ``text`` writes them as real scripts.

Nodes decide only by what scripts may know (R37): the element, its frozen context, and what steps returned.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

# --- conditions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameIn:
    """The element is one of these."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The element is the first, or the last, of the whole run (R8)."""

    which: Literal["first", "last"]


@dataclass(frozen=True, slots=True)
class Ok:
    """The step that returned this variable succeeded; false if it was not reached."""

    variable: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The variable is a mapping that holds this value under the key."""

    variable: str
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class ContextAbove:
    """The element's frozen context has more than this under the key."""

    key: str
    than: int


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    condition: "Condition"


Condition = NameIn | Place | Ok | Returned | ContextAbove | Not

# --- steps ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """``run_task``. ``target`` is another element's name (R27)."""

    name: str
    check: bool = True
    timeout: float | None = None
    retries: int | None = None
    target: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """``run_flow``. ``elements`` are names, ``"all"`` of the run, or None: the caller itself (R22). ``split``: every
    other element gives another input, so that callers do not share one child (R23)."""

    flow: str
    elements: tuple[str, ...] | Literal["all"] | None = None
    check: bool = True
    split: bool = False
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Sleep:
    """``sleep``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Approve:
    """``approve``. ``split``: every other element asks with another message, so that there are two questions (R20)."""

    message: str
    timeout: float = 86400.0
    check: bool = True
    split: bool = False
    into: str | None = None


@dataclass(frozen=True, slots=True)
class SetContext:
    """``set_context``."""

    key: str
    value: int


@dataclass(frozen=True, slots=True)
class GetContext:
    """``get_context``."""

    into: str


@dataclass(frozen=True, slots=True)
class Log:
    """``log``."""

    message: str


Step = Task | Child | Sleep | Approve | SetContext | GetContext | Log

# --- blocks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class If:
    """``if`` with an ``else``."""

    condition: Condition
    then: tuple["Node", ...]
    otherwise: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """``for _ in range(...)``: a number, or what the element's context says under a key."""

    rounds: int | str
    body: tuple["Node", ...]
    leave_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class While:
    """Goes on until the condition holds after a round, at most ``limit`` rounds."""

    until: Condition
    limit: int
    body: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Try:
    """``catches`` names what the handler catches; None: there is no handler. ``otherwise`` is its ``else``."""

    body: tuple["Node", ...]
    catches: Literal["StepFailed", "Exception"] | None = None
    handler: tuple["Node", ...] = ()
    otherwise: tuple["Node", ...] = ()
    final: tuple["Node", ...] = ()
    raises_again: bool = False


@dataclass(frozen=True, slots=True)
class Decide:
    """``fail``, ``finish``, ``abort`` (R11), or an error of the script: ``raise ValueError``."""

    kind: Literal["fail", "finish", "abort", "raise"]
    message: str
    condition: Condition | None = None


Node = Step | If | For | While | Try | Decide
Program = tuple[Node, ...]

STEP_OF: dict[type, str] = {
    Task: "run_task",
    Child: "run_flow",
    Sleep: "sleep",
    Approve: "approve",
    SetContext: "set_context",
    GetContext: "get_context",
    Log: "log",
}

# --- step sites -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Site:
    """A step's place, as R15, R19 and R29 speak of it; ``node`` is the call itself."""

    number: int
    node: Step
    loops: tuple[int, ...] = ()
    caught: bool = False
    in_finally: bool = False

    @property
    def step(self) -> str:
        """The step's word."""
        return STEP_OF[type(self.node)]


Path = tuple[int, ...]
"""Where a node stands: its place in its block, and that block's number, from the outside inward."""


@dataclass(frozen=True, slots=True)
class _Around:
    loops: tuple[int, ...] = ()
    caught: bool = False
    in_finally: bool = False


def sites_of(program: Program) -> dict[Path, Site]:
    """Every step with its number in source order, by its path (the same node may stand in two places)."""
    found: dict[Path, Site] = {}
    _collect(program, (), found, _Around())
    return found


def blocks(node: Node) -> Sequence[Program]:
    """The blocks that a node holds, in source order; a path names them by their place here."""
    match node:
        case If():
            return node.then, node.otherwise
        case For() | While():
            return (node.body,)
        case Try():
            return node.body, node.handler, node.otherwise, node.final
        case _:
            return ()


def _collect(program: Program, path: Path, found: dict[Path, Site], around: _Around) -> None:
    for place, node in enumerate(program):
        here = (*path, place)
        if isinstance(node, Step):
            found[here] = Site(len(found) + 1, node, around.loops, around.caught, around.in_finally)
        for number, block in enumerate(blocks(node)):
            _collect(block, (*here, number), found, _inside(node, number, around, len(found) + 1))


def _inside(node: Node, block: int, around: _Around, next_number: int) -> _Around:
    if isinstance(node, For | While):
        return replace(around, loops=(*around.loops, next_number))
    if isinstance(node, Try) and block == 0:
        return replace(around, caught=around.caught or node.catches is not None)
    if isinstance(node, Try) and block == 3:
        return replace(around, in_finally=True)
    return around


def nodes_of(program: Program) -> Iterator[Node]:
    """Every node, at every depth."""
    for node in program:
        yield node
        for block in blocks(node):
            yield from nodes_of(block)


def variables_of(program: Program) -> list[str]:
    """The variables that steps return into, each once."""
    named = (getattr(node, "into", None) for node in nodes_of(program))
    return list(dict.fromkeys(name for name in named if name is not None))
