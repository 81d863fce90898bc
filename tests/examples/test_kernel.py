"""Kernel patch: Parallel, a canary, then batches of 30 %, ten minutes of soak between them, one may fail."""

import pytest

from flows.runner.driver import Pace
from tests.examples.examples import Example, example
from tests.examples.planning import plan_of, planned_steps
from tests.examples.stage import DONE, Deeds, Stage, each
from tests.fakes import Deed, failing

pytestmark = pytest.mark.django_db

WEBS = [f"web{number}" for number in range(1, 11)]
BATCHES = [WEBS[:1], WEBS[1:4], WEBS[4:7], WEBS[7:]]
STEPS = ["Install kernel", "Reboot", "Booted new kernel", "Smoke test"]


@pytest.fixture
def kernel() -> Example:
    return example("kernel", "Kernel patch")


def run(kernel: Example, deeds: Deeds | None = None, cancel_at: float | None = None) -> Stage:
    """One run, in which rebooting takes the connection away, as it does."""
    return Stage(kernel, {"Reboot": failing("connection lost"), **(deeds or {})}, cancel_at=cancel_at, poll_s=5)


def states(**others: str) -> dict[str, str]:
    """All have succeeded, but for these."""
    return {name: others.get(name, "succeeded") for name in WEBS}


def test_its_plan_is_complete_and_tells_the_batches(kernel: Example) -> None:
    """R21, R40."""
    plan = plan_of(kernel)
    told = [(wave.batch, wave.name or wave.step, list(wave.elements)) for wave in plan.waves]
    steps = ["Install kernel", "Reboot", "sleep", "Booted new kernel", "Smoke test"]
    assert told == [(number, step, names) for number, names in enumerate(BATCHES, start=1) for step in steps]
    assert plan.complete


def test_a_happy_run_goes_batch_by_batch_and_soaks_between_them(kernel: Example) -> None:
    """R13, R18, R21: the canary alone, then three at a time."""
    stage = run(kernel)
    assert stage.effects == [effect for names in BATCHES for step in STEPS for effect in each(step, *names)]
    assert stage.states() == states()
    assert stage.state() == ("succeeded", "")
    assert stage.soaks == [1, 2, 3]
    assert stage.took_s == 4 * 30 + 3 * 600
    assert stage.walked() == planned_steps(plan_of(kernel))


def test_workers_come_and_go_while_it_waits(kernel: Example) -> None:
    """R36: every sleep and every soak gives the worker back, and nothing is done twice."""
    stage = Stage(kernel, pace=Pace(suspend_after_s=20), poll_s=5)
    assert stage.workers == 1 + 4 + 3
    assert stage.effects == run(kernel).effects
    assert (stage.state(), stage.took_s) == (("succeeded", ""), 4 * 30 + 3 * 600)


def test_one_that_cannot_install_may_fail(kernel: Example) -> None:
    """R30, R32."""
    stage = run(kernel, {("Install kernel", "web1"): failing("exit 100")})
    assert stage.did("Install kernel") == WEBS
    assert stage.did("Reboot") == WEBS[1:]
    assert stage.states() == states(web1="failed")
    assert stage.state()[0] == "partial"


def test_two_that_cannot_install_stop_it(kernel: Example) -> None:
    """R30, R31: their batch was begun, and is stopped; the later ones never start."""
    deeds = {("Install kernel", name): failing("exit 100") for name in ("web2", "web3")}
    stage = run(kernel, deeds)
    assert stage.did("Install kernel") == WEBS[:4]
    assert stage.did("Reboot") == ["web1"]
    later = dict.fromkeys(WEBS[4:], "not_started")
    assert stage.states() == states(web2="failed", web3="failed", web4="stopped", **later)
    assert stage.last_steps()["web4"] == (1, 1)
    assert stage.state()[0] == "failed"
    assert stage.soaks == [1]


def test_failures_of_two_batches_count_together(kernel: Example) -> None:
    """R21, R30: over all batches."""
    stage = run(kernel, {("Smoke test", name): failing() for name in ("web1", "web6")})
    assert stage.did("Install kernel") == WEBS[:7]
    assert stage.states() == states(web1="failed", web6="failed", **dict.fromkeys(WEBS[7:], "not_started"))
    assert stage.state()[0] == "failed"


def test_what_a_reboot_returns_does_not_matter(kernel: Example) -> None:
    """R13."""
    assert run(kernel, {"Reboot": DONE}).effects == run(kernel).effects


def test_who_boots_slowly_is_waited_for_by_its_batch_alone(kernel: Example) -> None:
    """R18, R19."""
    stage = run(kernel, {("Booted new kernel", "web3"): [failing(), failing(), DONE]})
    looks = ["web1", "web2", "web3", "web4", "web3", "web3", *WEBS[4:]]
    assert stage.did("Booted new kernel") == looks
    assert stage.did("Smoke test") == WEBS
    assert stage.took_s == 4 * 30 + 3 * 600 + 2 * 10
    assert stage.state() == ("succeeded", "")


def test_who_does_not_come_back_fails_after_sixty_looks(kernel: Example) -> None:
    """R11, R19."""
    stage = run(kernel, {("Booted new kernel", "web3"): failing()})
    assert stage.did("Booted new kernel").count("web3") == 60
    assert stage.did("Smoke test") == [name for name in WEBS if name != "web3"]
    assert stage.states() == states(web3="failed")
    assert stage.messages()["web3"] == "did not come back"
    assert stage.state()[0] == "partial"


def test_a_smoke_test_that_fails_is_a_failure(kernel: Example) -> None:
    """R30, R32."""
    stage = run(kernel, {("Smoke test", "web10"): failing("no answer")})
    assert stage.states() == states(web10="failed")
    assert stage.state()[0] == "partial"


def test_a_cancel_while_it_soaks_starts_no_other_batch(kernel: Example) -> None:
    """R21, R31."""
    stage = run(kernel, cancel_at=30 + 100)
    assert stage.effects == [effect for step in STEPS for effect in each(step, "web1")]
    assert stage.states() == {"web1": "succeeded", **dict.fromkeys(WEBS[1:], "not_started")}
    assert stage.state()[0] == "cancelled"
    assert stage.took_s < 200


def test_a_cancel_ends_what_the_batch_is_doing(kernel: Example) -> None:
    """R31."""
    slow = {("Install kernel", "web3"): Deed(duration_s=100)}
    stage = run(kernel, slow, cancel_at=30 + 600 + 50)
    assert stage.did("Install kernel") == WEBS[:4]
    assert stage.did("Reboot") == ["web1"]
    begun = {"web1": "succeeded", "web2": "stopped", "web3": "cancelled", "web4": "stopped"}
    assert stage.states() == {**begun, **dict.fromkeys(WEBS[4:], "not_started")}
    assert stage.state()[0] == "cancelled"
