"""Failing, catching and stopping: R13, R24, R25, R28-R32, R34, R35."""

from dataclasses import replace
from itertools import pairwise

import pytest

from flows.engine import outcomes
from flows.engine.commands import Call, PrepareRun, StartStep
from flows.engine.definitions import TaskPolicy
from flows.engine.events import (
    CancelRequested,
    ElementFinished,
    Outcome,
    PauseRequested,
    ResumeRequested,
    RunStarted,
    StepFinished,
    StepStarted,
)
from flows.engine.retry import retry_delay
from flows.engine.status import StepStatus
from flows.engine.threshold import allowed_failures
from flows.engine.values import step_value
from tests.engine.programs import Fail, If, Library, Node, Raise, Step, Try, abort, finish, flow, tasks
from tests.engine.rehearsal import BAD, OK, Outcomes, Rehearsal

THREE = ("E1", "E2", "E3")
GONE = Outcome(StepStatus.UNREACHABLE, "connection refused")


def failing(*pairs: str, outcome: Outcome = BAD) -> Outcomes:
    """These task-element pairs, written ``A2``, fail at every attempt."""
    return lambda task, element, attempt: outcome if f"{task}{element.lstrip('E')}" in pairs else OK


def rehearse(*flows: object, outcomes: Outcomes, elements: tuple[str, ...] = THREE, **options: object) -> Rehearsal:
    library = Library(*flows, tasks=options.pop("tasks", ()))  # type: ignore[arg-type]
    rehearsal = Rehearsal(library, "F1", elements, outcomes, **options)  # type: ignore[arg-type]
    rehearsal.run()
    return rehearsal


def test_r30_zero_stops_at_the_first_failure_serial() -> None:
    run = rehearse(flow("F1", "serial", tasks("AB")), outcomes=failing("A2"))
    assert run.order == "A1 B1 A2"
    assert run.states() == {"E1": "succeeded", "E2": "failed", "E3": "not_started"}
    assert run.execution.state == "failed"
    assert run.finished().reason == "E2 failed at 1 A: exit 1; 1 failed, 0 allowed"


def test_r31_parallel_stop_lets_running_steps_finish_and_stops_those_that_began() -> None:
    run = rehearse(flow("F1", "parallel", tasks("AB"), concurrency=2), outcomes=failing("A1"))
    # E2 runs while E1 fails: its step finishes, then it is stopped; E3 never began.
    assert run.order == "A1 A2"
    assert run.states() == {"E1": "failed", "E2": "stopped", "E3": "not_started"}


def test_r31_a_running_step_whose_outcome_is_unknown_counts_after_a_stop() -> None:
    lost = Outcome(StepStatus.UNKNOWN, "connection lost")
    outcomes: Outcomes = lambda task, e, _: {"E1": BAD, "E2": lost}.get(e, OK)  # noqa: E731
    run = rehearse(flow("F1", "parallel", tasks("AB")), outcomes=outcomes)
    assert run.states() == {"E1": "failed", "E2": "failed", "E3": "stopped"}


def test_r31_an_element_whose_script_ends_after_the_stop_has_its_own_state() -> None:
    run = rehearse(flow("F1", "parallel", tasks("A")), outcomes=failing("A1"))
    assert run.states() == {"E1": "failed", "E2": "succeeded", "E3": "succeeded"}
    assert run.execution.state == "failed"


def test_r31_serial_lets_those_in_progress_finish_their_script() -> None:
    run = rehearse(flow("F1", "serial", tasks("AB"), concurrency=2), outcomes=failing("A1"))
    assert run.order == "A1 A2 B2"
    assert run.states() == {"E1": "failed", "E2": "succeeded", "E3": "not_started"}


@pytest.mark.parametrize(
    ("threshold", "state", "order"),
    [(0, "failed", "A1"), (1, "partial", "A1 A2 A3"), ("100%", "partial", "A1 A2 A3"), ("34%", "partial", "A1 A2 A3")],
)
def test_r30_r32_more_than_the_threshold_stops_less_is_partial(threshold: int | str, state: str, order: str) -> None:
    run = rehearse(flow("F1", "serial", tasks("A"), error_threshold=threshold), outcomes=failing("A1"))
    assert (str(run.execution.state), run.order) == (state, order)


@pytest.mark.parametrize(
    ("threshold", "elements", "allowed"),
    [(0, 10, 0), (3, 10, 3), ("10%", 10, 1), ("10%", 19, 1), ("29%", 100, 29), ("100%", 7, 7), ("0%", 7, 0)],
)
def test_r30_percentages_are_rounded_down(threshold: int | str, elements: int, allowed: int) -> None:
    assert allowed_failures(threshold, elements) == allowed


