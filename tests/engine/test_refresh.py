"""Refresh: fresh settings before the processing script, and what a failing one means (R3)."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from flows.engine.definitions import TaskPolicy
from flows.engine.events import (
    CancelRequested,
    ElementsOrdered,
    Outcome,
    PauseRequested,
    QuestionAnswered,
    ResumeRequested,
    RunStarted,
    StepFinished,
    StepStarted,
)
from flows.engine.execution import RecordedOtherwise
from flows.engine.status import StepStatus
from tests.engine.programs import Library, Step, flow, tasks
from tests.engine.rehearsal import BAD, OK, Outcomes, Rehearsal

THREE = ("E1", "E2", "E3")
GONE = Outcome(StepStatus.UNREACHABLE, "connection refused")


def failing(*pairs: str, outcome: Outcome = BAD) -> Outcomes:
    return lambda task, element, attempt: outcome if f"{task}{element.lstrip('E')}" in pairs else OK


def rehearse(*flows: object, outcomes: Outcomes | None = None, **options: Any) -> Rehearsal:
    library = Library(*flows, tasks=options.pop("tasks", ()))  # type: ignore[arg-type]
    run = Rehearsal(library, "F1", options.pop("elements", THREE), outcomes or failing(), **options)
    run.run()
    return run


def backwards(flow: str, elements: Sequence[str]) -> Sequence[str]:
    return list(reversed(elements))


@pytest.mark.parametrize("mode", ["serial", "parallel"])
def test_r3_refresh_tasks_run_in_waves_before_the_processing_script_in_both_modes(mode: str) -> None:
    run = rehearse(flow("F1", mode, tasks("A"), refresh=("X", "Y")), process=backwards)
    assert run.told == ".X1 .X2 .X3 .Y1 .Y2 .Y3 A3 A2 A1"
    steps = [event for _, event in run.journal if isinstance(event, StepStarted)]
    assert [(e.key.site, e.key.turn, e.line, e.step) for e in steps[2:4]] == [
        (0, 1, 0, "run_task"),
        (0, 2, 0, "run_task"),
    ]
    kinds = [type(e) for _, e in run.journal if isinstance(e, RunStarted | ElementsOrdered | StepStarted)]
    assert kinds == [RunStarted, *[StepStarted] * 6, ElementsOrdered, *[StepStarted] * 3]


def test_r3_the_next_task_waits_until_the_last_one_is_over_everywhere() -> None:
    run = rehearse(flow("F1", "serial", [], refresh=("X", "Y")), duration=lambda t, e, n: 9.0 if e == "E2" else 1.0)
    starts = [at for at, event in run.journal if isinstance(event, StepStarted)]
    assert starts == [0.0, 0.0, 0.0, 9.0, 9.0, 9.0]


def test_r3_a_parallel_flow_refreshes_with_its_concurrency_and_a_serial_one_with_fifty() -> None:
    many = tuple(f"E{n}" for n in range(60))
    assert rehearse(flow("F1", "parallel", [], refresh=("X",), concurrency=7), elements=many).most_at_once == 7
    assert rehearse(flow("F1", "serial", [], refresh=("X",)), elements=many).most_at_once == 50


def test_r3_r30_an_element_whose_refresh_fails_has_failed_and_is_in_nobodys_elements() -> None:
    seen: list[Sequence[str]] = []

    def look(flow: str, elements: Sequence[str]) -> Sequence[str]:
        seen.append(list(elements))
        return elements

    run = rehearse(
        flow("F1", "parallel", tasks("A"), refresh=("X", "Y"), error_threshold=1),
        outcomes=failing("X2", outcome=GONE), process=look,
    )  # fmt: skip
    assert run.told == ".X1 .X2 .X3 .Y1 .Y3 A1 A3"
    assert run.states() == {"E1": "succeeded", "E2": "unreachable", "E3": "succeeded"}
    assert seen == [["E1", "E3"]]
    assert run.finished().reason == "1 of 3 elements failed"


def test_r3_r30_too_many_failed_refreshes_stop_the_run_and_nothing_else_has_started() -> None:
    run = rehearse(flow("F1", "serial", tasks("A"), refresh=("X", "Y")), outcomes=failing("X2"))
    assert run.told == ".X1 .X2 .X3"
    assert run.states() == {"E1": "not_started", "E2": "failed", "E3": "not_started"}
    assert run.finished().reason == "E2 failed at refresh X: exit 1; 1 failed, 0 allowed"


def test_r31_a_refresh_step_that_runs_when_the_run_stops_finishes_and_counts() -> None:
    run = rehearse(
        flow("F1", "parallel", tasks("A"), refresh=("X",), concurrency=2), outcomes=failing("X1", "X2"),
        duration=lambda t, e, n: 5.0 if e == "E2" else 1.0,
    )  # fmt: skip
    assert run.told == ".X1 .X2"
    assert run.states() == {"E1": "failed", "E2": "failed", "E3": "not_started"}


def test_r30_percentages_are_of_the_selected_and_then_of_those_that_are_left_with_the_failed() -> None:
    ten = tuple(f"E{n}" for n in range(10))
    rules: dict[str, Any] = {"refresh": ("X",), "error_threshold": "20%"}
    two_fail = failing("X0", "X1")
    fine = rehearse(flow("F1", "parallel", tasks("A"), **rules), elements=ten, outcomes=two_fail)
    assert str(fine.execution.state) == "partial"
    few = rehearse(
        flow("F1", "parallel", tasks("A"), **rules), elements=ten, outcomes=two_fail, process=lambda f, e: e[:2]
    )
    assert few.finished().reason == "2 of 4 elements could not be refreshed; 2 failed, 0 allowed"
    assert few.order == " ".join(f"X{n}" for n in range(10))


def test_r7_a_root_run_whose_processing_leaves_nobody_after_the_refresh_fails_or_does_nothing() -> None:
    nobody: Callable[[str, Sequence[str]], Sequence[str]] = lambda f, e: []  # noqa: E731
    fails = rehearse(flow("F1", "serial", tasks("A"), refresh=("X",)), process=nobody)
    assert fails.finished().reason == "the processing script left none of the 3 selected elements"
    fine = rehearse(flow("F1", "serial", tasks("A"), refresh=("X",), on_empty="succeed"), process=nobody)
    assert (str(fine.execution.state), fine.finished().reason) == ("succeeded", "nothing to do")


def test_r3_r7_a_run_that_selects_nobody_refreshes_nobody() -> None:
    run = rehearse(flow("F1", "serial", tasks("A"), refresh=("X",)), elements=())
    assert run.finished().reason == "no enabled element matches the flow's target"


def test_r3_a_run_in_which_every_refresh_fails_ends_without_an_order() -> None:
    run = rehearse(
        flow("F1", "serial", tasks("A"), refresh=("X",), error_threshold="100%"), outcomes=failing("X1", "X2", "X3")
    )
    assert run.execution.state == "partial"
    assert not any(isinstance(event, ElementsOrdered) for _, event in run.journal)


def test_r3_r6_a_processing_script_that_fails_after_the_refresh_fails_the_run() -> None:
    class Broken(Rehearsal):
        def _order(self, command: object) -> None:
            self.take(ElementsOrdered(0, (), (), "line 1: no context key 'a' in E2"))

    run = Broken(Library(flow("F1", "serial", tasks("A"), refresh=("X",))), "F1", THREE)
    run.run()
    assert (str(run.execution.state), run.finished().reason) == ("failed", "line 1: no context key 'a' in E2")


def test_r3_r24_children_refresh_too_and_who_failed_there_fails_its_caller() -> None:
    flows = (
        flow("F1", "parallel", [Step("F2", "run_flow"), Step("F")], error_threshold=1),
        flow("F2", "serial", tasks("B"), refresh=("X",), error_threshold=1),
    )
    run = rehearse(*flows, outcomes=failing("X2"), process=lambda f, e: [n for n in e if f == "F1" or n != "E3"])
    assert run.told == ".X1 .X2 .X3 B1 F1 F3"
    assert run.states() == {"E1": "succeeded", "E2": "failed", "E3": "succeeded"}
    assert run.states(1) == {"E2": "failed", "E3": "skipped", "E1": "succeeded"}
    outcomes = {
        e.key.element: e.outcome for _, e in run.journal if isinstance(e, StepFinished) and e.step == "run_flow"
    }
    assert outcomes["E2"].reason == "F2 partial: E2: refresh X: exit 1"
    assert outcomes["E3"].result["elements"] == {"E3": "skipped"}


def test_r3_r28_a_refresh_is_retried_like_any_task() -> None:
    run = rehearse(
        flow("F1", "serial", tasks("A"), refresh=("X",)), elements=("E1",), tasks=[TaskPolicy("X", 1, 5.0)],
        outcomes=lambda task, e, attempt: BAD if (task, attempt) == ("X", 1) else OK,
    )  # fmt: skip
    assert run.told == ".X1 .X1 A1"
    assert [at for at, event in run.journal if isinstance(event, StepStarted)] == [0.0, 6.0, 7.0]


def test_r3_r36_an_interrupted_refresh_asks_or_is_done_again() -> None:
    library = Library(flow("F1", "serial", tasks("A"), refresh=("X",)), tasks=[TaskPolicy("X", on_interrupt="ask")])
    lost = Outcome(StepStatus.INTERRUPTED)
    run = Rehearsal(library, "F1", ("E1", "E2"), lambda t, e, n: lost if (t, e, n) == ("X", "E1", 1) else OK)
    run.run()
    assert str(run.execution.state) == "needs_attention"
    run.take(QuestionAnswered(1, "retry", "ana"))
    run.run()
    assert run.told == ".X1 .X2 .X1 A1 A2"


def test_r3_r34_a_cancel_ends_the_refresh_steps_under_way() -> None:
    library = Library(flow("F1", "parallel", tasks("A"), refresh=("X", "Y"), concurrency=2))
    run = Rehearsal(library, "F1", ("E1", "E2", "E3"), duration=lambda t, e, n: 9.0 if e == "E2" else 1.0)
    run.signal(3.0, CancelRequested("ana"))
    run.run()
    assert run.now == 3.0
    assert run.states() == {"E1": "not_started", "E2": "cancelled", "E3": "not_started"}
    assert run.execution.state == "cancelled"


def test_r3_r33_a_pause_holds_the_refresh_and_the_order_after_it() -> None:
    library = Library(flow("F1", "serial", tasks("A"), refresh=("X", "Y")))
    run = Rehearsal(library, "F1", ("E1",))
    run.signal(0.5, PauseRequested("ana"))
    run.run()
    assert (run.told, str(run.execution.state)) == (".X1", "paused")
    run.take(ResumeRequested("ana"))
    run.run()
    assert run.told == ".X1 .Y1 A1"


def test_r3_r43_results_of_the_refresh_are_there_for_the_templates_of_later_steps() -> None:
    run = rehearse(flow("F1", "serial", tasks("A"), refresh=("X",)), elements=("E1",))
    assert "X" in run.starts[-1].steps


def test_r37_an_order_that_nobody_waits_for_is_refused() -> None:
    run = rehearse(flow("F1", "serial", tasks("A")))
    with pytest.raises(RecordedOtherwise, match="the order of the elements of run 0"):
        run.take(ElementsOrdered(0, THREE))
