"""Pieces of syntax trees, made and looked at."""

import ast
from collections.abc import Sequence
from typing import Any

from flows.script.analysis import Function


def name(word: str) -> ast.Name:
    return ast.Name(word, ast.Load())


def constant(value: Any) -> ast.Constant:
    return ast.Constant(value)


def later(node: ast.expr) -> ast.Lambda:
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), node)


def function(parameters: Sequence[str], body: ast.expr, *, rest: bool = False) -> ast.Lambda:
    star = (ast.arg("__a"), ast.arg("__k")) if rest else (None, None)
    return ast.Lambda(ast.arguments([], [ast.arg(p) for p in parameters], star[0], [], [], star[1], []), body)


def computes(node: ast.AST) -> bool:
    """False for what does more than compute a value, or has a scope of its own."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("len", "str", "int", "float", "bool", "any", "all")
    return not isinstance(node, ast.NamedExpr | ast.Await | Function)


def telling(around: Sequence[str]) -> ast.ExceptHandler:
    error = name("__error")
    kind = ast.Attribute(ast.Call(name("__type"), [error], []), "__name__", ast.Load())
    told = ast.Call(name("__uncaught"), [name("__at"), kind, ast.Call(name("__str"), [error], [])], [])
    tell: ast.stmt = ast.Expr(told)
    if around:
        known = ast.Call(name("__isinstance"), [error, ast.Tuple([name(word) for word in around], ast.Load())], [])
        tell = ast.If(ast.UnaryOp(ast.Not(), known), [tell], [])
    return ast.ExceptHandler(name("Exception"), "__error", [tell, ast.Raise()])


def copy(node: Any) -> Any:
    """A node of its own over the same children."""
    made = type(node)(**dict(ast.iter_fields(node)))
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(made, name, list(value))
    return ast.copy_location(made, node) if hasattr(node, "lineno") else made


def place(made: Any, node: ast.AST) -> Any:
    """Give a new node the line of the one that it stands for."""
    made.lineno = getattr(node, "lineno", 1)
    made.end_lineno = getattr(node, "end_lineno", made.lineno)
    made.col_offset = made.end_col_offset = 0
    return made
