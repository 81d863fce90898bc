"""Merges an element's context from its layers, and knows which layer each value came from (R42).

Layers are profile < groups in ascending priority, then name < the element's settings. Where two layers disagree:

* two mappings are merged, key by key, at every depth;
* otherwise the later layer's value replaces the earlier one whole: a list a list, a text a mapping, a mapping a number;
* ``null`` is a value like any other.

Inside one layer dotted keys are nested first (``net.0.hostname`` is ``{'net': {'0': {'hostname': ...}}}``). If a layer
gives a key both a plain value and keys below it, those below win, whatever order they stand in; writing settings
like that is refused (``elements.operations``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MISSING = object()

_INDEX = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of context. ``origin`` says in words where its values come from: ``group patroni``."""

    origin: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """One value of the effective context: its dotted key, and the layer that it came from."""

    key: str
    value: Any
    origin: str


def effective_context(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The layers merged, the last one strongest. Subtrees may be shared with the layers: read, do not change."""
    context: dict[str, Any] = {}
    for layer in layers:
        context = merged(context, nested(layer))
    return context


def context_with_origins(layers: Iterable[Layer]) -> list[Origin]:
    """Every value of the effective context, by key, with its layer. An empty mapping has no value to show."""
    tree: dict[str, Any] = {}
    for layer in layers:
        tree = merged(tree, _tagged(nested(layer.values), layer.origin))
    return sorted(_leaves(tree, ""), key=lambda value: value.key)


def nested(values: Mapping[Any, Any]) -> dict[str, Any]:
    """The mapping with dotted keys nested and every key a text, at every depth."""
    tree: dict[str, Any] = {}
    # Longer paths come last, so that what stands below a key wins over a plain value of that key.
    for key, value in sorted(values.items(), key=lambda item: (str(item[0]).count("."), str(item[0]))):
        branch = nested(value) if isinstance(value, Mapping) else value
        for part in reversed(str(key).split(".")):
            branch = {part: branch}
        tree = merged(tree, branch)
    return tree


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``over`` laid over ``base``; neither is changed. Only the touched paths are copied: cheap for small overlays."""
    result = {**base, **over}
    for key, value in over.items():
        below = base.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            result[key] = merged(below, value)
    return result


def lookup(context: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted key, or ``MISSING``. A number also counts into a list: ``disks.0.size``."""
    value: Any = context
    for part in key.split("."):
        if isinstance(value, Mapping):
            value = value.get(part, MISSING)
        elif isinstance(value, list) and _INDEX.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


def written_times(
    before: Mapping[str, Any], times: Mapping[str, str], after: Mapping[str, Any], now: datetime
) -> dict[str, str]:
    """When each value of one layer was last written, by its dotted key, as ISO instants.

    ``times`` are those of ``before``: what stays keeps its time, or has none where it had none; what is gone loses it.
    """
    old = values_by_key(before)
    written = {}
    for key, value in values_by_key(after).items():
        at = times.get(key) if old.get(key, MISSING) == value else now.isoformat()
        if at is not None:
            written[key] = at
    return written


def written_at(times: Mapping[str, str], key: str) -> datetime | None:
    """When the newest value was written that has a part in this key: it, one below it, or the list it counts into."""
    parts = [
        datetime.fromisoformat(at)
        for name, at in times.items()
        if name == key or name.startswith(f"{key}.") or key.startswith(f"{name}.")
    ]
    return max(parts, default=None)


def values_by_key(values: Mapping[str, Any]) -> dict[str, Any]:
    """Every value of one layer by its dotted key; an empty mapping is a value."""
    return dict(leaves(nested(values)))


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested mappings by its dotted key; an empty mapping is one."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def key_problem(key: str) -> str:
    """What is wrong with a setting's key, or ''."""
    if not key or len(key) > 200:
        return f"the key {key[:40]!r} has {len(key)} characters, expected 1 to 200"
    if key != key.strip() or any(not part for part in key.split(".")) or not key.isprintable():
        return f"the key {key!r} has an empty part or blanks around it, expected names joined by dots: net.0.hostname"
    return ""


def conflicting_keys(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of keys of one layer where the first is a plain value and the second stands below it."""
    plain = {key for key, value in values.items() if not isinstance(value, Mapping)}
    return sorted((above, key) for key in values for above in _keys_above(key) if above in plain)


def _keys_above(key: str) -> Iterable[str]:
    parts = key.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A value with its origin; no mapping, so that ``merged`` treats it as one value."""

    value: Any
    origin: str


def _tagged(tree: dict[str, Any], origin: str) -> dict[str, Any]:
    return {
        key: _tagged(value, origin) if isinstance(value, dict) else _Tagged(value, origin)
        for key, value in tree.items()
    }


def _leaves(tree: dict[str, Any], prefix: str) -> Iterable[Origin]:
    for key, value in tree.items():
        if isinstance(value, _Tagged):
            yield Origin(prefix + key, value.value, value.origin)
        else:
            yield from _leaves(value, f"{prefix}{key}.")


def context_problems(context: Mapping[str, Any]) -> list[str]:
    """Keys that cannot be nested, and plain values with keys below them; none if the context can be merged."""
    problems = [problem for key in context if (problem := key_problem(key))]
    return problems + [
        f"{below!r} stands below {above!r}, which has a plain value; give only one"
        for above, below in conflicting_keys(context)
    ]
