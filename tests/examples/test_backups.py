"""Check everything, one report: a Serial parent whose first element checks all of them in a Parallel child."""

import pytest

from tests.examples.examples import Example, example
from tests.examples.planning import plan_of, planned_steps
from tests.examples.stage import Deeds, Stage, each
from tests.fakes import Deed, failing

pytestmark = pytest.mark.django_db

SERVERS = ["srv1", "srv2", "srv3", "srv4"]
CHECKED = [*each("Backup age", *SERVERS), *each("Backup readable", *SERVERS)]


@pytest.fixture
def checks() -> Example:
    return example("backups", "Check everything")


def run(checks: Example, deeds: Deeds | None = None, cancel_at: float | None = None) -> Stage:
    return Stage(checks, deeds or {}, cancel_at=cancel_at)


def report(stage: Stage) -> dict[str, object]:
    """What was reported, once."""
    [request] = [request for request in stage.executor.requests if request.task == "Send report"]
    return dict(request.inputs)


def states(**others: str) -> dict[str, str]:
    """All have succeeded, but for these."""
    return {name: others.get(name, "succeeded") for name in SERVERS}


def test_its_plan_is_complete_with_the_childs_waves_after_its_call(checks: Example) -> None:
    """R22, R40."""
    plan = plan_of(checks)
    assert [(wave.depth, wave.name, wave.elements) for wave in plan.waves] == [
        (0, "Backup check", ("srv1",)),
        (1, "Backup age", tuple(SERVERS)),
        (1, "Backup readable", tuple(SERVERS)),
        (0, "Send report", ("srv1",)),
    ]
    assert plan.complete


def test_a_happy_run_reports_that_nothing_is_bad(checks: Example) -> None:
    """R8, R12, R22."""
    stage = run(checks)
    assert stage.effects == [*CHECKED, "Send report srv1"]
    assert report(stage) == {"total": 4, "bad": [], "why": {}}
    assert (stage.states(), stage.states(1)) == (states(), states())
    assert (stage.state(), stage.state(1)) == (("succeeded", ""), ("succeeded", ""))
    assert stage.walked() == planned_steps(plan_of(checks))


def test_who_is_bad_is_reported_with_the_reason_and_fails_nobody_else(checks: Example) -> None:
    """R11-R13, R24, R30, R32."""
    stage = run(checks, {("Backup age", "srv2"): failing()})
    assert stage.did("Backup readable") == ["srv1", "srv3", "srv4"]
    assert report(stage) == {"total": 4, "bad": ["srv2"], "why": {"srv2": "the backup is too old"}}
    assert (stage.states(1), stage.state(1)[0]) == (states(srv2="failed"), "partial")
    assert (stage.states(), stage.state()) == (states(), ("succeeded", ""))


def test_a_step_that_fails_in_the_child_is_reported_too(checks: Example) -> None:
    """R12, R24: there was no word of the script."""
    stage = run(checks, {("Backup readable", "srv1"): failing("pack is damaged")})
    assert report(stage) == {"total": 4, "bad": ["srv1"], "why": {}}
    assert (stage.states(1), stage.states()) == (states(srv1="failed"), states())


def test_all_may_be_bad(checks: Example) -> None:
    """R30, R32: a threshold of 100 % never stops."""
    stage = run(checks, {"Backup age": failing()})
    assert stage.did("Backup age") == SERVERS
    assert report(stage)["bad"] == SERVERS
    assert (stage.state(1)[0], stage.state()) == ("partial", ("succeeded", ""))


def test_a_report_that_cannot_be_sent_fails_the_run(checks: Example) -> None:
    """R30, R31: the first element has failed, so the others, which had nothing to do, never start."""
    stage = run(checks, {"Send report": failing("no mail server")})
    assert stage.effects == [*CHECKED, "Send report srv1"]
    others = dict.fromkeys(SERVERS[1:], "not_started")
    assert stage.states() == {"srv1": "failed", **others}
    assert stage.state()[0] == "failed"


def test_a_cancel_ends_the_child_and_its_caller(checks: Example) -> None:
    """R25, R31."""
    stage = run(checks, {("Backup age", "srv3"): Deed(duration_s=60)}, cancel_at=30)
    assert stage.effects == each("Backup age", *SERVERS)
    assert stage.states(1) == {"srv1": "stopped", "srv2": "stopped", "srv3": "cancelled", "srv4": "stopped"}
    assert stage.state(1)[0] == "cancelled"
    assert stage.states() == {"srv1": "cancelled", **dict.fromkeys(SERVERS[1:], "not_started")}
    assert stage.state()[0] == "cancelled"