@pytest.mark.parametrize("threshold", ["ten", "10", "-1%", "101%", "", "%", "nan%"])
def test_r30_a_threshold_that_is_none_is_refused(threshold: str) -> None:
    with pytest.raises(ValueError, match="neither a number nor a percentage"):
        allowed_failures(threshold, 10)


def test_r30_unreachable_counts_as_failed_and_keeps_its_word() -> None:
    run = rehearse(flow("F1", "serial", tasks("A")), outcomes=failing("A1", outcome=GONE))
    assert run.states() == {"E1": "unreachable", "E2": "not_started", "E3": "not_started"}
    assert run.execution.state == "failed"


def test_r13_r29_a_caught_failure_counts_for_nothing() -> None:
    program: list[Node] = [Try(tasks("A"), handler=tasks("R")), Step("B")]
    run = rehearse(flow("F1", "serial", program), outcomes=failing("A2"))
    assert run.order == "A1 B1 A2 R2 B2 A3 B3"
    assert run.execution.state == "succeeded"


def test_r13_with_check_false_the_result_comes_back() -> None:
    run = rehearse(flow("F1", "serial", [Step("A", check=False), Step("B")]), outcomes=failing("A1"))
    assert run.order == "A1 B1 A2 B2 A3 B3"


def test_r29_finally_steps_of_a_failed_element_run_at_their_position_in_the_waves() -> None:
    program = [Try(tasks("AB"), final=tasks("Z"))]
    run = rehearse(flow("F1", "parallel", program, error_threshold=1), outcomes=failing("A1"))
    assert run.waves == "A1·A2·A3 B2·B3 Z1·Z2·Z3"
    assert run.states() == {"E1": "failed", "E2": "succeeded", "E3": "succeeded"}


def test_r31_finally_steps_run_after_a_stop_in_waves_and_the_element_is_stopped_even_if_one_fails() -> None:
    program = [Try(tasks("AB"), final=tasks("Z"))]
    run = rehearse(flow("F1", "parallel", program), outcomes=failing("A1", "Z2"))
    assert run.waves == "A1·A2·A3 Z1·Z2·Z3"
    assert run.states() == {"E1": "failed", "E2": "stopped", "E3": "stopped"}


def test_r31_an_element_that_is_in_its_finally_when_the_run_stops_finishes_it() -> None:
    program: list[Node] = [Try([If(lambda e: e != "E1", tasks("A"), tasks("B"))], final=tasks("YZ"))]
    run = rehearse(flow("F1", "parallel", program), outcomes=failing("B1"))
    assert run.waves == "A2·A3 B1 Y1·Y2·Y3 Z1·Z2·Z3"
    assert run.states() == {"E1": "failed", "E2": "succeeded", "E3": "succeeded"}


def test_r29_an_exception_raised_again_in_a_handler_fails_the_element_when_it_is_raised() -> None:
    program: list[Node] = [Try([Try(tasks("A"), handler=[Raise()])], final=tasks("Z"))]
    run = rehearse(flow("F1", "serial", program), outcomes=failing("A1"))
    assert run.order == "A1 Z1"
    assert run.states()["E1"] == "failed"
    assert run.finished().reason.startswith("E1 failed at line 1: boom")


def test_r30_a_run_that_a_script_stopped_by_fail_says_so() -> None:
    run = rehearse(flow("F1", "serial", [Fail("too old")]), outcomes=failing())
    assert run.finished().reason == "E1 failed: too old; 1 failed, 0 allowed"


def test_r11_fail_decides_and_a_failing_finally_changes_nothing() -> None:
    program: list[Node] = [Try([Step("A"), Fail("rolled back", where=lambda e: e == "E1")], final=tasks("Z"))]
    run = rehearse(flow("F1", "serial", program, error_threshold="100%"), outcomes=failing("Z1"))
    assert run.order == "A1 Z1 A2 Z2 A3 Z3"
    assert run.states()["E1"] == "failed"
    facts = [event for _, event in run.journal if getattr(event, "message", "")]
    assert facts[0].message == "rolled back"  # type: ignore[union-attr]


