"""Patroni rolling restart: Serial, threshold 0, fresh roles first, the leader last after a switchover."""

import pytest

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from tests.examples.examples import Example, example
from tests.examples.planning import plan_of, planned_steps
from tests.examples.stage import DONE, Deeds, Stage, each
from tests.fakes import Deed, failing

pytestmark = pytest.mark.django_db

ROLES = each("Read role", "db1", "db2", "db3")
UNREACHABLE = Deed(Outcome(StepStatus.UNREACHABLE, "no route to host"))


def role(name: str) -> Deed:
    """``Read role`` found this."""
    return Deed(Outcome(StepStatus.SUCCEEDED, exit_code=0, result={"settings": {"patroni_leader": name}}))


@pytest.fixture
def patroni() -> Example:
    return example("patroni", "Patroni rolling restart")


def run(patroni: Example, deeds: Deeds | None = None, cancel_at: float | None = None) -> Stage:
    """One run, in which db2 is the leader."""
    found = {("Read role", name): role("master" if name == "db2" else "replica") for name in patroni.elements}
    return Stage(patroni, {**found, **(deeds or {})}, cancel_at=cancel_at)


def test_its_plan_uses_the_roles_as_they_were_and_is_complete(patroni: Example) -> None:
    """R3, R40."""
    plan = plan_of(patroni)
    assert (plan.complete, plan.elements) == (True, ("db1", "db3", "db2"))
    assert [(wave.name, wave.elements) for wave in plan.waves] == [
        ("Restart", ("db1",)),
        ("Health", ("db1",)),
        ("Restart", ("db3",)),
        ("Health", ("db3",)),
        ("Switchover", ("db2",)),
        ("Restart", ("db2",)),
        ("Health", ("db2",)),
    ]
    assert "Read role" in " ".join(plan.notes)


def test_a_happy_run_does_what_was_planned(patroni: Example) -> None:
    """R3, R4, R17."""
    stage = run(patroni)
    assert stage.effects == [
        *ROLES,
        *each("Restart", "db1"),
        *each("Health", "db1"),
        *each("Restart", "db3"),
        *each("Health", "db3"),
        *each("Switchover", "db2"),
        *each("Restart", "db2"),
        *each("Health", "db2"),
    ]
    assert stage.states() == dict.fromkeys(["db1", "db3", "db2"], "succeeded")
    assert stage.state() == ("succeeded", "")
    assert stage.walked() == planned_steps(plan_of(patroni))


def test_the_roles_that_are_read_decide_who_is_last(patroni: Example) -> None:
    """R2, R3: the leader has moved since the settings were written."""
    stage = run(patroni, {("Read role", "db2"): role("replica"), ("Read role", "db1"): role("master")})
    assert stage.order() == ("db2", "db3", "db1")
    assert stage.did("Restart") == ["db2", "db3", "db1"]
    assert stage.did("Switchover") == ["db1"]
    assert stage.state() == ("succeeded", "")


def test_who_comes_back_late_is_waited_for(patroni: Example) -> None:
    stage = run(patroni, {("Health", "db3"): [failing(), failing(), DONE]})
    assert stage.did("Health") == ["db1", "db3", "db3", "db3", "db2"]
    assert stage.steps("sleep") == ["db3", "db3"]
    assert (stage.state(), stage.took_s) == (("succeeded", ""), 10.0)


@pytest.mark.parametrize(("deed", "state"), [(failing("exit 3"), "failed"), (UNREACHABLE, "unreachable")])
def test_who_does_not_tell_its_role_stops_the_run_before_any_script(patroni: Example, deed: Deed, state: str) -> None:
    """R3, R30."""
    stage = run(patroni, {("Read role", "db1"): deed})
    assert stage.effects == ROLES
    assert stage.states() == {"db1": state, "db2": "not_started", "db3": "not_started"}
    assert stage.state()[0] == "failed"


def test_a_restart_that_fails_stops_the_rest(patroni: Example) -> None:
    """R28, R30, R31."""
    stage = run(patroni, {("Restart", "db3"): failing("exit 3")})
    assert stage.effects == [*ROLES, *each("Restart", "db1"), *each("Health", "db1"), *each("Restart", "db3")]
    assert stage.states() == {"db1": "succeeded", "db3": "failed", "db2": "not_started"}
    assert "exit 3" in stage.messages()["db3"]
    assert stage.state()[0] == "failed"


def test_without_a_switchover_the_leader_is_not_restarted(patroni: Example) -> None:
    stage = run(patroni, {"Switchover": failing("exit 3")})
    assert stage.did("Restart") == ["db1", "db3"]
    assert stage.states() == {"db1": "succeeded", "db3": "succeeded", "db2": "failed"}
    assert stage.state()[0] == "failed"


def test_who_does_not_come_back_fails_after_thirty_looks(patroni: Example) -> None:
    """R11, R30."""
    stage = run(patroni, {("Health", "db1"): failing()})
    assert stage.did("Health") == ["db1"] * 30
    assert stage.steps("sleep") == ["db1"] * 30
    assert stage.states() == {"db1": "failed", "db3": "not_started", "db2": "not_started"}
    assert stage.messages()["db1"] == "not healthy after restart"
    assert stage.state()[0] == "failed"


def test_a_cancel_ends_the_restart_that_is_running(patroni: Example) -> None:
    """R31."""
    stage = run(patroni, {("Restart", "db3"): Deed(duration_s=60)}, cancel_at=30)
    assert stage.effects == [*ROLES, *each("Restart", "db1"), *each("Health", "db1"), *each("Restart", "db3")]
    assert stage.states() == {"db1": "succeeded", "db3": "cancelled", "db2": "not_started"}
    assert stage.state()[0] == "cancelled"


def test_a_cancel_while_roles_are_read_starts_nothing(patroni: Example) -> None:
    """R3, R31."""
    stage = run(patroni, {("Read role", "db2"): Deed(duration_s=60)}, cancel_at=30)
    assert stage.effects == ROLES
    assert stage.states() == {"db1": "not_started", "db2": "cancelled", "db3": "not_started"}
    assert stage.state()[0] == "cancelled"
