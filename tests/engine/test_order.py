"""In which order steps run: R17-R20, R22, R23, R26."""

import pytest

from flows.engine.definitions import SiteSpec
from flows.engine.lockstep import Track
from tests.engine.programs import If, Library, Loop, Node, Step, flow, tasks
from tests.engine.rehearsal import Rehearsal

BOTH = ("E1", "E2")


def rehearse(*flows: object, elements: tuple[str, ...] = BOTH, **options: object) -> Rehearsal:
    library = Library(*flows)  # type: ignore[arg-type]
    rehearsal = Rehearsal(library, "F1", elements, **options)  # type: ignore[arg-type]
    rehearsal.run()
    return rehearsal


R26 = [
    ("serial", "serial", False, "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2"),
    ("serial", "serial", True, "A1 B1 C1 D1 B2 C2 D2 F1 A2 B1 C1 D1 B2 C2 D2 F2"),
    ("serial", "parallel", False, "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2"),
    ("serial", "parallel", True, "A1 B1·B2 C1·C2 D1·D2 F1 A2 B1·B2 C1·C2 D1·D2 F2"),
    ("parallel", "serial", False, "A1·A2 B1 C1 D1 B2 C2 D2 F1·F2"),
    ("parallel", "parallel", False, "A1·A2 B1·B2 C1·C2 D1·D2 F1·F2"),
]


@pytest.mark.parametrize(("parent", "child", "passes_all", "expected"), R26)
def test_r26_the_four_combinations(parent: str, child: str, passes_all: bool, expected: str) -> None:
    call = Step("F2", "run_flow", elements=(lambda _: BOTH) if passes_all else None)
    run = rehearse(flow("F1", parent, [Step("A"), call, Step("F")]), flow("F2", child, tasks("BCD")))
    assert run.waves == expected
    assert run.execution.state == "succeeded"


def test_r17_serial_runs_each_element_to_its_end_and_concurrency_lets_more_be_in_progress() -> None:
    program = tasks("AB")
    one = rehearse(flow("F1", "serial", program), elements=("E1", "E2", "E3"))
    two = rehearse(flow("F1", "serial", program, concurrency=2), elements=("E1", "E2", "E3"))
    assert one.order == "A1 B1 A2 B2 A3 B3"
    assert two.order == "A1 A2 B1 B2 A3 B3"


def test_r18_an_element_that_skips_a_step_waits_at_the_next_common_one() -> None:
    program: list[Node] = [If(lambda e: e == "E1", tasks("A")), Step("B")]
    run = rehearse(flow("F1", "parallel", program), elements=("E1", "E2", "E3"))
    assert run.waves == "A1 B1·B2·B3"


def test_r18_branches_run_in_the_order_of_their_sites_not_of_their_elements() -> None:
    program: list[Node] = [If(lambda e: e == "E2", tasks("A"), tasks("B")), Step("C")]
    run = rehearse(flow("F1", "parallel", program), elements=("E1", "E2", "E3"))
    assert run.waves == "A2 B1·B3 C1·C2·C3"


def test_r18_a_wave_starts_in_element_order_at_most_concurrency_at_once() -> None:
    elements = tuple(f"E{n}" for n in range(1, 8))
    run = rehearse(flow("F1", "parallel", tasks("AB"), concurrency=3), elements=elements)
    assert run.order == " ".join(f"{task}{n}" for task in "AB" for n in range(1, 8))
    assert run.most_at_once == 3


def test_r18_the_next_wave_waits_for_the_slowest_of_this_one() -> None:
    run = rehearse(flow("F1", "parallel", tasks("AB")), duration=lambda task, e, _: 9.0 if e == "E1" else 1.0)
    assert run.waves == "A1·A2 B1·B2"


def test_r19_all_do_round_one_then_round_two_and_those_that_leave_early_wait_after_the_loop() -> None:
    program: list[Node] = [Loop(lambda e: {"E1": 3, "E2": 1}.get(e, 2), tasks("AB")), Step("C")]
    run = rehearse(flow("F1", "parallel", program), elements=("E1", "E2", "E3"))
    assert run.waves == "A1·A2·A3 B1·B2·B3 A1·A3 B1·B3 A1 B1 C1·C2·C3"


def test_r19_rounds_are_counted_from_the_sites_visited_not_from_pythons_rounds() -> None:
    # E1 never visits A: its visits of B count the rounds all the same.
    program: list[Node] = [Loop(lambda e: 2, [If(lambda e: e != "E1", tasks("A")), Step("B")])]
    run = rehearse(flow("F1", "parallel", program))
    assert run.waves == "A2 B1·B2 A2 B1·B2"


