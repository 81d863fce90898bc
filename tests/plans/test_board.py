"""A plan as rows, columns and cells: every site is a column, children stand behind their call."""

from collections.abc import Mapping
from typing import Any

import pytest

from flows.engine.status import Mode
from flows.plan.board import MOST_WAVES, Board, board_of
from flows.script.calls import FlowScripts
from tests.plans.fleets import plan_of

SERIAL, PARALLEL = Mode.SERIAL, Mode.PARALLEL


async def board(scripts: Mapping[str, str] | str, rows: int = 200, **plan: Any) -> Board:
    texts = {"F": scripts} if isinstance(scripts, str) else dict(scripts)
    made = await plan_of(texts, **plan)
    return board_of(made, {name: FlowScripts("", text) for name, text in texts.items()}, rows)


def columns(found: Board) -> list[str]:
    """``F 1 A``, ``F/G 2 sleep ?``: path, site, name or step; ``?`` for one that may run."""
    return [
        f"{'/'.join(column.path)} {column.site} {column.name or column.step}{' ?' if column.may_run else ''}"
        for column in found.columns
    ]


def cells(found: Board) -> dict[str, list[Any]]:
    """The cells of each row by their column's place, ``.`` where there is none."""
    rows: dict[str, list[Any]] = {name: ["."] * len(found.columns) for name in found.rows}
    for row, column, waves, *more in found.cells:
        rows[found.rows[row]][column] = waves[0] if len(waves) == 1 else (waves, *more)
    return rows


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (SERIAL, {"E1": [1, 2, 3], "E2": [4, 5, 6]}),
        (PARALLEL, {"E1": [1, 2, 3], "E2": [1, 2, 3]}),
    ],
)
async def test_a_cell_holds_the_wave_in_which_an_element_is_at_a_site(mode: Mode, expected: Any) -> None:
    found = await board("run_task('A')\nsleep(5)\nlog('done')", mode=mode)
    assert columns(found) == ["F 1 A", "F 2 sleep", "F 3 done"]
    assert cells(found) == expected


async def test_a_site_that_nobody_comes_to_is_an_empty_column() -> None:
    found = await board(
        "if current == first:\n    run_task('A')\nelse:\n    run_task('B')\nif False:\n    run_task('C')"
    )
    assert cells(found) == {"E1": [1, ".", "."], "E2": [".", 2, "."]}
    assert [column.may_run for column in found.columns] == [False, False, False]


async def test_a_loop_has_all_its_waves_in_one_cell_and_tells_the_first_of_very_many() -> None:
    found = await board("for n in range(3):\n    run_task('A')", count=1)
    assert cells(found) == {"E1": [([1, 2, 3],)]}
    many = await board("for n in range(25):\n    run_task('A')", count=1)
    assert cells(many) == {"E1": [(list(range(1, MOST_WAVES + 1)), 25)]}


async def test_a_childs_sites_stand_behind_their_call_once_for_each_call() -> None:
    scripts = {"F": "run_flow('G')\nrun_task('A')\nrun_flow('G')", "G": "run_task('B')\nrun_task('C')"}
    found = await board(scripts, count=1)
    assert columns(found) == ["F 1 G", "F/G 1 B", "F/G 2 C", "F 2 A", "F 3 G", "F/G 1 B", "F/G 2 C"]
    assert [column.within for column in found.columns] == [None, 0, 0, None, None, 4, 4]
    assert cells(found) == {"E1": [1, 2, 3, 4, 5, 6, 7]}


async def test_children_of_children_nest() -> None:
    scripts = {"F": "run_flow('G')\nlog('end')", "G": "run_flow('H')\nrun_task('B')", "H": "run_task('C')"}
    found = await board(scripts, count=1)
    assert columns(found) == ["F 1 G", "F/G 1 H", "F/G/H 1 C", "F/G 2 B", "F 2 end"]
    assert [column.to_json()["depth"] for column in found.columns] == [0, 1, 2, 1, 0]
    assert [column.within for column in found.columns] == [None, 0, 1, 0, None]


