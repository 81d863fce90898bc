"""Regular expressions that cannot run away: a bound on how many ways a pattern has to read a value.

Python's matcher backtracks; in the worst case it tries every way in which the pattern's repeats and alternatives can
share out the value. The bound counts these ways before anything is matched and refuses patterns with too many.
"""

import re
import warnings
from collections.abc import Callable
from typing import Any

MAX_PATTERN = 200
#: Longest value that is compared with a pattern, in characters.
MAX_VALUE = 256
#: Three open repeats (``.*``) over the longest value; the worst such match takes tenths of a second.
MAX_WAYS = (MAX_VALUE + 1) ** 3


class PatternProblem(ValueError):
    """A pattern cannot be used; ``position`` counts from 0 in the pattern."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile it, or raise ``PatternProblem``."""
    if len(pattern) > MAX_PATTERN:
        raise PatternProblem(f"the pattern has {len(pattern)} characters, expected at most {MAX_PATTERN}", MAX_PATTERN)
    try:
        with warnings.catch_warnings():
            # Patterns whose meaning a later Python will change ("[[") are refused.
            warnings.simplefilter("error")
            compiled = re.compile(pattern)
            tree = _parse(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        position = getattr(error, "pos", None) or 0
        raise PatternProblem(f"not a regular expression: {getattr(error, 'msg', error)}", position) from None
    if _ways(tree) > MAX_WAYS:
        raise PatternProblem(
            "this pattern could take very long: it has more than three open repeats (* + {n,}), or a repeat inside a "
            "repeat. Repeat a set of characters instead, such as [a-z0-9-]+"
        )
    return compiled


#: The standard library's own reader of patterns; there is no public one.
_parse: Callable[[str], Any] = re._parser.parse  # type: ignore[attr-defined]


def _ways(tree: Any) -> int:
    """In how many ways the parts of the pattern may match; past ``MAX_WAYS`` the number means only "too many"."""
    total = 1
    for operation, argument in tree:
        total = min(total * _WAYS.get(str(operation), _refuse)(argument), MAX_WAYS + 1)
    return total


def _repeat_ways(argument: Any) -> int:
    least, most, body = argument
    least, most = min(int(least), MAX_VALUE), min(int(most), MAX_VALUE)
    inside = _ways(body)
    if inside == 1:
        return max(most - least + 1, 1)
    return int(inside**most) if most <= 24 else MAX_WAYS + 1


def _branch_ways(argument: Any) -> int:
    """Alternatives that begin with different characters leave no choice: only one of them can match."""
    _, alternatives = argument
    starts = [_first_literal(alternative) for alternative in alternatives]
    ways = [_ways(alternative) for alternative in alternatives]
    return max(ways) if None not in starts and len(set(starts)) == len(starts) else sum(ways)


def _first_literal(alternative: Any) -> int | None:
    if not len(alternative) or str(alternative[0][0]) != "LITERAL":
        return None
    return int(alternative[0][1])


def _refuse(_argument: Any) -> int:
    raise PatternProblem("references to groups and looking around are not allowed in a filter's pattern")


def _one(_argument: Any) -> int:
    return 1


_WAYS = {
    **dict.fromkeys(("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "CATEGORY", "RANGE"), _one),
    "MAX_REPEAT": _repeat_ways,
    "MIN_REPEAT": _repeat_ways,
    "POSSESSIVE_REPEAT": _repeat_ways,
    "BRANCH": _branch_ways,
    "SUBPATTERN": lambda argument: _ways(argument[-1]),
    "ATOMIC_GROUP": _ways,
}
