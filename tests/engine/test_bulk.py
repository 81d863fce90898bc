"""A plan's way to take in a whole wave (R40): exactly what a run's two events a step would do."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.engine.bulk import outcome_of
from flows.engine.commands import (
    Call,
    InstanceId,
    OrderElements,
    Paused,
    PrepareRun,
    Record,
    ResumeScripts,
    Resumption,
    Return,
    ScriptAnswer,
    StartSoak,
    StartStep,
)
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
from flows.engine.values import step_value
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


class InTurn(Planning):
    """The steps of a Serial run are taken in a script at a time: ``ahead`` are the answers of scripts that were asked
    for all that they do up to something that is no plain step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ahead: dict[InstanceId, deque[ScriptAnswer]] = {}
        self.passed_over = 0

    def turn(self) -> list[Any]:
        due = self.execution.due()
        starts = [wish for wish in due if isinstance(wish, StartStep)]
        if not starts or self.mode_of(starts[0]) != "serial" or starts[0].call.step in ENDED_BY_ENGINE:
            return super().turn()
        (start,) = starts
        following, commands = self.execution.succeed_in_turn(start, self.calls_ahead(start))
        answers = self.ahead[InstanceId(start.key.run, start.key.element)]
        for _ in following:
            answers.popleft()
        self.passed_over += len(following)
        self.settle(commands)
        return [*due, *following]

    def mode_of(self, start: StartStep) -> str:
        return str(self.library.definitions.flows[start.path[-1]].mode)

    def calls_ahead(self, start: StartStep) -> list[Call]:
        identity = InstanceId(start.key.run, start.key.element)
        instance = self.execution._core.runs[identity.run].instances[identity.element]
        answers = self.ahead[identity] = deque()
        if instance.unwinding or instance.stop_pending:
            return []
        walker, calls = super()._walker(identity), [start.call]
        while True:
            value = step_value(calls[-1], outcome_of(calls[-1]), 1)
            answer = walker.resume(Resumption(identity, Return(value)))
            answers.append(answer)
            if not isinstance(answer, Paused) or answer.verdict or answer.call.step in ENDED_BY_ENGINE:
                return calls[1:]
            assert self.seen is not None
            self.seen.append(value)
            calls.append(answer.call)

    def _walker(self, instance: InstanceId) -> Any:
        return self if self.ahead.get(instance) else super()._walker(instance)

    def resume(self, item: Resumption) -> ScriptAnswer:
        """What the script was asked before."""
        assert isinstance(item.resume, Return)
        return self.ahead[item.instance].popleft()


def planned(library: Library) -> Library:
    """The library as a plan sees it: Serial one by one, waves whole, nothing refreshed."""
    flows = {
        name: replace(spec, concurrency=1 if spec.mode == "serial" else 1 << 60, refresh=())
        for name, spec in library.definitions.flows.items()
    }
    library.definitions = Definitions(flows, library.definitions.tasks)
    return library


@pytest.mark.slow
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


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_r40_the_steps_of_a_serial_script_taken_in_at_once_are_what_two_events_a_step_would_do(
    data: st.DataObject,
) -> None:
    drawn = data.draw(rehearsals())
    library = planned(drawn.library)
    one = Planning(library, "F1", drawn.elements, seen=[], process=drawn.process)
    many = InTurn(library, "F1", drawn.elements, seen=[], process=drawn.process)
    for _ in range(2000):
        found, expected = many.turn(), one.turn()
        while len(expected) < len(found):
            expected += one.turn()
        assert without_steps(found) == without_steps(expected)
        assert state_of(many) == state_of(one)
        assert came_to(many) == came_to(one)
        assert many.facts == one.facts
        assert many.seen == one.seen
        if many.execution.ended:
            return
    raise AssertionError("the plan came to rest without an end")


def without_steps(wishes: Sequence[Any]) -> list[Any]:
    """What a step gets to know of earlier ones is one object that grows: it is compared as it has become."""
    return [wish._replace(steps={}) if isinstance(wish, StartStep) else wish for wish in wishes]


def came_to(run: Rehearsal) -> list[Any]:
    return [(i.element, i.steps, i.last_step, i.started) for node in run.execution._core.runs for i in node.live()]


def serial_script(*programs: Any, **rules: Any) -> InTurn:
    """A Serial run over two elements that waits with its first step."""
    run = InTurn(Library(flow("F1", "serial", *programs), **rules), "F1", ("E1", "E2"), seen=[])
    run.turn()
    return run


def test_r17_r40_a_serial_script_is_taken_in_with_one_question() -> None:
    run = serial_script(tasks("ABC"))
    assert [wish.call.name for wish in run.turn()] == ["A", "B", "C"]
    assert [(wish.call.name, wish.key.element) for wish in run.turn()] == [("A", "E2"), ("B", "E2"), ("C", "E2")]
    assert run.execution.ended
    assert run.passed_over == 4


def test_r40_what_others_end_is_not_taken_in_by_itself() -> None:
    run = serial_script(tasks("A"))
    (start,) = run.execution.due()
    assert isinstance(start, StartStep)
    with pytest.raises(ValueError, match="do not succeed by themselves"):
        run.execution.succeed_in_turn(start, [Call("run_flow", 1, "F2")])


def test_r40_no_wave_is_taken_in_step_by_step() -> None:
    run = Planning(Library(flow("F1", "parallel", tasks("A"))), "F1", ("E1", "E2"))
    run.turn()
    starts = [wish for wish in run.execution.due() if isinstance(wish, StartStep)]
    with pytest.raises(ValueError, match="in a Serial run"):
        run.execution.succeed_in_turn(starts[0], [])


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
