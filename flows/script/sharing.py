"""Says which scripts may run in one session for many elements (R1, R44, 3.6).

A session's coroutines share memory, and as a coroutine the script's body is a function instead of a module. So a script
shares only if it is written plainly enough that neither can be seen: what is not known here to be harmless is not
shared, which costs time and nothing else.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from flows.script.analysis import step_calls
from flows.script.assigned import Assigned
from flows.script.coroutines import PARAMETERS
from flows.script.language import BUILTINS, ENDINGS, EXECUTION_NAMES, ORDERING, STEPS
from flows.script.names import bindings
from flows.script.ownership import Ownership
from flows.script.program import Program
from flows.script.scopes import Scopes

PLAIN: Final = (
    ast.Expr, ast.Assign, ast.AugAssign, ast.If, ast.For, ast.While, ast.Try, ast.ExceptHandler, ast.Pass, ast.Break,
    ast.Continue, ast.Raise, ast.Assert, ast.FunctionDef, ast.Return, ast.Import, ast.ImportFrom, ast.alias, ast.Match,
    ast.match_case, ast.pattern, ast.arg, ast.arguments, ast.Constant, ast.Name, ast.BinOp, ast.UnaryOp, ast.BoolOp,
    ast.Compare, ast.Call, ast.keyword, ast.Attribute, ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.Set, ast.Dict,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.IfExp, ast.JoinedStr,
    ast.FormattedValue, ast.Lambda, ast.Starred, ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
"""No class, ``with``, ``global``, ``:=``, annotation: each can tell a module from a function, or keeps state."""

_EXCEPTIONS = frozenset(name for name in BUILTINS if name[0].isupper())
_FUNCTIONS = """
    abs all any bin bool chr dict divmod enumerate filter float frozenset hex int isinstance len list map max min oct
    ord pow range repr reversed round set sorted str sum tuple zip
