"""How many elements may fail before a run stops (R30)."""

from flows.engine.percentages import is_percentage, share_of

DEFAULT_THRESHOLD = 0

Threshold = int | str
"""A number of elements, or a percentage of the run's elements such as ``'10%'``."""


def allowed_failures(threshold: Threshold, elements: int) -> int:
    """The number of failed elements that a run of this many bears; one more stops it. ``'100%'`` never stops.

    Percentages are rounded down. Raises ``ValueError`` for text that is no percentage from 0% to 100%.
    """
    if isinstance(threshold, int):
        return threshold
    if not is_percentage(threshold):
        raise ValueError(f"error_threshold {threshold!r} is neither a number nor a percentage from '0%' to '100%'")
    return share_of(threshold, elements)
