"""The one fold from events to what a person sees, and its patches (3.2, 4.5)."""

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from flows.live.matrix import MAX_ELEMENTS, MAX_RUNS, MAX_WINDOW_ROWS, MAX_WINDOWS, MatrixWatch, RowsRefused
from flows.live.view import TreeView
from tests.engine.programs import Fail, Library, Loop, Node, Step, Try, flow, tasks
from tests.engine.rehearsal import BAD, OK, Rehearsal
from tests.live.picture import FIRST_RUN, Picture, public

ELEMENTS = ("E1", "E2", "E3")
ROOT = FIRST_RUN


def started(*names: str, run: int = ROOT, **more: Any) -> dict[str, Any]:
    return {"type": "run_started", "run": run, "elements": names, "flow": "F1", "version": 1, "mode": "serial", **more}


def step(kind: str, element: str, site: int, turn: int = 1, attempt: int = 1, **more: Any) -> dict[str, Any]:
    key = {"run": ROOT, "element": element, "site": site, "turn": turn, "attempt": attempt}
    return {"type": f"step_{kind}", **key, "step": "run_task", "name": "A", "line": site, **more}


def began(element: str, site: int, turn: int = 1, attempt: int = 1, **more: Any) -> dict[str, Any]:
    return step("started", element, site, turn, attempt, **more)


def ended(element: str, site: int, status: str, turn: int = 1, attempt: int = 1) -> dict[str, Any]:
    return step("finished", element, site, turn, attempt, status=status)


def finished(element: str, state: str, message: str = "", last_step: Any = None) -> dict[str, Any]:
    return {
        "type": "element_finished",
        "run": ROOT,
        "element": element,
        "state": state,
        "message": message,
        "last_step": last_step,
    }


