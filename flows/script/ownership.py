"""Which variables hold only what their own element made, so that changing it in place is seen by no other (R1).

Two kinds of danger in a session that several elements share: a change of ``elements``, ``inputs``, ``run`` or of a part
of them by another name, and data that nest without end (the sandbox counts their depth by its own stack). What cannot
be told here is taken as dangerous. Variables are looked at as if all their bindings held at once.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from flows.script.language import ORDERING, STEPS
from flows.script.names import bindings
from flows.script.scopes import Scopes, Variable

_MUTATORS = """
    add append appendleft clear difference_update discard extend extendleft insert intersection_update move_to_end pop
    popitem popleft remove reverse rotate setdefault sort subtract symmetric_difference_update update
"""
MUTATORS: Final = frozenset(_MUTATORS.split())

_SCALAR = "abs all any bin bool chr divmod float format hex int isinstance len oct ord pow range repr round str"
SCALAR: Final = frozenset(_SCALAR.split())
"""Built-in functions whose results hold nothing of what they were given."""

COPYING: Final = ORDERING | {"dict", "frozenset", "list", "set", "sorted", "tuple"}
"""Their results are new, and hold what was inside of what they were given."""

_SAFE_METHODS = """
    capitalize center count endswith find format index isalnum isalpha isdigit islower isspace istitle isupper join
    ljust lower lstrip partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split
    splitlines startswith strip swapcase title upper zfill
