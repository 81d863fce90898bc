"""A statement as its parts: itself and its clauses, each with a header and a body, taken apart and put together."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flows.script.blocks.holes import BODIES


@dataclass(frozen=True, slots=True)
class Part:
    """The kind is empty for the statement itself; ``node`` holds the header (None for a bare word), and ``body`` is
    None for a simple statement."""

    kind: str
    node: ast.stmt | ast.excepthandler | None
    body: Sequence[ast.stmt] | None


COMPOUND: Final = (ast.If, ast.For, ast.While, ast.Try, ast.FunctionDef)


def take_apart(statement: ast.stmt, is_elif: "IsElif") -> list[Part]:
    """The parts in the order of the text; those of a statement that can have no clauses are one."""
    match statement:
        case ast.If():
            return list(_branches(statement, is_elif))
        case ast.For() | ast.While():
            return [Part("", statement, statement.body), *_bare("else", statement.orelse)]
        case ast.FunctionDef():
            return [Part("", statement, statement.body)]
        case ast.Try():
            handlers = [Part("except", handler, handler.body) for handler in statement.handlers]
            rest = [*_bare("else", statement.orelse), *_bare("finally", statement.finalbody)]
            return [Part("", statement, statement.body), *handlers, *rest]
    return [Part("", statement, None)]


class IsElif:
    """Tells whether an ``if`` inside an ``else`` is written as ``elif``: the tree does not."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def __call__(self, node: ast.If) -> bool:
        """True where the text says ``elif``."""
        return self._lines[node.lineno - 1][node.col_offset :].startswith(b"elif")


def put_together(parts: Sequence[tuple[str, ast.AST | None, list[ast.stmt]]]) -> ast.stmt:
    """The statement of headers (made for this) and bodies; parts in an order that Python has not are put anywhere."""
    statement = parts[0][1]
    assert isinstance(statement, ast.stmt)
    for name in BODIES & set(statement._fields):
        setattr(statement, name, [])
    if "body" in statement._fields:
        setattr(statement, "body", parts[0][2])  # noqa: B010 - only some statements have one
    last: ast.AST = statement
    for kind, node, body in parts[1:]:
        if kind == "finally":
            setattr(last, "finalbody", body)  # noqa: B010
        elif kind == "else":
            setattr(last, "orelse", body)  # noqa: B010
        elif isinstance(node, ast.If):
            node.body, node.orelse = body, []
            setattr(last, "orelse", [node])  # noqa: B010
            last = node
        elif isinstance(node, ast.ExceptHandler) and isinstance(statement, ast.Try):
            node.body = body
            statement.handlers.append(node)
    return statement


def _branches(statement: ast.If, is_elif: IsElif) -> Iterator[Part]:
    kind, node = "", statement
    while True:
        yield Part(kind, node, node.body)
        following = node.orelse[0] if len(node.orelse) == 1 else None
        if not isinstance(following, ast.If) or not is_elif(following):
            break
        kind, node = "elif", following
    yield from _bare("else", node.orelse)


def _bare(kind: str, body: Sequence[ast.stmt]) -> Iterator[Part]:
    if body:
        yield Part(kind, None, body)
