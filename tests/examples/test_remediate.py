"""Remediate only what fails: Parallel, whoever fails the audit goes through a child flow with the others that do."""

import pytest

from tests.examples.examples import Example, example
from tests.examples.planning import plan_of, planned_steps
from tests.examples.stage import DONE, Deeds, Stage, each
from tests.fakes import Deed, failing

pytestmark = pytest.mark.django_db

HOSTS = ["h1", "h2", "h3", "h4"]
#: h2 and h3 fail their first audit.
TWO_ARE_BAD: Deeds = {("Audit", "h2"): [failing(), DONE], ("Audit", "h3"): [failing(), DONE]}


@pytest.fixture
def remedy() -> Example:
    return example("remediate", "Remediate what fails")


def run(remedy: Example, deeds: Deeds | None = None, cancel_at: float | None = None) -> Stage:
    return Stage(remedy, {**TWO_ARE_BAD, **(deeds or {})}, cancel_at=cancel_at)


def states(**others: str) -> dict[str, str]:
    """All have succeeded, but for these."""
    return {name: others.get(name, "succeeded") for name in HOSTS}


def test_its_plan_assumes_that_nothing_fails(remedy: Example) -> None:
    """R40."""
    plan = plan_of(remedy)
    assert [(wave.name, wave.site, wave.elements) for wave in plan.waves] == [
        ("Audit", 1, tuple(HOSTS)),
        ("compliant", 4, tuple(HOSTS)),
    ]
    assert plan.complete


def test_a_run_without_findings_is_the_plan(remedy: Example) -> None:
    """R40."""
    stage = Stage(remedy)
    assert stage.effects == each("Audit", *HOSTS)
    assert stage.walked() == planned_steps(plan_of(remedy))
    assert (stage.states(), stage.state()) == (states(), ("succeeded", ""))


def test_those_that_fail_are_remedied_together_and_audited_again(remedy: Example) -> None:
    """R18, R22, R23: one child over both, while the others wait at the next common step."""
    stage = run(remedy)
    assert stage.effects == [
        *each("Audit", *HOSTS),
        *each("Apply baseline", "h2", "h3"),
        *each("Reload", "h2", "h3"),
        *each("Audit", "h2", "h3"),
    ]
    assert stage.order(1) == ("h2", "h3")
    assert stage.logged() == [(name, "compliant") for name in HOSTS]
    assert {request.inputs.get("reason") for request in stage.executor.requests} == {None, "audit"}
    assert (stage.states(), stage.state()) == (states(), ("succeeded", ""))


@pytest.mark.parametrize(("task", "reload"), [("Apply baseline", ["h3"]), ("Reload", ["h2", "h3"])])
def test_who_cannot_be_remedied_fails_alone(remedy: Example, task: str, reload: list[str]) -> None:
    """R24, R25, R30: the child's threshold is its caller's, 100 %."""
    stage = run(remedy, {(task, "h2"): failing("exit 5")})
    assert stage.did("Reload") == reload
    assert stage.did("Audit") == [*HOSTS, "h3"]
    assert (stage.states(1), stage.state(1)[0]) == ({"h2": "failed", "h3": "succeeded"}, "partial")
    assert (stage.states(), stage.state()[0]) == (states(h2="failed"), "partial")
    assert "exit 5" in stage.messages()["h2"]


def test_who_fails_the_second_audit_has_failed(remedy: Example) -> None:
    """R13, R28."""
    stage = run(remedy, {("Audit", "h3"): failing("still open")})
    assert stage.logged() == [(name, "compliant") for name in ("h1", "h2", "h4")]
    assert (stage.states(), stage.state()[0]) == (states(h3="failed"), "partial")


def test_all_may_fail(remedy: Example) -> None:
    """R30, R32: it is not stopped, so it is partial."""
    stage = Stage(remedy, {"Audit": failing(), "Apply baseline": failing()})
    assert stage.did("Apply baseline") == HOSTS
    assert stage.states() == dict.fromkeys(HOSTS, "failed")
    assert (stage.state(1)[0], stage.state()[0]) == ("partial", "partial")


def test_a_cancel_ends_the_remedy_and_stops_those_that_wait_for_it(remedy: Example) -> None:
    """R25, R31."""
    stage = run(remedy, {("Apply baseline", "h3"): Deed(duration_s=60)}, cancel_at=30)
    assert stage.effects == [*each("Audit", *HOSTS), *each("Apply baseline", "h2", "h3")]
    assert stage.states(1) == {"h2": "stopped", "h3": "cancelled"}
    assert stage.states() == {"h1": "stopped", "h2": "cancelled", "h3": "cancelled", "h4": "stopped"}
    assert (stage.state(1)[0], stage.state()[0]) == ("cancelled", "cancelled")
