"""Why a piece of Python is shown as it is written: one plain sentence for each kind that has no block."""

import ast
from collections.abc import Callable, Mapping
from typing import Final

from flows.script.language import ENDINGS, ORDERING, STEPS
from flows.script.refusals import UNSUPPORTED

MOST_SHOWN: Final = 60
WORDS: Final = STEPS | ENDINGS | ORDERING


def why_statement(node: ast.stmt) -> str:
    """The reason of a statement that the catalog does not know."""
    if type(node) in UNSUPPORTED:
        word, instead = UNSUPPORTED[type(node)]
        return f"scripts do not know {word}: {instead}"
    reason = _STATEMENTS.get(type(node), "this statement has no block")
    return reason(node) if callable(reason) else reason


def why_value(node: ast.expr) -> str:
    """The reason of an expression that the catalog does not know."""
    reason = _VALUES.get(type(node), "this expression has no block")
    return reason(node) if callable(reason) else f"{reason}: {shown(node)}"


def shown(node: ast.AST) -> str:
    """An expression as Python writes it, cut off where it is long."""
    written = ast.unparse(node).replace("\n", " ")
    return written if len(written) <= MOST_SHOWN else f"{written[:MOST_SHOWN]}…"


def _expression(node: ast.stmt) -> str:
    assert isinstance(node, ast.Expr)
    if isinstance(node.value, ast.Call):
        return why_value(node.value)
    return f"a value that nothing uses has no block: {shown(node.value)}"


def _assignment(node: ast.stmt) -> str:
    assert isinstance(node, ast.Assign)
    if len(node.targets) > 1:
        return "several names set at once have no block: write a line for each"
    if isinstance(node.targets[0], ast.Attribute):
        return f"a value set on an attribute has no block: {shown(node.targets[0])}"
    return f"setting this has no block: {shown(node.targets[0])}"


def _loop(node: ast.stmt) -> str:
    assert isinstance(node, ast.For)
    return f"a loop over this has no block: {shown(node.target)}; name each value by one word"


def _try(node: ast.stmt) -> str:
    assert isinstance(node, ast.Try)
    return "a bare except has no block: write except Exception"


def _function(node: ast.stmt) -> str:
    assert isinstance(node, ast.FunctionDef)
    if node.decorator_list:
        return f"a function with a decorator has no block: {node.name}"
    return f"a function with defaults, types or any number of values has no block: {node.name}"


def _call(node: ast.expr) -> str:
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Name) and node.func.id in WORDS:
        return f"{node.func.id} has no block when it is called like this: {shown(node)}"
    return f"this call has no block: {shown(node)}"


def _comparison(node: ast.expr) -> str:
    return f"a chain of comparisons has no block: {shown(node)}; join two by and"


def _formatted(node: ast.expr) -> str:
    return f"a text with formats has no block: {shown(node)}"


_STATEMENTS: Final[Mapping[type[ast.AST], str | Callable[[ast.stmt], str]]] = {
    ast.Import: "imports have no block",
    ast.ImportFrom: "imports have no block",
    ast.FunctionDef: _function,
    ast.ClassDef: "a class has no block",
    ast.With: "with has no block",
    ast.Match: "match has no block: if and else if say the same",
    ast.Global: "global has no block",
    ast.Nonlocal: "nonlocal has no block",
    ast.AnnAssign: "a variable with a type has no block: leave the type out",
    ast.AugAssign: "this change of a variable has no block",
    ast.Assign: _assignment,
    ast.For: _loop,
    ast.Try: _try,
    ast.Expr: _expression,
}

_VALUES: Final[Mapping[type[ast.AST], str | Callable[[ast.expr], str]]] = {
    ast.Call: _call,
    ast.Compare: _comparison,
    ast.JoinedStr: _formatted,
    ast.ListComp: "a comprehension has no block",
    ast.SetComp: "a comprehension has no block",
    ast.DictComp: "a comprehension has no block",
    ast.GeneratorExp: "a comprehension has no block",
    ast.Lambda: "a function of no or several values has no block",
    ast.Attribute: "an attribute has no block",
    ast.Subscript: "this part of a list has no block",
    ast.NamedExpr: "a name given inside an expression has no block",
    ast.Dict: "a dict whose names are not all texts has no block",
    ast.Set: "a set has no block",
    ast.Tuple: "a tuple has no block",
    ast.BinOp: "this calculation has no block",
    ast.UnaryOp: "this calculation has no block",
    ast.List: "a list with *parts has no block",
    ast.Starred: "*parts have no block",
    ast.Constant: "this value has no block",
}
