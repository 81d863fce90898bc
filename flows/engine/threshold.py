"""How many elements may fail before a run stops (R30)."""

from fractions import Fraction

DEFAULT_THRESHOLD = 0

Threshold = int | str
"""A number of elements, or a percentage of the run's elements such as ``'10%'``."""


def allowed_failures(threshold: Threshold, elements: int) -> int:
    """The number of failed elements that a run of this many bears; one more stops it. ``'100%'`` never stops.

    Percentages are rounded down. Raises ``ValueError`` for text that is no percentage from 0% to 100%.
    """
    if isinstance(threshold, int):
        return threshold
    return int(elements * _percent(threshold) / 100)


def _percent(text: str) -> Fraction:
    number = text.strip().removesuffix("%").strip()
    try:
        percent = Fraction(number)
    except (ValueError, ZeroDivisionError):
        percent = Fraction(-1)
    if not text.strip().endswith("%") or not 0 <= percent <= 100:
        raise ValueError(f"error_threshold {text!r} is neither a number nor a percentage from '0%' to '100%'")
    return percent
