"""Two versions of a task: every difference in words."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from flows.changes.inputs import input_changes
from flows.changes.lines import counted
from flows.changes.words import turned
from flows.tasks.spec import DEFAULT_TIMEOUT_S


def task_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What turns one task into the other; both have the keys of a task's document, its name included."""
    return list(_changes(before, after))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before["name"] != after["name"]:
        yield f"renamed: {turned(before['name'], after['name'])}"
    old, new = str(before.get("command") or ""), str(after.get("command") or "")
    if old != new:
        yield f"command: {counted(old, new)}"
    yield from input_changes(before.get("inputs") or [], after.get("inputs") or [])
    for key, (label, words) in _KEYS.items():
        was, now = words(before.get(key)), words(after.get(key))
        if was != now:
            yield f"{label}: {was} → {now}"
    yield from _saved(before.get("save") or {}, after.get("save") or {})


def _saved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key, path in after.items():
        if key not in before:
            yield f"saves {key} from {path}"
        elif before[key] != path:
            yield f"saves {key}: from {before[key]} → from {path}"
    for key in before:
        if key not in after:
            yield f"saves {key} no more"


def _number(default: float, unit: str = "") -> Callable[[Any], str]:
    return lambda value: f"{default if value is None else value:g}{unit}"


def _parse(value: Any) -> str:
    kind = value.get("type") if isinstance(value, Mapping) else value
    return {"json": "JSON", "lines": "a list of lines"}.get(str(kind), "text alone")


_KEYS: Mapping[str, tuple[str, Callable[[Any], str]]] = MappingProxyType(
    {
        "timeout": ("timeout", _number(DEFAULT_TIMEOUT_S, " s")),
        "retries": ("retries", _number(0)),
        "retry_delay": ("retry after", _number(0, " s")),
        "retry_backoff": ("each wait longer by", _number(1)),
        "retry_jitter": ("waits vary by", _number(0)),
        "on_interrupt": ("if the worker dies", lambda value: str(value or "ask")),
        "parse": ("output read as", _parse),
    }
)
