"""A plan whose scripts cost too much is refused with the line and the reason, instead of taking hours (R40, R44)."""

import pytest

from flows.engine.status import Mode
from flows.plan import PlanRefused, making
from flows.script.planning import budget
from tests.plans.fleets import plan_of, told

GREEDY = "run_task('A')\nx = [0] * 10**9"
ENDLESS = "while True:\n    pass"


async def test_r44_a_script_beyond_a_limit_fails_its_element_in_the_plan_and_nobody_else() -> None:
    script = f"run_task('A')\nif current == 1:\n    {GREEDY.splitlines()[1]}\nrun_task('B')"
    plan = await plan_of(script, count=3, error_threshold="100%")
    assert told(plan) == ["A E1 E2 E3", "B E1 E3"]
    assert [note.partition(": the")[0] for note in plan.notes] == ["E2 fails: line 3"]


@pytest.mark.parametrize("mode", list(Mode))
async def test_r44_a_few_elements_beyond_a_limit_are_planned(mode: Mode) -> None:
    plan = await plan_of(GREEDY, mode=mode, count=budget.MOST_BEYOND, error_threshold="100%")
    assert [element for wave in plan.waves for element in wave.elements] == ["E1", "E2", "E3"]
    assert len(plan.notes) == budget.MOST_BEYOND


@pytest.mark.parametrize("mode", list(Mode))
async def test_r44_no_plan_is_made_once_more_elements_have_exceeded_a_limit(mode: Mode) -> None:
    with pytest.raises(PlanRefused, match=r"^F, line 2: the script used more memory than it may.* so there is no plan"):
        await plan_of(GREEDY, mode=mode, count=600, error_threshold="100%")


async def test_r44_that_holds_for_scripts_that_each_run_in_a_session_of_their_own() -> None:
    with pytest.raises(PlanRefused, match="F, line 3: the script used more memory"):
        await plan_of(f"elements[0]['n'] = 1\n{GREEDY}", count=600, error_threshold="100%")


async def test_r44_a_child_counts_with_the_line_of_its_own_script() -> None:
    with pytest.raises(PlanRefused, match=r"^G, line 2: the script used more memory"):
        await plan_of({"F": "run_flow('G', check=False)", "G": GREEDY}, mode=Mode.SERIAL, count=600)


async def test_r30_a_serial_run_that_stops_at_its_first_failure_is_planned_however_many_would_follow() -> None:
    plan = await plan_of(GREEDY, mode=Mode.SERIAL, count=600)
    assert told(plan) == ["A E1"]


@pytest.mark.parametrize("mode", list(Mode))
async def test_r44_a_plan_has_so_many_steps(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_STEPS", 40)
    plan = await plan_of("for i in range(20):\n    run_task('A')", mode=mode, count=2)
    assert sum(len(wave.elements) for wave in plan.waves) == 40
    with pytest.raises(PlanRefused, match="a plan has at most 40 steps, and this one has more"):
        await plan_of("for i in range(20):\n    run_task('A')", mode=mode, count=3)


@pytest.mark.parametrize("processing", ["", ENDLESS])
async def test_r44_making_a_plan_ends_after_some_time(processing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_S", 0.2)
    with pytest.raises(PlanRefused, match=r"making the plan took longer than 0\.2 s"):
        await plan_of({"F": ENDLESS}, count=2, processing={"F": processing})