def test_r24_in_a_merged_child_the_failure_of_one_fails_its_caller_alone() -> None:
    flows = (flow("F1", "parallel", [Step("F2", "run_flow"), Step("F")], error_threshold=1),
             flow("F2", "parallel", tasks("BC"), error_threshold=1))  # fmt: skip
    run = rehearse(*flows, outcomes=failing("B2"))
    assert run.waves == "B1·B2·B3 C1·C3 F1·F3"
    assert run.states() == {"E1": "succeeded", "E2": "failed", "E3": "succeeded"}


def test_r24_a_childs_threshold_stop_fails_everybody_who_had_not_finished() -> None:
    flows = (flow("F1", "parallel", [Step("F2", "run_flow"), Step("F")], error_threshold="100%"),
             flow("F2", "serial", tasks("B"), error_threshold=0))  # fmt: skip
    run = rehearse(*flows, outcomes=failing("B2"))
    assert run.order == "B1 B2 F1"
    assert run.states() == {"E1": "succeeded", "E2": "failed", "E3": "failed"}
    assert run.states(1) == {"E1": "succeeded", "E2": "failed", "E3": "not_started"}


class BrokenChildren(Rehearsal):
    """Processing scripts of child flows fail."""

    def _run_started(self, prepare: PrepareRun) -> RunStarted:
        started = super()._run_started(prepare)
        return started if prepare.parent is None else replace(started, elements=(), problem="line 1: no key 'a'")


def test_r12_r24_a_child_that_cannot_begin_has_started_none_and_fails_whoever_passed_one() -> None:
    passed = {"E1": None, "E2": ("E3",), "E3": ()}
    call = Step("F2", "run_flow", elements=lambda e: passed[e])
    library = Library(flow("F1", "parallel", [call], error_threshold="100%"), flow("F2", "serial", tasks("B")))
    run = BrokenChildren(library, "F1", THREE)
    run.run()
    assert run.states() == {"E1": "failed", "E2": "failed", "E3": "succeeded"}
    outcomes = [e.outcome for _, e in run.journal if isinstance(e, StepFinished)]
    assert outcomes[1].reason == "F2 failed: line 1: no key 'a'"
    assert outcomes[1].result == {"run": 1, "elements": {"E3": "not_started"}, "failed": ["E3"], "messages": {}}


def test_r24_a_caller_whose_elements_were_only_stopped_is_told_why_the_child_stopped() -> None:
    flows = (flow("F1", "parallel", [Step("F2", "run_flow")], error_threshold="100%"),
             flow("F2", "parallel", tasks("BC"), error_threshold=0))  # fmt: skip
    run = rehearse(*flows, outcomes=failing("B2"))
    reasons = {e.key.element: e.outcome.reason for _, e in run.journal if isinstance(e, StepFinished)}
    assert reasons["E1"] == "F2 failed: E2 failed at 1 B: exit 1; 1 failed, 0 allowed"
    assert reasons["E2"] == "F2 failed: E2: 1 B: exit 1"


def test_r25_a_child_without_a_threshold_takes_its_callers() -> None:
    flows = (flow("F1", "parallel", [Step("F2", "run_flow")], error_threshold=1), flow("F2", "serial", tasks("B")))
    run = rehearse(*flows, outcomes=failing("B1"))
    assert run.order == "B1 B2 B3"


def test_r12_the_child_result_speaks_of_the_list_that_this_caller_passed() -> None:
    seen: list[object] = []
    call = Step("F2", "run_flow", elements=lambda _: ("E2", "E3"), check=False)
    library = Library(
        flow("F1", "serial", [If(lambda e: e == "E1", [call])]),
        flow("F2", "parallel", tasks("B"), error_threshold="100%"),
    )
    run = Rehearsal(library, "F1", THREE, failing("B3"))
    run.run()
    [finished] = [e for _, e in run.journal if type(e).__name__ == "StepFinished" and e.step == "run_flow"]  # type: ignore[union-attr]
    seen.append(finished.outcome.result)  # type: ignore[union-attr]
    assert seen == [{"run": 1, "elements": {"E2": "succeeded", "E3": "failed"}, "failed": ["E3"], "messages": {}}]


def test_r28_a_step_is_retried_with_its_delay_then_fails() -> None:
    policy = TaskPolicy("A", retries=2, retry_delay=5)
    run = rehearse(flow("F1", "serial", tasks("A")), outcomes=failing("A1"), elements=("E1",), tasks=[policy])
    assert run.outcomes_of("run_task") == [("E1", 1, "failed"), ("E1", 2, "failed"), ("E1", 3, "failed")]
    starts = [at for at, event in run.journal if type(event).__name__ == "StepStarted"]
    assert starts == [0.0, 6.0, 12.0]


