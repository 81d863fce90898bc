"""Outcomes as they may be kept: of bounded size, of text that every database takes, in one order of keys.

The engine gets exactly what the journal gets, so that a replay cannot differ from what was lived (R37).
"""

import math
from collections.abc import Mapping
from typing import Any

from flows.engine.events import Outcome

#: What a script may read of a step's output (R12); bytes of UTF-8.
KEPT_OUTPUT_BYTES = 64 * 1024
#: Output up to this size stays in the event even if no script reads it.
SMALL_OUTPUT_BYTES = 1024


def kept(outcome: Outcome, *, is_read: bool) -> Outcome:
    """The outcome to journal: with at most 64 KiB of output if something reads it, with small output only if not.

    Nothing is lost: the output of tasks is stored by itself, piece by piece, as it comes.
    """
    result = canonical(outcome.result)
    output = result.get("output")
    if isinstance(output, str):
        limit = KEPT_OUTPUT_BYTES if is_read else SMALL_OUTPUT_BYTES
        if len(output) * 4 > limit:
            result = _shortened(result, output, limit, is_read=is_read)
    reason, advice = clean_text(outcome.reason), clean_text(outcome.advice)
    return Outcome(outcome.status, reason, advice, outcome.exit_code, result)


def _shortened(result: dict[str, Any], output: str, limit: int, *, is_read: bool) -> dict[str, Any]:
    encoded = output.encode()
    if len(encoded) <= limit:
        return result
    if is_read:
        return {**result, "output": encoded[:limit].decode(errors="ignore")}
    return {key: value for key, value in result.items() if key not in ("output", "data")}


def canonical(value: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object with its keys in order, on every level, and storable text.

    PostgreSQL's jsonb forgets the order of keys, and scripts can see it.
    """
    cleaned = {clean_text(key): item for key, item in value.items()}
    return {key: _canonical(cleaned[key]) for key in sorted(cleaned)}


def _canonical(value: Any) -> Any:
    match value:
        case str():
            return clean_text(value)
        case Mapping():
            return canonical({str(key): item for key, item in value.items()})
        case list() | tuple():
            return [_canonical(item) for item in value]
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float():
            return value
        case _:
            raise TypeError(f"a result holds {type(value).__name__}, expected JSON")


def clean_text(text: str) -> str:
    """Text without NUL and lone surrogates, which PostgreSQL refuses; they become U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
