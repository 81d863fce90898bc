"""Writes a script anew for a plan: its steps are called by number, and where something unknown may turn up, it is
carried along or ends the plan (R40).

What cannot meet anything unknown stays as it is. What does meet it becomes a call of the prelude, which does the same
to known values; ``point`` numbers the expressions that may end the plan.
"""

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.script.analysis import Site, handler_names
from flows.script.language import BUILTINS, ENDINGS, ORDERING, STEPS
from flows.script.names import bindings
from flows.script.parsing import parse
from flows.script.planning import nodes
from flows.script.planning.taint import Taint
from flows.script.source import Source

_NEVER_RAISE: Final = frozenset(
    ["__not", "__and", "__or", "__text", "__slot", "__holder", "__op_Eq", "__op_NotEq", "__op_Is", "__op_IsNot"]
)
"""Calls of the prelude that raise nothing, whatever they are given."""


@dataclass(frozen=True, slots=True)
class Written:
    """The script as the plan runs it. ``lines[i]`` is the author's line of line ``i + 1``; ``points`` are the
    expressions that may end the plan, counted from 1."""

    text: str
    lines: tuple[int, ...]
    points: tuple[ast.AST, ...]


def write_for_plan(
    source: Source, sites: Sequence[Site], whole: Collection[ast.Name], taint: Taint, *, marks: bool = True
) -> Written:
    """The script of the plan. ``whole`` are the mentions of ``elements`` that need no list. Without ``marks`` it does
    not tell which of its lines has begun."""
    for hoists in (False, True):
        writer = _Writer(source, sites, whole, taint, hoists=hoists, marks=marks)
        tree = writer.written(source.tree)
        try:
            text = ast.unparse(tree) + "\n"
        except ValueError:  # an f-string whose quotes cannot be written in one line
            continue
        return Written(text, _lines(tree, text), tuple(writer.points))
    raise ValueError("an f-string of this script cannot be written down")


def _lines(tree: ast.Module, text: str) -> tuple[int, ...]:
    """The same statements stand in both trees, in the same order."""
    lines = [0] * text.count("\n")
    for ours, theirs in zip(_statements(tree), _statements(parse(text)), strict=True):
        lines[theirs.lineno - 1] = ours.lineno
    for place in range(1, len(lines)):
        lines[place] = lines[place] or lines[place - 1]
    return tuple(lines)


def _statements(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]


