"""The filter language (4.3): ``key op value``, ``key exists``, ``not key exists``.

The rules, where the text of a filter leaves a choice:

* A key is ``name``, ``address``, or a dotted context key. A missing one matches only ``!=`` and ``not key exists``;
  ``null`` is a value, so its key exists and equals ``null``.
* Both sides are compared as numbers when both read as one (15, -3, 9.5), else as text; ``true``, ``false`` and ``null``
  are the texts of those values. So ``version >= 15`` does not hold for the text 9.
* A list or a mapping equals no text. ``contains`` asks for an item of a list, a key of a mapping, a part of a text.
* ``matches`` is a regular expression over the whole value, bounded as ``elements.patterns`` says.
* Quotes around a value or an item keep blanks and commas; they do not turn a number into text.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from elements.context import MISSING, lookup
from elements.patterns import MAX_VALUE, PatternProblem, compile_pattern

OPERATORS = ("==", "!=", "<=", ">=", "<", ">", "in", "contains", "matches", "exists")

_NUMBER = re.compile(r"[+-]?[0-9]{1,100}(\.[0-9]{1,100})?")
_KEY = re.compile(r"[^\s=!<>~,'\"]+")
_SIGN = re.compile(r"[=!<>~]+")
_WORD = re.compile(r"\S+")
_INSTEAD = {
    "=": "==",
    "===": "==",
    "<>": "!=",
    "=~": "matches",
    "~": "matches",
    "=>": ">=",
    "=<": "<=",
    "like": "matches",
}


class FilterProblem(ValueError):
    """A filter that cannot be read. ``position`` counts characters from 0; the message has it from 1."""

    def __init__(self, text: str, position: int, found: str, expected: str) -> None:
        super().__init__(f"filter {text!r}, character {position + 1}: found {found}, expected {expected}")
        self.text = text
        self.position = position
        self.found = found
        self.expected = expected


class ValueTooLong(ValueError):
    """A value is longer than ``matches`` compares; the message names key and element."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on an element. ``values`` has the operand, all of them for ``in``, none for ``exists``."""

    text: str
    key: str
    operator: str
    values: tuple[str, ...] = ()
    negated: bool = False
    pattern: re.Pattern[str] | None = field(default=None, compare=False)

    def holds(self, element: Mapping[str, Any]) -> bool:
        """Say whether the element (a dict as in R1) fulfils it; raises ``ValueTooLong``."""
        found = element[self.key] if self.key in ("name", "address") else lookup(element["context"], self.key)
        if self.operator == "exists":
            return (found is not MISSING) is not self.negated
        if found is MISSING:
            return self.operator == "!="
        if self.pattern is not None:
            return self._matches(found, self.pattern, element)
        return _COMPARE[self.operator](found, self.values)

    def _matches(self, found: Any, pattern: re.Pattern[str], element: Mapping[str, Any]) -> bool:
        if isinstance(found, list | dict):
            return False
        text = _text(found)
        if len(text) > MAX_VALUE:
            raise ValueTooLong(
                f"filter {self.text!r}: {self.key} of {element['name']} has {len(text)} characters, "
                f"expected at most {MAX_VALUE} for matches; use contains instead"
            )
        return pattern.fullmatch(text) is not None


def parse_filters(texts: Iterable[str]) -> tuple[Filter, ...]:
    """Read them all, or raise ``FilterProblem`` for the first that cannot be read."""
    return tuple(parse_filter(text) for text in texts)


def parse_filter(text: str) -> Filter:
    """Read one filter, or raise ``FilterProblem``."""
    position = _blank(text, 0)
    negated = _begins_with_not(text, position)
    if negated:
        position = _blank(text, position + len("not"))
    key, position = _read_key(text, position)
    start = _blank(text, position)
    name, position = _read_operator(text, start, follows_blank=start > position)
    rest = _blank(text, position)
    if name == "exists":
        if rest < len(text):
            raise FilterProblem(text, rest, repr(text[rest:]), "nothing after exists")
        return Filter(text, key, name, negated=negated)
    if negated:
        raise FilterProblem(text, start, repr(name), "exists: not stands only before 'key exists'")
    return _with_operand(text, key, name, rest)


def hold_all(filters: Iterable[Filter], element: Mapping[str, Any]) -> bool:
    """Say whether every filter holds for the element."""
    return all(condition.holds(element) for condition in filters)


