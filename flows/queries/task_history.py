"""The versions of a task: who published each, when, and what it changed; and any two of them beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flows.changes.lines import Line, line_changes
from flows.changes.tasks import task_changes
from flows.models import TaskVersion


@dataclass(frozen=True, slots=True)
class Published:
    """One version with its differences from the one before; none for the first."""

    version: TaskVersion
    changes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What leads from one version to another: in words, and the lines of the template, none where it is the same."""

    before: TaskVersion
    after: TaskVersion
    changes: Sequence[str]
    lines: Sequence[Line]


def history_of(versions: Sequence[TaskVersion]) -> Iterator[Published]:
    """In the order given, the newest first."""
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        yield Published(version, task_changes(_keys(before), _keys(version)) if before else [])


def compared(before: TaskVersion, after: TaskVersion) -> Comparison:
    """Of two versions of one task."""
    lines = line_changes(before.definition.get("command") or "", after.definition.get("command") or "")
    return Comparison(before, after, task_changes(_keys(before), _keys(after)), lines)


def _keys(version: TaskVersion) -> dict[str, Any]:
    return {**version.definition, "name": version.name}
