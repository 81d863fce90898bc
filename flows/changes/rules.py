"""How a flow goes through its elements: the difference of two sets of rules."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from flows.changes.words import added_and_removed, listed

Keys = Mapping[str, Any]


def rule_changes(before: Keys, after: Keys) -> Iterator[str]:
    """Of two definitions in normal form."""
    for key, words in _WORDS.items():
        old, new = words(before.get(key)), words(after.get(key))
        if old != new:
            yield f"{_NAMES.get(key, '')}{old} → {new}"
    yield from added_and_removed("refresh by task", before.get("refresh") or [], after.get("refresh") or [])


def rules_told(keys: Keys) -> Iterator[str]:
    """Those of one definition in normal form; what goes without saying is left out."""
    yield f"{_mode(keys.get('mode'))}, {_concurrency(keys.get('concurrency'))}"
    for key, usual in _USUAL.items():
        if keys.get(key) not in (None, usual):
            yield f"{_NAMES[key]}{_WORDS[key](keys[key])}"
    threshold = keys.get("error_threshold")
    yield "stop at the first failure" if threshold is None else _threshold(threshold)
    for name in keys.get("refresh") or []:
        yield f"refresh by task {name}"


def _mode(mode: Any) -> str:
    return {"serial": "Serial", "parallel": "Parallel"}.get(mode, str(mode))


def _concurrency(number: Any) -> str:
    return "one at a time" if number == 1 else f"{number} at a time"


def _batches(sizes: Any) -> str:
    return listed(sizes or []) if sizes else "one of all"


def _soak(seconds: Any) -> str:
    return f"{seconds or 0} s"


def _threshold(most: Any) -> str:
    """R30."""
    match most:
        case None:
            return "stop at the first failure, as a child as its caller says"
        case 0:
            return "stop at the first failure"
        case "100%":
            return "never stop for failures"
        case str():
            return f"stop once more than {most} have failed"
        case _:
            return f"stop once more than {most} {'has' if most == 1 else 'have'} failed"


def _on_empty(word: Any) -> str:
    return "succeed" if word == "succeed" else "fail"


_NAMES = MappingProxyType(
    {"mode": "mode: ", "batches": "batches: ", "soak": "between batches: ", "on_empty": "without elements: "}
)
#: Values that go without saying.
_USUAL: Mapping[str, Any] = MappingProxyType({"batches": [], "soak": 0, "on_empty": "fail"})
_WORDS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "mode": _mode,
        "concurrency": _concurrency,
        "batches": _batches,
        "soak": _soak,
        "error_threshold": _threshold,
        "on_empty": _on_empty,
    }
)