def test_r28_a_retry_that_succeeds_is_a_success_and_holds_its_place_in_the_wave() -> None:
    policy = TaskPolicy("A", retries=1, retry_delay=5)
    run = rehearse(
        flow("F1", "parallel", tasks("AB")),
        outcomes=lambda t, e, n: BAD if (t, e, n) == ("A", "E1", 1) else OK,
        tasks=[policy],
    )
    assert run.waves == "A1·A2·A3 A1 B1·B2·B3"
    assert run.execution.state == "succeeded"


UNKNOWN = Outcome(StepStatus.UNKNOWN, "connection lost")
STILL_THERE = Outcome(StepStatus.STILL_RUNNING_THERE, "it could not be ended")


@pytest.mark.parametrize(
    ("on_interrupt", "outcome", "delay"),
    [
        ("retry", STILL_THERE, None),
        ("ask", UNKNOWN, None),
        ("fail", UNKNOWN, None),
        ("retry", UNKNOWN, 1.0),
        ("ask", GONE, 1.0),
        ("ask", BAD, 1.0),
    ],
)
def test_r28_r36_an_unknown_outcome_is_retried_only_if_repeating_is_safe(
    on_interrupt: str, outcome: Outcome, delay: float | None
) -> None:
    policy = TaskPolicy("A", retries=3, retry_delay=1.0, on_interrupt=on_interrupt)  # type: ignore[arg-type]
    assert retry_delay(Call("run_task", 1, "A"), policy, 1, outcome) == delay


def test_r31_a_stop_ends_a_sleep_at_once_and_a_retry_with_its_last_outcome() -> None:
    program: list[Node] = [If(lambda e: e == "E1", [Step("A")], [Step("B")])]
    policy = TaskPolicy("B", retries=5, retry_delay=100)
    run = rehearse(
        flow("F1", "serial", program, concurrency=3),
        flow("F2", "serial", []),
        outcomes=failing("B2"),
        tasks=[policy],
    )
    assert run.execution.state == "failed"
    sleeping = Library(flow("F1", "parallel", [Step(step="sleep", seconds=500), Step("A")]))
    stopped = Rehearsal(sleeping, "F1", THREE)
    stopped.signal(3.0, CancelRequested("ana"))
    stopped.run()
    assert stopped.now == 3.0
    assert stopped.order == ""


# --- pause and cancel -----------------------------------------------------------------------------------------------


def test_r33_a_pause_starts_no_new_step_in_children_either_and_resuming_goes_on() -> None:
    library = Library(flow("F1", "parallel", [Step("F2", "run_flow")]), flow("F2", "serial", tasks("AB")))
    run = Rehearsal(library, "F1", ("E1", "E2"))
    run.signal(0.5, PauseRequested("ana"))
    run.run()
    assert (run.order, str(run.execution.state)) == ("A1", "paused")
    run.take(ResumeRequested("ana"))
    run.run()
    assert run.order == "A1 B1 A2 B2"
    assert run.execution.state == "succeeded"


def test_r34_cancel_terminates_running_steps_and_finally_blocks_run() -> None:
    program = [Try(tasks("AB"), final=tasks("Z"))]
    library = Library(flow("F1", "parallel", program, concurrency=2))
    run = Rehearsal(library, "F1", THREE)
    run.signal(0.5, CancelRequested("ana"))
    run.run()
    assert run.order == "A1 A2 Z1 Z2"
    assert run.states() == {"E1": "cancelled", "E2": "cancelled", "E3": "not_started"}
    assert (str(run.execution.state), run.finished().reason) == ("cancelled", "cancelled by ana")


def test_r34_an_element_between_two_steps_is_stopped_and_a_second_cancel_skips_finally() -> None:
    program = [Try(tasks("AB"), final=tasks("Z"))]
    library = Library(flow("F1", "parallel", program))
    run = Rehearsal(library, "F1", ("E1", "E2"), duration=lambda t, e, n: 9.0 if e == "E2" else 1.0)
    run.signal(5.0, CancelRequested("ana"))
    run.signal(5.5, CancelRequested("ana"))
    run.run()
    assert run.order == "A1 A2 Z1 Z2"
    assert run.states() == {"E1": "stopped", "E2": "cancelled"}
    assert [status for _, _, status in run.outcomes_of("run_task")] == ["succeeded", *["cancelled"] * 3]


