"""A plan's way to take in a whole wave (R40): exactly what a run's two events a step would do."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.engine.commands import OrderElements, PrepareRun, Record, ResumeScripts, StartSoak, StartStep
from flows.engine.definitions import Definitions
from flows.engine.events import (
    ENDED_BY_ENGINE,
    Event,
    Outcome,
    QuestionAnswered,
    QuestionAsked,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepStarted,
)
from flows.engine.status import StepStatus
from tests.engine.programs import Library, Step, flow, tasks
from tests.engine.rehearsal import Rehearsal
from tests.engine.test_interruption import rehearsals, state_of


class Planning(Rehearsal):
    """Every step succeeds at once. ``bulk``: waves are taken in by ``succeed_all``, else by two events a step."""

    bulk = False

    def turn(self) -> list[Any]:
        """Carry out what is due, and tell it."""
        due = self.execution.due()
        starts = [wish for wish in due if isinstance(wish, StartStep)]
        if starts and self.bulk:
            self.settle(self.execution.succeed_all(starts))
        elif starts:
            self.settle(self.one_by_one(starts))
        for wish in due:
            match wish:
                case PrepareRun():
                    self.settle(self.execution.apply(self._run_started(wish), 0.0))
                case StartSoak(run, batch):
                    self.settle(self.execution.apply(SoakStarted(run, batch, 0.0), 0.0))
                    self.settle(self.execution.apply(SoakEnded(run, batch), 0.0))
        # What a step gets to know of earlier ones is one object that grows: it is compared as it is now.
        return [wish._replace(steps=dict(wish.steps)) if isinstance(wish, StartStep) else wish for wish in due]

    def one_by_one(self, starts: Sequence[StartStep]) -> list[Record | ResumeScripts]:
        follows: list[Record | ResumeScripts] = []
        finished = []
        for start in starts:
            call, about = start.call, (start.line, start.path)
            follows += self.execution.apply(StepStarted(start.key, call.step, call.name, *about, start.target), 0.0)
            outcome = Outcome(StepStatus.SUCCEEDED, exit_code=0 if call.step == "run_task" else None)
            if call.step not in ENDED_BY_ENGINE:
                finished.append(StepFinished(start.key, call.step, call.name, *about, outcome, start.target))
        return follows + (self.execution.apply_many(finished, 0.0) if finished else [])

    def settle(self, commands: Sequence[Record | ResumeScripts]) -> None:
        before = len(self.journal)
        self._settle(commands)
        for _, event in self.journal[before:]:
            if isinstance(event, QuestionAsked):
                self.settle(self.execution.apply(QuestionAnswered(event.question, "approve", ""), 0.0))

    @property
    def facts(self) -> list[Event]:
        return [event for _, event in self.journal]


def planned(library: Library) -> Library:
    """The library as a plan sees it: Serial one by one, waves whole, nothing refreshed."""
    flows = {
        name: replace(spec, concurrency=1 if spec.mode == "serial" else 1 << 60, refresh=())
        for name, spec in library.definitions.flows.items()
    }
    library.definitions = Definitions(flows, library.definitions.tasks)
    return library


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_r40_a_wave_of_successes_taken_in_at_once_is_what_two_events_a_step_would_do(data: st.DataObject) -> None:
    drawn = data.draw(rehearsals())
    library = planned(drawn.library)
    one, bulk = (Planning(library, "F1", drawn.elements, seen=[], process=drawn.process) for _ in range(2))
    bulk.bulk = True
    for _ in range(2000):
        assert one.turn() == bulk.turn()
        assert state_of(one) == state_of(bulk)
        assert one.facts == bulk.facts
        assert one.seen == bulk.seen
        if one.execution.ended:
            return
    raise AssertionError("the plan came to rest without an end")


def test_r40_starts_that_a_serial_run_would_not_make_together_are_refused() -> None:
    library = Library(flow("F1", "serial", tasks("A"), concurrency=2))
    run = Planning(library, "F1", ("E1", "E2"))
    run.turn()
    starts = [wish for wish in run.execution.due() if isinstance(wish, StartStep)]
    with pytest.raises(ValueError, match="of a Serial run one step may succeed at a time"):
        run.execution.succeed_all(starts)


def test_r40_starts_that_are_not_the_next_ones_are_refused() -> None:
    library = Library(flow("F1", "parallel", tasks("AB")))
    run = Planning(library, "F1", ("E1", "E2"))
    run.turn()
    starts = [wish for wish in run.execution.due() if isinstance(wish, StartStep)]
    with pytest.raises(ValueError, match="is not what the run would start next"):
        run.execution.succeed_all(starts[1:])


def test_r40_a_plan_takes_in_no_refresh() -> None:
    run = Rehearsal(Library(flow("F1", "parallel", tasks("A"), refresh=("X",))), "F1", ("E1",))
    run.do_due()
    starts = [wish for wish in run.execution.due() if isinstance(wish, StartStep | OrderElements)]
    with pytest.raises(ValueError, match="a plan does not refresh"):
        run.execution.succeed_all([start for start in starts if isinstance(start, StartStep)])


def test_r18_r27_starts_of_one_wave_share_its_number_whenever_they_come() -> None:
    library = Library(flow("F1", "parallel", [Step("A", target=lambda _: "X"), Step("B")], batches=(2,)))
    run = Rehearsal(library, "F1", ("E1", "E2", "E3"))
    run.run()
    assert [(s.call.name, s.key.element, s.wave, s.batch) for s in run.starts] == [
        ("A", "E1", 1, 1), ("A", "E2", 1, 1), ("B", "E1", 2, 1), ("B", "E2", 2, 1),
        ("A", "E3", 3, 2), ("B", "E3", 4, 2),
    ]  # fmt: skip
