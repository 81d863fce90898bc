"""Step sites: where a script's steps stand (R15), in which loops (R19), and what happens if they fail (R29)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from flows.script.language import STEPS
from flows.script.problem import Problem, Unreadable
from flows.script.source import Source, read

CATCHES_STEPS = frozenset({"StepFailed", "Exception"})

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Try = ast.Try | ast.TryStar


@dataclass(frozen=True, slots=True)
class Site:
    """One step site. Lines and columns count from 1, columns in characters; the end is just after the call.

    ``loops`` are the first sites of the loops around it, outermost first; ``caught`` says that a handler for
    ``StepFailed`` or ``Exception`` encloses it; ``uses_result`` is False where the call is a statement of its own;
    ``literal`` is its first argument where that is a plain string: the task, the flow, or the message.
    ``offset`` is where the step's name ends, in bytes of the UTF-8 text.
    """

    number: int
    step: str
    line: int
    col: int
    end_line: int
    end_col: int
    loops: tuple[int, ...] = ()
    caught: bool = False
    in_finally: bool = False
    uses_result: bool = True
    literal: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """The sites of a script, ``sites[i].number == i + 1``."""

    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What encloses a node. Loops are the nodes themselves: their number is that of a site not yet known.

    ``barrier`` names the construct in which no step may be called (R15), if there is one around. ``variables`` are
    the names that the script assigns: a handler that names one may catch anything. ``statement`` is the innermost.
    """

    loops: tuple[ast.AST, ...] = ()
    caught: bool = False
    in_finally: bool = False
    barrier: str | None = None
    variables: frozenset[str] = frozenset()
    statement: ast.stmt | None = None

    def within(self, barrier: str) -> "Surroundings":
        """The same, inside a construct that may hold no step; the outermost is the one to be named."""
        return self if self.barrier else replace(self, barrier=barrier)


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call of a step by its name, allowed or not."""

    call: ast.Call
    step: str
    around: Surroundings
    is_statement: bool


def analyse(text: str) -> Analysis:
    """The step sites of a script, in one pass. Raises ``Unreadable`` when it does not parse; misplaced steps are
    no sites (the check refuses them)."""
    source = read(text)
    return Analysis(sites_of(source))


@lru_cache(maxsize=8)
def sites_of(source: Source) -> tuple[Site, ...]:
    """The sites of a script that has been read, numbered by where their calls end.

    Raises ``Unreadable`` for a step in an f-string whose place cannot be told.
    """
    allowed = site_calls(source)
    for found in allowed:
        if not source.text_before(found.call.func).endswith(found.step.encode()):
            raise Unreadable(_unplaced(source, found))
    first_site: dict[ast.AST, int] = {}
    for number, found in enumerate(allowed, start=1):
        for loop in found.around.loops:
            first_site.setdefault(loop, number)
    return tuple(_site(source, number, found, first_site) for number, found in enumerate(allowed, start=1))


def site_calls(source: Source) -> list[FoundCall]:
    """The calls that are sites: the n-th is that of site n + 1."""
    allowed = [found for found in step_calls(source) if found.around.barrier is None]
    return sorted(allowed, key=lambda found: _end(found.call))


@lru_cache(maxsize=8)
def step_calls(source: Source) -> tuple[FoundCall, ...]:
    """Every call of a step by its name, with what is around it, in no useful order."""
    found = []
    statements: set[ast.AST] = set()
    for node, around in surroundings(source):
        if isinstance(node, ast.Expr):
            statements.add(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STEPS:
            found.append(FoundCall(node, node.func.id, around, node in statements))
    return tuple(found)


def surroundings(source: Source) -> Iterator[tuple[ast.AST, Surroundings]]:
    """Every node with what encloses it; a node comes before what it holds."""
    assigned = {node.id for node in source.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    waiting: list[tuple[ast.AST, Surroundings]] = [(source.tree, Surroundings(variables=frozenset(assigned)))]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, ast.stmt):
            around = replace(around, statement=node)
        yield node, around
        waiting.extend(_children(node, around))


def _children(node: ast.AST, around: Surroundings) -> Iterator[tuple[ast.AST, Surroundings]]:
    if isinstance(node, ast.For | ast.AsyncFor):
        return _for_children(node, around)
    if isinstance(node, ast.While):
        return _while_children(node, around)
    if isinstance(node, ast.Try | ast.TryStar):
        return _try_children(node, around)
    if isinstance(node, Function | ast.ClassDef):
        return _definition_children(node, around)
    if isinstance(node, Comprehension):
        return _comprehension_children(node, around)
    if isinstance(node, ast.AnnAssign):
        return _annotated_children(node, around)
    return ((child, around) for child in ast.iter_child_nodes(node))


def _for_children(node: ast.For | ast.AsyncFor, around: Surroundings) -> Iterator[tuple[ast.AST, Surroundings]]:
    inside = replace(around, loops=(*around.loops, node))
    yield node.iter, around
    yield node.target, inside
    yield from ((child, inside) for child in node.body)
    yield from ((child, around) for child in node.orelse)


def _while_children(node: ast.While, around: Surroundings) -> Iterator[tuple[ast.AST, Surroundings]]:
    inside = replace(around, loops=(*around.loops, node))
    yield node.test, inside
    yield from ((child, inside) for child in node.body)
    yield from ((child, around) for child in node.orelse)


def _try_children(node: Try, around: Surroundings) -> Iterator[tuple[ast.AST, Surroundings]]:
    body = replace(around, caught=around.caught or catches_steps(node, around.variables))
    yield from ((child, body) for child in node.body)
    yield from ((child, around) for child in (*node.handlers, *node.orelse))
    yield from ((child, replace(around, in_finally=True)) for child in node.finalbody)


def _definition_children(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef, around: Surroundings
) -> Iterator[tuple[ast.AST, Surroundings]]:
    word = {ast.Lambda: "a lambda", ast.ClassDef: "a class"}.get(type(node), "a function")
    for child in getattr(node, "decorator_list", ()):
        yield child, around.within("a decorator")
    arguments = node.args if not isinstance(node, ast.ClassDef) else None
    defaults = [d for d in (*arguments.defaults, *arguments.kw_defaults) if d] if arguments else []
    for child in defaults:
        yield child, around.within("a default value")
    inside = around.within(word)
    done = {*defaults, *getattr(node, "decorator_list", ())}
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.arguments):
            yield from ((part, inside) for part in ast.iter_child_nodes(child) if part not in done)
        elif child not in done:
            yield child, inside


def _comprehension_children(node: Comprehension, around: Surroundings) -> Iterator[tuple[ast.AST, Surroundings]]:
    first = node.generators[0].iter
    inside = around.within("a comprehension")
    yield first, around
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            yield from ((part, inside) for part in ast.iter_child_nodes(child) if part is not first)
        else:
            yield child, inside


def _annotated_children(node: ast.AnnAssign, around: Surroundings) -> Iterator[tuple[ast.AST, Surroundings]]:
    """The sandbox does not look at annotations: a step in one would be a column in which nothing ever happens."""
    for child in ast.iter_child_nodes(node):
        yield child, around.within("an annotation") if child is node.annotation else around


def catches_steps(node: Try, variables: frozenset[str]) -> bool:
    """True when a step that fails in the body is caught here, or may be by a handler that names a variable."""
    return any((CATCHES_STEPS | variables) & set(handler_names(handler)) for handler in node.handlers)


def handler_names(handler: ast.ExceptHandler) -> tuple[str, ...]:
    """The plain names that a handler catches."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return tuple(name.id for name in types if isinstance(name, ast.Name))


def _site(source: Source, number: int, found: FoundCall, first_site: dict[ast.AST, int]) -> Site:
    line, col = source.position(found.call)
    end_line, end_col = source.end_position(found.call)
    return Site(
        number=number,
        step=found.step,
        line=line,
        col=col,
        end_line=end_line,
        end_col=end_col,
        loops=tuple(first_site[loop] for loop in found.around.loops),
        caught=found.around.caught,
        in_finally=found.around.in_finally,
        uses_result=not found.is_statement,
        literal=literal_name(found.call),
        offset=source.end_offset(found.call.func),
    )


def _unplaced(source: Source, found: FoundCall) -> Problem:
    message = f"the place of {found.step} in this f-string cannot be told: give its result a name first, and use that"
    return source.problem(
        found.call, "step_unplaced", f"{found.step} in an f-string", f"x = {found.step}(...)", message
    )


def literal_name(call: ast.Call) -> str | None:
    """The first argument of a step where it is a plain string."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _end(call: ast.Call) -> tuple[int, int]:
    return call.end_lineno or call.lineno, call.end_col_offset or 0