def test_r34_cancel_reaches_children_before_the_callers_own_finally() -> None:
    parent = [Try([Step("F2", "run_flow")], final=tasks("Z"))]
    library = Library(flow("F1", "serial", parent), flow("F2", "serial", [Try(tasks("AB"), final=tasks("Y"))]))
    run = Rehearsal(library, "F1", ("E1", "E2"))
    run.signal(0.5, CancelRequested("ana"))
    run.run()
    assert run.order == "A1 Y1 Z1"
    assert run.states() == {"E1": "cancelled", "E2": "not_started"}
    assert run.finished(1).status == "cancelled"


def test_r25_children_called_from_a_finally_run_in_full() -> None:
    parent = [Try(tasks("A"), final=[Step("F2", "run_flow")])]
    library = Library(flow("F1", "serial", parent), flow("F2", "serial", tasks("YZ")))
    run = Rehearsal(library, "F1", ("E1", "E2"))
    run.signal(0.5, CancelRequested("ana"))
    run.run()
    assert run.order == "A1 Y1 Z1"
    assert run.finished(1).status == "succeeded"


def test_r34_a_run_cancelled_before_it_has_elements_starts_none() -> None:
    run = Rehearsal(Library(flow("F1", "serial", tasks("A"))), "F1", THREE)
    run.take(CancelRequested("ana"))
    run.run()
    assert (run.order, str(run.execution.state)) == ("", "cancelled")


def test_r7_a_root_run_without_elements_fails_with_the_reason_or_succeeds_if_the_flow_says_so() -> None:
    fails = rehearse(flow("F1", "serial", tasks("A")), outcomes=failing(), elements=())
    fine = rehearse(flow("F1", "serial", tasks("A"), on_empty="succeed"), outcomes=failing(), elements=())
    assert (str(fails.execution.state), fails.finished().reason) == (
        "failed",
        "no enabled element matches the flow's target",
    )
    assert (str(fine.execution.state), fine.finished().reason) == ("succeeded", "nothing to do")


def test_r25_nesting_deeper_than_sixteen_fails_the_step() -> None:
    run = rehearse(flow("F1", "serial", [Step("F1", "run_flow")]), outcomes=failing(), elements=("E1",))
    assert run.execution.state == "failed"
    assert sum(type(event).__name__ == "RunStarted" for _, event in run.journal) == 17  # the root and 16
    assert "nested deeper than 16" in str(run.journal)


def test_a_child_flow_that_does_not_exist_fails_the_step_and_says_so() -> None:
    run = rehearse(flow("F1", "serial", [Step("F9", "run_flow")]), outcomes=failing(), elements=("E1",))
    assert run.finished().reason == "E1 failed at 1 F9: there is no flow named 'F9'; 1 failed, 0 allowed"


# --- what scripts decide --------------------------------------------------------------------------------------------


def test_r11_finish_ends_the_script_as_succeeded_and_its_finally_steps_run() -> None:
    program: list[Node] = [Try([Step("A"), finish("done before", lambda e: e == "E1"), Step("B")], final=tasks("Z"))]
    run = rehearse(flow("F1", "parallel", program), outcomes=failing("Z1"))
    assert run.waves == "A1·A2·A3 B2·B3 Z1·Z2·Z3"
    assert run.states() == {"E1": "succeeded", "E2": "succeeded", "E3": "succeeded"}
    [said] = [event.message for _, event in run.journal if isinstance(event, ElementFinished) and event.message]
    assert said == "done before"


def test_r11_the_first_of_the_three_decides() -> None:
    program: list[Node] = [Try([Step("A"), finish("fine")], final=[Step("Z"), Fail("too late")])]
    run = rehearse(flow("F1", "serial", program), outcomes=failing())
    assert set(run.states().values()) == {"succeeded"}
    assert run.execution.state == "succeeded"


@pytest.mark.parametrize("mode", ["serial", "parallel"])
def test_r11_r35_abort_stops_the_whole_run_in_both_modes(mode: str) -> None:
    body: list[Node] = [Step("A"), abort("enough", lambda e: e == "E1"), Step("B")]
    width = 2 if mode == "serial" else 3
    run = rehearse(
        flow("F1", mode, [Try(body, final=tasks("Z"))], concurrency=width, error_threshold="100%"), outcomes=failing()
    )
    assert run.states() == {"E1": "failed", "E2": "stopped", "E3": "not_started" if mode == "serial" else "stopped"}
    assert "B" not in run.order
    assert run.order.split()[width:] == [f"Z{n}" for n in range(1, width + 1)]
    assert (run.finished().status, run.finished().reason) == ("failed", "aborted by E1: enough")


