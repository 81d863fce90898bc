"""Plans are exactly what the semantics say, case by case (R40)."""

import pytest

from flows.script.check import check_execution, check_processing
from tests.plans.cases import Case, flow, wave_json
from tests.plans.planning import planned
from tests.plans.stops import STOPS
from tests.plans.waves import WAVES


@pytest.mark.parametrize("case", WAVES, ids=str)
def test_r40_these_are_the_waves(case: Case) -> None:
    """R8, R15, R17-R24, R26, R27, R29, R30, R31 and R35 as a plan shows them."""
    told = planned(case).to_json()
    assert case.waves is not None
    assert told["waves"] == [wave_json(n, wave) for n, wave in enumerate(case.waves, start=1)]
    assert (told["complete"], told["stops_at"]) == (True, None)


@pytest.mark.parametrize("case", STOPS, ids=str)
def test_r40_this_is_where_it_stops(case: Case) -> None:
    told = planned(case).to_json()
    assert " ".join(wave["name"] or wave["step"] for wave in told["waves"]) == case.ran
    assert told["complete"] is (case.stop is None)
    if case.stop is None:
        assert told["stops_at"] is None
        return
    reason = told["stops_at"].pop("reason")
    assert told["stops_at"] == {
        "path": case.stop.path.split("/"),
        "line": case.stop.line,
        "site": case.stop.site,
        "may_run": list(case.stop.may_run),
    }
    assert reason.strip()
    assert "\n" not in reason


@pytest.mark.parametrize("case", [*WAVES, *STOPS], ids=str)
def test_the_scripts_of_the_cases_are_such_that_they_can_be_saved(case: Case) -> None:
    for each in (case.top, *case.children.values()):
        assert not [str(problem) for problem in check_execution(each.script)]
        assert not [str(problem) for problem in check_processing(each.processing)]


def test_r40_serial_with_a_concurrency_says_that_it_is_planned_as_one() -> None:
    notes = planned(Case("", flow("serial", "run_task('A')", concurrency=3))).notes
    assert [note for note in notes if "concurrency 3" in note]


def test_r3_a_plan_says_that_refresh_did_not_run() -> None:
    notes = planned(Case("", flow("parallel", "run_task('A')", refresh=("Read",)))).notes
    assert [note for note in notes if "refresh" in note and "Read" in note]


def test_r40_who_fails_in_the_plan_is_told_with_the_reason() -> None:
    notes = planned(Case("", flow("serial", "run_task('A')\nfail('no disk on ' + element['name'])"))).notes
    assert [note for note in notes if "E1" in note and "no disk on E1" in note]
