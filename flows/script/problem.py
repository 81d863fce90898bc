"""A refusal: where it stands, what was found, what was expected, and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that keeps a script from being saved. ``line`` and ``col`` count from 1, columns in characters.

    ``code`` is stable and for machines; ``message`` is one sentence that says what to do. ``meant`` is the known name
    that is near to the one found, where there is one.
    """

    line: int
    col: int
    code: str
    found: str
    expected: str
    message: str
    meant: str | None = field(default=None, compare=False)


class Unreadable(Exception):
    """The text is no script at all: ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"line {problem.line}: {problem.message}")
        self.problem = problem


def near_name(found: str, known: Iterable[str]) -> str | None:
    """The known name that is a near miss. Upper and lower case count as near."""
    by_folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    near = get_close_matches(found.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[near[0]] if near else None


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for a near miss, else nothing."""
    near = near_name(found, known)
    return "" if near is None else f"; did you mean {near!r}?"
