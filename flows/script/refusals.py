"""What of Python a script may not write: what hides failures (R15) and what the sandbox does not know."""

import ast
from collections.abc import Iterator
from typing import Final

from flows.script.analysis import Function
from flows.script.language import INSTEAD, MODULES, UNCATCHABLE
from flows.script.problem import Problem, did_you_mean
from flows.script.source import Source

UNSUPPORTED: Final[dict[type[ast.AST], tuple[str, str]]] = {
    ast.Yield: ("yield", "build a list and return it"),
    ast.YieldFrom: ("yield", "build a list and return it"),
    ast.Delete: ("del", "assign None, or build a new list or dict without it"),
    ast.AsyncFunctionDef: ("async def", "write a plain def: steps already wait"),
    ast.AsyncFor: ("async for", "write a plain for"),
    ast.AsyncWith: ("async with", "write a plain with"),
    ast.Await: ("await", "write the call alone: steps already wait"),
    ast.TryStar: ("except*", "write a plain except"),
}


def handler_problems(source: Source) -> Iterator[Problem]:
    """Handlers must say plainly what they catch, and not swallow ``fail`` or the stop of a run."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            yield from _handler_problems(source, node)


def _handler_problems(source: Source, handler: ast.ExceptHandler) -> Iterator[Problem]:
    if handler.type is None:
        message = "a bare except would swallow fail and the stop of a run: write `except Exception`"
        yield source.problem(handler, "bare_except", "except:", "except Exception:", message)
        return
    for caught in handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]:
        if not isinstance(caught, ast.Name):
            message = "a handler names what it catches: write plain names, like `except (StepFailed, KeyError)`"
            yield source.problem(caught, "except_type", ast.unparse(caught), "a plain name or a tuple of them", message)
        elif caught.id in UNCATCHABLE:
            message = f"except {caught.id} would swallow fail and the stop of a run: write `except Exception`"
            yield source.problem(caught, "except_too_broad", caught.id, "Exception", message)


def exits_from_finally(source: Source) -> Iterator[Problem]:
    """``break``, ``continue`` and ``return`` that leave a ``finally`` make the exception on its way disappear."""
    for node in source.nodes:
        for statement in getattr(node, "finalbody", ()):
            yield from _exits(source, statement, in_loop=False)


def _exits(source: Source, node: ast.AST, *, in_loop: bool) -> Iterator[Problem]:
    if isinstance(node, Function | ast.ClassDef):
        return
    if isinstance(node, ast.Return) or (isinstance(node, ast.Break | ast.Continue) and not in_loop):
        word = type(node).__name__.lower()
        message = f"{word} in finally would make a failure disappear: set a variable there and test it after the try"
        yield source.problem(node, "leaves_finally", word, "a finally that runs to its end", message)
    if isinstance(node, ast.For | ast.While):
        for statement in node.body:
            yield from _exits(source, statement, in_loop=True)
        for statement in node.orelse:
            yield from _exits(source, statement, in_loop=in_loop)
        return
    for name, value in ast.iter_fields(node):
        # A finally inside this one is visited on its own.
        if name != "finalbody":
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _exits(source, child, in_loop=in_loop)


def unsupported_syntax(source: Source) -> Iterator[Problem]:
    """What the sandbox's own parser refuses, with the way out (probed on pydantic-monty 1.4.0, 2026-11-23)."""
    for node in source.nodes:
        if type(node) in UNSUPPORTED:
            word, instead = UNSUPPORTED[type(node)]
            yield _unsupported(source, node, word, instead)
        elif isinstance(node, ast.ClassDef):
            yield from _class_problems(source, node)
        elif isinstance(node, ast.comprehension) and node.is_async:
            yield _unsupported(source, node.target, "async for", "write a plain for")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from _import_problems(source, node)


def _class_problems(source: Source, node: ast.ClassDef) -> Iterator[Problem]:
    if node.bases or node.keywords:
        yield _unsupported(source, node, "class inheritance", "write a class of its own, or plain functions and dicts")
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.decorator_list:
            decorator = statement.decorator_list[0]
            yield _unsupported(source, decorator, "a decorated method", "write a plain method or function")


def _import_problems(source: Source, node: ast.Import | ast.ImportFrom) -> Iterator[Problem]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    for name in names:
        if name not in MODULES:
            root = name.partition(".")[0]
            hint = f": write {INSTEAD[root]}" if root in INSTEAD else did_you_mean(name, MODULES)
            expected = "one of " + ", ".join(sorted(MODULES))
            message = f"scripts cannot import {name!r}{hint or ': leave it out, or do this work in a task'}"
            yield source.problem(node, "unknown_module", name, expected, message)
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        yield _unsupported(source, node, "import *", "write the names that you need")


def _unsupported(source: Source, node: ast.AST, word: str, instead: str) -> Problem:
    return source.problem(node, "unsupported", word, instead, f"scripts do not know {word}: {instead}")
