"""Values as people type them into a form: JSON where it reads as JSON, else text; contexts as YAML."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flows.documents.exporting import dump_values
from flows.documents.nodes import MAX_DEPTH, Unreadable, read_nodes


class ValueProblem(ValueError):
    """What was typed cannot be stored; the text says why."""


def read_value(text: str) -> Any:
    """``15``, ``true``, ``[1, 2]`` and ``"15"`` are JSON, everything else is the text itself."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = text
    _refuse_unfit(value)
    return value


def value_text(value: Any) -> str:
    """What ``read_value`` reads as this value."""
    if isinstance(value, str) and not _reads_otherwise(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def read_context(text: str) -> dict[str, Any]:
    """A mapping written as YAML (or JSON, which is YAML); raises ``ValueProblem`` with the line."""
    try:
        nodes = read_nodes(text)
    except Unreadable as problem:
        raise ValueProblem(f"line {problem.line}: {problem.message}") from None
    value = nodes[0].plain() if nodes else {}
    if len(nodes) > 1 or not isinstance(value, dict):
        found = "several documents" if len(nodes) > 1 else "a list" if isinstance(value, list) else "a single value"
        raise ValueProblem(f"found {found}, expected keys with values, one a line: package_manager: apt")
    return value


def context_text(context: Mapping[str, Any]) -> str:
    """What ``read_context`` reads as this mapping."""
    return dump_values(context) if context else ""


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _reads_otherwise(text: str) -> bool:
    if text != text.strip() or any(character in text for character in "\r\n"):
        return True
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_unfit(value: Any) -> None:
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise ValueProblem(f"is nested more than {MAX_DEPTH} levels deep")
        for item in level:
            for text in item if isinstance(item, dict) else [item]:
                if isinstance(text, str):
                    _refuse_text(text)
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        depth += 1


def _refuse_text(text: str) -> None:
    if "\0" in text:
        raise ValueProblem("has a NUL character, which no database and no shell can hold")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueProblem("has half of a surrogate pair, which is no character") from None
