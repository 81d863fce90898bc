"""Tasks on other elements: one at a time per element, in caller order, in the whole run tree (R27)."""

from collections.abc import Callable

from flows.engine.definitions import TaskPolicy
from flows.engine.events import CancelRequested, StepFinished, StepKey, StepStarted
from tests.engine.programs import If, Library, Node, Step, Try, flow, tasks
from tests.engine.rehearsal import BAD, OK, Outcomes, Rehearsal

FOUR = ("E1", "E2", "E3", "E4")


def on(target: Callable[[str], str | None] | str, task: str = "A") -> Step:
    return Step(task, target=target if callable(target) else lambda _: target)


def rehearse(*flows: object, elements: tuple[str, ...] = FOUR, **options: object) -> Rehearsal:
    run = Rehearsal(Library(*flows, tasks=options.pop("tasks", ())), "F1", elements, **options)  # type: ignore[arg-type]
    run.run()
    assert_one_at_a_time(run)
    return run


def assert_one_at_a_time(run: Rehearsal) -> None:
    busy: dict[str, StepKey] = {}
    for _, event in run.journal:
        if isinstance(event, StepStarted) and event.step == "run_task":
            assert event.target not in busy, f"{event.key} starts while {busy[event.target or '']} is under way"
            busy[event.target or ""] = event.key
        elif isinstance(event, StepFinished) and event.step == "run_task":
            del busy[event.target or ""]


def test_r27_steps_on_one_target_run_one_at_a_time_in_caller_order() -> None:
    run = rehearse(flow("F1", "parallel", [on("E3"), Step("B")]))
    assert run.told == "A1>3 A2>3 A3 A4>3 B1 B2 B3 B4"
    assert run.most_at_once == 4  # B; each A had E3 for itself
    outcomes = [event for _, event in run.journal if isinstance(event, StepFinished)]
    assert [(e.key.element, e.target) for e in outcomes[:2]] == [("E1", "E3"), ("E2", "E3")]


def test_r20_r27_a_step_that_waits_for_its_target_holds_no_slot() -> None:
    targets = {"E1": "X", "E2": "X", "E3": "X", "E4": "Y"}
    run = rehearse(flow("F1", "parallel", [on(lambda e: targets[e])], concurrency=2))
    assert run.told == "A1>X A4>Y A2>X A3>X"


def test_r18_r27_who_gets_its_target_stands_before_later_elements_in_the_wave() -> None:
    targets = {"E1": "X", "E2": "X", "E3": "Y", "E4": "Z"}
    run = rehearse(flow("F1", "parallel", [on(lambda e: targets[e])], concurrency=1))
    assert run.told == "A1>X A2>X A3>Y A4>Z"


def test_r27_the_callers_own_steps_count_too() -> None:
    program: list[Node] = [If(lambda e: e == "E1", [Step("A")], [on("E1", "B")])]
    run = rehearse(flow("F1", "serial", program, concurrency=3), elements=("E1", "E2", "E3"))
    assert run.told == "A1 B2>1 B3>1"


def test_r27_the_line_is_one_for_the_whole_tree() -> None:
    child = Step("F2", "run_flow", elements=lambda _: ("E1", "E2"))
    flows = (flow("F1", "serial", [child], concurrency=2), flow("F2", "parallel", tasks("BC")))
    run = rehearse(*flows, elements=("E3", "E4"), enabled=FOUR)
    assert run.order == "B1 B2 B1 B2 C1 C2 C1 C2"


def test_r27_r28_an_element_is_held_between_two_attempts() -> None:
    outcomes: Outcomes = lambda t, e, attempt: BAD if e == "E1" and attempt == 1 else OK  # noqa: E731
    run = rehearse(
        flow("F1", "parallel", [on("E9")]), elements=("E1", "E2"), outcomes=outcomes, tasks=[TaskPolicy("A", 1, 5.0)]
    )
    assert run.told == "A1>9 A1>9 A2>9"


def test_r27_the_outcome_is_the_callers() -> None:
    outcomes: Outcomes = lambda task, e, attempt: BAD if e == "E2" else OK  # noqa: E731
    run = rehearse(flow("F1", "parallel", [on("E4"), Step("B")], error_threshold=1), outcomes=outcomes)
    assert run.states() == {"E1": "succeeded", "E2": "failed", "E3": "succeeded", "E4": "succeeded"}


def test_r27_r31_a_stop_empties_the_line() -> None:
    outcomes: Outcomes = lambda task, e, attempt: BAD if task == "A" else OK  # noqa: E731
    run = rehearse(flow("F1", "parallel", [Step("S"), Try([on("E9")], final=[on("E9", "Z")])]), outcomes=outcomes)
    assert run.told == "S1 S2 S3 S4 A1>9 Z1>9 Z2>9 Z3>9 Z4>9"
    assert run.states() == {"E1": "failed", "E2": "stopped", "E3": "stopped", "E4": "stopped"}
    assert not run.execution._core.heads
    assert not run.execution._core.lines


def test_r27_r31_finally_steps_wait_in_line_too() -> None:
    outcomes: Outcomes = lambda task, e, attempt: BAD if (task, e) == ("A", "E1") else OK  # noqa: E731
    run = rehearse(flow("F1", "parallel", [Try([Step("A"), Step("B")], final=[on("E9", "Z")])]), outcomes=outcomes)
    assert run.told == "A1 A2 A3 A4 Z1>9 Z2>9 Z3>9 Z4>9"


def test_r27_r34_a_cancel_gives_the_target_free() -> None:
    library = Library(flow("F1", "parallel", [Try([on("E9")], final=[on("E9", "Z")])]))
    run = Rehearsal(library, "F1", ("E1", "E2"))
    run.signal(0.5, CancelRequested("ana"))
    run.run()
    assert run.told == "A1>9 Z1>9"
    assert run.states() == {"E1": "cancelled", "E2": "not_started"}


def test_r27_thousands_of_callers_of_one_element_cost_as_much_as_of_their_own() -> None:
    """Who waits for its target is not looked at again at every step."""
    many = tuple(f"E{n}" for n in range(3000))
    run = Rehearsal(Library(flow("F1", "parallel", [on("X")])), "F1", many)
    run.do_due()
    looked = 0
    while run.execution.state != "succeeded":
        run.arrive()
        looked += len(run.execution._core.runs[0].queue)
        run.do_due()
    assert looked <= len(many)
