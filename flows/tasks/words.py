"""How problems show what was found, and what may have been meant."""

import difflib
from collections.abc import Iterable


def shorten(value: object, limit: int = 60) -> str:
    """A value as an error shows it."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def did_you_mean(found: object, known: Iterable[object]) -> str:
    """``; did you mean 'web'?``, or nothing where no known word is near."""
    near = difflib.get_close_matches(str(found), [str(word) for word in known], n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
