"""All that is checked when a script is saved (R15, R16): every problem with its place and the way out."""

from collections.abc import Collection, Iterable

from flows.script.analysis import sites_of
from flows.script.calling import call_problems
from flows.script.catalog import Catalog, catalog_problems, input_problems
from flows.script.cycles import find_cycle
from flows.script.language import BUILTINS, ENDINGS, EXECUTION_NAMES, ORDERING, PROCESSING_NAMES, STEPS
from flows.script.names import unknown_names
from flows.script.placement import (
    misplaced_steps,
    names_as_values,
    rebound_names,
    steps_in_processing,
    unused_results,
)
from flows.script.problem import Problem, Unreadable
from flows.script.refusals import exits_from_finally, handler_problems, unsupported_syntax
from flows.script.signatures import SIGNATURES
from flows.script.source import Source, read

__all__ = ["Catalog", "Problem", "check_execution", "check_processing", "find_cycle"]


def check_execution(text: str, catalog: Catalog | None = None, inputs: Collection[str] | None = None) -> list[Problem]:
    """The problems of an execution script, in the order of the text.

    Without a catalog no task and no flow is looked up, without the names of the flow's own ``inputs`` no input.
    """
    try:
        source = read(text)
        sites_of(source)
    except Unreadable as refusal:
        return [refusal.problem]
    return _in_order(
        _common_problems(source),
        unknown_names(source, BUILTINS | EXECUTION_NAMES),
        misplaced_steps(source),
        names_as_values(source, STEPS | ENDINGS),
        unused_results(source),
        call_problems(source, SIGNATURES),
        () if catalog is None else catalog_problems(source, catalog),
        () if inputs is None else input_problems(source, inputs),
    )


def check_processing(text: str, inputs: Collection[str] | None = None) -> list[Problem]:
    """The problems of a processing script, in the order of the text; ``inputs`` as for an execution script."""
    try:
        source = read(text)
    except Unreadable as refusal:
        return [refusal.problem]
    return _in_order(
        _common_problems(source),
        unknown_names(source, BUILTINS | PROCESSING_NAMES | STEPS),
        steps_in_processing(source),
        names_as_values(source, STEPS),
        call_problems(source, ORDERING),
        () if inputs is None else input_problems(source, inputs),
    )


def _common_problems(source: Source) -> Iterable[Problem]:
    yield from rebound_names(source)
    yield from handler_problems(source)
    yield from exits_from_finally(source)
    yield from unsupported_syntax(source)


def _in_order(*groups: Iterable[Problem]) -> list[Problem]:
    """By place, each once. A name that a handler may not catch is unknown too: it has one problem."""
    problems = {problem for group in groups for problem in group}
    too_broad = {(problem.line, problem.col) for problem in problems if problem.code == "except_too_broad"}
    return sorted(p for p in problems if p.code != "unknown_name" or (p.line, p.col) not in too_broad)
