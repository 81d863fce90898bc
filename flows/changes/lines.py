"""The lines of two texts beside each other."""

from difflib import SequenceMatcher
from typing import Final, Literal

_EXACT: Final = 1_000_000
Line = tuple[Literal[" ", "+", "-"], int | None, int | None, str]
"""What became of a line, its number before and after (from 1; None where it is not), and its text."""


def line_changes(before: str, after: str) -> list[Line]:
    """Every line of both texts in order, those gone before those new; empty for equal texts.

    Line ends do not count: a text that only got others has no changed line.
    """
    if before == after:
        return []
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    # Without the heuristic the worst case is quadratic in equal lines.
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > _EXACT)
    for tag, old_at, old_end, new_at, new_end in matcher.get_opcodes():
        if tag == "equal":
            found += [(" ", old_at + n + 1, new_at + n + 1, text) for n, text in enumerate(new[new_at:new_end])]
            continue
        found += [("-", n, None, text) for n, text in enumerate(old[old_at:old_end], start=old_at + 1)]
        found += [("+", None, n, text) for n, text in enumerate(new[new_at:new_end], start=new_at + 1)]
    return found


def counted(before: str, after: str) -> str:
    """``2 lines new, 1 gone``."""
    signs = [line[0] for line in line_changes(before, after)]
    new, gone = signs.count("+"), signs.count("-")
    if not new and not gone:
        return "other line ends alone"
    told = [f"{new} line{'' if new == 1 else 's'} new" if new else "", f"{gone} gone" if gone else ""]
    return ", ".join(part for part in told if part)