"""
TEXT_METHODS: Final = frozenset(_SAFE_METHODS.split())
COPYING_METHODS: Final = frozenset({"copy", "items", "keys", "values", "most_common"})


@dataclass
class Ownership:
    """The changes that a script makes in place. ``fresh_names`` are imported functions whose results are new."""

    scopes: Scopes
    fresh_names: Collection[str]
    own: set[Variable] = field(default_factory=set)

    def __post_init__(self) -> None:
        """A variable is its element's own when all its bindings are; those that depend on others need some rounds."""
        given: dict[Variable, list[ast.expr | None]] = {}
        for variable, value in self._bindings():
            given.setdefault(variable, []).append(value)
        self.own = {variable for variable, values in given.items() if None not in values}
        while True:
            lost = {
                variable
                for variable in self.own
                if not all(value is not None and self.is_fresh(value) for value in given[variable])
            }
            if not lost:
                break
            self.own -= lost
        self.nested = self._nests_without_end()

    def foreign_change(self) -> str | None:
        """What may be changed in place though others see it too; None if nothing is."""
        for node in self.scopes.chains:
            if (found := self._changed(node)) is not None and not self._is_own(found):
                return ast.unparse(found)
        return None

    def is_fresh(self, value: ast.expr) -> bool:
        """True where an expression makes something new, whatever it holds."""
        match value:
            case ast.Name():
                return self._is_own(value)
            case ast.BoolOp(values=values):
                return all(self.is_fresh(one) for one in values)
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_fresh(body) and self.is_fresh(orelse)
            case ast.Call(func=ast.Name(id=name)) if self.scopes.meant(value.func) is None:  # type: ignore[arg-type]
                return name in SCALAR | COPYING | STEPS | {"enumerate", "zip"} or (
                    name == "sum" and len(value.args) == 1
                )
            case ast.Call(func=ast.Name(id=name)):
                return name in self.fresh_names
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name in self.fresh_names:
                return True
            case ast.Call(func=ast.Attribute(attr=attr)):
                return attr in TEXT_METHODS | COPYING_METHODS
            case _:
                return isinstance(value, FRESH)

    def _is_own(self, node: ast.expr) -> bool:
        variable = self.scopes.meant(node) if isinstance(node, ast.Name) else None
        return variable is not None and variable in self.own

    def _bindings(self) -> Iterator[tuple[Variable, ast.expr | None]]:
        """Each binding of a variable with the value that it gets, None where that is not plain."""
        plain: dict[ast.AST, ast.expr] = {}
        for node in self.scopes.chains:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        plain.update(_pairs(target, value))
                case ast.AugAssign(target=ast.Name() as target):
                    plain[target] = NEW
                case ast.For(target=ast.Name() as target, iter=ast.Call(func=ast.Name(id="range"))):
                    plain[target] = NEW
        for name in self.scopes.predefined:
            yield (self.scopes.tree, name), None
        for node, chain in self.scopes.chains.items():
            for name, _ in bindings(node):
                yield (chain[-1], name), plain.get(node)

    def _changed(self, node: ast.AST) -> ast.expr | None:
        """What a node changes in place; an expression that is no variable is nobody's own."""
        match node:
            case ast.Subscript(value=value, ctx=ast.Store()):
                return value
            case ast.AugAssign(target=ast.Subscript() as target, value=value) if not _is_number(value):
                return target  # what stands there may be a list that others see
            case ast.AugAssign(target=ast.Name() as target, value=value) if not _is_number(value):
                return target
            case ast.Attribute(value=value, attr=attr) if attr in MUTATORS:
                return value
            case _:
                return None

    # --- depth --------------------------------------------------------------------------------------------------

    def _nests_without_end(self) -> bool:
        """True when data may be put into data again and again, in a loop or in very many statements."""
        edges = set(self._edges())
        level = dict.fromkeys({variable for edge in edges for variable in edge[:2]}, 0)
        for _ in range(len(level) + 2):
            before = dict(level)
            for source, target, depth in edges:
                level[target] = max(level[target], level[source] + depth)
            if level == before:
                return False
            if max(level.values()) > MAX_DEPTH:
                return True
        return bool(level)

    def _edges(self) -> Iterator[tuple[Variable, Variable, int]]:
        """(variable, variable that may hold it, by how many levels deeper)."""
        for node in self.scopes.chains:
            match node:
                case ast.Assign(targets=targets, value=value):
                    yield from self._held(value, targets, 0)
                case ast.AugAssign(target=target, value=value):
                    yield from self._held(value, [target], 0)
                case ast.For():
                    yield from self._held(node.iter, [node.target], -1)
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    for generator in node.generators:
                        yield from self._held(generator.iter, [generator.target], -1)
                case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in MUTATORS:
                    for argument in (*node.args, *node.keywords):
                        yield from self._held(argument, [value], 1)
                case ast.Match():
                    yield from self._captured(node)

    def _captured(self, node: ast.Match) -> Iterator[tuple[Variable, Variable, int]]:
        scope = self.scopes.chains[node][-1]
        patterns = (part for case in node.cases for part in ast.walk(case.pattern))
        names = {name for part in patterns for name, _ in bindings(part)}
        for source, depth in self._parts(node.subject, 0):
            yield from ((source, (scope, name), depth) for name in names)

    def _held(self, value: ast.AST, targets: list[ast.expr], depth: int) -> Iterator[tuple[Variable, Variable, int]]:
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and (variable := self.scopes.meant(part)):
                    into = depth + isinstance(target, ast.Subscript)
                    yield from ((source, variable, deep) for source, deep in self._parts(value, into))

    def _parts(self, value: ast.AST, depth: int) -> Iterator[tuple[Variable, int]]:
        """The variables that a value may hold, each with how deep."""
        match value:
            case ast.Name():
                if variable := self.scopes.meant(value):
                    yield variable, depth
            case ast.Compare() | ast.JoinedStr() | ast.Constant() | ast.Lambda():
                return
            case ast.Call():
                yield from self._parts_of_call(value, depth)
            case ast.Subscript(value=inside, slice=key):
                yield from self._parts(inside, depth if isinstance(key, ast.Slice) else depth - 1)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for made in (value.key, value.value) if isinstance(value, ast.DictComp) else (value.elt,):
                    yield from self._parts(made, depth + 1)
            case _:
                is_flat = isinstance(value, ast.BinOp | ast.BoolOp | ast.IfExp | ast.UnaryOp | ast.Starred)
                for child in ast.iter_child_nodes(value):
                    yield from self._parts(child, depth + (not is_flat))

    def _parts_of_call(self, call: ast.Call, depth: int) -> Iterator[tuple[Variable, int]]:
        inner = 1
        match call.func:
            case ast.Name() as function if self.scopes.meant(function):
                inner = OWN_FUNCTION_DEPTH
            case ast.Name(id=name) if name in SCALAR | STEPS:
                return
            case ast.Attribute(attr=attr) if attr in TEXT_METHODS:
                return
            case ast.Name(id=name) if name in COPYING:
                inner = 0
        for child in ast.iter_child_nodes(call):
            yield from self._parts(child, depth + inner)


MAX_DEPTH: Final = 200
OWN_FUNCTION_DEPTH: Final = 60
"""How many levels a function of the script may put around what it is given."""

NEW: Final = ast.Constant(0)
FRESH: Final = (
    ast.Constant, ast.JoinedStr, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.Compare, ast.BinOp, ast.UnaryOp,
)  # fmt: skip


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.AST, ast.expr]]:
    """The plain names of a target, each with its value."""
    match target, value:
        case ast.Name(), _:
            yield target, value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            if not any(isinstance(one, ast.Starred) for one in (*targets, *values)):
                for one, other in zip(targets, values, strict=True):
                    yield from _pairs(one, other)


def _is_number(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=int() | float()):
            return True
        case ast.Call(func=ast.Name(id="len" | "int" | "float" | "ord")):
            return True
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case _:
            return False