def test_r35_abort_in_a_child_stops_the_whole_tree() -> None:
    flows = (
        flow("F1", "serial", [Step("F2", "run_flow"), Step("F")], concurrency=2, error_threshold="100%"),
        flow("F2", "parallel", [Step("B"), abort("enough", lambda e: e == "E1"), Step("C")], error_threshold="100%"),
    )
    run = rehearse(*flows, outcomes=failing())
    assert run.order == "B1 B2"
    # E2's child is stopped with its element, which fails its caller by R24.
    assert run.states() == {"E1": "failed", "E2": "failed", "E3": "not_started"}
    assert [str(run.finished(number).status) for number in (0, 1, 2)] == ["failed"] * 3


def test_r25_r35_a_child_called_from_a_finally_runs_in_full_although_one_of_its_elements_aborts() -> None:
    flows = (
        flow("F1", "serial", [Try(tasks("A"), final=[Step("F2", "run_flow", elements=lambda _: THREE)])]),
        flow("F2", "serial", [Step("Y"), abort("enough", lambda e: e == "E1"), Step("Z")], error_threshold=1),
    )
    run = rehearse(*flows, outcomes=failing())
    assert run.order == "A1 Y1 Y2 Z2 Y3 Z3"
    assert run.finished(1).status == "partial"
    assert run.finished(0).reason == "aborted by E1: enough"


def test_r30_r35_too_many_aborts_stop_a_child_that_a_finally_called() -> None:
    flows = (
        flow("F1", "serial", [Try(tasks("A"), final=[Step("F2", "run_flow", elements=lambda _: THREE)])]),
        flow("F2", "serial", [Step("Y"), abort("enough", lambda e: e == "E1"), Step("Z")]),
    )
    run = rehearse(*flows, outcomes=failing())
    assert run.order == "A1 Y1"
    assert run.states(1) == {"E1": "failed", "E2": "not_started", "E3": "not_started"}


def test_r29_r31_a_failing_finally_step_does_not_lead_back_into_a_handler() -> None:
    """The failure of the inner block replaces the exception that only ``finally`` sees: a handler would catch it."""
    program = [Try([Try(tasks("A"), final=tasks("Y"))], handler=tasks("R"), final=tasks("Z"))]
    library = Library(flow("F1", "serial", program))
    run = Rehearsal(library, "F1", ("E1",), failing("Y1"))
    run.signal(0.5, CancelRequested("ana"))
    run.run()
    assert run.order == "A1 Y1 Z1"
    assert run.states() == {"E1": "cancelled"}


def test_r29_an_element_that_fails_in_a_finally_of_a_caught_failure_goes_on_in_the_handler() -> None:
    program: list[Node] = [Try([Try(tasks("A"), final=tasks("Y"))], handler=tasks("R")), Step("B")]
    run = rehearse(flow("F1", "serial", program), outcomes=failing("A1", "Y1"), elements=("E1",))
    assert run.order == "A1 Y1 R1 B1"
    assert run.execution.state == "succeeded"


# --- thresholds and states of every level ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parent", "child", "order"),
    [
        (None, None, "B1"),  # 0 from nobody
        (1, None, "B1 B2 B3"),  # the caller's
        ("50%", None, "B1 B2 B3"),  # the caller's text, of the child's own three elements
        ("100%", 0, "B1"),
        (0, "34%", "B1 B2 B3"),
        ("100%", "33%", "B1"),  # 0.99 of 3, rounded down
    ],
)
def test_r25_r30_a_threshold_at_every_level(parent: int | str | None, child: int | str | None, order: str) -> None:
    flows = (
        flow("F1", "parallel", [Step("F2", "run_flow")], error_threshold=parent),
        flow("F2", "serial", tasks("B"), error_threshold=child),
    )
    assert rehearse(*flows, outcomes=failing("B1")).order == order


def test_r25_r30_a_grandchild_takes_the_threshold_that_its_caller_took() -> None:
    flows = (
        flow("F1", "parallel", [Step("F2", "run_flow")], error_threshold=2),
        flow("F2", "parallel", [Step("F3", "run_flow")]),
        flow("F3", "serial", tasks("B")),
    )
    assert rehearse(*flows, outcomes=failing("B1", "B2")).order == "B1 B2 B3"


