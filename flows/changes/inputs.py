"""What a start is asked for: the difference of two lists of declared inputs."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flows.changes.words import listed, turned
from flows.tasks.inputs import ANY, MASKED

Input = Mapping[str, Any]

_TYPES = MappingProxyType(
    {
        ANY: "any value", "string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no",
        "choice": "choice", "element": "element", "list": "list", "secret": "secret",
    }
)  # fmt: skip


def input_changes(before: Sequence[Input], after: Sequence[Input]) -> Iterator[str]:
    """In the order in which they are declared, those that are gone last."""
    old = {item["name"]: item for item in before}
    new = {item["name"]: item for item in after}
    for name, item in new.items():
        if name not in old:
            yield f"new input {_whole(item)}"
        elif told := list(_differences(old[name], item)):
            yield f"input {name}: {'; '.join(told)}"
    for name in old:
        if name not in new:
            yield f"input {name} is gone"
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield f"inputs in another order: {listed(list(new))}"


def inputs_told(inputs: Sequence[Input]) -> Iterator[str]:
    """``count (whole number, required)``, in the order in which they are declared."""
    yield from map(_whole, inputs)


def _whole(item: Input) -> str:
    return f"{item['name']} ({_kind(item)}, {_need(item)})"


def _differences(old: Input, new: Input) -> Iterator[str]:
    for words in (_kind, _need, _choices):
        if words(old) != words(new):
            yield f"{words(old)} → {words(new)}"
    if _default(old) != _default(new):
        yield f"default {turned(_default(old), _default(new))}"
    elif old.get("default") != new.get("default"):
        yield "another default"
    if (old.get("description") or "") != (new.get("description") or ""):
        yield "another description"


def _kind(item: Input) -> str:
    kind = item.get("type") or ANY
    of = f" of {_TYPES.get(item['of'], item['of'])}" if item.get("of") else ""
    return _TYPES.get(kind, str(kind)) + of


def _need(item: Input) -> str:
    return "required" if item.get("required") else "optional"


def _choices(item: Input) -> str:
    return f"choices {listed(item.get('choices') or [])}"


def _default(item: Input) -> str:
    value = item.get("default")
    if value is None:
        return "none"
    return MASKED if item.get("type") == "secret" else repr(value)
