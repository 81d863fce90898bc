"""The rows of a run's elements: written when the run starts, and anew when a ``refresh`` has put them in order (R3)."""

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from flows.adapters.bulk import Row, insert_rows, json_text
from flows.engine.events import ElementsOrdered
from flows.engine.status import ElementState
from flows.models import Run, RunElement
from flows.runner.ports import ElementDict

_COLUMNS = ("run_id", "position", "element_id", "name", "snapshot", "state", "message")


def insert_elements(cursor: CursorWrapper, run: int, elements: Sequence[ElementDict], skipped: Sequence[str]) -> None:
    """Rows for the elements in execution order; then for those that a child's processing script removed (R24)."""
    rows: list[Row] = [
        (run, position, item["id"], item["name"], json_text(dict(item)), ElementState.QUEUED.value, "")
        for position, item in enumerate(elements)
    ]
    insert_rows(cursor, RunElement._meta.db_table, _COLUMNS, rows + _skipped(run, skipped, len(rows)))


def reorder_elements(cursor: CursorWrapper, run: int, event: ElementsOrdered, elements: Sequence[ElementDict]) -> None:
    """Order and context anew; after these stand those whose refresh failed, as they ended.

    They are rows anew, since positions are unique. What a root's processing script drops is no part of the run.
    """
    old = RunElement.objects.filter(run_id=run).order_by("position")
    known = frozenset(event.elements) | frozenset(event.skipped)
    fields = ("element_id", "name", "snapshot", "state", "message")
    failed = [row for row in old.values_list(*fields) if row[1] not in known]
    old.delete()
    is_child = Run.objects.filter(pk=run, parent__isnull=False).exists()
    insert_elements(cursor, run, elements, ())
    rows: list[Row] = [
        (run, position, element, name, json_text(snapshot), state, message)
        for position, (element, name, snapshot, state, message) in enumerate(failed, start=len(elements))
    ]
    skipped = _skipped(run, event.skipped, len(elements) + len(rows)) if is_child else []
    insert_rows(cursor, RunElement._meta.db_table, _COLUMNS, rows + skipped)


def _skipped(run: int, names: Sequence[str], first: int) -> list[Row]:
    return [
        (run, position, None, name, "{}", ElementState.SKIPPED.value, "")
        for position, name in enumerate(names, start=first)
    ]