async def test_a_child_that_is_not_called_in_this_plan_has_its_columns_too() -> None:
    found = await board({"F": "run_task('A')\nif False:\n    run_flow('G')", "G": "run_task('B')"}, count=1)
    assert columns(found) == ["F 1 A", "F 2 G", "F/G 1 B"]
    assert cells(found) == {"E1": [1, ".", "."]}


async def test_a_site_that_calls_several_flows_has_a_band_for_each_and_no_name() -> None:
    scripts = {"F": "run_flow('G' if current == first else 'H')", "G": "run_task('A')", "H": "run_task('B')"}
    found = await board(scripts, mode=PARALLEL)
    assert columns(found) == ["F 1 run_flow", "F/G 1 A", "F/H 1 B"]
    assert cells(found) == {"E1": [1, 2, "."], "E2": [3, ".", 4]}


async def test_a_computed_name_that_is_the_same_for_all_is_the_columns_name() -> None:
    found = await board("task = 'A'\nrun_task(task)")
    assert columns(found) == ["F 1 A"]


async def test_r40_past_an_unknown_the_sites_that_may_still_run_are_marked() -> None:
    found = await board("x = run_task('A')\nif x['output']:\n    run_task('B')\nelse:\n    run_task('C')\nlog('end')")
    assert columns(found) == ["F 1 A", "F 2 B ?", "F 3 C ?", "F 4 end ?"]


async def test_r40_past_an_unknown_in_a_child_its_callers_later_sites_may_run_too() -> None:
    scripts = {
        "F": "run_task('A')\nrun_flow('G')\nrun_task('Z')",
        "G": "run_task('B')\nx = run_task('B')\nif x['output']:\n    run_task('C')",
    }
    found = await board(scripts, mode=PARALLEL)
    assert columns(found) == ["F 1 A", "F 2 G", "F/G 1 B", "F/G 2 B", "F/G 3 C ?", "F 3 Z ?"]


async def test_r40_a_child_that_reads_what_was_written_may_run_in_whole() -> None:
    scripts = {
        "F": "run_task('A')\nset_context('role', 'x')\nrun_flow('G')\nrun_task('Z')",
        "G": "if element['context']['role'] == 'x':\n    run_task('B')",
    }
    found = await board(scripts, context={"role": "y"}, count=1)
    assert columns(found) == ["F 1 A", "F 2 role", "F 3 G", "F/G 1 B ?", "F 4 Z ?"]
    assert cells(found) == {"E1": [1, 2, 3, ".", "."]}


async def test_r40_a_child_that_may_still_be_called_may_run_in_whole() -> None:
    scripts = {"F": "x = run_task('A')\nif x['output']:\n    run_flow('G')", "G": "run_task('B')\nrun_task('C')"}
    found = await board(scripts, count=1)
    assert columns(found) == ["F 1 A", "F 2 G ?", "F/G 1 B ?", "F/G 2 C ?"]


async def test_only_so_many_rows_are_told_and_how_many_there_are() -> None:
    found = await board("run_task('A')", rows=3, count=10, mode=PARALLEL)
    assert (found.rows, found.rows_total) == (("E1", "E2", "E3"), 10)
    assert cells(found) == {"E1": [1], "E2": [1], "E3": [1]}


async def test_elements_that_only_a_child_works_on_are_rows_behind_the_others() -> None:
    scripts = {"F": "if current == first:\n    run_flow('G', elements=['E3', 'E1'])", "G": "run_task('A')"}
    made = await plan_of(scripts, count=3, processing={"F": "elements = elements[:2]"})
    found = board_of(made, {name: FlowScripts("", text) for name, text in scripts.items()}, 200)
    assert (found.rows, found.rows_total) == (("E1", "E2", "E3"), 3)
    assert cells(found) == {"E1": [1, 2], "E2": [".", "."], "E3": [".", 2]}
