"""Orders names as people do: digits count as numbers, so db2 stands before db10 (R3)."""

import re
from collections.abc import Iterable

_DIGITS = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[str | tuple[int, str], ...], str]


def natural_key(name: str) -> NaturalKey:
    """A key to sort by. Names that differ in leading zeros alone are told apart by their text.

    Numbers are compared by length and digits, not as ``int``: a name may hold more digits than ``int`` reads.
    """
    parts = _DIGITS.split(name)
    return tuple(_number(part) if index % 2 else part for index, part in enumerate(parts)), name


def in_natural_order(names: Iterable[str]) -> list[str]:
    """The names, sorted."""
    return sorted(names, key=natural_key)


def _number(digits: str) -> tuple[int, str]:
    significant = digits.lstrip("0")
    return len(significant), significant
