"""What a watcher may send, read with care: every message is checked and every refusal says what was expected."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: No message needs more.
MAX_MESSAGE_CHARS = 4096
_LARGEST = 2**63 - 1


class BadMessage(ValueError):
    """The message cannot be used; the text says what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class AskRows:
    """Positions ``first`` to ``last - 1`` of a run, and those of ``also``."""

    run: int
    first: int
    last: int
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StepName:
    """One attempt of one step, in the words of the journal: the k-th task of ``refresh`` has site 0 and turn k."""

    run: int
    element: str
    site: int
    turn: int
    attempt: int


@dataclass(frozen=True, slots=True)
class AskLog:
    """The log of a step from ``offset`` bytes on; None ends it."""

    step: StepName | None
    offset: int


Message = AskRows | AskLog


def read_message(text: str | None) -> Message:
    """A watcher's message, or ``BadMessage``."""
    if text is None:
        raise BadMessage("found a binary message, expected JSON text")
    if len(text) > MAX_MESSAGE_CHARS:
        raise BadMessage(f"found a message of {len(text)} characters, expected at most {MAX_MESSAGE_CHARS}")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage(f"found {_shown(text)}, expected a JSON object") from None
    if not isinstance(data, dict):
        raise BadMessage(f"found {_shown(data)}, expected a JSON object")
    reader = _READERS.get(str(data.get("type")))
    if reader is None:
        raise BadMessage(f"type is {_shown(data.get('type'))}, expected one of {', '.join(_READERS)}")
    return reader(data)


def _rows(data: Mapping[str, Any]) -> AskRows:
    _only(data, "type", "run", "from", "to", "also")
    first, last = _number(data, "from", 0), _number(data, "to", 0)
    if last < first:
        raise BadMessage(f"to is {last}, expected {first} (from) or more")
    return AskRows(_number(data, "run", 1), first, last, _positions(data.get("also", [])))


def _positions(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise BadMessage(f"also is {_shown(value)}, expected a list of positions")
    return tuple(_number({"also": position}, "also", 0) for position in value)


def _log(data: Mapping[str, Any]) -> AskLog:
    _only(data, "type", "step", "offset")
    offset = _number({"offset": 0, **data}, "offset", 0)
    step = data.get("step")
    if step is None:
        return AskLog(None, 0)
    if not isinstance(step, dict):
        raise BadMessage(f"step is {_shown(step)}, expected an object with run, element, site, turn, attempt, or null")
    _only(step, "run", "element", "site", "turn", "attempt")
    element = step.get("element")
    if not isinstance(element, str):
        raise BadMessage(f"element is {_shown(element)}, expected the name of an element")
    counted = ("run", "turn", "attempt")
    numbers = {name: _number({"turn": 1, "attempt": 1, **step}, name, 1) for name in counted}
    return AskLog(StepName(element=element, site=_number(step, "site", 0), **numbers), offset)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Message]] = {"rows": _rows, "log": _log}


def _only(data: Mapping[str, Any], *names: str) -> None:
    unknown = [name for name in data if name not in names]
    if unknown:
        raise BadMessage(f"found the key {_shown(unknown[0])}, expected {', '.join(names)}")


def _number(data: Mapping[str, Any], name: str, least: int) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _LARGEST:
        raise BadMessage(f"{name} is {_shown(value)}, expected a whole number from {least}")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
