"""A start may demand its plan, and a run keeps it and knows where it left it (R40)."""

from typing import Any

import pytest

from elements.operations import save_element, save_profile
from flows import wiring
from flows.models import Run, StoredPlan
from flows.operations.catalog import publish_flow, publish_task
from flows.operations.plan import PlanChanged, plan_flow, start_as_planned
from flows.operations.runs import start_run
from flows.queries.plans import describe_plan, plan_of_run
from flowsite.kernel.access import SYSTEM

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def fleet() -> None:
    """E1 to E3 on the local connection, a task that does nothing and one that fails."""
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    for number in range(1, 4):
        element(f"E{number}", number)
    for task, command in (("A", "true"), ("B", "true"), ("Fails", "false")):
        publish_task(name=task, definition={"class": "command", "command": command}, by=SYSTEM)


def element(name: str, number: int, *, enabled: bool = True) -> None:
    save_element(name=name, profile="here", address="", enabled=enabled, groups=[], settings={"n": number}, by=SYSTEM)


def publish(script: str, mode: str = "parallel", **rules: Any) -> None:
    definition = {"mode": mode, "target": {"all": True}, **rules}
    publish_flow(name="Top", definition=definition, processing_script="", execution_script=script, by=SYSTEM)


def run_to_its_end(run: Run) -> Run:
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    return run


def test_r40_a_run_that_went_as_planned_has_its_plan_and_departed_nowhere() -> None:
    publish("run_task('A')\nrun_task('B')")
    shown = plan_flow(flow="Top")
    run = run_to_its_end(start_as_planned(flow="Top", plan_hash=shown.hash, by=SYSTEM, enqueue=False))
    told = describe_plan(run)
    assert told is not None
    assert (told["hash"], told["complete"], told["waves"], told["departed_at"]) == (shown.hash, True, 2, None)
    assert plan_of_run(run.pk) == shown


def test_r40_a_run_that_nobody_planned_gets_its_plan_before_its_first_step() -> None:
    publish("if run_task('A')['output']:\n    run_task('B')\nelse:\n    log('nothing')")
    run = run_to_its_end(start_run(flow="Top", by=SYSTEM, enqueue=False))
    told = describe_plan(run)
    assert told is not None
    assert (told["complete"], told["waves"], told["departed_at"]) == (False, 1, None)
    assert (told["stops_at"]["line"], told["stops_at"]["may_run"]) == (1, [2, 3])


def test_r40_a_run_says_where_it_left_its_plan() -> None:
    publish("run_task('A')\nif current == 1:\n    run_task('Fails')\nrun_task('B')")
    run = run_to_its_end(start_run(flow="Top", by=SYSTEM, enqueue=False))
    assert run.state == "failed"
    told = describe_plan(run)
    assert told is not None
    assert told["departed_at"] == {
        "n": 3, "what": "run_task 'B' on E1, E2, E3 was planned, and the run ended before",
    }  # fmt: skip
    assert describe_plan(run) == told


def test_r40_a_caught_failure_is_where_the_plan_was_left() -> None:
    publish("try:\n    run_task('Fails')\nexcept StepFailed:\n    run_task('B')\nelse:\n    run_task('A')", "serial")
    run = run_to_its_end(start_run(flow="Top", elements=["E2"], by=SYSTEM, enqueue=False))
    told = describe_plan(run)
    assert told is not None
    assert told["departed_at"] == {
        "n": 2, "what": "run_task 'A' on E2 was planned, and run_task 'B' on E2 was started",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: element("E4", 4), "E4 would run too"),
        (lambda: element("E2", 2, enabled=False), "E2 would not run any more"),
        (lambda: publish("run_task('A')\nrun_task('B')"), "it showed version 1 of Top, and version 2 would run"),
        (lambda: element("E2", 7), "wave 2 was log '2' on E2, and would be log '7' on E2"),
    ],
)
def test_r40_a_start_that_demands_a_plan_is_refused_with_the_difference(change: Any, told: str) -> None:
    publish("run_task('A')\nif current == 1:\n    log(str(element['context']['n']))")
    shown = plan_flow(flow="Top")
    change()
    with pytest.raises(PlanChanged, match="the plan has changed since you saw it") as refused:
        start_as_planned(flow="Top", plan_hash=shown.hash, by=SYSTEM)
    assert told in refused.value.message
    assert refused.value.fields == {"plan_hash": [plan_flow(flow="Top").hash]}
    assert not Run.objects.exists()


def test_r40_a_plan_that_is_not_kept_any_more_is_refused_too() -> None:
    publish("run_task('A')")
    with pytest.raises(PlanChanged, match="there is none of hash 'abc' any more"):
        start_as_planned(flow="Top", plan_hash="abc", by=SYSTEM)


def test_the_same_key_gives_the_same_run_even_if_its_plan_has_changed() -> None:
    publish("run_task('A')")
    asked: dict[str, Any] = {"flow": "Top", "plan_hash": plan_flow(flow="Top").hash, "idempotency_key": "k"}
    run = start_as_planned(**asked, by=SYSTEM)
    element("E4", 4)
    assert start_as_planned(**asked, by=SYSTEM) == run


def test_equal_plans_are_kept_once() -> None:
    publish("run_task('A')")
    assert plan_flow(flow="Top").hash == plan_flow(flow="Top").hash
    assert StoredPlan.objects.count() == 1


def test_r3_r40_a_plan_does_not_refresh_and_says_how_old_its_settings_are() -> None:
    publish("run_task('A')", refresh=["B"])
    plan = plan_flow(flow="Top")
    assert plan.complete
    assert plan.notes == (
        "the refresh (B) did not run for this plan: it uses the settings as they are.",
        "The oldest setting was written less than a minute ago.",
    )
