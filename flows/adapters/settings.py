"""What steps store on elements: written with the outcome that says so, in its transaction (R9, R27, R43).

The last one written wins: a value takes the place of everything that stands below its key, and of a plain value above
it, so that ``get_context`` shows what was stored. Other keys stay.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from elements.models import Element, Setting
from flows.engine.events import Event, StepFinished

#: Elements in one query; databases bound its parameters.
_IN_QUERY = 400
#: With more different keys than this, all keys of the elements are read instead of those above and below them.
_MOST_KEYS = 50


@dataclass(slots=True)
class Written:
    """What is to be stored on one element: value and author by key, the last one of each."""

    values: dict[str, tuple[Any, str]] = field(default_factory=dict)

    def put(self, key: str, value: Any, author: str) -> None:
        """Store a value in place of what it contradicts."""
        for other in [other for other in self.values if _replaces(key, other, self.values[other][0])]:
            del self.values[other]
        self.values[key] = (value, author)


def settings_of(events: Iterable[Event], runs: Mapping[int, int]) -> dict[str, Written]:
    """By target, what the outcomes among these events store; only those that succeeded do. ``runs`` has ids."""
    found: dict[str, Written] = {}
    for event in events:
        if isinstance(event, StepFinished) and event.outcome.ok:
            settings = event.outcome.result.get("settings")
            if settings and event.step in STORING_STEPS:
                written = found.setdefault(event.target or event.key.element, Written())
                for key, value in settings.items():
                    written.put(key, value, f"run {runs[event.key.run]}")
    return found


STORING_STEPS = frozenset({"run_task", "set_context"})


def write_settings(found: Mapping[str, Written], at: datetime) -> None:
    """Write them, inside of the caller's transaction; elements that are gone are passed over.

    A value that was there already is written again: ``written_at`` says how old a fact is.
    """
    for names in _chunks(list(found)):
        ids = dict(Element.objects.filter(name__in=names).order_by().values_list("name", "pk"))
        written = {pk: found[name].values for name, pk in ids.items()}
        _remove_replaced(written)
        Setting.objects.bulk_create(
            [
                Setting(element_id=pk, key=key, value=value, written_by=author, written_at=at)
                for pk, values in written.items()
                for key, (value, author) in values.items()
            ],
            update_conflicts=True,
            unique_fields=("element", "key"),
            update_fields=("value", "written_by", "written_at"),
        )


def _remove_replaced(written: Mapping[int, Mapping[str, tuple[Any, str]]]) -> None:
    keys = {key for values in written.values() for key in values}
    near = Setting.objects.filter(_near(keys), element_id__in=list(written)).order_by()
    replaced = [
        pk
        for pk, element, other, value in near.values_list("pk", "element_id", "key", "value")
        if any(_replaces(key, other, value) for key in written[element])
    ]
    for chunk in _chunks(replaced):
        Setting.objects.filter(pk__in=chunk).delete()


def _near(keys: set[str]) -> Q:
    """Settings above or below one of these keys."""
    if len(keys) > _MOST_KEYS:
        return Q()
    condition = Q(key__in={above for key in keys for above in _above(key)})
    for key in keys:
        condition |= Q(key__startswith=f"{key}.")
    return condition


def _replaces(key: str, other: str, value: Any) -> bool:
    """True when a new value at ``key`` takes the place of the older ``value`` at ``other``, another key."""
    return other.startswith(f"{key}.") or (key.startswith(f"{other}.") and not isinstance(value, Mapping))


def _above(key: str) -> Iterator[str]:
    parts = key.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _IN_QUERY] for start in range(0, len(items), _IN_QUERY))
