"""Syntax trees that mean the same, and the tree of a piece of code, whatever its depth."""

import ast

from flows.script.blocks.holes import UNSAID
from flows.script.parsing import parse
from flows.script.problem import Unreadable
from flows.script.source import read


def parse_code(text: str) -> ast.Module:
    """The tree of some statements. Raises ``SyntaxError`` for whatever is no Python."""
    try:
        return parse(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "too deeply nested") from error


def tree_of(text: str) -> ast.Module:
    """The tree of a script, the one that all share where it is a valid one. Raises ``SyntaxError`` if it is none."""
    try:
        return read(text).tree
    except Unreadable:
        return parse_code(text)


def parse_value(text: str) -> ast.expr:
    """The tree of an expression. Raises ``SyntaxError`` for whatever is no Python."""
    statements = parse_code(f"({text}\n)").body
    if len(statements) != 1 or not isinstance(statements[0], ast.Expr):
        raise SyntaxError("not one expression")
    return statements[0].value


def same_body(one: list[ast.stmt], other: list[ast.stmt]) -> bool:
    """True when statements mean the same."""
    return same_tree(ast.Module(body=one, type_ignores=[]), ast.Module(body=other, type_ignores=[]))


def same_tree(one: ast.AST, other: ast.AST) -> bool:
    """True when two trees mean the same, wherever they stand and however they are written."""
    waiting: list[tuple[object, object]] = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, ast.AST):
            names = [name for name in left._fields if name not in UNSAID]
            waiting.extend((getattr(left, name, None), getattr(right, name, None)) for name in names)
        elif isinstance(left, list):
            assert isinstance(right, list)
            if len(left) != len(right):
                return False
            waiting.extend(zip(left, right, strict=True))
        elif left != right and repr(left) != repr(right):
            return False
    return True
