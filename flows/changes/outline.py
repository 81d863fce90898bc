"""A script as the list of what it does: its steps and other statements, each with what stands around it."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flows.changes.words import quoted
from flows.script.analysis import site_calls
from flows.script.signatures import SIGNATURES
from flows.script.source import Source
from flows.script.step_words import step_title

_STEP = "…"
"""Stands for a step within the code around it: what the step itself says is told with the step."""


@dataclass(frozen=True, slots=True)
class Item:
    """A step, with the ``number`` of its site, or another simple statement: then ``step`` is empty and ``code`` is all.

    ``name`` is the task's or flow's, as it is written where that is computed. ``arguments`` are code by name,
    ``around`` is the statement with steps as …, empty where it is the call alone. ``path`` says on what conditions it
    is reached, the outermost first, each as it stands in a sentence: ``only if this is the first element``.
    """

    number: int | None
    step: str
    name: str
    arguments: tuple[tuple[str, str], ...]
    around: str
    path: tuple[str, ...]
    line: int
    code: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes two items of two scripts the same one."""
        return (self.step, self.name or ("" if self.step else self.code))

    @property
    def label(self) -> str:
        """``step 3 Stop service``."""
        return f"step {self.number} {self.title}" if self.step else quoted(self.code)

    @property
    def title(self) -> str:
        """``Stop service``, ``flow Check``, ``Wait``."""
        named = {"run_task": self.name, "run_flow": f"flow {self.name}"}
        return named.get(self.step) or step_title(self.step)


#: Conditions on the element, as its block says them.
_POSITIONS = MappingProxyType(
    {
        "current == first": "this is the first element",
        "current == last": "this is the last element",
        "current != first": "this is not the first element",
        "current != last": "this is not the last element",
    }
)


def outline(source: Source) -> list[Item]:
    """In the order of the text."""
    numbers = {id(found.call): number for number, found in enumerate(site_calls(source), start=1)}
    return list(_Outline(numbers).of_body(source.tree.body, ()))


