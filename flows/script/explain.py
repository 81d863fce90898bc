"""Words for what went wrong in a script: which key, which elements, which limit (R6, R44)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flows.script.calls import ElementDict, Verdict
from flows.script.planning.signs import UNKNOWN_TEXT
from flows.script.program import Program
from flows.script.states import Broke

MAX_NAMES: Final = 10
MAX_REASON: Final = 500
MAX_MESSAGE: Final = 4_000
"""Characters of an author's own message."""


def verdict_of(broke: Broke, line: int | None, program: Program, blamed: Sequence[str], turn_s: float) -> Verdict:
    """What an exception that left the script says about its element. ``blamed`` are elements with the same cause."""
    if broke.kind == "StepFailed":
        return Verdict("failed", shortened(broke.message, MAX_MESSAGE) or "StepFailed", line, is_raised=True)
    return Verdict(
        "limit" if _is_limit(broke) else "error", _with_names(_cause(broke, line, program, turn_s), blamed), line
    )


def cause_in_processing(
    broke: Broke,
    line: int | None,
    program: Program,
    blamed: Sequence[str],
    elements: Sequence[ElementDict],
    turn_s: float,
) -> str:
    """``line 1: no context key 'patroni_leader' in db3, db9``; elements that lack the key are found if need be."""
    path = _context_path(broke, line, program)
    names = blamed or ([str(element["name"]) for element in elements if _lacks(element, path)] if path else [])
    where = f"line {line}: " if line else ""
    return where + _with_names(_cause(broke, line, program, turn_s), names)


def listed(names: Sequence[str]) -> str:
    """``a, b, c``, and how many more there are after the first ten."""
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _with_names(cause: str, names: Sequence[str]) -> str:
    return f"{cause} in {listed(names)}" if names else cause


def _is_limit(broke: Broke) -> bool:
    """True for what depends on the machine as well as on the script."""
    return broke.kind in {"MemoryError", "SandboxCrashed"} or broke.is_time_limit


def _cause(broke: Broke, line: int | None, program: Program, turn_s: float) -> str:
    if broke.is_time_limit:
        return f"the script ran for {turn_s:g} s without reaching a step or its end: look for a loop that never ends"
    if broke.kind == "MemoryError":
        return f"the script used more memory than it may ({one_line(broke.message)}): keep less of it at a time"
    if broke.kind == "KeyError":
        what = "no context key" if _context_path(broke, line, program) else "no key"
        return f"{what} {_key(broke, line, program)}"
    if broke.kind == "SandboxCrashed":
        return broke.message
    told = one_line(broke.message)
    return f"{broke.kind}: {told}" if told else broke.kind


def one_line(text: str) -> str:
    """A reason has one line, and not more than anybody reads. (The sandbox adds an assert's values as a second.)"""
    told = "; ".join(line.strip() for line in text[: 2 * MAX_REASON].splitlines() if line.strip())
    return shortened("".join(char if _is_shown(char) else "\N{REPLACEMENT CHARACTER}" for char in told), MAX_REASON)


def _is_shown(char: str) -> bool:
    """What nobody knows before it runs stays so in the words of a plan, which says ``…`` for it."""
    return char.isprintable() or char == UNKNOWN_TEXT


def shortened(text: str, most: int) -> str:
    """The text, or its beginning."""
    return text if len(text) <= most else text[:most] + "..."


def _key(broke: Broke, line: int | None, program: Program) -> str:
    """The key as it is written. The sandbox reports an uncaught ``KeyError('a')`` as a bare ``a``."""
    keys = program.keys_at(line)
    bare = one_line(broke.message[1:-1] if broke.message[:1] in ("'", '"') else broke.message)
    return broke.message if broke.message in keys and broke.message.isdigit() else repr(bare)


def _context_path(broke: Broke, line: int | None, program: Program) -> tuple[object, ...]:
    keys = program.keys_at(line)
    return keys.get(broke.message) or keys.get(broke.message.strip("'\"")) or ()


def _lacks(element: ElementDict, path: Sequence[object]) -> bool:
    """True when the last key of the path is missing, and nothing before it."""
    found: Any = element.get("context", {})
    for key in path[:-1]:
        if not isinstance(found, Mapping) or key not in found:
            return False
        found = found[key]
    return not isinstance(found, Mapping) or path[-1] not in found
