"""The journal of a run tree as interfaces show it: one flat object per event, output as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from flows.models import Run, RunEvent, StepOutput

OUTPUT = "step_output"
MAX_EVENTS = 1000

#: Outputs are looked up in groups: databases bound the size of a query.
_OUTPUTS_IN_QUERY = 100

_Place = tuple[Any, ...]


def events_after(root: int, seq: int, *, limit: int = MAX_EVENTS) -> list[dict[str, Any]]:
    """The events of a root run after ``seq``, in order, at most ``limit``.

    Each has ``seq, run, root, type, at`` (ISO 8601) and the keys of its type; ``step_output`` has its ``text``; runs
    are named by their ids, where the journal has their numbers in the tree. One query, one more for every hundred
    pieces of output, and one if child flows are spoken of.
    """
    rows = list(RunEvent.objects.filter(root_id=root, seq__gt=seq).order_by("seq")[:limit])
    texts = _texts(row for row in rows if row.type == OUTPUT)
    ids = _run_ids(root) if any(_names_a_run(row.data) for row in rows) else {}
    return [_shown(row, texts, ids) for row in rows]


def _shown(row: RunEvent, texts: Mapping[_Place, str], ids: Mapping[int, int]) -> dict[str, Any]:
    shown = {"seq": row.seq, "run": row.run_id, "root": row.root_id, "type": row.type, "at": row.at.isoformat()}
    told = {key: value for key, value in row.data.items() if key not in shown}
    text = {"text": texts.get(_place(row.run_id, row.data), "")} if row.type == OUTPUT else {}
    return {**shown, **told, **text, **_with_ids(row.data, ids)}


def _names_a_run(data: Mapping[str, Any]) -> bool:
    return data.get("parent") is not None or _is_child_result(data)


def _is_child_result(data: Mapping[str, Any]) -> bool:
    return data.get("step") == "run_flow" and "run" in (data.get("result") or {})


def _with_ids(data: Mapping[str, Any], ids: Mapping[int, int]) -> dict[str, Any]:
    """The keys that name a run by its number in the tree, with its id instead."""
    named: dict[str, Any] = {}
    if data.get("parent") is not None:
        named["parent"] = ids[data["parent"]]
    if _is_child_result(data):
        named["result"] = {**data["result"], "run": ids[data["result"]["run"]]}
    return named


def _run_ids(root: int) -> dict[int, int]:
    return dict(Run.objects.tree_of(root).values_list("number", "pk"))


def _place(run: int, data: Mapping[str, Any]) -> _Place:
    """What tells one piece of output from all others."""
    return (run, *(data.get(key) for key in ("element", "site", "turn", "attempt", "stream", "offset")))


def _texts(rows: Iterable[RunEvent]) -> dict[_Place, str]:
    wanted = [_place(row.run_id, row.data) for row in rows]
    groups = [wanted[start : start + _OUTPUTS_IN_QUERY] for start in range(0, len(wanted), _OUTPUTS_IN_QUERY)]
    return {place: text for group in groups for place, text in _read(group)}


def _read(places: Sequence[_Place]) -> Iterable[tuple[_Place, str]]:
    condition = Q()
    for run, element, site, turn, attempt, stream, offset in places:
        condition |= Q(
            run_id=run, element_name=element, site=site, turn=turn, attempt=attempt, stream=stream, offset=offset
        )
    fields = ("run_id", "element_name", "site", "turn", "attempt", "stream", "offset", "content")
    for *place, content in StepOutput.objects.filter(condition).order_by().values_list(*fields):
        yield tuple(place), bytes(content).decode(errors="replace")
