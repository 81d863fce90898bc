"""The plan is what runs (R40), found by the same engine over the same inventory."""

from typing import Any

import pytest

from elements.operations import save_element, save_profile
from flows import wiring
from flows.operations.catalog import publish_flow, publish_task
from flows.operations.plan import NoPlan, plan_flow
from flows.operations.runs import start_run
from flows.queries.events import events_after
from flows.queries.plans import describe_plan
from flowsite.kernel.access import SYSTEM

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def fleet() -> None:
    """E1 to E4 on the local connection, and tasks that do nothing."""
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    for number in range(1, 5):
        save_element(
            name=f"E{number}", profile="here", address="", enabled=True, groups=[], settings={"n": number}, by=SYSTEM
        )
    for task in "ABC":
        publish_task(name=task, definition={"class": "command", "command": "true"}, by=SYSTEM)


def publish(name: str, script: str, mode: str = "serial", **rules: Any) -> None:
    publish_flow(
        name=name,
        definition={"mode": mode, "target": {"all": True}, **rules},
        processing_script="order_flow_elements(elements, lambda e: e['context']['n'] == 2)",
        execution_script=script,
        by=SYSTEM,
    )


BRANCHES = """\
if current == first:
    run_task('A')
for n in range(element['context']['n'] % 3):
    run_task('B')
    log('round ' + str(n))
run_flow('Child', elements=elements if current == last else None)
sleep(0)
"""


@pytest.mark.parametrize("mode", ["serial", "parallel"])
@pytest.mark.parametrize("child", ["serial", "parallel"])
def test_r40_a_complete_plan_is_exactly_what_runs(mode: str, child: str) -> None:
    publish("Child", "run_task('C')\nif current == last:\n    log('last of the child')", child)
    publish("Top", BRANCHES, mode)
    plan = plan_flow(flow="Top")
    run = start_run(flow="Top", by=SYSTEM, enqueue=False)
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "succeeded", run.reason
    started = [event for event in events_after(run.pk, 0) if event["type"] == "step_started"]
    ran = [(tuple(event["path"]), event["site"], event["step"], event["line"], event["element"]) for event in started]
    planned = [
        (wave.path, wave.site, wave.step, wave.line, element) for wave in plan.waves for element in wave.elements
    ]
    assert planned == ran
    assert plan.complete
    assert [wave.n for wave in plan.waves] == list(range(1, len(plan.waves) + 1))


def test_r40_an_unknown_that_is_only_told_is_shown_as_null() -> None:
    publish("Top", "x = run_task('A')\nlog('said ' + x['output'])\nlog(element['name'])", "parallel")
    waves = plan_flow(flow="Top", elements=["E1", "E2"]).waves
    assert [(wave.name, wave.names) for wave in waves] == [("A", None), (None, None), (None, {"E1": "E1", "E2": "E2"})]


def test_r40_what_a_plan_assumes_decides_in_it() -> None:
    publish("Top", "if run_task('A', check=False)['ok']:\n    run_task('B')\nelse:\n    run_task('C')")
    assert [wave.name for wave in plan_flow(flow="Top", elements=["E1"]).waves] == ["A", "B"]


@pytest.mark.parametrize(
    ("script", "line", "site", "waves", "may_run"),
    [
        ("x = run_task('A')\nif x['output']:\n    run_task('B')", 2, 1, [("A", ("E2",))], (2,)),
        ("if run['started_at']:\n    run_task('A')", 1, None, [], (1,)),
    ],
)
def test_r40_nothing_is_guessed_where_an_unknown_decides(
    script: str, line: int, site: int | None, waves: list[Any], may_run: tuple[int, ...]
) -> None:
    publish("Top", script)
    plan = plan_flow(flow="Top", elements=["E2"])
    assert not plan.complete
    assert plan.stops_at is not None
    assert (plan.stops_at.path, plan.stops_at.line, plan.stops_at.site) == (("Top",), line, site)
    assert plan.stops_at.may_run == may_run
    assert [(wave.name, wave.elements) for wave in plan.waves] == waves


def test_r40_fail_and_script_errors_take_effect_in_the_plan_and_are_told() -> None:
    publish("Top", "run_task('A')\nif element['name'] == 'E1':\n    fail('not this one')\nrun_task('B')")
    plan = plan_flow(flow="Top")
    assert [(wave.name, wave.elements) for wave in plan.waves] == [("A", ("E1",))]
    assert plan.notes == ("E1 fails: not this one",)
    publish("Top", "x = 1 / 0")
    assert plan_flow(flow="Top", elements=["E3"]).notes == ("E3 fails: line 1: ZeroDivisionError: division by zero",)


def test_a_plan_has_the_same_hash_until_something_changes() -> None:
    publish("Top", "run_task('A')")
    first, again = plan_flow(flow="Top"), plan_flow(flow="Top")
    assert first.hash == again.hash
    assert plan_flow(flow="Top", elements=["E1"]).hash != first.hash


def test_serial_with_concurrency_is_planned_as_if_it_were_one_and_says_so() -> None:
    publish("Top", "run_task('A')", concurrency=3)
    plan = plan_flow(flow="Top")
    assert [wave.elements for wave in plan.waves] == [("E1",), ("E3",), ("E4",), ("E2",)]
    assert plan.notes == ("Serial with concurrency 3 is planned as if it were 1.",)


def test_r44_a_flow_whose_plan_costs_too_much_has_none_and_starts_all_the_same() -> None:
    publish("Top", "x = [0] * 10**9", "parallel", error_threshold="100%")
    with pytest.raises(NoPlan, match=r"Top, line 1: the script used more memory .* so there is no plan") as refused:
        plan_flow(flow="Top")
    run = start_run(flow="Top", by=SYSTEM, enqueue=False)
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert describe_plan(run) == {"problem": str(refused.value)}
    assert run.state == "partial"
