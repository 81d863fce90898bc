"""Which steps may still run from one expression of a script on (R40): a walk over everything that may follow.

Whatever can go wrong may: every step may fail, and what is no plain name or constant may raise something else. A
``finally`` is walked anew for each way into it, so that a normal end does not count as a ``break``.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from flows.script.analysis import CATCHES_STEPS, handler_names, step_calls
from flows.script.language import ENDINGS
from flows.script.source import Source

END: Final = 0
"""The place behind the script."""


@dataclass(frozen=True, slots=True)
class _Around:
    """Where a statement may go instead of on: places for ``break``, ``continue``, ``return``, and for what is raised.

    ``failed`` takes a ``StepFailed``, ``raised`` any other exception, ``ended`` what ends the script.
    """

    failed: int = END
    raised: int = END
    ended: int = END
    broken: int = END
    continued: int = END


@dataclass(slots=True)
class _Graph:
    """Places by number, each with what it leads to. ``site`` and ``nodes`` say what happens there."""

    leads: list[list[int]] = field(default_factory=lambda: [[]])
    sites: dict[int, int] = field(default_factory=dict)
    nodes: dict[int, list[int]] = field(default_factory=dict)

    def place(self, *leads: int) -> int:
        self.leads.append(list(leads))
        return len(self.leads) - 1


def may_run(source: Source, numbers: dict[ast.Call, int], node: ast.AST, *, after: bool = False) -> tuple[int, ...]:
    """The sites that may still be reached once this expression is about to decide, ascending; ``after``: once it has
    its value.

    ``numbers`` are the sites of the script's step calls.
    """
    walk = _Walk(_Graph(), numbers, frozenset(_assigned(source)))
    walk.block(source.tree.body, END, _Around())
    starts = walk.graph.nodes.get(id(node)) or _callers(source, walk.graph, node)
    if not starts:
        return tuple(sorted(numbers.values()))
    seen: set[int] = set()
    waiting = [lead for start in starts for lead in walk.graph.leads[start]] if after else list(starts)
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            waiting += walk.graph.leads[place]
    return tuple(sorted({walk.graph.sites[place] for place in seen if place in walk.graph.sites}))


def _callers(source: Source, graph: _Graph, node: ast.AST) -> list[int]:
    """Where the functions that hold this node are called from the script's own body; nothing where nobody can tell."""
    names: set[str] = set()
    inside = {node}
    while True:
        found = {
            function.name
            for function in source.nodes
            if isinstance(function, ast.FunctionDef) and any(part in inside for part in ast.walk(function))
        }
        if found <= names:
            break
        names |= found
        inside |= {call for call in source.nodes if isinstance(call, ast.Call) and _calls(call, names)}
    uses = [part for part in source.nodes if isinstance(part, ast.Name) and part.id in names]
    calls = [call for call in source.nodes if isinstance(call, ast.Call) and _calls(call, names)]
    if len(uses) > len(calls):
        return []  # a function that is a value may be called anywhere
    return [place for call in calls for place in graph.nodes.get(id(call), ())]


def _calls(call: ast.Call, names: set[str]) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in names


def site_numbers(source: Source, by_offset: dict[int, int]) -> dict[ast.Call, int]:
    """The number of each step call, by where the step's name ends."""
    found = {call.call: by_offset.get(source.end_offset(call.call.func)) for call in step_calls(source)}
    return {call: number for call, number in found.items() if number is not None}


