"""Shares of a run's elements, written as text such as ``'20%'`` (R21, R30)."""

from fractions import Fraction


def is_percentage(text: str) -> bool:
    """True for ``'0%'`` to ``'100%'``, decimals included."""
    return _percent(text) is not None


def share_of(text: str, elements: int) -> int:
    """So many of the elements, rounded down, without floating point. Raises ``ValueError`` for another text."""
    percent = _percent(text)
    if percent is None:
        raise ValueError(f"{text!r} is no percentage from '0%' to '100%'")
    return int(elements * percent / 100)


def _percent(text: str) -> Fraction | None:
    text = text.strip()
    try:
        percent = Fraction(text.removesuffix("%").strip())
    except (ValueError, ZeroDivisionError):
        return None
    return percent if text.endswith("%") and 0 <= percent <= 100 else None
