"""Where a script may use the names of steps and functions, and where not (R10, R15)."""

import ast
import re
from collections.abc import Collection, Iterator

from flows.script.analysis import step_calls
from flows.script.language import ENDINGS, ORDERING, STEPS
from flows.script.names import all_bindings
from flows.script.problem import Problem
from flows.script.source import Source

PROTECTED = STEPS | ORDERING | ENDINGS | {"StepFailed", "Exception"}
RESERVED = re.compile(rf"__.*(?<!__)|(?:{'|'.join(sorted(STEPS))})__\d+")


def misplaced_steps(source: Source) -> Iterator[Problem]:
    """Steps called where nobody can tell before the run whether and how often (R15)."""
    for found in step_calls(source):
        if found.around.barrier is not None:
            yield source.problem(
                found.call,
                "step_misplaced",
                f"{found.step} in {found.around.barrier}",
                "a step in the script's own body",
                f"{found.step} cannot be called in {found.around.barrier}: call it in the script's own body, "
                "or move these steps into a child flow and call run_flow there",
            )


def steps_in_processing(source: Source) -> Iterator[Problem]:
    """A processing script runs before the first step (R5)."""
    for found in step_calls(source):
        message = f"a processing script runs before the first step: call {found.step} in the execution script"
        yield source.problem(
            found.call, "step_in_processing", found.step, "order_flow_elements or filter_flow_elements", message
        )


def rebound_names(source: Source) -> Iterator[Problem]:
    """Steps and functions that get another meaning, and names that are kept for the sandbox."""
    for name, node in all_bindings(source):
        if name in PROTECTED:
            message = f"{name} cannot be given another meaning: choose another name"
            yield source.problem(node, "step_rebound", name, "another name", message)
        elif RESERVED.fullmatch(name):
            yield _reserved(source, node, name)
    for node in source.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and RESERVED.fullmatch(node.id):
            yield _reserved(source, node, node.id)


def names_as_values(source: Source, words: Collection[str]) -> Iterator[Problem]:
    """Steps and functions that are passed around instead of called."""
    called = {node.func for node in source.nodes if isinstance(node, ast.Call)}
    for node in source.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in words and node not in called:
            message = f"{node.id} can only be called by its name, not used as a value: write {node.id}(...)"
            yield source.problem(node, "step_as_value", node.id, f"{node.id}(...)", message)


def unused_results(source: Source) -> Iterator[Problem]:
    """``filter_flow_elements(...)`` as a statement does nothing in an execution script (R10)."""
    for node in source.nodes:
        if isinstance(node, ast.Expr):
            for call, name in _dropped(node.value):
                message = f"{name} returns a new list here and this call drops it: write chosen = {name}(...)"
                yield source.problem(
                    call, "unused_result", "a result that nobody uses", f"chosen = {name}(...)", message
                )


def _dropped(value: ast.expr) -> Iterator[tuple[ast.Call, str]]:
    """The calls whose value is the value of a statement, which nobody sees."""
    match value:
        case ast.Call(func=ast.Name(id=name)) if name in ORDERING:
            yield value, name
        case ast.IfExp(body=body, orelse=orelse):
            yield from _dropped(body)
            yield from _dropped(orelse)
        case ast.BoolOp(values=[*_, last]):
            yield from _dropped(last)


def _reserved(source: Source, node: ast.AST, name: str) -> Problem:
    message = f"names like {name} are kept for the sandbox: choose a name without '__'"
    return source.problem(node, "reserved_name", name, "a name without '__'", message)
