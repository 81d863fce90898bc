"""The table of ``plan``: what differs from wave to wave, and where it stops, once (R40)."""

from typing import Any

from flows.engine.status import Mode
from flows.management.commands.plan import table
from tests.plans.fleets import plan_of


async def lines(script: Any, **rules: Any) -> list[str]:
    """The table without its heading, blanks in a row as one."""
    plan = await plan_of(script, **rules)
    return [" ".join(line.split()) for line in table(plan.to_json())[1:]]


async def test_r21_a_batch_is_told_from_the_second_on() -> None:
    assert await lines("run_task('A')", count=3, batches=(2,)) == [
        "1 1 run_task A E1, E2",
        "2 1 run_task A (batch 2) E3",
    ]


async def test_r19_turn_and_batch_stand_together() -> None:
    told = await lines("for i in range(2):\n    run_task('A')", batches=(1,))
    assert told[-1] == "4 1 run_task A (turn 2, batch 2) E2"


async def test_r27_a_target_that_is_another_element_is_told_once_if_it_is_the_same_for_all() -> None:
    assert await lines("run_task('A', element='E3')", count=2) == ["1 1 run_task A E1, E2 at E3"]


async def test_r27_targets_that_differ_stand_behind_their_elements() -> None:
    script = "run_task('A', element=elements[last - current])"
    assert await lines(script, count=3) == ["1 1 run_task A E1 at E3, E2, E3 at E1"]


async def test_r20_names_that_differ_stand_behind_their_elements() -> None:
    assert await lines("run_task('B' if current else 'A')") == ["1 1 run_task E1 A, E2 B"]


async def test_where_it_stops_is_told_in_one_line_that_names_the_line_once() -> None:
    told = await lines("x = run_task('A')\nif x['output']:\n    run_task('B')", mode=Mode.SERIAL)
    stop = "the plan ends here: F, line 2 uses what run_task('A') in line 1 returns, which nobody knows before it runs"
    assert told == ["1 1 run_task A E1", stop]


async def test_a_child_that_reads_what_may_be_written_is_told_with_the_callers_line() -> None:
    child = "log(element['context']['role'])"
    told = await lines({"F": "set_context('role', 'x')\nrun_flow('G')", "G": child}, context={"role": "y"})
    assert told[-1].startswith("the plan ends here: F, line 2: G reads the context key 'role' in its line 1")
