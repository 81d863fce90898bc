"""What may cross into the sandbox and out of it: JSON values."""

import math
from collections.abc import Mapping
from typing import Any, Final

MAX_DEPTH: Final = 100
"""How deep lists and dicts that a script passes on may be nested."""

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


def storable(name: str, text: str) -> str:
    """Text that a database takes."""
    if "\0" in text:
        raise NoJsonValue(f"{name}: text with a NUL character cannot be stored, found {shown(text)}")
    return text


def without_nul(text: str) -> str:
    """Text made storable."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def shown(value: Any) -> str:
    """A value and its type, cut to a line."""
    try:
        text = repr(value)
    except ValueError:
        text = "a number of more than 4300 digits"
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"