STATES = [
    # (mode, threshold, failing, cancelled at, state, E1, E2, E3)
    ("parallel", 0, (), None, "succeeded", "succeeded", "succeeded", "succeeded"),
    ("parallel", 1, ("A1",), None, "partial", "failed", "succeeded", "succeeded"),
    ("parallel", 3, ("A1", "A2", "A3"), None, "partial", "failed", "failed", "failed"),
    ("parallel", 0, ("A1",), None, "failed", "failed", "stopped", "stopped"),
    ("parallel", 0, ("A1", "A3"), None, "failed", "failed", "stopped", "failed"),
    ("parallel", 0, ("B3",), None, "failed", "succeeded", "succeeded", "failed"),
    ("parallel", 0, (), 0.5, "cancelled", "cancelled", "cancelled", "cancelled"),
    ("parallel", 0, (), 1.5, "cancelled", "cancelled", "cancelled", "cancelled"),
    ("parallel", 3, ("A1",), 1.5, "cancelled", "failed", "cancelled", "cancelled"),
    ("serial", 0, ("A1",), None, "failed", "failed", "not_started", "not_started"),
    ("serial", 1, ("B2",), None, "partial", "succeeded", "failed", "succeeded"),
    ("serial", 0, (), 2.5, "cancelled", "succeeded", "cancelled", "not_started"),
    ("serial", 1, ("A1",), 1.5, "cancelled", "failed", "cancelled", "not_started"),
]


@pytest.mark.parametrize(("mode", "threshold", "bad", "cancelled_at", "state", "one", "two", "three"), STATES)
def test_r32_the_states_of_elements_and_runs(
    mode: str,
    threshold: int,
    bad: tuple[str, ...],
    cancelled_at: float | None,
    state: str,
    one: str,
    two: str,
    three: str,
) -> None:
    library = Library(flow("F1", mode, tasks("AB"), error_threshold=threshold))
    run = Rehearsal(library, "F1", THREE, failing(*bad))
    if cancelled_at is not None:
        run.signal(cancelled_at, CancelRequested("ana"))
    run.run()
    assert (str(run.execution.state), run.states()) == (state, {"E1": one, "E2": two, "E3": three})


def test_r34_two_cancels_end_the_callers_of_a_child_that_was_not_born() -> None:
    library = Library(flow("F1", "serial", [Try(tasks("A"), final=[Step("F2", "run_flow")])]), flow("F2", "serial", []))
    run = Rehearsal(library, "F1", ("E1",))
    run.signal(0.5, CancelRequested("ana"))
    run.run_until(0.9)
    run.take(CancelRequested("ana"))
    run.run()
    assert run.execution.ended


# --- retries --------------------------------------------------------------------------------------------------------


def delays(policy: TaskPolicy, seed: str = "seed") -> list[float]:
    """The delays between the attempts of a step that always fails at once."""
    run = rehearse(
        flow("F1", "serial", tasks("A")), outcomes=failing("A1"), elements=("E1",), tasks=[policy],
        duration=lambda t, e, n: 0.0, seed=seed,
    )  # fmt: skip
    starts = [at for at, event in run.journal if isinstance(event, StepStarted)]
    return [later - sooner for sooner, later in pairwise(starts)]


def test_r28_the_delay_grows_by_the_backoff_from_attempt_to_attempt() -> None:
    assert delays(TaskPolicy("A", retries=4, retry_delay=2.0, retry_backoff=3.0)) == [2.0, 6.0, 18.0, 54.0]


def test_r28_a_growing_delay_ends_at_a_day_or_at_the_tasks_own_first_one() -> None:
    assert max(delays(TaskPolicy("A", retries=30, retry_delay=1.0, retry_backoff=10.0))) == 86_400.0
    assert retry_delay(Call("run_task", 1, "A"), TaskPolicy("A", 5000, 1.0, "ask", 10.0), 5000, BAD) == 86_400.0
    assert delays(TaskPolicy("A", retries=2, retry_delay=100_000.0, retry_backoff=2.0)) == [100_000.0, 100_000.0]


def test_r28_r37_jitter_spreads_the_delays_and_comes_from_the_seed_alone() -> None:
    policy = TaskPolicy("A", retries=50, retry_delay=10.0, retry_jitter=0.5)
    found = delays(policy)
    assert found == delays(policy) != delays(policy, "another seed")
    assert min(found) >= 5.0
    assert max(found) <= 15.0
    assert max(found) - min(found) > 8.0, "fifty delays fill the range"


