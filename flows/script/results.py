"""How a script reads what its steps returned, and its run: what a plan knows, what it shows as null, what it cannot
follow (R40).

A plan assumes that every step succeeds, so ``ok``, ``status`` and ``exit_code`` are known, and of a child flow also
``elements``, ``failed`` and ``messages``. What else a result holds is unknown; where it is only put into the text of a
message or the input of a task, nothing that runs depends on it.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flows.script.analysis import sites_of, step_calls
from flows.script.names import all_bindings
from flows.script.source import Source, read

KNOWN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "run_task": frozenset({"ok", "status", "exit_code"}),
        "run_flow": frozenset({"ok", "status", "elements", "failed", "messages"}),
        "run": frozenset({"flow"}),
    }
)
"""The keys of each kind of value that a plan knows."""

TEXT_KEYS: Final = frozenset({"output", "run", "id", "started_at"})
"""Unknown keys whose value may be put into a text."""

TEXT_METHODS: Final = frozenset({"strip", "lstrip", "rstrip", "upper", "lower"})


@dataclass(frozen=True, slots=True)
class Beyond:
    """The script does at this line what a plan cannot follow; ``what`` says it in words."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Reads:
    """``unknown_messages`` are the sites whose message holds something unknown; ``beyond`` comes in source order."""

    unknown_messages: frozenset[int]
    beyond: tuple[Beyond, ...]


def reads_of(text: str) -> Reads:
    """How an execution script reads results and its run. Raises ``Unreadable`` when it does not parse."""
    return _Reader(read(text)).reads()


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._parents = {child: node for node in source.nodes for child in ast.iter_child_nodes(node)}
        by_offset = {site.offset: site.number for site in sites_of(source)}
        self._steps = {found.call: found.step for found in step_calls(source)}
        self._numbers = {call: by_offset.get(source.end_offset(call.func)) for call in self._steps}
        self._messages: set[int] = set()
        self._beyond: list[Beyond] = []

    def reads(self) -> Reads:
        """Look at every value that came from a step, and at the run."""
        for node, kind in self._values():
            self._look(node, kind)
        return Reads(frozenset(self._messages), tuple(sorted(self._beyond, key=lambda found: found.line)))

    def _values(self) -> Iterator[tuple[ast.expr, str]]:
        """The places where a result or the run is used, with what it is; ``anything`` where that cannot be told."""
        kinds: dict[str, set[str]] = {"run": {"run"}}
        for call, step in self._steps.items():
            if step not in KNOWN:
                continue
            target = self._bound_name(call)
            if target is None:
                yield call, step
            else:
                kinds.setdefault(target, set()).add(step)
        results = sum(self._bound_name(call) is not None for call, step in self._steps.items() if step in KNOWN)
        bound = [name for name, _ in all_bindings(self._source) if name in kinds]
        for node in self._source.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in kinds:
                told = kinds[node.id]
                yield node, next(iter(told)) if len(told) == 1 and len(bound) <= results else "anything"

    def _bound_name(self, call: ast.Call) -> str | None:
        """The name of ``name = run_task(...)``."""
        match self._parents.get(call):
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is call:
                return name
            case _:
                return None

    def _look(self, node: ast.expr, kind: str) -> None:
        match self._parents.get(node):
            case ast.Expr():
                return
            case ast.Subscript(value=value, slice=ast.Constant(value=str(key))) as read_ if value is node:
                if key in KNOWN.get(kind, ()) or (key in TEXT_KEYS and self._is_only_told(read_)):
                    return
                self._add(node, f"the script uses [{key!r}] of {_words(kind)}, which is not known before it runs")
            case _:
                self._add(node, f"the script passes {_words(kind)} on as a whole, and may decide by it")

    def _is_only_told(self, node: ast.expr) -> bool:
        """True where the value only becomes part of a message or of an input of a task; notes the message's site."""
        inner: ast.AST = node
        while (outer := self._parents.get(inner)) is not None:
            if isinstance(outer, ast.Call) and outer in self._steps:
                return self._is_told_by(outer, inner)
            if isinstance(outer, ast.keyword):
                call = self._parents[outer]
                return isinstance(call, ast.Call) and self._steps.get(call) == "run_task" and outer.arg not in _DECIDING
            if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id == "fail":
                return True
            if not _stays_text(outer):
                return False
            inner = outer
        return False

    def _is_told_by(self, call: ast.Call, argument: ast.AST) -> bool:
        if self._steps[call] != "log" or argument is call.func:
            return False
        number = self._numbers[call]
        if number is not None:
            self._messages.add(number)
        return True

    def _add(self, node: ast.expr, what: str) -> None:
        self._beyond.append(Beyond(node.lineno, what))


_DECIDING: Final = frozenset({"element", "check", "timeout", "retries", None})
"""Keywords of ``run_task`` that are no inputs."""


def _stays_text(node: ast.AST) -> bool:
    """True for what makes a text of a text, whatever it says."""
    match node:
        case ast.BinOp(op=ast.Add()) | ast.JoinedStr() | ast.FormattedValue(format_spec=None):
            return True
        case ast.Attribute(attr=attr):
            return attr in TEXT_METHODS
        case ast.Call(func=ast.Name(id="str"), args=[_], keywords=[]):
            return True
        case ast.Call(func=ast.Attribute(attr=attr), args=[], keywords=[]):
            return attr in TEXT_METHODS
        case _:
            return False


def _words(kind: str) -> str:
    told = {"run_task": "what run_task returned", "run_flow": "what run_flow returned", "run": "its run"}
    return told.get(kind, "what a step returned")