@dataclass
class _Writer(ast.NodeTransformer):
    """``caught`` are the names that handlers around catch; ``inside`` says that a function or class is around.

    ``is_firm`` where a handler waits for more than steps: what may raise there, depending on something unknown, is a
    branch.
    """

    source: Source
    sites: Sequence[Site]
    whole: Collection[ast.Name]
    taint: Taint
    hoists: bool = False
    marks: bool = True
    points: list[ast.AST] = field(default_factory=list)
    caught: tuple[str, ...] = ()
    inside: str = ""
    is_firm: bool = False
    temporary: int = 0

    def written(self, tree: ast.Module) -> ast.Module:
        """A new tree; the given one stays."""
        self._now: ast.AST = tree
        self._numbers = {site.offset: site.number for site in self.sites}
        self._whole = {id(name) for name in self.whole}
        self._bound = {name for node in self.source.nodes for name, _ in bindings(node)}
        self._has_firm_parts = any(
            set(handler_names(handler)) - {"StepFailed"}
            for node in self.source.nodes
            if isinstance(node, ast.Try)
            for handler in node.handlers
        )
        self._builtins = (BUILTINS | {"StepFailed"}) - self._bound
        self._imported = {
            name
            for node in self.source.nodes
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
            for name, _ in bindings(alias)
        }
        return ast.fix_missing_locations(ast.Module(self._body(tree.body), []))

    # --- statements ---------------------------------------------------------------------------------------------

    def _body(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        written: list[ast.stmt] = []
        for statement in body:
            made = self._statement(statement)
            for item in made:
                nodes.place(item, statement)
            if self.marks and not self.inside and not isinstance(statement, ast.Try):
                written.append(
                    nodes.place(
                        ast.Assign([ast.Name("__at", ast.Store())], nodes.constant(statement.lineno)), statement
                    )
                )
            written += made
        return written

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:  # noqa: C901 - a table
        match node:
            case ast.Try():
                return [self._try(node)]
            case ast.FunctionDef() | ast.ClassDef():
                return [self._definition(node)]
            case ast.If(test=test, body=body, orelse=orelse):
                return [ast.If(self._test(test), self._body(body), self._body(orelse))]
            case ast.While(test=test, body=body, orelse=orelse):
                return [ast.While(self._test(test), self._body(body), self._body(orelse))]
            case ast.For(target=target, iter=iterable, body=body, orelse=orelse):
                over = self._iterable(iterable, target)
                return [ast.For(self._target(target), over, self._body(body), self._body(orelse))]
            case ast.With(items=items, body=body):
                return [ast.With([self._with_item(item) for item in items], self._body(body))]
            case ast.Match(subject=subject, cases=cases):
                value = self._guarded("__known_in", subject)
                return [ast.Match(value, [self._case(case) for case in cases])]
            case ast.Assert(test=test, msg=message):
                return [ast.Assert(self._test(test), self._message(message))]
            case ast.Assign(targets=targets, value=value) if node in self.taint:
                made = self._spread(self.visit(value), targets[0]) if value in self.taint else self.visit(value)
                return [ast.Assign([self._target(target) for target in targets], made)]
            case ast.AugAssign() if node in self.taint:
                return self._augmented(node)
            case _:
                return [self.generic_visit(nodes.copy(node))]  # type: ignore[list-item]

    def _case(self, case: ast.match_case) -> ast.match_case:
        guard = self._test(case.guard) if case.guard else None
        return ast.match_case(case.pattern, guard, self._body(case.body))

    def _with_item(self, item: ast.withitem) -> ast.withitem:
        target = self._target(item.optional_vars) if item.optional_vars else None
        return ast.withitem(self._guarded("__known", item.context_expr), target)

    def _definition(self, node: ast.FunctionDef | ast.ClassDef) -> ast.stmt:
        copy: ast.FunctionDef | ast.ClassDef = nodes.copy(node)
        outer, self.inside = self.inside, "class" if isinstance(node, ast.ClassDef) else "function"
        before, self.is_firm = self.is_firm, self._has_firm_parts
        copy.body = self._body(node.body)
        self.inside, self.is_firm = outer, before
        copy.decorator_list = [self.visit(item) for item in node.decorator_list]
        if isinstance(copy, ast.FunctionDef):
            copy.args = self.generic_visit(nodes.copy(copy.args))  # type: ignore[assignment]
            copy.returns = None
        return copy

    def _try(self, node: ast.Try) -> ast.stmt:
        """One with a ``finally`` tells of an exception that nothing around it will catch before the ``finally`` runs,
        as ``rewrite`` has it (R29)."""
        around = self.caught
        names = tuple(name for handler in node.handlers for name in handler_names(handler))
        self.caught = (*around, *names)
        outer, self.is_firm = self.is_firm, self.is_firm or bool(set(names) - {"StepFailed"})
        body = self._body(node.body)
        self.caught, self.is_firm = around, outer
        handlers = [nodes.place(self._handler(handler), handler) for handler in node.handlers]
        orelse, finalbody = self._body(node.orelse), self._body(node.finalbody)
        if not finalbody or self.inside or "Exception" in around:
            return ast.Try(body, handlers, orelse, finalbody)
        inner = [nodes.place(ast.Try(body, handlers, orelse, []), node)] if handlers else body
        return ast.Try(inner, [nodes.place(nodes.telling(around), node)], [], finalbody)

    def _handler(self, handler: ast.ExceptHandler) -> ast.ExceptHandler:
        return ast.ExceptHandler(handler.type, handler.name, self._body(handler.body))

    def _message(self, node: ast.expr | None) -> ast.expr | None:
        """What an ``assert`` says may be unknown; nobody asks how an object of the prelude looks."""
        if node is None or node not in self.taint:
            return self._maybe(node)
        return ast.Call(nodes.name("__said"), [self.visit(node)], [])

    def _augmented(self, node: ast.AugAssign) -> list[ast.stmt]:
        word = f"__iop_{type(node.op).__name__}"
        self._now = node.target
        value = self.visit(node.value)
        match node.target:
            case ast.Name(id=name):
                return [ast.Assign([ast.Name(name, ast.Store())], self._ask(word, nodes.name(name), value))]
            case ast.Subscript(value=base, slice=key) if not isinstance(key, ast.Slice):
                self.temporary += 1
                held, at = f"__held{self.temporary}", f"__key{self.temporary}"
                old = self._ask("__item", nodes.name(held), nodes.name(at))
                known = ast.Call(nodes.name("__known"), [nodes.name(at), self._point(key)], [])
                slot = ast.Subscript(self._ask("__slot", nodes.name(held)), known, ast.Store())
                return [
                    ast.Assign([ast.Name(held, ast.Store())], self.visit(base)),
                    ast.Assign([ast.Name(at, ast.Store())], self.visit(key)),
                    ast.Assign([slot], self._ask(word, old, value)),
                ]
            case _:
                target: Any = self._target(node.target)
                return [ast.AugAssign(target, node.op, self._guard_of(value, node.value))]

    def _spread(self, value: ast.expr, target: ast.expr) -> ast.expr:
        """``a, b = unknown`` gives each name its unknown."""
        if not isinstance(target, ast.Tuple | ast.List):
            return value
        if self.is_firm or any(isinstance(item, ast.Starred) for item in target.elts):
            return self._guard_of(value, target)
        return self._ask("__spread", value, nodes.constant(len(target.elts)))

    def _target(self, node: ast.expr) -> ast.expr:
        """Where something is stored: into what is unknown nothing can be, and an unknown key is a decision."""
        match node:
            case ast.Subscript(value=value, slice=key) if node in self.taint:
                made = self.visit(key) if isinstance(key, ast.Slice) else self._guarded("__known", key)
                return ast.Subscript(self._ask("__slot", self.visit(value)), made, node.ctx)
            case ast.Attribute(value=value, attr=attr) if value in self.taint:
                return ast.Attribute(self._ask("__holder", self.visit(value)), attr, node.ctx)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return type(node)([self._target(item) for item in items], node.ctx)
            case ast.Starred(value=value):
                return ast.Starred(self._target(value), node.ctx)
            case _:
                return self.visit(node)  # type: ignore[no-any-return]

    # --- decisions ----------------------------------------------------------------------------------------------

    def _test(self, node: ast.expr) -> ast.expr:
        return self._guarded("__known", node)

    def _guarded(self, word: str, node: ast.expr) -> ast.expr:
        """The expression, ending the plan where its value is unknown."""
        written = self.visit(node)
        return ast.Call(nodes.name(word), [written, self._point(node)], []) if node in self.taint else written

    def _guard_of(self, written: ast.expr, node: ast.expr) -> ast.expr:
        return ast.Call(nodes.name("__known"), [written, self._point(node)], [])

    def _iterable(self, node: ast.expr, target: ast.expr) -> ast.expr:
        written = self._guarded("__known", node)
        if node not in self.taint or not isinstance(target, ast.Tuple | ast.List):
            return written
        return ast.Call(
            nodes.name("__pairs"), [self.visit(node), self._point(node), nodes.constant(len(target.elts))], []
        )

    def _point(self, node: ast.AST) -> ast.Constant:
        self.points.append(node)
        return nodes.constant(len(self.points))

    def _ask(self, word: str, *arguments: ast.expr, keywords: Sequence[ast.keyword] = (), at: Any = None) -> ast.Call:
        """A call of the prelude; where it may raise and somebody waits for that, it ends the plan."""
        if not self.is_firm or word in _NEVER_RAISE:
            return ast.Call(nodes.name(word), list(arguments), list(keywords))
        head = [self._point(at or self._now), nodes.constant(word), nodes.name(word)]
        return ast.Call(nodes.name("__firm"), [*head, *arguments], list(keywords))

    def _maybe(self, node: ast.expr | None) -> ast.expr | None:
        return None if node is None else self.visit(node)

    # --- expressions --------------------------------------------------------------------------------------------

    def visit(self, node: ast.AST) -> Any:
        """A new node; the given one stays."""
        if isinstance(node, ast.Name) and id(node) in self._whole:
            return nodes.name("__elements")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STEPS | ENDINGS:
            return self._step(node, node.func.id)
        if isinstance(node, ast.JoinedStr) and (self.hoists or node in self.taint):
            return self._joined(node)
        if node not in self.taint or not isinstance(node, ast.expr):
            return self.generic_visit(nodes.copy(node))
        outer, self._now = self._now, node
        written = self._unknown(node)
        self._now = outer
        return written

    def _unknown(self, node: ast.expr) -> Any:  # noqa: C901, PLR0912 - a table
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                return self._ask(f"__op_{type(op).__name__}", self.visit(left), self.visit(right))
            case ast.UnaryOp(op=op, operand=operand):
                word = "__not" if isinstance(op, ast.Not) else f"__op_{type(op).__name__}"
                return self._ask(word, self.visit(operand))
            case ast.BoolOp(op=op, values=values):
                return self._both(op, values)
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return ast.IfExp(self._test(test), self.visit(body), self.visit(orelse))
            case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=step)):
                parts = [self.visit(part) if part else nodes.constant(None) for part in (lower, upper, step)]
                return self._ask("__cut", self.visit(value), *parts)
            case ast.Subscript(value=value, slice=key):
                return self._ask("__item", self.visit(value), self.visit(key))
            case ast.Attribute(value=value, attr=attr):
                read = nodes.function(["__o"], ast.Attribute(nodes.name("__o"), attr, ast.Load()))
                return self._ask("__attribute", self.visit(value), read)
            case ast.Call():
                return self._call(node)
            case ast.Starred(value=value):
                return ast.Starred(self._guarded("__known", value), ast.Load())
            case ast.Dict(keys=keys, values=values):
                made = [self._guarded("__known", key) if key else None for key in keys]
                return ast.Dict(made, [self._dict_value(key, value) for key, value in zip(keys, values, strict=True)])
            case ast.Set(elts=items):
                return ast.Set([self._guarded("__known_in", item) for item in items])
            case ast.ListComp(elt=elt, generators=generators) | ast.GeneratorExp(elt=elt, generators=generators):
                return type(node)(self.visit(elt), [self._generator(item) for item in generators])
            case ast.SetComp(elt=elt, generators=generators):
                return ast.SetComp(self._guarded("__known_in", elt), [self._generator(item) for item in generators])
            case ast.DictComp(key=key, value=value, generators=generators):
                made_key = self._guarded("__known", key)
                return ast.DictComp(made_key, self.visit(value), [self._generator(item) for item in generators])
            case _:
                return self.generic_visit(nodes.copy(node))

    def _dict_value(self, key: ast.expr | None, value: ast.expr) -> ast.expr:
        return self.visit(value) if key else self._guarded("__known", value)

    def _generator(self, node: ast.comprehension) -> ast.comprehension:
        over = self._iterable(node.iter, node.target)
        return ast.comprehension(
            self._target(node.target), over, [self._test(test) for test in node.ifs], node.is_async
        )

    def _both(self, op: ast.boolop, values: Sequence[ast.expr]) -> ast.expr:
        """Unknown where an operand is, if the others do nothing but compute; else it is a branch."""
        first, *others = values
        if self.inside != "class" and all(nodes.computes(part) for value in others for part in ast.walk(value)):
            word = "__and" if isinstance(op, ast.And) else "__or"
            return self._ask(word, self.visit(first), *(nodes.later(self.visit(value)) for value in others))
        return ast.BoolOp(op, [*(self._test(value) for value in values[:-1]), self.visit(values[-1])])

    def _compare(self, node: ast.Compare) -> ast.expr:
        words = [f"__op_{type(op).__name__}" for op in node.ops]
        if len(words) == 1:
            return self._ask(words[0], self.visit(node.left), self.visit(node.comparators[0]))
        rest = [
            part
            for word, value in zip(words, node.comparators, strict=True)
            for part in (nodes.name(word), nodes.later(self.visit(value)))
        ]
        return self._ask("__chain", self.visit(node.left), *rest)

    def _joined(self, node: ast.JoinedStr) -> ast.expr:
        values: list[ast.expr] = []
        made = self._with_places(node, values)
        return self._ask("__text", nodes.function([f"__v{n}" for n in range(len(values))], made), *values)

    def _with_places(self, node: ast.JoinedStr, values: list[ast.expr]) -> ast.JoinedStr:
        parts: list[ast.expr] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                values.append(self.visit(part.value))
                place = nodes.name(f"__v{len(values) - 1}")
                spec = (
                    self._with_places(part.format_spec, values) if isinstance(part.format_spec, ast.JoinedStr) else None
                )
                parts.append(ast.FormattedValue(place, part.conversion, spec))
            else:
                parts.append(part)
        return ast.JoinedStr(parts)

    # --- calls --------------------------------------------------------------------------------------------------

    def _step(self, node: ast.Call, word: str) -> ast.expr:
        args = [self.visit(item) for item in node.args]
        keywords = [self._keyword(item) for item in node.keywords]
        if word in ENDINGS:
            return ast.Call(
                nodes.name("__ending"), [nodes.constant(word), nodes.constant(node.lineno), *args], keywords
            )
        number = self._numbers.get(self.source.end_offset(node.func), 0)
        unsure = any(part in self.taint for part in (*node.args, *(item.value for item in node.keywords)))
        point = self._point(node) if unsure else nodes.constant(0)
        if unsure and self.is_firm:
            point = nodes.constant(-len(self.points))
        return ast.Call(nodes.name("__step"), [nodes.constant(number), point, *args], keywords)

    def _call(self, node: ast.Call) -> ast.expr:
        args = [self.visit(item) for item in node.args]
        keywords = [self._keyword(item) for item in node.keywords]
        match node.func:
            case ast.Name(id=word) if word in ORDERING:
                if len(args) == 2 and not any(isinstance(item, ast.Starred) for item in args):
                    return ast.Call(nodes.name("__ordering"), [self._point(node), nodes.name(word), *args], keywords)
                return ast.Call(nodes.name(word), args, keywords)
            case ast.Name(id=word) if word in self._imported or word in self._builtins:
                own = word in ("map", "filter") and node.args and self._is_own_function(node.args[0])
                named = nodes.constant(f"own {word}" if own else word)
                return self._ask("__call", self._point(node), named, nodes.name(word), *args, keywords=keywords)
            case ast.Attribute(value=ast.Name(id=module), attr=attr) if module in self._imported:
                function = ast.Attribute(nodes.name(module), attr, ast.Load())
                return self._ask("__call", self._point(node), nodes.constant(attr), function, *args, keywords=keywords)
            case ast.Attribute(value=value, attr=attr):
                method = ast.Attribute(nodes.name("__o"), attr, ast.Load())
                handed: list[ast.expr] = [ast.Starred(nodes.name("__a"), ast.Load())]
                call = ast.Call(method, handed, [ast.keyword(None, nodes.name("__k"))])
                head = [
                    self._point(node),
                    nodes.constant(attr),
                    nodes.function(["__o"], call, rest=True),
                    self.visit(value),
                ]
                return self._ask("__method", *head, *args, keywords=keywords)
            case ast.Name(id=word):
                return ast.Call(nodes.name(word), args, keywords)
            case function:
                return ast.Call(self._guarded("__known", function), args, keywords)

    def _is_own_function(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Lambda) or (isinstance(node, ast.Name) and node.id in self._bound - self._imported)

    def _keyword(self, node: ast.keyword) -> ast.keyword:
        value = self.visit(node.value) if node.arg else self._guarded("__known", node.value)
        return ast.keyword(node.arg, value)