def test_r28_two_elements_do_not_come_back_at_the_same_moment() -> None:
    policy = TaskPolicy("A", retries=1, retry_delay=10.0, retry_jitter=1.0)
    outcomes: Outcomes = lambda task, e, attempt: BAD if attempt == 1 else OK  # noqa: E731
    run = rehearse(flow("F1", "parallel", tasks("A")), outcomes=outcomes, tasks=[policy])
    again = [at for at, event in run.journal if isinstance(event, StepStarted) and event.key.attempt == 2]
    assert len(set(again)) == 3


def test_r28_the_calls_own_number_of_retries_overrides_the_tasks() -> None:
    policy = TaskPolicy("A", retries=5, retry_delay=1.0)
    run = rehearse(
        flow("F1", "serial", [Step("A", retries=1)]), outcomes=failing("A1"), elements=("E1",), tasks=[policy]
    )
    assert len(run.outcomes_of("run_task")) == 2


# --- settings -------------------------------------------------------------------------------------------------------


def test_r9_set_context_returns_nothing_and_get_context_what_is_there_now() -> None:
    seen: list[object] = []
    program: list[Node] = [
        Step(step="set_context", inputs={"key": "role", "value": "master"}),
        Step(step="get_context"),
    ]
    run = rehearse(flow("F1", "parallel", program, concurrency=1), outcomes=failing(), seen=seen)
    assert seen == [None, None, None, *[{"role": "master"}] * 3]
    assert run.saved == {name: {"role": "master"} for name in THREE}
    assert run.execution.state == "succeeded"


@pytest.mark.parametrize("step", ["log", "set_context", "get_context"])
def test_r36_what_repeats_harmlessly_is_done_again_after_an_interruption(step: str) -> None:
    library = Library(flow("F1", "serial", [Step("x", step)]))
    run = Rehearsal(library, "F1", ("E1",))
    run.do_due()
    [start] = [wish for wish in run.execution.due() if isinstance(wish, StartStep)]
    run.take(StepStarted(start.key, step, "x", start.line, start.path, start.target))
    run.take(StepFinished(start.key, step, "x", start.line, start.path, Outcome(StepStatus.INTERRUPTED), start.target))
    [again] = [wish for wish in run.execution.due() if isinstance(wish, StartStep)]
    assert again.key == start.key._replace(attempt=2)


def test_r35_a_child_that_aborts_as_it_begins_keeps_others_from_beginning() -> None:
    flows = (
        flow("F1", "serial", [Step("F2", "run_flow")], concurrency=3),
        flow("F2", "serial", [abort("enough", lambda e: e == "E1"), Step("B")]),
    )
    run = rehearse(*flows, outcomes=failing())
    assert (run.order, run.finished().reason) == ("", "aborted by E1: enough")
    assert [e.run for _, e in run.journal if isinstance(e, RunStarted)] == [0, 1]
    assert run.states() == {"E1": "failed", "E2": "stopped", "E3": "stopped"}


def test_r12_what_a_task_returns_has_the_keys_of_the_chapter_and_no_other() -> None:
    done = Outcome(StepStatus.SUCCEEDED, exit_code=0, result={"output": "hi", "command": "echo hi"})
    value = step_value(Call("run_task", 1, "A"), done, 1)
    assert value == {
        "ok": True, "status": "succeeded", "exit_code": 0, "output": "hi", "data": None, "settings": {}, "attempts": 1,
    }  # fmt: skip


def test_r12_a_child_that_could_not_be_returns_the_same_keys_as_one_that_ran() -> None:
    refused = Outcome(StepStatus.FAILED, "no enabled element is named E9")
    value = step_value(Call("run_flow", 1, "F2"), refused, 1)
    assert value == {"ok": False, "status": "failed", "run": None, "elements": {}, "failed": [], "messages": {}}


@pytest.mark.parametrize(("is_raised", "said"), [(False, {"E1": "no"}), (True, {})])
def test_r12_a_childs_messages_hold_what_fail_was_given_and_not_what_was_raised_again(
    is_raised: bool, said: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = outcomes.judge
    monkeypatch.setattr(
        outcomes,
        "judge",
        lambda core, node, one, verdict: judge(core, node, one, replace(verdict, is_raised=is_raised)),
    )
    flows = (flow("F1", "serial", [Step("F2", "run_flow", check=False)]), flow("F2", "serial", [Step("A"), Fail("no")]))
    run = rehearse(*flows, outcomes=failing(), elements=("E1",))
    [finished] = [e for _, e in run.journal if isinstance(e, StepFinished) and e.step == "run_flow"]
    assert finished.outcome.result["messages"] == said
