"""What rows follow from events: runs, their elements, the outcome of each attempt. Written with the events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flows.adapters.bulk import Row, insert_rows, instant, json_text
from flows.adapters.run_elements import insert_elements, reorder_elements
from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Event,
    RunFinished,
    RunStarted,
    RunStateChanged,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.status import ElementState, RunState
from flows.models import Run, RunElement, StepRun
from flows.runner.ports import ElementDict

_STEP_COLUMNS = (
    "run_id",
    "element_name",
    "site",
    "turn",
    "attempt",
    "step",
    "name",
    "target",
    "line",
    "status",
    "reason",
    "advice",
    "exit_code",
    "result",
    "started_at",
    "finished_at",
)


@dataclass(slots=True)
class Projections:
    """Follows the events of one root run. ``runs`` maps run numbers to primary keys, ``tokens`` to the seals of their
    inputs.

    Memory: one entry per open step, and one per element that has begun.
    """

    root: int
    flow_versions: Mapping[str, int]
    runs: dict[int, int] = field(default_factory=dict)
    tokens: dict[int, bytes] = field(default_factory=dict)
    _started: dict[StepKey, Any] = field(default_factory=dict)
    _begun: dict[tuple[int, str], ElementState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The root is known from the start."""
        self.runs.setdefault(0, self.root)

    def note_recorded(self, event: Event, at: float) -> None:
        """An event that was written by an earlier worker, rows and all."""
        if isinstance(event, StepStarted):
            self._started[event.key] = instant(at)
            self._begun[event.key.run, event.key.element] = _state_with(event)
        elif isinstance(event, StepFinished):
            self._started.pop(event.key, None)
        elif isinstance(event, ElementsOrdered):
            self._begin_anew(event.run)

    def start_runs(
        self, cursor: CursorWrapper, events: Sequence[Event], at: float, elements: Mapping[int, Sequence[ElementDict]]
    ) -> None:
        """Insert the runs that start among the events, so that the events can point to them."""
        for event in events:
            if isinstance(event, RunStarted):
                if event.run:
                    self._insert_run(event, at)
                self._insert_elements(cursor, event, elements.get(event.run, ()))

    def write(
        self, cursor: CursorWrapper, events: Sequence[Event], at: float, elements: Mapping[int, Sequence[ElementDict]]
    ) -> None:
        """Write what follows from the events, in few statements. ``elements`` are those of ``ElementsOrdered``."""
        when = instant(at)
        begun: list[Row] = []
        ended: list[Row] = []
        steps: list[Row] = []
        for event in events:
            match event:
                case StepStarted():
                    self._started[event.key] = when
                    self._begin(event, begun)
                case StepFinished():
                    steps.append(self._step_row(event, when))
                case ElementFinished():
                    ended.append((event.state.value, event.message, self.runs[event.run], event.element))
                case ElementsOrdered():
                    self._update_elements(cursor, begun, ended)
                    begun, ended = [], []
                    self._begin_anew(event.run)
                    reorder_elements(cursor, self.runs[event.run], event, elements[event.run])
                case RunStateChanged():
                    self._set_state(event.run, event.state, event.reason)
                case RunFinished():
                    Run.objects.filter(pk=self.runs[event.run]).update(
                        state=event.status, reason=event.reason, ended_at=_aware(at)
                    )
                case _:
                    pass
        insert_rows(cursor, StepRun._meta.db_table, _STEP_COLUMNS, steps)
        self._update_elements(cursor, begun, ended)

    def _insert_run(self, event: RunStarted, at: float) -> None:
        assert event.parent is not None
        root = Run.objects.only("started_by", "is_try").get(pk=self.root)
        run = Run.objects.create(
            flow_version_id=self.flow_versions[event.flow],
            flow_name=event.flow,
            root_id=self.root,
            parent_id=self.runs[event.parent],
            number=event.run,
            mode=event.mode.value,
            state=RunState.RUNNING.value,
            inputs=dict(event.inputs),
            sealed_inputs=self.tokens.get(event.run, b""),
            is_try=root.is_try,
            started_by=root.started_by,
            created_at=_aware(at),
            started_at=_aware(at),
        )
        self.runs[event.run] = run.pk

    def _insert_elements(self, cursor: CursorWrapper, event: RunStarted, elements: Sequence[ElementDict]) -> None:
        run = self.runs[event.run]
        # What a root's processing script drops is no part of the run.
        insert_elements(cursor, run, elements, () if event.parent is None else event.skipped)

    def _begin_anew(self, run: int) -> None:
        """What was begun were ``refresh`` steps: the scripts begin from here (R3)."""
        self._begun = {place: state for place, state in self._begun.items() if place[0] != run}

    def _begin(self, event: StepStarted, begun: list[Row]) -> None:
        place, state = (event.key.run, event.key.element), _state_with(event)
        if self._begun.get(place) is not state:
            self._begun[place] = state
            begun.append((state.value, self.runs[place[0]], place[1]))

    def _step_row(self, event: StepFinished, when: Any) -> Row:
        key, outcome = event.key, event.outcome
        return (
            self.runs[key.run],
            key.element,
            key.site,
            key.turn,
            key.attempt,
            event.step,
            event.name,
            event.target,
            event.line,
            outcome.status.value,
            outcome.reason,
            outcome.advice,
            outcome.exit_code,
            json_text(dict(outcome.result)),
            self._started.pop(key, None),
            when,
        )

    def _set_state(self, run: int, state: RunState, reason: str) -> None:
        Run.objects.filter(pk=self.runs[run]).update(state=state, reason=reason)

    def _update_elements(self, cursor: CursorWrapper, begun: list[Row], ended: list[Row]) -> None:
        table = RunElement._meta.db_table
        if begun:
            cursor.executemany(f'UPDATE "{table}" SET state = %s WHERE run_id = %s AND name = %s', begun)  # noqa: S608
        if ended:
            sql = f'UPDATE "{table}" SET state = %s, message = %s WHERE run_id = %s AND name = %s'  # noqa: S608
            cursor.executemany(sql, ended)


def _state_with(event: StepStarted) -> ElementState:
    """An element waits while its step waits for a time or a person, and is worked on otherwise."""
    return ElementState.RUNNING if event.until is None else ElementState.WAITING


def _aware(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
