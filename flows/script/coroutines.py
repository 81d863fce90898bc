"""Makes a script a coroutine, so that many elements can run it in one session (3.6).

The body becomes an ``async def`` whose parameters are the variables of R8:

- ``run_task('A')`` becomes ``(await run_task__3(__i, 'A'))``, where ``__i`` numbers the session's members;
- ``fail('x')`` becomes ``fail(__i, 7, 'x')``, with its line;
- an exception that nothing will catch is told of, with its line, before a ``finally``, as ``rewrite`` has it;
- ``__ended(__i, how)`` says that a member is over: by its end, or ``'broke'`` by an exception.

No other line is kept: a member that broke is run again in a session of its own, which knows where and why.
"""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flows.script import prelude
from flows.script.analysis import step_calls
from flows.script.language import ENDINGS, ORDERING
from flows.script.mentions import Reads, whole_mentions
from flows.script.parsing import parse
from flows.script.program import Program
from flows.script.rewrite import UNMARKED, guarded_tries, is_elif

BROKE: Final = "broke"
"""How ``__ended`` tells of an exception that left the script."""

PARAMETERS: Final = ("current", "element", "elements", "first", "last", "inputs", "run")

FRAME: Final = """
import asyncio
async def __one(__i,__place,__element):
    try:
        await __script(__i,{arguments})
    except SystemExit:
        __ended(__i,'')
    except BaseException:
        __ended(__i,'broke')
    else:
        __ended(__i,'')
async def __all():
    await asyncio.gather(*[__one(*__member) for __member in __members])
await __all()
"""
"""``__members`` are (number, place, element); an element of None stands in the list of all."""


class Unshareable(Exception):
    """The script cannot be made a coroutine."""


@dataclass(frozen=True, slots=True)
class SharedProgram:
    """``elements`` says when a session must be given the list of all elements."""

    code: str
    elements: Reads


def shared_program(program: Program) -> SharedProgram:
    """The script as a coroutine. Raises ``Unshareable``; whether it may share at all says ``sharing``."""
    try:
        tree = _coroutine(program)
        script = ast.unparse(tree)
        is_faithful = ast.dump(parse(script)) == ast.dump(tree)
    except (ValueError, SyntaxError, RecursionError) as error:
        raise Unshareable(str(error)) from error
    if not is_faithful:
        raise Unshareable("its text as a coroutine would mean something else")
    names = {node.id for node in program.source.nodes if isinstance(node, ast.Name)}
    before = prelude.EXECUTION_WITH_ORDERING if names & ORDERING else prelude.EXECUTION
    element = "elements[__place]" if program.elements == "from_the_start" else "__element"
    arguments = {"current": "__place", "element": element, "first": "0"}
    given = ",".join(arguments.get(name, name) for name in _parameters(program))
    return SharedProgram(before + script + FRAME.format(arguments=given), program.elements)


def _parameters(program: Program) -> list[str]:
    """A list that is looked up late stays a name of the session, so that it crosses only where it is reached."""
    return [name for name in PARAMETERS if name != "elements" or program.elements == "from_the_start"]


def _coroutine(program: Program) -> ast.Module:
    source = program.source
    tree = parse(source.text)
    twins: dict[ast.AST, Any] = dict(zip(ast.walk(source.tree), ast.walk(tree), strict=True))
    numbers = {site.offset: site.number for site in program.sites}
    rewriter = _Rewriter(
        sites={twins[found.call]: numbers[source.end_offset(found.call.func)] for found in step_calls(source)},
        lines={twins[node]: node.lineno for node in source.nodes if isinstance(node, ast.Call | ast.stmt)},
        whole={twins[name] for name in whole_mentions(source)},
        guards={twins[guard.statement]: guard.caught_around for guard in guarded_tries(source)},
        unmarked={twins[node] for node in source.nodes if isinstance(node, ast.If) and is_elif(source, node)},
    )
    body = [part for statement in tree.body for part in rewriter.statements(statement)]
    names = [ast.arg(name) for name in ("__i", *_parameters(program))]
    arguments = ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=[])
    start = [_mark(0)] if rewriter.guards else []
    script = ast.AsyncFunctionDef("__script", arguments, [*start, *body] or [ast.Pass()], [])
    return ast.fix_missing_locations(ast.Module([script], []))


@dataclass
class _Rewriter(ast.NodeTransformer):
    """Rewrites the nodes of one tree. Marks are needed only where an exception is told of with the line."""

    sites: Mapping[ast.AST, int]
    lines: Mapping[ast.AST, int]
    whole: Collection[ast.AST]
    guards: Mapping[ast.AST, tuple[str, ...]]
    unmarked: Collection[ast.AST]
    in_function: bool = False

    def statements(self, node: ast.stmt) -> list[ast.stmt]:
        """What a statement becomes."""
        made = self.visit(node)
        return made if isinstance(made, list) else [made]

    def visit(self, node: ast.AST) -> Any:
        """A statement of the script's own body is marked with its line."""
        is_marked = self._is_marked(node)
        made = super().visit(node)
        return [_mark(self.lines[node]), made] if is_marked else made

    def _is_marked(self, node: ast.AST) -> bool:
        if not self.guards or self.in_function or not isinstance(node, ast.stmt):
            return False
        return not isinstance(node, UNMARKED) and node not in self.unmarked

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Functions of the author call no steps."""
        around, self.in_function = self.in_function, True
        made = self.generic_visit(node)
        self.in_function = around
        return made

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Where only the number of elements counts, they are a range of that length."""
        return ast.Name("__elements", node.ctx) if node in self.whole else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Steps and ends say whose they are."""
        number, line = self.sites.get(node), self.lines[node]
        made = self.generic_visit(node)
        assert isinstance(made, ast.Call)
        if number is not None and isinstance(made.func, ast.Name):
            return ast.Await(_called(f"{made.func.id}__{number}", [], made))
        if isinstance(made.func, ast.Name) and made.func.id in ENDINGS:
            return _called(made.func.id, [ast.Constant(line)], made)
        return made

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """An exception that nothing will catch is told of before the ``finally``."""
        caught_around = self.guards.get(node)
        made = self.generic_visit(node)
        assert isinstance(made, ast.Try)
        if caught_around is None:
            return made
        telling = _telling(caught_around)
        if not made.handlers:
            return ast.Try(made.body, [telling], [], made.finalbody)
        return ast.Try([ast.Try(made.body, made.handlers, made.orelse, [])], [telling], [], made.finalbody)


def _called(name: str, first: list[ast.expr], call: ast.Call) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [ast.Name("__i", ast.Load()), *first, *call.args], call.keywords)


def _mark(line: int) -> ast.stmt:
    return ast.Assign([ast.Name("__at", ast.Store())], ast.Constant(line))


def _telling(caught_around: tuple[str, ...]) -> ast.ExceptHandler:
    known = f"__isinstance(__error,({','.join(caught_around)},)) or " if caught_around else ""
    told = f"{known}__uncaught(__i,__at,__type(__error).__name__,__str(__error))"
    return ast.ExceptHandler(ast.Name("Exception", ast.Load()), "__error", parse(f"{told}\nraise").body)