def test_r19_inner_loops_begin_anew_in_each_outer_round() -> None:
    inner = Loop(lambda e: 2 if e == "E1" else 1, tasks("B"))
    run = rehearse(flow("F1", "parallel", [Loop(lambda e: 2, [Step("A"), inner])]))
    assert run.waves == "A1·A2 B1·B2 B1 A1·A2 B1·B2 B1"


def site(number: int, *loops: int) -> SiteSpec:
    return SiteSpec(number, "run_task", number, loops)


@pytest.mark.parametrize(
    ("visited", "position"),
    [
        ([site(1)], (1,)),
        ([site(1), site(2, 2)], (2, 1, 2)),
        ([site(2, 2), site(3, 2), site(2, 2)], (2, 2, 2)),
        ([site(2, 2), site(2, 2), site(4)], (4,)),
        ([site(3, 2, 3), site(4, 2, 3), site(3, 2, 3), site(2, 2), site(3, 2, 3)], (2, 2, 3, 1, 3)),
        ([site(2), site(1)], (1,)),  # a conditional expression evaluates its test first: no loop, no round
        ([site(2, 1, 2), site(5, 1, 5), site(2, 1, 2)], (1, 2, 2, 1, 2)),
    ],
)
def test_r19_positions(visited: list[SiteSpec], position: tuple[int, ...]) -> None:
    track = Track()
    for reached in visited:
        track = track.moved_to(reached)
    assert track.position == position


def test_r20_one_sleep_wave_lasts_as_long_as_its_longest_sleep() -> None:
    library = Library(flow("F1", "parallel", [Step(step="sleep", seconds=5), Step("A")], concurrency=1))
    run = Rehearsal(library, "F1", BOTH)
    run.run()
    assert [at for at, event in run.journal if type(event).__name__ == "StepFinished"][:2] == [5.0, 5.0]
    assert run.waves == "A1 A2"


def test_r22_a_child_gets_exactly_the_elements_passed_in_that_order_each_once() -> None:
    call = Step("F2", "run_flow", elements=lambda _: ("E3", "E1", "E3"))
    run = rehearse(
        flow("F1", "serial", [If(lambda e: e == "E1", [call])]), flow("F2", "serial", tasks("B")),
        elements=("E1", "E2", "E3"),
    )  # fmt: skip
    assert run.order == "B3 B1"


def test_r22_an_unknown_name_fails_only_the_step_of_the_caller_that_gave_it() -> None:
    call = Step("F2", "run_flow", elements=lambda e: ("nope",) if e == "E1" else None)
    run = rehearse(flow("F1", "parallel", [call, Step("A")], error_threshold=5), flow("F2", "serial", tasks("B")))
    assert run.order == "B2 A2"
    assert run.states() == {"E1": "failed", "E2": "succeeded"}


def test_r22_an_empty_list_is_a_child_that_does_nothing_and_succeeds() -> None:
    run = rehearse(
        flow("F1", "serial", [Step("F2", "run_flow", elements=lambda _: ()), Step("A")]),
        flow("F2", "serial", tasks("B")),
    )
    assert run.order == "A1 A2"
    assert run.execution.state == "succeeded"


def test_r23_callers_of_different_flows_make_separate_children_in_the_order_of_their_first_caller() -> None:
    program: list[Node] = [If(lambda e: e == "E2", [Step("F2", "run_flow")], [Step("F2", "run_flow", inputs={"x": 1})])]
    run = rehearse(flow("F1", "parallel", program), flow("F2", "parallel", tasks("BC")), elements=("E1", "E2", "E3"))
    # Two sites: E2's call stands first in the source.
    assert run.waves == "B2 C2 B1·B3 C1·C3"


def test_r23_equal_inputs_after_defaults_are_merged_and_the_union_keeps_the_first_mention() -> None:
    lists = {"E1": ("E2", "E3"), "E2": None, "E3": ("E1",)}
    call = Step("F2", "run_flow", elements=lambda e: lists[e])
    run = rehearse(flow("F1", "parallel", [call]), flow("F2", "serial", tasks("B")), elements=("E1", "E2", "E3"))
    assert run.order == "B2 B3 B1"


def test_a_run_of_the_same_step_counts_turns() -> None:
    run = rehearse(flow("F1", "serial", [Loop(lambda e: 3, tasks("A"))]), elements=("E1",))
    turns = [event.key.turn for _, event in run.journal if type(event).__name__ == "StepStarted"]  # type: ignore[union-attr]
    assert turns == [1, 2, 3]