def _assigned(source: Source) -> set[str]:
    return {node.id for node in source.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


@dataclass(slots=True)
class _Walk:
    """Builds the graph from its end to its beginning: every part is told where it goes on."""

    graph: _Graph
    numbers: dict[ast.Call, int]
    variables: frozenset[str]

    def block(self, body: Sequence[ast.stmt], after: int, around: _Around) -> int:
        """The place at which the block begins."""
        for statement in reversed(body):
            after = self.statement(statement, after, around)
        return after

    def statement(self, node: ast.stmt, after: int, around: _Around) -> int:  # noqa: C901, PLR0912 - a table
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                chosen = self._choice(test, self.block(body, after, around), self.block(orelse, after, around))
                return self.expression(test, chosen, around)
            case ast.While():
                return self._while(node, after, around)
            case ast.For():
                return self._for(node, after, around)
            case ast.Try():
                return self._try(node, after, around)
            case ast.With(items=items, body=body):
                # What the author's context managers do with an exception is theirs to say.
                swallowed = replace(
                    around,
                    failed=self.graph.place(around.failed, after),
                    raised=self.graph.place(around.raised, after),
                    ended=self.graph.place(around.ended, after),
                )
                begin = self.block(body, after, swallowed)
                return self.expressions([item.context_expr for item in items], begin, around)
            case ast.Match():
                return self._match(node, after, around)
            case ast.Break():
                return around.broken
            case ast.Continue():
                return around.continued
            case ast.Raise(exc=exc):
                raised = self.graph.place(*self._raised(exc, around))
                return self.expressions([part for part in (exc, node.cause) if part], raised, around)
            case ast.FunctionDef(decorator_list=decorators) | ast.ClassDef(decorator_list=decorators):
                return self.expressions(decorators, after, around)
            case ast.Assert(test=test, msg=message):
                failing = self.graph.place(around.raised)
                failing = self.expression(message, failing, around) if message else failing
                return self.expression(test, self._choice(test, after, failing), around)
            case ast.Assign(targets=targets, value=value):
                return self.expressions([value, *targets], after, around)
            case _:
                parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
                return self.expressions(parts, after, around)

    def expressions(self, nodes: Sequence[ast.expr], after: int, around: _Around) -> int:
        for node in reversed(nodes):
            after = self.expression(node, after, around)
        return after

    def expression(self, node: ast.expr, after: int, around: _Around) -> int:
        """The place at which its evaluation begins; its own place is where it decides or is used."""
        match node:
            case ast.BoolOp(values=values):
                here = self._at(node, after, around)
                begin = self.expression(values[-1], here, around)
                for value in reversed(values[:-1]):
                    begin = self.expression(value, self.graph.place(begin, here), around)
                return begin
            case ast.IfExp(test=test, body=body, orelse=orelse):
                here = self._at(node, after, around)
                left, right = self.expression(body, here, around), self.expression(orelse, here, around)
                return self.expression(test, self._choice(test, left, right), around)
            case ast.Lambda():
                return self._at(node, after, around)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, after, around)
            case _:
                here = self._at(node, after, around)
                parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.keyword)]
                values = [part.value if isinstance(part, ast.keyword) else part for part in parts]
                return self.expressions(values, here, around)

    def _comprehension(self, node: ast.expr, after: int, around: _Around) -> int:
        """Only its first iterable can hold a step; everything else may be evaluated in any number."""
        here = self._at(node, after, around)
        first: ast.expr = node.generators[0].iter  # type: ignore[attr-defined]
        for part in ast.walk(node):
            if isinstance(part, ast.expr) and part is not node and id(part) not in self.graph.nodes:
                self.graph.nodes.setdefault(id(part), []).append(here)
        for part in ast.walk(first):
            self.graph.nodes.pop(id(part), None)
        return self.expression(first, here, around)

    def _at(self, node: ast.expr, after: int, around: _Around) -> int:
        """The place of the node itself, once its parts have their values: a step happens there, or something is
        raised."""
        leads = [after]
        place = self.graph.place()
        if isinstance(node, ast.Call) and node in self.numbers:
            self.graph.sites[place] = self.numbers[node]
            leads += [around.failed, around.raised]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ENDINGS:
            leads = [around.ended]
        elif isinstance(node, ast.Call):
            leads += [around.raised, around.failed, around.ended]  # a function may do any of these
        elif not isinstance(node, ast.Name | ast.Constant):
            leads.append(around.raised)
        self.graph.leads[place] = leads
        self.graph.nodes.setdefault(id(node), []).append(place)
        return place

    def _choice(self, test: ast.expr, yes: int, no: int) -> int:
        if isinstance(test, ast.Constant):
            return yes if test.value else no
        return self.graph.place(yes, no)

    # --- loops ----------------------------------------------------------------------------------------------------

    def _while(self, node: ast.While, after: int, around: _Around) -> int:
        top = self.graph.place()
        inside = replace(around, broken=after, continued=top)
        done = self.block(node.orelse, after, around)
        chosen = self._choice(node.test, self.block(node.body, top, inside), done)
        self.graph.leads[top] = [self.expression(node.test, chosen, around)]
        return top

    def _for(self, node: ast.For, after: int, around: _Around) -> int:
        top = self.graph.place()
        inside = replace(around, broken=after, continued=top)
        body = self.expression(node.target, self.block(node.body, top, inside), around)
        self.graph.leads[top] = [body, self.block(node.orelse, after, around)]
        return self.expression(node.iter, top, around)

    # --- try and match --------------------------------------------------------------------------------------------

    def _try(self, node: ast.Try, after: int, around: _Around) -> int:
        if node.finalbody:
            after, around = self._through_finally(node.finalbody, after, around)
        orelse = self.block(node.orelse, after, around)
        failed: list[int] = []
        raised: list[int] = []
        takes_failed = takes_raised = False
        for handler in node.handlers:
            begin = self.block(handler.body, after, around)
            names = set(handler_names(handler))
            if not takes_failed and names & (CATCHES_STEPS | self.variables):
                failed.append(begin)
                takes_failed = bool(names & CATCHES_STEPS)
            if not takes_raised and names != {"StepFailed"}:
                raised.append(begin)
                takes_raised = "Exception" in names
        failed += [] if takes_failed else [around.failed]
        raised += [] if takes_raised else [around.raised]
        inside = replace(around, failed=self.graph.place(*failed), raised=self.graph.place(*raised))
        return self.block(node.body, orelse, inside)

    def _through_finally(self, body: Sequence[ast.stmt], after: int, around: _Around) -> tuple[int, _Around]:
        made: dict[int, int] = {}

        def through(place: int) -> int:
            if place not in made:
                made[place] = self.block(body, place, around)
            return made[place]

        return through(after), _Around(
            failed=through(around.failed),
            raised=through(around.raised),
            ended=through(around.ended),
            broken=through(around.broken),
            continued=through(around.continued),
        )

    def _match(self, node: ast.Match, after: int, around: _Around) -> int:
        following = after
        for case in reversed(node.cases):
            begin = self.block(case.body, after, around)
            is_sure = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            if case.guard:
                begin = self.expression(case.guard, self.graph.place(begin, following), around)
            following = begin if is_sure else self.graph.place(begin, following)
        return self.expression(node.subject, following, around)

    def _raised(self, exc: ast.expr | None, around: _Around) -> list[int]:
        """Where ``raise`` goes: one of a known kind to the handlers of that kind."""
        name = exc.func if isinstance(exc, ast.Call) else exc
        if isinstance(name, ast.Name) and name.id == "StepFailed":
            return [around.failed]
        if isinstance(name, ast.Name) and name.id[:1].isupper():
            return [around.raised]
        return [around.failed, around.raised]