@dataclass(frozen=True, slots=True)
class _Outline:
    numbers: dict[int, int]

    def of_body(self, body: Sequence[ast.stmt], path: tuple[str, ...]) -> Iterator[Item]:
        for statement in body:
            yield from self._of_statement(statement, path)

    def _of_statement(self, node: ast.stmt, path: tuple[str, ...]) -> Iterator[Item]:
        if isinstance(node, ast.Pass):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield self._plain(node, path)
            return
        blocks = list(self._blocks(node))
        if not blocks:
            yield from self._of_simple(node, path)
            return
        yield from self._steps_of(self._header(node), path, self._headline(node))
        for condition, body in blocks:
            yield from self.of_body(body, (*path, condition))

    def _of_simple(self, node: ast.stmt, path: tuple[str, ...]) -> Iterator[Item]:
        alone = isinstance(node, ast.Expr) and id(node.value) in self.numbers
        steps = list(self._steps_of([node], path, "" if alone else self._with_gaps(node)))
        yield from steps or [self._plain(node, path)]

    def _steps_of(self, nodes: Sequence[ast.AST], path: tuple[str, ...], around: str) -> Iterator[Item]:
        calls = [call for node in nodes for call in ast.walk(node) if id(call) in self.numbers]
        for call in sorted(calls, key=lambda call: self.numbers[id(call)]):
            assert isinstance(call, ast.Call)
            yield self._step(call, path, around)

    def _step(self, call: ast.Call, path: tuple[str, ...], around: str) -> Item:
        assert isinstance(call.func, ast.Name)
        step = call.func.id
        arguments = _arguments(step, call, self._with_gaps)
        name = ""
        if step in ("run_task", "run_flow") and arguments:
            first = call.args[0] if call.args else None
            is_plain = isinstance(first, ast.Constant) and isinstance(first.value, str)
            name = first.value if is_plain else arguments[0][1]  # type: ignore[union-attr]
            arguments = arguments[1:]
        code = self._with_gaps(call)
        return Item(self.numbers[id(call)], step, name, tuple(arguments), around, path, call.lineno, code)

    def _plain(self, node: ast.stmt, path: tuple[str, ...]) -> Item:
        return Item(None, "", "", (), "", path, node.lineno, _unparsed(node))

    def _blocks(self, node: ast.stmt) -> Iterator[tuple[str, Sequence[ast.stmt]]]:
        """The bodies of a compound statement, each with when it is reached."""
        match node:
            case ast.If():
                test = self._with_gaps(node.test)
                yield f"only if {_POSITIONS.get(test, test)}", node.body
                yield f"only if {_negated(node.test, test)}", node.orelse
            case ast.For() | ast.AsyncFor():
                yield f"for each {self._with_gaps(node.target)} in {self._with_gaps(node.iter)}", node.body
                yield "after the whole loop", node.orelse
            case ast.While():
                yield f"again while {self._with_gaps(node.test)}", node.body
                yield "after the whole loop", node.orelse
            case ast.Try() | ast.TryStar():
                caught = ", ".join(
                    self._with_gaps(handler.type) if handler.type else "all" for handler in node.handlers
                )
                yield f"with {caught} caught" if caught else "before a finally", node.body
                for handler in node.handlers:
                    yield f"only after {self._with_gaps(handler.type) if handler.type else 'a failure'}", handler.body
                yield "only without a failure", node.orelse
                yield "finally, whatever happened", node.finalbody
            case ast.With() | ast.AsyncWith():
                yield f"with {', '.join(map(self._with_gaps, node.items))}", node.body
            case ast.Match():
                subject = self._with_gaps(node.subject)
                for case in node.cases:
                    guard = f" if {self._with_gaps(case.guard)}" if case.guard else ""
                    yield f"only if {subject} is {_unparsed(case.pattern)}{guard}", case.body

    def _header(self, node: ast.stmt) -> list[ast.AST]:
        """Where a compound statement itself may call steps."""
        match node:
            case ast.If() | ast.While():
                return [node.test]
            case ast.For() | ast.AsyncFor():
                return [node.target, node.iter]
            case ast.With() | ast.AsyncWith():
                return list(node.items)
            case ast.Match():
                return [node.subject, *(case.guard for case in node.cases if case.guard)]
        return []

    def _headline(self, node: ast.stmt) -> str:
        words = {ast.If: "if", ast.While: "while", ast.For: "for", ast.With: "with", ast.Match: "match"}
        return f"{words.get(type(node), '')} {', '.join(map(self._with_gaps, self._header(node)))}".strip()

    def _with_gaps(self, node: ast.AST) -> str:
        """The code of a node, steps as …; of a step all but the steps in its arguments."""
        if id(node) in self.numbers and isinstance(node, ast.Call):
            inner: list[ast.AST] = [*node.args, *(keyword.value for keyword in node.keywords)]
        else:
            inner = [node]
        if not any(id(below) in self.numbers for part in inner for below in ast.walk(part)):
            return _unparsed(node)
        return _unparsed(_Gaps(self.numbers, keep=node).visit(node))


class _Gaps(ast.NodeTransformer):
    """Copies as it goes: a tree that somebody else holds is not changed."""

    def __init__(self, numbers: dict[int, int], keep: ast.AST) -> None:
        self._numbers = numbers
        self._keep = keep

    def visit(self, node: ast.AST) -> Any:
        if id(node) in self._numbers and node is not self._keep:
            return ast.Name(_STEP)
        values = {
            name: [self.visit(item) if isinstance(item, ast.AST) else item for item in value]
            if isinstance(value, list)
            else self.visit(value)
            if isinstance(value, ast.AST)
            else value
            for name, value in ast.iter_fields(node)
        }
        return ast.copy_location(type(node)(**values), node)


def _arguments(step: str, call: ast.Call, code: Any) -> list[tuple[str, str]]:
    """Those given by place first, named as the step's signature names them."""
    names = [parameter.name for parameter in SIGNATURES[step].parameters]
    placed = [
        (names[at] if at < len(names) else f"argument {at + 1}", code(value)) for at, value in enumerate(call.args)
    ]
    return placed + [(keyword.arg or "**", code(keyword.value)) for keyword in call.keywords]


def _negated(node: ast.expr, code: str) -> str:
    told = _POSITIONS.get(code)
    if told is None:
        return f"not {_bracketed(node, code)}"
    return told.replace("is not the", "is the") if "is not the" in told else told.replace("is the", "is not the")


def _bracketed(node: ast.expr, code: str) -> str:
    return f"({code})" if isinstance(node, ast.BoolOp | ast.Compare | ast.IfExp | ast.Lambda) else code


def _unparsed(node: ast.AST) -> str:
    """Python's own way of writing it; comments and layout do not count."""
    return ast.unparse(node)
