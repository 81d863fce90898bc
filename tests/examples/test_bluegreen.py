"""Blue/green behind load balancers: Serial, two at a time; whatever happens, an instance is enabled again."""

import pytest

from tests.examples.examples import Example, example
from tests.examples.planning import plan_of
from tests.examples.stage import DONE, Deeds, Stage
from tests.fakes import Deed, failing

pytestmark = pytest.mark.django_db

APPS = ["app1", "app2", "app3", "app4"]
BALANCERS = {"app1": "lb1", "app2": "lb2", "app3": "lb1", "app4": "lb2"}


@pytest.fixture
def release() -> Example:
    return example("bluegreen", "Blue green")


def run(release: Example, deeds: Deeds | None = None, cancel_at: float | None = None) -> Stage:
    """One run of version 7; a deployment takes ten seconds."""
    return Stage(release, {"Deploy": Deed(duration_s=10), **(deeds or {})}, {"version": "7"}, cancel_at)


def walk(name: str, *tasks: str) -> list[str]:
    """What is done for one instance: on its balancer where that is meant."""
    return [f"{task} {name}{f' on {BALANCERS[name]}' if task.startswith('LB') else ''}" for task in tasks]


def own(stage: Stage, name: str) -> list[str]:
    """What was done for one instance."""
    return [effect for effect in stage.effects if effect.split(" on ")[0].endswith(name)]


WHOLE = ("LB drain", "Deploy", "Ready", "LB enable")


def test_its_plan_goes_one_by_one_and_says_so(release: Example) -> None:
    """R17, R27, R40."""
    plan = plan_of(release, {"version": "7"})
    assert [(wave.name or wave.step, wave.elements, wave.target) for wave in plan.waves] == [
        (step, (name,), BALANCERS[name] if step.startswith("LB") else None)
        for name in APPS
        for step in ("LB drain", "sleep", "Deploy", "Ready", "LB enable")
    ]
    assert plan.complete
    assert "concurrency 2" in " ".join(plan.notes)


def test_a_happy_run_has_two_in_progress(release: Example) -> None:
    """R17, R27."""
    stage = run(release)
    assert stage.effects[:4] == [
        *walk("app1", "LB drain"),
        *walk("app2", "LB drain"),
        *walk("app1", "Deploy"),
        *walk("app2", "Deploy"),
    ]
    assert [own(stage, name) for name in APPS] == [walk(name, *WHOLE) for name in APPS]
    assert stage.did("LB drain") == APPS
    assert stage.most_in_progress == 2
    assert stage.took_s == 60
    assert (stage.states(), stage.state()) == (dict.fromkeys(APPS, "succeeded"), ("succeeded", ""))


def test_whoever_is_done_first_makes_room(release: Example) -> None:
    """R17: they start in order, and need not end in it."""
    stage = run(release, {("Deploy", "app1"): Deed(duration_s=100)})
    assert stage.did("LB drain") == APPS
    assert stage.did("LB enable") == ["app2", "app3", "app4", "app1"]
    assert stage.most_in_progress == 2
    assert stage.took_s == 120


def test_each_task_is_told_the_version_or_the_backend(release: Example) -> None:
    """R43: the flow's inputs, with the call's over them."""
    for request in run(release).executor.requests:
        backend = {"backend": request.key.element} if request.task.startswith("LB") else {}
        assert request.inputs == {"version": "7", **backend}


def test_who_cannot_be_drained_is_not_touched(release: Example) -> None:
    """R30, R31: the one in progress finishes, no further one starts."""
    stage = run(release, {("LB drain", "app1"): failing("busy")})
    assert own(stage, "app1") == walk("app1", "LB drain")
    assert own(stage, "app2") == walk("app2", *WHOLE)
    assert stage.states() == {"app1": "failed", "app2": "succeeded", "app3": "not_started", "app4": "not_started"}
    assert stage.state()[0] == "failed"


@pytest.mark.parametrize(
    ("task", "done", "third"),
    [("Deploy", ["Deploy"], "not_started"), ("Ready", ["Deploy", *["Ready"] * 11], "succeeded")],
)
def test_who_fails_on_the_way_is_enabled_again(release: Example, task: str, done: list[str], third: str) -> None:
    """R28, R29, R31: its finally runs as for everybody, and who was begun meanwhile finishes."""
    stage = run(release, {(task, "app2"): failing("exit 4")})
    assert own(stage, "app2") == walk("app2", "LB drain", *done, "LB enable")
    assert own(stage, "app1") == walk("app1", *WHOLE)
    assert stage.states() == {"app1": "succeeded", "app2": "failed", "app3": third, "app4": "not_started"}
    assert "exit 4" in stage.messages()["app2"]
    assert stage.state()[0] == "failed"


def test_who_is_ready_late_is_waited_for(release: Example) -> None:
    """R28."""
    stage = run(release, {("Ready", "app1"): [failing(), failing(), DONE]})
    assert stage.did("Ready").count("app1") == 3
    assert stage.state() == ("succeeded", "")


def test_who_cannot_be_enabled_again_has_failed(release: Example) -> None:
    stage = run(release, {("LB enable", "app1"): failing("no such backend")})
    assert stage.states() == {"app1": "failed", "app2": "succeeded", "app3": "not_started", "app4": "not_started"}
    assert "no such backend" in stage.messages()["app1"]
    assert stage.state()[0] == "failed"


def test_of_two_failures_the_first_is_told(release: Example) -> None:
    """R29: the element had failed before its finally."""
    stage = run(release, {("Deploy", "app1"): failing("exit 4"), ("LB enable", "app1"): failing("no such backend")})
    assert "exit 4" in stage.messages()["app1"]
    assert "no such backend" not in stage.messages()["app1"]
    assert stage.states()["app1"] == "failed"


def test_a_cancel_ends_both_deployments_and_enables_both(release: Example) -> None:
    """R31: only finally sees the stop."""
    stage = run(release, cancel_at=25)
    assert [own(stage, name) for name in APPS] == [
        walk("app1", "LB drain", "Deploy", "LB enable"),
        walk("app2", "LB drain", "Deploy", "LB enable"),
        [],
        [],
    ]
    assert stage.states() == {"app1": "cancelled", "app2": "cancelled", "app3": "not_started", "app4": "not_started"}
    assert stage.state()[0] == "cancelled"