"""
FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
"""Built-in functions that tell nothing of addresses, and change nothing."""

LAZY: Final = frozenset({"map", "filter", "zip", "enumerate", "reversed"})
"""Shown as text, their results tell an address."""

CONSUMING: Final = LAZY | {"list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all"}
TAKING_FUNCTIONS: Final = ORDERING | {"sorted", "min", "max", "map", "filter"}

MODULES: Final[Mapping[str, Collection[str]]] = {
    "base64": {"b64encode", "b64decode", "urlsafe_b64encode", "urlsafe_b64decode"},
    "bisect": {"bisect", "bisect_left", "bisect_right"},
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "copy": {"copy", "deepcopy"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "hashlib": {"md5", "sha1", "sha256", "sha512"},
    "json": {"dumps", "loads"},
    "math": {
        "ceil",
        "floor",
        "fabs",
        "gcd",
        "inf",
        "isclose",
        "isfinite",
        "log",
        "log2",
        "log10",
        "pi",
        "sqrt",
        "trunc",
    },
    "re": {"compile", "escape", "findall", "fullmatch", "match", "search", "split", "sub", "IGNORECASE", "MULTILINE"},
    "unicodedata": {"category", "name", "normalize"},
}
"""What of a module neither keeps state nor changes what it is given."""


def may_share(program: Program) -> bool:
    """True for scripts that many elements may run in one session."""
    return not why_not(program)


def why_not(program: Program) -> str:
    """The first reason against sharing, in words for developers; empty if there is none."""
    if not all(isinstance(node, PLAIN) for node in program.source.nodes if not isinstance(node, ast.Module)):
        return "syntax that tells a module from a function, or keeps state"
    scopes = Scopes(program.source.tree, frozenset(PARAMETERS))
    return next(_Reasons(program, scopes).found(), "")


@dataclass
class _Reasons:
    """Looks for reasons in a script of plain syntax."""

    program: Program
    scopes: Scopes
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.program.source.nodes:
            self.parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))

    def found(self) -> Iterator[str]:
        """Each reason; those that the later ones rely on first."""
        for node in self.scopes.chains:
            yield from self._of_words(node)
        if len(step_calls(self.program.source)) != len(self.program.sites):
            yield "a step that is no site"
        for node in self.scopes.chains:
            yield from self._of_node(node)
        handled = {name for _, name in self._handled}
        if any(name in handled for name in self._read_later()):
            yield "a function that reads a handler's name"
        if lacking := Assigned(self.scopes).check():
            yield f"{sorted(lacking)} may be read without a value"
        ownership = Ownership(self.scopes, self._imported)
        if changed := ownership.foreign_change():
            yield f"{changed} is changed in place"
        if ownership.nested:
            yield "data that nest without end"

    # --- words --------------------------------------------------------------------------------------------------

    def _of_words(self, node: ast.AST) -> Iterator[str]:
        for name, _ in bindings(node):
            if name in (BUILTINS | EXECUTION_NAMES) - set(PARAMETERS):
                yield f"another meaning of {name}"
        words = [getattr(node, key, None) for key in ("id", "attr", "arg", "name", "asname", "rest")]
        if any(isinstance(word, str) and word.startswith("__") for word in words):
            yield "a name of the sandbox"
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from self._of_import(node)
            case ast.FunctionDef(decorator_list=[_, *_]) | ast.FunctionDef(returns=ast.AST()):
                yield "a decorator or annotation"
            case ast.arg(annotation=ast.AST()):
                yield "an annotation"
            case ast.FunctionDef() if self.scopes.chains[node][-1] is not self.scopes.tree:
                yield "a function in a function"

    def _of_import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            known = all(alias.name in MODULES for alias in node.names)
        else:
            known = not node.level and all(alias.name in MODULES.get(node.module or "", ()) for alias in node.names)
        if not known or self.scopes.chains[node][-1] is not self.scopes.tree:
            yield "an import that may keep state"

    @cached_property
    def _counts(self) -> Counter[str]:
        """How often each name is bound, in any scope."""
        return Counter(name for node in self.scopes.chains for name, _ in bindings(node))

    @cached_property
    def _imported(self) -> dict[str, str]:
        """Names that mean a module or a part of one, and nothing else: the module's name, or '' for a part."""
        found: dict[str, str] = {}
        for node in self.scopes.chains:
            if isinstance(node, ast.Import):
                found.update({alias.asname or alias.name: alias.name for alias in node.names})
            elif isinstance(node, ast.ImportFrom):
                found.update({alias.asname or alias.name: "" for alias in node.names})
        return {name: module for name, module in found.items() if self._counts[name] == 1}

    @cached_property
    def _functions(self) -> set[str]:
        """Names of the body that mean one function of the script, and nothing else."""
        found = set()
        for node in self.scopes.tree.body:
            match node:
                case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()):
                    found.add(name)
        return {name for name in found if self._counts[name] == 1}

    @cached_property
    def _handled(self) -> set[tuple[ast.AST, str]]:
        handlers = ((node, chain) for node, chain in self.scopes.chains.items() if isinstance(node, ast.ExceptHandler))
        return {(chain[-1], node.name) for node, chain in handlers if node.name}

    def _read_later(self) -> Iterator[str]:
        """Variables of the body that its functions read."""
        return (
            node.id
            for node, chain in self.scopes.chains.items()
            if isinstance(node, ast.Name)
            and any(not isinstance(scope, ast.Module) for scope in chain)
            and (self.scopes.meant(node) or (None,))[0] is self.scopes.tree
        )

    # --- uses ---------------------------------------------------------------------------------------------------

    def _of_node(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Name(ctx=ast.Load()):
                yield from self._of_name(node)
            case ast.Lambda():
                yield from self._of_function(node)
            case ast.Call():
                yield from self._of_call(node)
            case ast.Attribute():
                yield from self._of_attribute(node)
            case ast.GeneratorExp():
                yield from self._of_lazy(node)
            case ast.Compare() if not _compares_plainly(node):
                yield "an identity"
            case ast.Assert() if any(self._is_step(part) for part in ast.walk(node)):
                yield "a step in an assert"

    def _of_name(self, node: ast.Name) -> Iterator[str]:
        is_called = isinstance(parent := self.parents[node], ast.Call) and parent.func is node
        if self.scopes.meant(node):
            if node.id in self._functions and not is_called:
                yield from self._of_function(node)
            elif node.id in self._imported and not is_called and not isinstance(parent, ast.Attribute):
                yield "a module as a value"
        elif node.id in STEPS | ENDINGS | ORDERING and not is_called:
            yield "a step as a value"
        elif node.id not in FUNCTIONS | _EXCEPTIONS | STEPS | ENDINGS | ORDERING | {"StepFailed"}:
            yield f"{node.id} is not known"

    def _of_function(self, node: ast.AST) -> Iterator[str]:
        """A function of the script may be given to those that only call it: as text it tells its address."""
        match self.parents[node]:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is node and name in self._functions:
                return
            case ast.Call() as call if self._takes_functions(call):
                return
            case ast.keyword() as keyword if self._takes_functions(self.parents[keyword]):
                return
        yield "a function as a value"

    def _takes_functions(self, call: ast.AST) -> bool:
        match call:
            case ast.Call(func=ast.Name(id=name) as function):
                return name in TAKING_FUNCTIONS and self.scopes.meant(function) is None
            case ast.Call(func=ast.Attribute(attr="sort")):
                return True
            case _:
                return False

    def _of_call(self, call: ast.Call) -> Iterator[str]:
        match call.func:
            case ast.Name(id=name) as function:
                if self.scopes.meant(function) and name not in self._functions and name not in self._imported:
                    yield f"{name} may be any function"
                elif name in LAZY and not self.scopes.meant(function):
                    yield from self._of_lazy(call)
            case ast.Attribute():
                return
            case _:
                yield "a computed function"

    def _of_attribute(self, node: ast.Attribute) -> Iterator[str]:
        if isinstance(node.value, ast.Name) and self._imported.get(node.value.id):
            if node.attr not in MODULES[self._imported[node.value.id]]:
                yield f"{ast.unparse(node)} is not known to be harmless"
        elif not isinstance(parent := self.parents[node], ast.Call) or parent.func is not node:
            yield "an attribute as a value"
        elif node.attr in ("format", "format_map", "finditer", "send", "throw", "close"):
            yield f"{node.attr} is not known to be harmless"

    def _of_lazy(self, node: ast.AST) -> Iterator[str]:
        match self.parents[node]:
            case ast.Call(func=ast.Name(id=name) as function) if name in CONSUMING and not self.scopes.meant(function):
                return
            case ast.Call(func=ast.Attribute(attr="join" | "extend" | "update")):
                return
            case ast.For(iter=iterable) | ast.comprehension(iter=iterable) if iterable is node:
                return
        yield "an iterator as a value"

    def _is_step(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in STEPS


def _compares_plainly(node: ast.Compare) -> bool:
    """``is`` compares with None, True and False only: whether two equal things are one depends on the session."""
    operands = [node.left, *node.comparators]
    return all(
        not isinstance(operator, ast.Is | ast.IsNot) or any(_is_one_of_a_kind(side) for side in operands[at : at + 2])
        for at, operator in enumerate(node.ops)
    )


def _is_one_of_a_kind(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))
