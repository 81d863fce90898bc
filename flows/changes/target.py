"""Which elements: the difference of two targets."""

from collections.abc import Iterator, Mapping
from typing import Any

from flows.changes.words import added_and_removed

Target = Mapping[str, Any] | None


def target_changes(before: Target, after: Target) -> Iterator[str]:
    """Nothing for equal ones; what one of them says as a whole is told as a whole."""
    if before == after:
        return
    if not before or not after or before.get("all") or after.get("all"):
        yield f"elements: {target_words(before)} → {target_words(after)}"
        return
    if before["profile"] != after["profile"]:
        yield f"profile: {before['profile'] or 'any'} → {after['profile'] or 'any'}"
    yield from added_and_removed("group", before["groups"], after["groups"])
    yield from added_and_removed("filter", before["filters"], after["filters"])


def target_words(target: Target) -> str:
    """``postgres, in prod or patroni, env == prod``."""
    if not target:
        return "named at each start"
    if target.get("all"):
        return "every enabled element"
    groups = " or ".join(target.get("groups") or ())
    parts = [target.get("profile") or "", f"in {groups}" if groups else "", *(target.get("filters") or ())]
    return ", ".join(part for part in parts if part)
