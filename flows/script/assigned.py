"""Finds a variable of the script's own body that may be read before it has a value.

As a coroutine the body is a function, and there such a read tells of another error than in a module.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.script.names import bindings
from flows.script.scopes import Scopes

Names = frozenset[str] | None
"""The names that have a value; None where no way leads to."""


@dataclass
class Assigned:
    """Walks the script's own body as it runs."""

    scopes: Scopes
    may_lack: set[str] = field(default_factory=set)
    breaks: list[list[Names]] = field(default_factory=list)

    def check(self) -> set[str]:
        """The names that some read may find without a value."""
        self._block(self.scopes.tree.body, self.scopes.predefined)
        return self.may_lack

    def _block(self, body: Sequence[ast.stmt], names: Names) -> Names:
        for statement in body:
            if names is None:
                return None
            names = self._statement(statement, names)
        return names

    def _statement(self, node: ast.stmt, names: frozenset[str]) -> Names:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                self._read(test, names)
                return _both(self._block(body, names), self._block(orelse, names))
            case ast.While(test=test):
                return self._loop(node, names, is_endless=isinstance(test, ast.Constant) and bool(test.value))
            case ast.For(iter=iterable):
                self._read(iterable, names)
                self._read(node.target, names)
                return self._loop(node, names)
            case ast.Try():
                return self._try(node, names)
            case ast.Match(subject=subject, cases=cases):
                self._read(subject, names)
                ends = [self._case(case, names) for case in cases]
                return _both(names, *ends)
            case ast.Break():
                self.breaks[-1].append(names)
                return None
            case ast.Raise() | ast.Continue() | ast.Expr(value=ast.Call(func=ast.Name(id="fail" | "finish" | "abort"))):
                self._read(node, names)
                return None
            case _:
                self._read(node, names)
                return names | self._bound(node)

    def _loop(self, node: ast.While | ast.For, names: frozenset[str], *, is_endless: bool = False) -> Names:
        """The body may run never or again; a handler in it takes away what its name meant."""
        names -= _handled(node)
        if isinstance(node, ast.While):
            self._read(node.test, names)
        self.breaks.append([])
        self._block(node.body, names if isinstance(node, ast.While) else names | self._bound(node.target))
        after = _both(self._block(node.orelse, None if is_endless else names), *self.breaks.pop())
        return None if after is None else after - _handled(node)

    def _try(self, node: ast.Try, names: frozenset[str]) -> Names:
        end = self._block(node.orelse, self._block(node.body, names))
        # What a handler's name meant before is gone on the ways out of it.
        left = names - _handled(node)
        for handler in node.handlers:
            own = frozenset({handler.name} if handler.name else ())
            caught = self._block(handler.body, left | own)
            end = _both(end, None if caught is None else caught - own)
        last = self._block(node.finalbody, left)
        if end is None or last is None:
            return None
        return (end - _handled(node)) | (last - left)

    def _case(self, case: ast.match_case, names: frozenset[str]) -> Names:
        captured = names | self._bound(case.pattern)
        self._read(case.pattern, names)
        if case.guard:
            self._read(case.guard, captured)
        return self._block(case.body, captured)

    def _read(self, node: ast.AST, names: frozenset[str]) -> None:
        """Note the variables of the body that a statement or expression reads, also later in its functions."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and (isinstance(part.ctx, ast.Load) or isinstance(node, ast.AugAssign)):
                variable = self.scopes.meant(part)
                if variable and variable[0] is self.scopes.tree and part.id not in names:
                    self.may_lack.add(part.id)

    def _bound(self, node: ast.AST) -> frozenset[str]:
        """What a simple statement, target or pattern binds in the body: not what its functions bind for themselves."""
        parts = (part for part in ast.walk(node) if self.scopes.chains.get(part, ())[-1:] == (self.scopes.tree,))
        return frozenset(name for part in parts for name, _ in bindings(part))


def _handled(node: ast.AST) -> frozenset[str]:
    return frozenset(part.name for part in ast.walk(node) if isinstance(part, ast.ExceptHandler) and part.name)


def _both(*ways: Names) -> Names:
    reached = [way for way in ways if way is not None]
    return frozenset.intersection(*reached) if reached else None
