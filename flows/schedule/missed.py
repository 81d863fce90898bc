"""What happens to starts that nobody fired in time, because nothing looked: the site was down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flows.schedule.recurrence import Recurrence

#: A start that is looked at so late is still in time.
IN_TIME: Final = timedelta(seconds=60)
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Due:
    """``start`` is to be fired now, if any is. ``missed`` is the first of those that are left out for being late."""

    start: datetime | None
    missed: datetime | None


def due_now(recurrence: Recurrence, first: datetime, now: datetime, missed: Any) -> Due:
    """What to do now about a schedule whose start ``first`` has come, and perhaps others after it.

    One in time is fired, the oldest first: the next look fires the next. Of late ones the newest is fired if the
    schedule's ``missed`` allows it to be so late; one start then stands for all.
    """
    if now - first <= IN_TIME:
        return Due(first, None)
    allowed = max(IN_TIME, allowed_lateness(missed))
    from_ = max(first, now - allowed)
    newest = max(recurrence.starts_between(from_ - _INSTANT, now), default=None)
    return Due(newest, None if newest == first else first)


def allowed_lateness(missed: Any) -> timedelta:
    """How late a start may be fired by "skip" or {"within_minutes": 30}."""
    return timedelta(minutes=missed["within_minutes"]) if isinstance(missed, dict) else timedelta()
