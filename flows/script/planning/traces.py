"""What a script does in a plan, from its first line to where it ended, waits or knows no further."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flows.script.arguments import WrongArgument, call_of, ending_of
from flows.script.calls import Call, Verdict
from flows.script.explain import verdict_of
from flows.script.instance import TOO_MANY_STEPS
from flows.script.planning.program import PlanProgram
from flows.script.planning.signs import UNKNOWN_TEXT
from flows.script.prelude import all_elements
from flows.script.sandbox import Broke

_ESCAPED: Final = repr(UNKNOWN_TEXT)[1:-1]

Given = tuple[str, ...] | tuple[str, Any]
"""How an ask ends, where not well: ``('value', v)``, ``('failed', message)``, ``('stop',)``, ``('wrong', message)``."""


@dataclass(frozen=True, slots=True)
class Use:
    """The script uses something unknown. ``site`` is the step whose result it is, None where it is the run itself."""

    line: int
    site: int | None
    what: str
    node: ast.AST


@dataclass(slots=True)
class Trace:
    """``rows`` are the calls, by their number in the session's table. The verdict was made after so many of them.

    ``end``: ``ended``; ``waits`` at its last call for the result; ``uses`` something unknown; or must run ``again`` in
    a session of its own.
    """

    rows: Sequence[int]
    end: str
    use: Use | None = None
    verdict: Verdict | None = None
    decided_after: int = 0


def trace_of(came: Sequence[Any], program: PlanProgram, limit: int) -> Trace:
    """What the prelude told of one script."""
    rows, end, told = came
    trace = Trace(rows, "ended" if end is None else end[0])
    if told is not None:
        trace.verdict, trace.decided_after = _verdict(told[:4], program), told[4]
    if trace.end == "unknown":
        trace.end, trace.use = "uses", _use(program, end[1], end[2])
    elif trace.end == "too many":
        line = program.sites[end[1] - 1].line
        trace.end = "ended"
        decide(trace, Verdict("error", TOO_MANY_STEPS.format(limit), line))
    return trace


def decide(trace: Trace, verdict: Verdict) -> None:
    """The first verdict stands. What is unknown in its message stays so, quoted or not."""
    verdict = with_signs(verdict)
    if trace.verdict is None:
        trace.verdict, trace.decided_after = verdict, len(trace.rows)


def _verdict(told: Sequence[Any], program: PlanProgram) -> Verdict:
    word, first, second, line = told
    if word == "uncaught":
        kind = "StepFailed" if first == "Incomplete" else str(first)
        return with_signs(verdict_of(Broke(kind, str(second), ()), line, program.alone, (), 1.0))
    ending, message = ending_of(word, first, second)
    return Verdict(ending, message, line)


def with_signs(verdict: Verdict) -> Verdict:
    """The sign of an unknown as it is, where ``repr`` wrote it in letters."""
    if _ESCAPED not in verdict.message:
        return verdict
    return replace(verdict, message=verdict.message.replace(_ESCAPED, UNKNOWN_TEXT))


def _use(program: PlanProgram, point: int, site: int | None) -> Use:
    node = program.points[point - 1]
    line = getattr(node, "lineno", 1)
    return Use(line, site or None, _words(program, site), node)


def _words(program: PlanProgram, site: int | None) -> str:
    if site is None:
        return "its run's id or time"
    if not site:
        return "a message that holds a result"
    found = program.sites[site - 1]
    return f"what {found.step}{f'({found.literal!r})' if found.literal else ''} in line {found.line} returns"


@dataclass(slots=True)
class Calls:
    """The table of one session's rows, read once each."""

    program: PlanProgram
    elements: Sequence[Mapping[str, Any]]
    made: list[Call | WrongArgument]
    is_clean: bool = True

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """More rows that the session told."""
        self.made += [self._read(*row) for row in rows]

    def _read(self, site: int, args: Sequence[Any], kwargs: Mapping[str, Any], signs: str) -> Call | WrongArgument:
        step = self.program.sites[site - 1].step
        if kwargs.get("elements") == all_elements(len(self.elements)):
            kwargs = {**kwargs, "elements": list(self.elements)}
        try:
            call = call_of(step, site, args, kwargs)
        except WrongArgument as error:
            self.is_clean = False
            return error
        if signs == "m" or (call.name is not None and UNKNOWN_TEXT in call.name):
            return replace(call, name=None)
        return replace(call, inputs={}) if signs == "k" else call
