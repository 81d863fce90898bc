"""A script made ready for a plan: its text for a session of its own or a shared one, and what its numbers mean."""

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from flows.script.analysis import Site, sites_of
from flows.script.language import BUILTINS
from flows.script.mentions import reads_elements, whole_mentions
from flows.script.planning import prelude
from flows.script.planning.apart import may_share
from flows.script.planning.taint import Taint
from flows.script.planning.unknowns import write_for_plan
from flows.script.program import Program
from flows.script.source import Source, read

_EXCEPTIONS: Final = [name for name in sorted(BUILTINS) if name.endswith(("Error", "Exception", "Iteration"))]
_PASSING: Final = ["list", "tuple", "reversed", "enumerate", "zip", "iter", "len", "bool", "dict", "isinstance", "next"]
"""Built-in functions that do not look into what they are given, beyond its form."""

_KEPT_TEXT: Final = [
    "strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "replace", "removeprefix", "removesuffix",
]  # fmt: skip
"""Methods that make a text of a text."""

_SURE: Final = [*_KEPT_TEXT, "split", "rsplit", "splitlines", "startswith", "endswith", "find", "rfind", "count"]
"""Methods of a text that raise nothing, whatever it says."""


@dataclass(frozen=True)
class PlanProgram:
    """``points`` are the expressions that may end the plan, counted from 1. ``shared_text`` does not tell where it is,
    where nobody asks. ``meets_unknowns`` says that the script may meet something unknown at all.
    """

    source: Source
    sites: tuple[Site, ...]
    text: str
    shared_text: str
    lines: tuple[int, ...]
    points: tuple[ast.AST, ...]
    meets_unknowns: bool
    is_shared: bool
    needs_elements: bool

    @property
    def is_per_run(self) -> bool:
        """True when what the script passes depends on all the elements of its run."""
        return self.needs_elements or "__elements" in self.text

    @cached_property
    def alone(self) -> Program:
        """For a session of its own: errors have the author's lines."""
        before = prelude.alone(self.meets_unknowns)
        return Program(
            code=before + self.text,
            sites=self.sites,
            elements="from_the_start" if self.needs_elements else "never",
            source=self.source,
            prelude_lines=before.count("\n"),
            lines=self.lines,
        )

    @cached_property
    def shared(self) -> str:
        """What a shared session begins with."""
        return prelude.shared(self.meets_unknowns)

    @cached_property
    def tables(self) -> dict[str, Any]:
        """What the prelude must know of the sites."""
        return {
            "__words": {site.number: site.step for site in self.sites},
            "__lines": {site.number: site.line for site in self.sites},
            "__finals": [site.number for site in self.sites if site.in_finally],
            "__used": [site.number for site in self.sites if site.uses_result],
            "__caught": [site.number for site in self.sites if site.caught],
            "__exceptions": [*_EXCEPTIONS, "StepFailed"],
            "__passing": _PASSING,
            "__kept": _KEPT_TEXT,
            "__sure": _SURE,
        }


def plan_program(text: str) -> PlanProgram:
    """An execution script made ready. Raises ``Unreadable``."""
    source = read(text)
    sites, whole, taint = sites_of(source), whole_mentions(source), Taint(source)
    written = write_for_plan(source, sites, whole, taint)
    tells = any(isinstance(node, ast.Try) and node.finalbody for node in source.nodes)
    quick = written if tells else write_for_plan(source, sites, whole, taint, marks=False)
    return PlanProgram(
        source=source,
        sites=sites,
        text=written.text,
        shared_text=quick.text,
        lines=written.lines,
        points=written.points,
        meets_unknowns=source.tree in taint,
        is_shared=may_share(source),
        needs_elements=reads_elements(source.tree, whole) != "never",
    )