# --- reading ----------------------------------------------------------------------------------------------------


def _blank(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _begins_with_not(text: str, position: int) -> bool:
    """``not`` is a key of its own when an operator follows: ``not == 1`` asks for the context key "not"."""
    words = text[position:].split(None, 2)
    return len(words) > 1 and words[0] == "not" and words[1] not in OPERATORS and not _SIGN.match(words[1])


def _read_key(text: str, position: int) -> tuple[str, int]:
    match = _KEY.match(text, position)
    if match is None:
        found = repr(text[position:]) if position < len(text) else "the end"
        raise FilterProblem(text, position, found, "a context key, name or address")
    key = match.group()
    if any(not part for part in key.split(".")):
        raise FilterProblem(text, position, repr(key), "a key of names joined by single dots")
    return key, match.end()


def _read_operator(text: str, position: int, *, follows_blank: bool) -> tuple[str, int]:
    expected = "one of " + " ".join(OPERATORS)
    match = _SIGN.match(text, position) or _WORD.match(text, position)
    if match is None:
        raise FilterProblem(text, position, "the end", expected)
    name = match.group()
    if name in OPERATORS and (follows_blank or not name.isalpha()):
        return name, match.end()
    near = _INSTEAD.get(name.lower()) or next(iter(get_close_matches(name.lower(), OPERATORS, n=1, cutoff=0.6)), "")
    raise FilterProblem(text, position, repr(name), expected + (f"; did you mean {near}?" if near else ""))


def _with_operand(text: str, key: str, name: str, position: int) -> Filter:
    operand = text[position:].rstrip()
    if not operand:
        raise FilterProblem(text, position, "the end", f"a value after {name}")
    if name == "in":
        return Filter(text, key, name, tuple(_read_items(text, position)))
    if name != "matches":
        return Filter(text, key, name, (_unquoted(text, position, operand),))
    try:
        return Filter(text, key, name, (operand,), pattern=compile_pattern(operand))
    except PatternProblem as problem:
        raise FilterProblem(text, position + problem.position, repr(operand), f"a safe pattern: {problem}") from None


def _read_items(text: str, position: int) -> Iterable[str]:
    """The items of ``a, b, 'c, d'``."""
    end = position - 1
    while end < len(text):
        start = _blank(text, end + 1)
        end = _item_end(text, start)
        item = text[start:end].rstrip()
        if not item:
            raise FilterProblem(text, start, "an empty item", "values separated by commas: a, b, c")
        yield _unquoted(text, start, item)


def _item_end(text: str, start: int) -> int:
    """The place of the comma after the item, or the end; a comma in quotes is part of the item."""
    closing = text.find(text[start], start + 1) if text[start : start + 1] in ("'", '"') else start
    comma = text.find(",", max(closing, start))
    return comma if comma >= 0 else len(text)


def _unquoted(text: str, position: int, value: str) -> str:
    if value[0] not in "'\"":
        return value
    if len(value) < 2 or value[-1] != value[0]:
        raise FilterProblem(text, position, repr(value), f"a closing {value[0]}")
    return value[1:-1]


# --- comparing --------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Decimal(str(value))
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value.strip()) else None


def _compare(found: Any, value: str, relation: Callable[[Any, Any], bool]) -> bool:
    if isinstance(found, list | dict):
        return False
    left, right = _number(found), _number(value)
    if left is not None and right is not None:
        return relation(left, right)
    return relation(_text(found), value)


def _equals(found: Any, value: str) -> bool:
    return _compare(found, value, operator.eq)


def _contains(found: Any, value: str) -> bool:
    if isinstance(found, list):
        return any(_equals(item, value) for item in found)
    return value in (found if isinstance(found, dict) else _text(found))


_COMPARE: dict[str, Callable[[Any, tuple[str, ...]], bool]] = {
    "==": lambda found, values: _equals(found, values[0]),
    "!=": lambda found, values: not _equals(found, values[0]),
    "<": lambda found, values: _compare(found, values[0], operator.lt),
    "<=": lambda found, values: _compare(found, values[0], operator.le),
    ">": lambda found, values: _compare(found, values[0], operator.gt),
    ">=": lambda found, values: _compare(found, values[0], operator.ge),
    "in": lambda found, values: any(_equals(found, value) for value in values),
    "contains": lambda found, values: _contains(found, values[0]),
}
