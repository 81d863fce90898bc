"""Batches and the soak between them: R21, and what stops them (R30, R31, R33, R34)."""

import pytest

from flows.engine.batches import size_of_batch
from flows.engine.events import CancelRequested, PauseRequested, ResumeRequested, SoakEnded, SoakStarted, StepStarted
from tests.engine.programs import Library, Loop, Node, Step, Try, flow, tasks
from tests.engine.rehearsal import BAD, OK, Outcomes, Rehearsal

TEN = tuple(f"E{n}" for n in range(10))


def rehearse(*flows: object, elements: tuple[str, ...] = TEN, outcomes: Outcomes | None = None) -> Rehearsal:
    library = Library(*flows)  # type: ignore[arg-type]
    run = Rehearsal(library, "F1", elements, outcomes or (lambda task, element, attempt: OK))
    run.run()
    return run


def sizes(batches: tuple[int | str, ...], elements: int) -> list[int]:
    """The batches of a real run over so many elements, by what its starts say."""
    names = tuple(f"E{n}" for n in range(elements))
    run = rehearse(flow("F1", "parallel", tasks("A"), batches=batches, concurrency=1000), elements=names)
    told: dict[str, int] = {}
    for command in run.starts:
        told[command.key.element] = command.batch
    return [list(told.values()).count(batch) for batch in range(1, max(told.values(), default=0) + 1)]


@pytest.mark.parametrize(
    ("batches", "elements", "expected"),
    [
        ((), 7, [7]),
        ((1, 5, "20%"), 20, [1, 5, 4, 4, 4, 2]),
        ((1,), 3, [1, 1, 1]),
        ((2, 3), 4, [2, 2]),
        (("50%",), 5, [2, 2, 1]),
        (("1%",), 3, [1, 1, 1]),  # rounded down, at least 1
        (("33.4%", "100%"), 9, [3, 6]),
        ((100,), 3, [3]),
    ],
)
def test_r21_the_last_size_repeats_and_percentages_are_of_the_whole_run(
    batches: tuple[int | str, ...], elements: int, expected: list[int]
) -> None:
    assert sizes(batches, elements) == expected


def test_r21_a_percentage_is_exact_where_floating_point_is_not() -> None:
    assert size_of_batch(("29%",), 1, 100) == 29
    assert size_of_batch(("0.1%",), 1, 1000) == 1


def test_r21_a_batch_runs_the_whole_script_before_the_next_one_begins() -> None:
    run = rehearse(flow("F1", "parallel", tasks("AB"), batches=(1, 2)), elements=TEN[:4])
    assert run.waves == "A0 B0 A1·A2 B1·B2 A3 B3"


def test_r19_r21_each_batch_has_its_own_positions_and_rounds() -> None:
    program: list[Node] = [Loop(lambda e: 2, tasks("A")), Step("B")]
    run = rehearse(flow("F1", "parallel", program, batches=(2,)), elements=TEN[:3])
    assert run.waves == "A0·A1 A0·A1 B0·B1 A2 A2 B2"


def test_r21_r22_child_flows_are_merged_within_a_batch() -> None:
    flows = (
        flow("F1", "parallel", [Step("F2", "run_flow")], batches=(2,)),
        flow("F2", "parallel", tasks("BC")),
    )
    assert rehearse(*flows, elements=TEN[:3]).waves == "B0·B1 C0·C1 B2 C2"


def test_r21_r25_a_child_has_batches_of_its_own_elements() -> None:
    flows = (flow("F1", "parallel", [Step("F2", "run_flow")]), flow("F2", "parallel", tasks("BC"), batches=("50%",)))
    assert rehearse(*flows, elements=TEN[:4]).waves == "B0·B1 C0·C1 B2·B3 C2·C3"


def test_r21_soak_seconds_pass_between_batches_and_not_after_the_last() -> None:
    run = rehearse(flow("F1", "parallel", tasks("A"), batches=(1,), soak=30.0), elements=TEN[:3])
    starts = [at for at, event in run.journal if isinstance(event, StepStarted)]
    assert starts == [0.0, 31.0, 62.0]
    assert [(e.batch, e.until) for _, e in run.journal if isinstance(e, SoakStarted)] == [(1, 31.0), (2, 62.0)]
    assert [e.batch for _, e in run.journal if isinstance(e, SoakEnded)] == [1, 2]
    assert run.execution.state == "succeeded"


def test_r21_a_batch_whose_scripts_call_no_step_ends_like_any_other() -> None:
    run = rehearse(flow("F1", "parallel", [], batches=(1,), soak=5.0), elements=TEN[:3])
    assert (str(run.execution.state), run.now) == ("succeeded", 10.0)


def test_r30_the_threshold_counts_over_all_batches_and_later_ones_are_not_started() -> None:
    outcomes: Outcomes = lambda task, e, attempt: BAD if e in ("E0", "E3") else OK  # noqa: E731
    run = rehearse(
        flow("F1", "parallel", tasks("AB"), batches=(1, 2), error_threshold=1), elements=TEN[:6], outcomes=outcomes
    )
    assert run.waves == "A0 A1·A2 B1·B2 A3·A4"
    assert run.states() == {
        "E0": "failed", "E1": "succeeded", "E2": "succeeded", "E3": "failed", "E4": "stopped", "E5": "not_started",
    }  # fmt: skip
    assert run.execution.state == "failed"


def test_r31_r34_a_stop_ends_the_soak_at_once() -> None:
    library = Library(flow("F1", "parallel", tasks("A"), batches=(1,), soak=1000.0))
    run = Rehearsal(library, "F1", TEN[:2])
    run.signal(5.0, CancelRequested("ana"))
    run.run()
    assert (str(run.execution.state), run.now) == ("cancelled", 5.0)
    assert run.states() == {"E0": "succeeded", "E1": "not_started"}
    assert not run.execution.unfinished_timers()
    run.take(SoakEnded(0, 1))  # the driver's timer may have fired at the same moment: nothing happens
    assert run.states() == {"E0": "succeeded", "E1": "not_started"}


def test_r33_a_pause_does_not_prolong_the_soak_and_no_batch_begins_while_it_lasts() -> None:
    library = Library(flow("F1", "parallel", tasks("A"), batches=(1,), soak=10.0))
    run = Rehearsal(library, "F1", TEN[:2])
    run.signal(5.0, PauseRequested("ana"))
    run.run()
    assert (run.order, run.now, str(run.execution.state)) == ("A0", 11.0, "paused")
    run.take(ResumeRequested("ana"))
    run.run()
    assert (run.order, run.now) == ("A0 A1", 12.0)


def test_r21_r31_finally_steps_of_a_failed_batch_run_and_the_next_batch_does_not_begin() -> None:
    outcomes: Outcomes = lambda task, e, attempt: BAD if task == "A" else OK  # noqa: E731
    run = rehearse(
        flow("F1", "parallel", [Try(tasks("A"), final=tasks("Z"))], batches=(2,), soak=9.0),
        elements=TEN[:3], outcomes=outcomes,
    )  # fmt: skip
    assert run.waves == "A0·A1 Z0·Z1"
    assert run.states() == {"E0": "failed", "E1": "failed", "E2": "not_started"}
