"""A wall clock's moments as instants, in zones that change their clocks."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_STEP: Final = timedelta(hours=12)
_SECOND: Final = timedelta(seconds=1)

# Note [A missing and a repeated hour]
# When the clock goes forward, the moments in between do not exist: they stand for the first instant after the change.
# When it goes back, moments come twice: they stand for the first time that they come.


def instant_of(moment: datetime, zone: tzinfo) -> datetime:
    """The instant (UTC) of a moment without a zone; see Note [A missing and a repeated hour]. Later is never before."""
    first = moment.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == moment:
        return first
    before_change = moment.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change_between(before_change, first, zone)


def wall_clock(instant: datetime, zone: tzinfo) -> datetime:
    """What the clock shows at this instant, without a zone."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def next_change(after: datetime, until: datetime, zone: tzinfo) -> datetime | None:
    """The first instant after one and up to the other at which the offset from UTC is a new one, or None."""
    while after < until:
        step = min(after + _STEP, until)
        if step.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            return _change_between(after, step, zone)
        after = step
    return None


def _change_between(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first whole second with the offset of ``after``; there is one change between the two."""
    new = after.astimezone(zone).utcoffset()
    # Clocks change at whole seconds, so a part of one decides nothing.
    low, high = before.replace(microsecond=0), after.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == new else (middle, high)
    return high