def numbered(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return ({**event, "seq": seq} for seq, event in enumerate(events, start=1))


def seen(*events: dict[str, Any], **options: Any) -> TreeView:
    view = TreeView(ROOT, **options)
    view.apply_all(numbered([started("E1", "E2"), *events]))
    return view


@pytest.mark.parametrize(
    ("events", "turn", "state"),
    [
        ([], 0, ""),
        ([began("E1", 1)], 1, "running"),
        ([began("E1", 1, until=5.0)], 1, "waiting"),
        ([began("E1", 1), ended("E1", 1, "unreachable")], 1, "unreachable"),
        ([began("E1", 1), ended("E1", 1, "failed"), began("E1", 1, attempt=2)], 1, "retrying"),
        ([ended("E1", 1, "failed"), ended("E1", 1, "succeeded", attempt=2)], 1, "succeeded"),
        ([ended("E1", 1, "failed"), began("E1", 1, turn=2)], 2, "running"),
        ([ended("E1", 1, "failed"), ended("E1", 1, "succeeded", turn=2)], 2, "failed"),
        ([ended("E1", 1, "succeeded"), ended("E1", 1, "cancelled", turn=2)], 2, "cancelled"),
    ],
)
def test_a_cell_shows_what_is_under_way_else_the_worst_of_its_turns(
    events: list[dict[str, Any]], turn: int, state: str
) -> None:
    band = seen(*events).bands[ROOT]
    assert band.cell(0, 1) == (turn, state)
    assert band.tallies.get(1, {}) == ({state: 1} if state else {})
    assert band.cell(1, 1) == (0, "")


def test_elements_run_with_their_first_step_and_end_with_their_state() -> None:
    view = seen(began("E1", 1), ended("E1", 1, "failed"), finished("E1", "stopped", "no " * 500, [1, 1]))
    band = view.bands[ROOT]
    assert bytes(band.states) == b"tq"
    assert band.counts == {"stopped": 1, "queued": 1}
    assert band.ends == {0: (("no " * 500)[:300], [1, 1])}


def test_an_element_waits_while_its_step_waits_for_a_time_or_a_person() -> None:
    waits = began("E1", 1) | {"until": 1.0}
    assert bytes(seen(waits).bands[ROOT].states) == b"wq"
    assert bytes(seen(waits, ended("E1", 1, "succeeded"), began("E1", 2)).bands[ROOT].states) == b"rq"
    assert bytes(seen(waits, finished("E1", "succeeded")).bands[ROOT].states) == b"sq"


def test_columns_are_known_before_the_run_and_else_come_with_their_first_step() -> None:
    view = TreeView(ROOT)
    columns = [(1, "run_task", "A", 1), (2, "sleep", None, 2)]
    view.apply_all(numbered([started("E1", columns=columns), began("E1", 3)]))
    assert [tuple(column) for column in view.bands[ROOT].columns.values()] == [*columns, (3, "run_task", "A", 3)]


def test_a_question_stands_until_it_is_answered_and_the_answer_is_what_the_cell_shows() -> None:
    """R36."""
    asked = step("asked", "E2", 1, message="?", options=["retry"], question=1) | {"type": "question_asked"}
    view = seen(began("E2", 1), ended("E2", 1, "interrupted"), asked)
    assert view.questions[1]["row"] == 1
    assert view.bands[ROOT].cell(1, 1) == (1, "interrupted")
    view.apply_all([{"seq": 5, "type": "question_answered", "run": ROOT, "question": 1, "answer": "succeeded"}])
    assert not view.questions
    assert view.bands[ROOT].cell(1, 1) == (1, "succeeded")


def asks(question: int, *callers: str, **more: Any) -> dict[str, Any]:
    about = step("asked", callers[0], 1, message="go on?", options=["approve", "reject"], question=question)
    return {**about, "type": "question_asked", "kind": "approval", "callers": callers, "until": 9.0, **more}


def test_an_approval_is_a_question_of_all_its_callers_until_their_step_has_ended() -> None:
    """R14, R20: whoever ended it: an answer, the time, or the run's stop."""
    steps = [began(name, 1, until=9.0) | {"step": "approve"} for name in ("E1", "E2")]
    view = seen(*steps, asks(1, "E1", "E2"))
    assert view.bands[ROOT].cell(1, 1) == (1, "waiting")
    question = view.questions[1]
    assert (question["kind"], question["callers"], question["callers_total"], question["until"]) == (
        "approval", ["E1", "E2"], 2, 9.0,
    )  # fmt: skip
    view.apply_all([{"seq": 5, **ended("E1", 1, "cancelled"), "step": "approve"}])
    assert not view.questions


def test_a_question_about_an_element_that_has_ended_is_open_no_more() -> None:
    """R31."""
    asked = step("asked", "E2", 1, message="?", options=["retry"], question=1) | {"type": "question_asked"}
    view = seen(began("E2", 1), ended("E2", 1, "interrupted"), asked, finished("E2", "stopped"))
    assert not view.questions


def ordered(*elements: str, skipped: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "elements_ordered", "run": ROOT, "elements": elements, "skipped": skipped, "problem": ""}


def refreshed(*names: str) -> list[dict[str, Any]]:
    return [event for name in names for event in (began(name, 0), ended(name, 0, "succeeded"))]


def test_refresh_tasks_are_columns_of_their_own_before_those_of_the_script() -> None:
    """R3."""
    view = seen(began("E1", 0), ended("E1", 0, "failed"), began("E2", 0, turn=2), began("E2", 1))
    band = view.bands[ROOT]
    assert (band.cell(0, -1), band.cell(1, -2), band.cell(1, 1)) == ((1, "failed"), (1, "running"), (1, "running"))
    picture = Picture()
    follow(MatrixWatch(view, ROOT), picture)
    assert [column[:3] for column in picture.runs[ROOT]["columns"]] == [
        [-1, "refresh", "A"], [-2, "refresh", "A"], [1, "run_task", "A"],
    ]  # fmt: skip
    assert picture.cells == {(0, -1): (1, "failed"), (1, -2): (1, "running"), (1, 1): (1, "running")}
    assert picture.sites[ROOT] == {"-1": {"failed": 1}, "-2": {"running": 1}, "1": {"running": 1}}


def test_the_order_after_a_refresh_moves_the_rows_with_all_that_is_known_of_them() -> None:
    """R3: those that failed stand after those that go on; what a root's processing script drops is no row any more."""
    view = TreeView(ROOT)
    before = [
        started("E1", "E2", "E3", "E4"), *refreshed("E2", "E3", "E4"), began("E1", 0), ended("E1", 0, "failed"),
        finished("E1", "failed", "no facts", [0, 1]),
    ]  # fmt: skip
    view.apply_all(numbered(before))
    watch, picture = MatrixWatch(view, ROOT), Picture()
    follow(watch, picture)
    after = [*before, ordered("E4", "E2", skipped=("E3",)), began("E2", 1)]
    view.apply_all(numbered(after))
    follow(watch, picture)
    assert picture.shown() == looked_at(list(numbered(after)), ROOT).shown()
    band = view.bands[ROOT]
    assert band.names == ("E4", "E2", "E1")
    assert bytes(band.states) == b"qrf"
    assert band.ends == {2: ("no facts", [-1, 1])}
    assert [band.cell(position, -1)[1] for position in range(3)] == ["succeeded", "succeeded", "failed"]
    assert band.tallies[-1] == {"succeeded": 2, "failed": 1}
    assert band.counts == {"queued": 1, "running": 1, "failed": 1}


def test_rows_of_runs_that_came_before_the_order_stay_where_they_are() -> None:
    """R3: a child may be under way while another waits for its refresh."""
    child, other = ROOT + 1, ROOT + 2
    events = [
        started("E1", "E2"),
        started("E1", "E2", run=child, parent=ROOT),
        started("E2", run=other, parent=ROOT),
        {**ordered("E2"), "run": child, "skipped": ("E1",)},
        {**began("E2", 1), "run": other},
        {**began("E2", 1), "run": child},
    ]
    view = TreeView(ROOT)
    view.apply_all(numbered(events))
    assert (view.row(other, "E2"), view.row(child, "E2"), view.row(child, "E1")) == (4, 2, 3)
    assert bytes(view.bands[child].states) == b"rk"
    assert view.bands[other].cell(0, 1) == (1, "running")


def test_the_output_of_a_refresh_step_is_noticed() -> None:
    view = seen(began("E1", 0, turn=2))
    watch = MatrixWatch(view, ROOT)
    watch.next_frame()
    view.apply_all([{"seq": 3, **began("E1", 0, turn=2), "type": "step_output"}])
    assert watch.has_output(ROOT, "E1", -2)
    assert not watch.has_output(ROOT, "E1", -1)


@pytest.mark.parametrize(
    ("batches", "elements", "starts"),
    [([], 5, []), ([1], 4, [1, 2, 3]), ([1, 5, "20%"], 20, [1, 6, 10, 14, 18]), ([9], 5, []), (["100%"], 5, [])],
)
def test_a_run_tells_where_its_batches_begin(batches: list[Any], elements: int, starts: list[int]) -> None:
    """R21."""
    view = TreeView(ROOT)
    view.apply_all(numbered([started(*(f"E{number}" for number in range(elements)), batches=batches)]))
    assert view.bands[ROOT].batches == starts


def test_a_soak_is_told_until_it_ends() -> None:
    """R21."""
    soak = {"type": "soak_started", "run": ROOT, "batch": 1, "until": 7.0}
    view = seen(soak)
    watch, picture = MatrixWatch(view, ROOT), Picture()
    follow(watch, picture)
    assert picture.runs[ROOT]["soaking"] == [1, 7.0]
    view.apply_all([{"seq": 3, "type": "soak_ended", "run": ROOT, "batch": 1}])
    follow(watch, picture)
    assert picture.runs[ROOT]["soaking"] is None


def test_an_event_that_was_applied_or_has_an_unknown_type_changes_nothing() -> None:
    view = seen(began("E1", 1))
    view.apply_all([{"seq": 2, **ended("E1", 1, "failed")}, {"seq": 3, "type": "of_a_later_release", "run": ROOT}])
    assert (view.seq, view.bands[ROOT].cell(0, 1)) == (3, (1, "running"))


# --- patches --------------------------------------------------------------------------------------------------------

NODES: tuple[Callable[[], Node], ...] = (
    lambda: Step("A"),
    lambda: Step("B", check=False),
    lambda: Step("F2", "run_flow", check=False),
    lambda: Step("F2", "run_flow", check=False, elements=lambda _: ("E3", "E1")),
    lambda: Step("said", "log"),
    lambda: Step(None, "sleep", seconds=2.0),
    lambda: Step("Go on?", "approve", check=False, timeout=2.0),
    lambda: Step("A", target=lambda _: "E1"),
    lambda: Step(None, "get_context"),
    lambda: Loop(lambda element: int(element[1]) % 3, tasks("A")),
    lambda: Try(tasks("B"), tasks("A"), tasks("C")),
    lambda: Fail("no", lambda element: element == "E2"),
)
programs = st.lists(st.sampled_from(NODES).map(lambda make: make()), min_size=1, max_size=4)


def outcome(task: str, element: str, attempt: int) -> Outcome:
    if task == "C":
        return Outcome(StepStatus.UNREACHABLE, "no route")
    return BAD if (task == "B" and attempt == 1) or (task, element) == ("R", "E1") else OK


@given(
    modes=st.tuples(*[st.sampled_from(["serial", "parallel"])] * 2),
    program=programs,
    kept=st.sampled_from([1, 4, 1000]),
    child=st.booleans(),
    refreshes=st.booleans(),
    choices=st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_a_snapshot_and_its_patches_are_the_fold_of_all_events_at_every_prefix(
    modes: tuple[str, str], program: list[Node], kept: int, child: bool, refreshes: bool, choices: Any
) -> None:
    """However many events lie between two frames, and however little of the changes is kept."""
    refresh = ("A", "R") if refreshes else ()
    library = Library(
        flow("F1", modes[0], program, concurrency=2, error_threshold="100%", refresh=refresh),
        flow("F2", modes[1], tasks("CB"), error_threshold="100%", refresh=refresh),
    )
    rehearsal = Rehearsal(library, "F1", ELEMENTS, outcome, process=lambda _, names: names[::-1][:2])
    rehearsal.run()
    events = public([event for _, event in rehearsal.journal])
    view = TreeView(ROOT, kept_changes=kept)
    watches: dict[int, tuple[MatrixWatch, Picture]] = {ROOT: (MatrixWatch(view, ROOT), Picture())}
    for number, event in enumerate(events, start=1):
        view.apply_all([event])
        run = event["run"]
        if child and run != ROOT and run not in watches:
            watches[run] = (MatrixWatch(view, run), Picture())
        if choices.random() < 0.5 or number == len(events):
            for top, (watch, picture) in watches.items():
                follow(watch, picture)
                assert picture.shown() == looked_at(events[:number], top).shown()


def follow(watch: MatrixWatch, picture: Picture) -> None:
    """Ask for all rows of each run that the picture came to have."""
    before: set[int] | None = None
    while before is None or set(picture.runs) != before:
        for run in set(picture.runs) - (before or set()):
            if run not in watch._windows and len(watch._windows) < MAX_WINDOWS:
                watch.ask_rows(run, 0, 10)
        before = set(picture.runs)
        while frame := watch.next_frame():
            picture.take(json.loads(json.dumps(frame)))


def looked_at(events: list[dict[str, Any]], top: int) -> Picture:
    """What somebody sees who comes only now."""
    view = TreeView(ROOT)
    view.apply_all(events)
    picture = Picture()
    follow(MatrixWatch(view, top), picture)
    return picture


def test_rows_are_answered_at_once_and_only_their_cells_are_told() -> None:
    view = seen(began("E1", 1), began("E2", 1))
    watch = MatrixWatch(view, ROOT)
    snapshot = watch.next_frame()
    assert snapshot is not None
    assert (snapshot["type"], snapshot["seq"], snapshot["cells"]) == ("snapshot", 3, [])
    assert watch.next_frame() is None
    watch.ask_rows(ROOT, 1, 2)
    assert watch.next_frame() == {"type": "delta", "seq": 3, "counts": {}, "cells": [(1, 1, 1, "running")]}
    view.apply_all([{"seq": 4, **ended("E1", 1, "succeeded")}, {"seq": 5, **ended("E2", 1, "failed")}])
    assert watch.next_frame() == {
        "type": "delta",
        "seq": 5,
        "counts": {str(ROOT): {"running": 2}},
        "sites": {str(ROOT): {"1": {"succeeded": 1, "failed": 1}}},
        "cells": [(1, 1, 1, "failed")],
    }


def test_single_rows_are_told_beside_a_window_as_a_filtered_page_needs_them() -> None:
    view = TreeView(ROOT)
    names = [f"E{number}" for number in range(6)]
    view.apply_all(numbered([started(*names), *(began(name, 1) for name in names)]))
    watch = MatrixWatch(view, ROOT)
    watch.next_frame()
    watch.ask_rows(ROOT, 0, 1, also=(2, 5, 99))
    answer = watch.next_frame()
    assert answer is not None
    assert [row for row, *_ in answer["cells"]] == [0, 2, 5]
    view.apply_all([{"seq": 8, **ended("E1", 1, "failed")}, {"seq": 9, **ended("E5", 1, "failed")}])
    changed = watch.next_frame()
    assert changed is not None
    assert [row for row, *_ in changed["cells"]] == [5]
    watch.ask_rows(ROOT, 0, 0)
    assert not watch._windows
    with pytest.raises(RowsRefused, match="also has 201 rows, expected at most 200"):
        watch.ask_rows(ROOT, 0, 0, also=range(201))


def test_who_looks_before_the_run_has_its_elements_is_told_of_them() -> None:
    view = TreeView(ROOT)
    watch, picture = MatrixWatch(view, ROOT), Picture()
    follow(watch, picture)
    assert picture.runs[ROOT]["elements"] == []
    events = list(numbered([started("E1", "E2"), began("E1", 1)]))
    for event in events:
        view.apply_all([event])
        follow(watch, picture)
    assert picture.runs[ROOT]["elements"] == ["E1", "E2"]
    assert picture.elements == {0: "running", 1: "queued"}
    watch.ask_rows(ROOT, 0, 2)
    follow(watch, picture)
    assert picture.shown() == looked_at(events, ROOT).shown()


def test_who_falls_too_far_behind_gets_a_new_snapshot_with_the_rows_asked_for() -> None:
    view = seen(kept_changes=10)
    watch = MatrixWatch(view, ROOT)
    watch.next_frame()
    watch.ask_rows(ROOT, 0, 2)
    for seq in range(3, 40):
        view.apply_all([{"seq": seq, **began("E1", 1, turn=seq)}])
    frame = watch.next_frame()
    assert frame is not None
    assert (frame["type"], frame["cells"]) == ("snapshot", [(0, 1, 39, "running")])


def test_what_may_be_asked_for_is_bounded() -> None:
    view = TreeView(ROOT)
    children = [started("E1", run=ROOT + number, parent=ROOT) for number in range(1, MAX_WINDOWS + 2)]
    view.apply_all(numbered([started("E1"), *children]))
    watch = MatrixWatch(view, ROOT)
    with pytest.raises(RowsRefused, match="at most 500"):
        watch.ask_rows(ROOT, 0, MAX_WINDOW_ROWS + 1)
    with pytest.raises(RowsRefused, match="expected run 100 or one that it called"):
        watch.ask_rows(7, 0, 1)
    for number in range(1, MAX_WINDOWS + 1):
        watch.ask_rows(ROOT + number, 0, 1)
    with pytest.raises(RowsRefused, match="give some back"):
        watch.ask_rows(ROOT, 0, 1)
    watch.ask_rows(ROOT + 1, 0, 0)
    watch.ask_rows(ROOT, 0, 1)
    with pytest.raises(RowsRefused, match="expected run 101"):
        MatrixWatch(view, ROOT + 1).ask_rows(ROOT, 0, 1)


def test_a_snapshot_holds_the_run_looked_at_and_the_newest_others() -> None:
    """10,000 children of one element each, as a Serial flow calls them, are more than a page can show."""
    children = [started("E1", run=ROOT + number, parent=ROOT) for number in range(1, 1001)]
    over = [{"type": "run_finished", "run": ROOT + number, "status": "failed", "reason": ""} for number in (1, 2, 999)]
    view = TreeView(ROOT)
    view.apply_all(numbered([started("E1"), *children, *[{**event, "at": "then"} for event in over]]))
    watch = MatrixWatch(view, ROOT)
    frame = watch.next_frame()
    assert frame is not None
    shown = [run["run"] for run in frame["runs"]]
    assert (frame["runs_total"], len(shown), shown[0], shown[-1]) == (1001, MAX_RUNS, ROOT, ROOT + 1000)
    assert ROOT + 999 not in shown
    watch.ask_rows(ROOT + 1, 0, 1)
    told = watch.next_frame()
    assert told is not None
    assert [(run["run"], run["state"]) for run in told["new"]] == [(ROOT + 1, "failed")]


def large_view(elements: int, sites: int) -> TreeView:
    names = [f"server{number:05}.example.net" for number in range(elements)]
    view = TreeView(ROOT)
    view.apply_all(numbered([started(*names)]))
    for site in range(1, sites + 1):
        view.apply_all({"seq": view.seq + 1, **ended(name, site, "succeeded")} for name in names)
    return view


@pytest.mark.slow
def test_a_large_run_costs_few_bytes_a_cell_and_frames_stay_small(record_testsuite_property: Any) -> None:
    """10,000 × 20: 1.6 MB of cells; the sizes of the frames that tell of it are reported, not judged."""
    view = large_view(10_000, 20)
    watch = MatrixWatch(view, ROOT)
    snapshot = json.dumps(watch.next_frame(), separators=(",", ":")).encode()
    watch.ask_rows(ROOT, 0, MAX_WINDOW_ROWS)
    window = json.dumps(watch.next_frame(), separators=(",", ":")).encode()
    record_testsuite_property("snapshot_bytes", len(snapshot))
    record_testsuite_property("snapshot_gzipped_bytes", len(gzip.compress(snapshot)))
    record_testsuite_property("window_bytes", len(window))
    cells = sum(len(column) * column.itemsize for column in view.bands[ROOT]._cells.values())
    assert cells == 8 * 200_000
    names = list(view.bands[ROOT].names)
    view.apply_all({"seq": view.seq + 1, **finished(name, "cancelled")} for name in names[: MAX_ELEMENTS + 1])
    frame = watch.next_frame()
    assert frame is not None
    assert frame["type"] == "snapshot"
