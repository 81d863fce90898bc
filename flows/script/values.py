"""What may cross into the sandbox and out of it: JSON values."""

import json
import math
import reprlib
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

MAX_DEPTH: Final = 100
"""How deep lists and dicts that a script passes on may be nested."""

MAX_SHOWN: Final = 60
MAX_MESSAGE: Final = 64 * 1024
"""Characters of a value in an error, and of a message."""

MAX_INPUTS_BYTES: Final = 8 * 1024 * 1024
"""Of one call, as JSON: the journal keeps them."""

MAX_INT_BITS: Final = 1024
"""Above what any float reaches; Python itself refuses to write numbers of more than 4300 digits."""


class NoJsonValue(Exception):
    """The text says which part is no JSON value, and what was expected."""


def plain(value: Any) -> Any:
    """A value for scripts, as plain dicts and lists of its own; raises ``TypeError`` for what is no JSON value.

    Half characters, which Python has and UTF-8 has not, become question marks.
    """
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return whole_text(value)
        case Mapping():
            return {plain(str(key)): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            raise TypeError(f"scripts take JSON values, found {type(value).__name__}")


def whole_text(text: str) -> str:
    """The text without half characters."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def from_script(name: str, value: Any, depth: int = 0) -> Any:
    """What a script passes on under a name, checked: tuples become lists, the rest must be JSON as it is."""
    if depth > MAX_DEPTH:
        raise NoJsonValue(f"{name}: lists and dicts may be nested {MAX_DEPTH} deep")
    match value:
        case None | bool():
            return value
        case int() if value.bit_length() <= MAX_INT_BITS:
            return value
        case float() if math.isfinite(value):
            return value
        case str():
            return storable(name, value)
        case list() | tuple():
            return [from_script(name, item, depth + 1) for item in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {storable(name, key): from_script(name, item, depth + 1) for key, item in value.items()}
        case _:
            raise NoJsonValue(
                f"{name}: inputs are text, numbers, True, False, None, and lists and dicts (with text as keys) of "
                f"them, found {shown(value)}"
            )


def inputs_from_script(step: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a call, each checked, all together of a size that can be stored."""
    inputs = {storable(step, name): from_script(name, value) for name, value in given.items()}
    if not _surely_fit(inputs):
        size = len(json.dumps(inputs))
        if size > MAX_INPUTS_BYTES:
            raise NoJsonValue(f"{step}: inputs have at most {MAX_INPUTS_BYTES} bytes as JSON, found {size}")
    return inputs


def _surely_fit(inputs: Mapping[str, Any]) -> bool:
    """True for a few short values, as most calls give: to count their size would cost more than all else."""
    return len(inputs) <= 100 and all(
        len(name) + (len(value) if isinstance(value, str) else 0) <= 1000 and not isinstance(value, list | dict)
        for name, value in inputs.items()
    )


def storable(name: str, text: str) -> str:
    """Text that a database takes."""
    if "\0" in text:
        raise NoJsonValue(f"{name}: text with a NUL character cannot be stored, found {shown(text)}")
    return text


def without_nul(text: str) -> str:
    """Text made storable."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def shown(value: Any) -> str:
    """A value and its type, cut to a line: the same text in every process, whatever the value (R37)."""
    kind = str(value.name) if _is_proxy(value) else type(value).__name__
    return f"{_cut(_REPR.repr(value), MAX_SHOWN)} ({kind})"


def as_message(*values: Any) -> str:
    """Values as the text of a message, joined by blanks; never fails."""
    return whole_message(" ".join(value if isinstance(value, str) else _MESSAGE.repr(value) for value in values))


def whole_message(text: str) -> str:
    """A message that can be stored: without NUL, and at most 64 Ki characters, the cut marked."""
    return _cut(without_nul(text), MAX_MESSAGE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _is_proxy(value: Any) -> bool:
    """True for an object of a class of the script's own."""
    return type(value).__name__ == "MontyClassProxy"


class _Repr(reprlib.Repr):
    """``repr`` for any value: of bounded depth and size, sets in order, nothing that differs between processes."""

    def __init__(self, most: int, items: int) -> None:
        super().__init__()
        self.maxlevel = 6
        self.maxtuple = self.maxlist = self.maxdict = self.maxset = self.maxfrozenset = items
        self.maxstring = self.maxlong = self.maxother = most

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, int) and x.bit_length() > MAX_WRITTEN_BITS:
            return "a number of more than 4300 digits"
        return f"<{x.name}>" if _is_proxy(x) else super().repr1(x, level)

    def repr_set(self, x: Any, level: int) -> str:
        return "{" + ", ".join(self._ordered(x, level)) + "}" if x else "set()"

    def repr_frozenset(self, x: Any, level: int) -> str:
        return "frozenset({" + ", ".join(self._ordered(x, level)) + "})" if x else "frozenset()"

    def repr_dict(self, x: Any, level: int) -> str:
        if level <= 0 and x:
            return "{...}"
        pairs = [f"{self.repr1(k, level - 1)}: {self.repr1(v, level - 1)}" for k, v in islice(x.items(), self.maxdict)]
        return "{" + ", ".join(pairs + ["..."] * (len(x) > self.maxdict)) + "}"

    def _ordered(self, values: Any, level: int) -> list[str]:
        if level <= 0:
            return ["..."]
        told = sorted(self.repr1(value, level - 1) for value in values)
        return told[: self.maxset] + ["..."] * (len(told) > self.maxset)


MAX_WRITTEN_BITS: Final = 14_000
"""Python refuses to write larger numbers."""

_REPR: Final = _Repr(MAX_SHOWN, 12)
_MESSAGE: Final = _Repr(MAX_MESSAGE, 1000)
