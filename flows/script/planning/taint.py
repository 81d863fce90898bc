"""Where in a script something unknown may turn up: what steps return, the run, and all that is made of them (R40).

By names alone, whatever the order of the statements and the scope: a name that may hold or contain something unknown
anywhere may do so everywhere. Too many names cost time; one too few would be a wrong plan.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from flows.script.language import BUILTINS, ENDINGS, STEPS
from flows.script.names import bindings
from flows.script.source import Source

TELLING: Final = frozenset({"run_task", "run_flow", "approve", "get_context"})
"""Steps that return what a plan does not know, or not all of it."""

KNOWN: Final = frozenset({"elements", "element", "inputs", "current", "first", "last"})
"""Variables that nothing unknown can be put into: they may not be changed in place."""

Flow = tuple[frozenset[str], tuple[ast.AST, ...]]
"""Names, and the expressions that they may get their value from."""


class Taint:
    """The names of one script that may hold something unknown."""

    def __init__(self, source: Source) -> None:
        parameters = frozenset(node.arg for node in source.nodes if isinstance(node, ast.arg))
        calls = [node for node in source.nodes if isinstance(node, ast.Call)]
        self._flows = [flow for node in source.nodes for flow in _flows(node)]
        self._flows += [(parameters, _given(call)) for call in calls if parameters and _may_reach_a_function(call)]
        self._changes = [change for node in source.nodes for change in _changes(node)]
        self._asked: dict[ast.AST, bool] = {}
        self.names = self._spread(source)

    def __contains__(self, node: object) -> bool:
        """True when the node may meet something unknown."""
        if not isinstance(node, ast.AST):
            return False
        if node not in self._asked:
            self._asked[node] = self._meets(node, self.names)
        return self._asked[node]

    def _spread(self, source: Source) -> frozenset[str]:
        names: set[str] = {"run"} if any(_mentions_run(node) for node in source.nodes) else set()
        while True:
            found = set(names)
            for targets, values in self._flows:
                if not targets <= found and any(self._meets(value, found) for value in values):
                    found |= targets
            for root, values in self._changes:
                if root not in found and any(self._meets(value, found) for value in values):
                    found |= self._same_as(root)
            if found == names:
                return frozenset(names)
            names = found

    def _meets(self, node: ast.AST, names: Iterable[str]) -> bool:
        return any(_is_telling(part) or (isinstance(part, ast.Name) and part.id in names) for part in ast.walk(node))

    def _same_as(self, root: str) -> set[str]:
        """The names that may hold the same value as this one: what is put into it is in theirs too."""
        found, waiting = set(), [root]
        while waiting:
            name = waiting.pop()
            if name in found or name in KNOWN:
                continue
            found.add(name)
            for targets, values in self._flows:
                if name in targets:
                    waiting += [part.id for value in values for part in ast.walk(value) if isinstance(part, ast.Name)]
        return found - BUILTINS - STEPS


def _given(call: ast.Call) -> tuple[ast.AST, ...]:
    """All that a call hands over; the function too, which may belong to something unknown."""
    return (*call.args, *(keyword.value for keyword in call.keywords), call.func)


def _may_reach_a_function(call: ast.Call) -> bool:
    """True when the call may hand its arguments to a function of the script."""
    if not isinstance(call.func, ast.Name) or call.func.id not in BUILTINS | STEPS | ENDINGS:
        return True
    return call.func.id in BUILTINS and any(
        _may_be_function(part) for node in _given(call)[:-1] for part in ast.walk(node)
    )


def _may_be_function(node: ast.AST) -> bool:
    return isinstance(node, ast.Lambda) or (isinstance(node, ast.Name) and node.id not in BUILTINS | KNOWN)


def _is_telling(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TELLING


def _mentions_run(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "run"


def _flows(node: ast.AST) -> Iterator[Flow]:  # noqa: C901 - a table
    match node:
        case ast.Assign(targets=targets, value=value):
            yield _bound(*targets), (value,)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            yield _bound(target), (value,)
        case ast.AugAssign(target=target, value=value):
            yield _bound(target), (value,)
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield _bound(target), (value,)
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            yield _bound(target), (value,)
        case ast.Match(subject=value, cases=cases):
            yield _bound(*(case.pattern for case in cases)), (value,)
        case ast.FunctionDef(name=name, body=body, args=arguments):
            yield frozenset({name}), tuple(body)
            yield from _defaults(arguments)
        case ast.Lambda(args=arguments):
            yield from _defaults(arguments)
        case ast.ClassDef(name=name, body=body):
            yield frozenset({name}), tuple(body)
        case ast.Try(body=body, handlers=handlers):
            # A failing child flow tells the messages of its elements; an exception may be made of anything.
            yield frozenset({handler.name for handler in handlers if handler.name}), tuple(body)
        case _:
            return


def _defaults(arguments: ast.arguments) -> Iterator[Flow]:
    values = [value for value in (*arguments.defaults, *arguments.kw_defaults) if value is not None]
    if values:
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        yield frozenset({argument.arg for argument in every}), tuple(values)


def _bound(*nodes: ast.AST) -> frozenset[str]:
    return frozenset(name for node in nodes for part in ast.walk(node) for name, _ in bindings(part))


def _changes(node: ast.AST) -> Iterator[tuple[str, tuple[ast.AST, ...]]]:
    """Names whose value is changed in place, with what may get into it."""
    match node:
        case ast.Assign(targets=targets, value=value):
            roots = [part for target in targets for part in ast.walk(target)]
            given: tuple[ast.AST, ...] = (value, *targets)
        case ast.AugAssign(target=target, value=value):
            roots, given = [target], (value, target)
        case ast.For(target=target, iter=value):
            roots, given = list(ast.walk(target)), (value, target)
        case ast.Call(func=ast.Attribute(value=value), args=arguments, keywords=keywords):
            root = root_name(value)
            if root:
                yield root, (*arguments, *(keyword.value for keyword in keywords))
            return
        case _:
            return
    for part in roots:
        root = root_name(part) if isinstance(part, ast.Subscript | ast.Attribute | ast.Name) else None
        if root and (isinstance(part, ast.Subscript | ast.Attribute) or isinstance(node, ast.AugAssign)):
            yield root, given


def root_name(node: ast.AST) -> str | None:
    """``x`` of ``x['a'].b[0]``."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
