"""Runs in a line each, as sockets and lists show them: state, times, and how many elements are in which state."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count

from flows.models import Run, RunElement

Summary = dict[str, Any]

_TIMES = ("created_at", "started_at", "ended_at")
_SHOWN = ("is_try", "state", "reason", "mode", "run_reason", "started_by", "last_seq")


def summaries_of(runs: Iterable[Run]) -> list[Summary]:
    """Each of these runs with its ``counts``, in the same order; ``flow_version`` is selected with them. One query."""
    found = [summary_of(run) for run in runs]
    counts = counts_of([summary["id"] for summary in found])
    return [{**summary, "counts": counts.get(summary["id"], {})} for summary in found]


def summary_of(run: Run) -> Summary:
    """One run without its counts; times are ISO 8601 or null. No query if ``flow_version`` was selected with it."""
    return {
        "id": run.pk,
        "flow": run.flow_name,
        "version": run.flow_version.number if run.flow_version else None,
        **{name: getattr(run, name) for name in _SHOWN},
        **{name: at.isoformat() if (at := getattr(run, name)) else None for name in _TIMES},
    }


def counts_of(runs: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many elements of each run are in each state; what is none is left out. One query, or none."""
    found: dict[int, dict[str, int]] = {}
    states = RunElement.objects.filter(run_id__in=runs).order_by().values_list("run_id", "state")
    for run, state, number in states.annotate(number=Count("id")) if runs else ():
        found.setdefault(run, {})[state] = number
    return found
