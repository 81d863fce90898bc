"""Certificate rotation: Parallel, 10 % may fail; signing happens on the authority, one at a time."""

import pytest

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from tests.examples.examples import Example, example
from tests.examples.planning import plan_of, planned_steps
from tests.examples.stage import DONE, Deeds, Stage, each
from tests.fakes import Deed, failing

pytestmark = pytest.mark.django_db

SWITCHES = [f"sw{number}" for number in range(1, 11)]


def printing(text: str, duration_s: float = 0.0) -> Deed:
    """A deed whose output a script reads."""
    return Deed(Outcome(StepStatus.SUCCEEDED, exit_code=0, result={"output": text}), duration_s)


@pytest.fixture
def rotation() -> Example:
    return example("certificates", "Certificate rotation")


def run(rotation: Example, deeds: Deeds | None = None, cancel_at: float | None = None) -> Stage:
    """One run; every request and every certificate says whose it is, and signing takes a second."""
    told = {("Make CSR", name): printing(f"csr of {name}") for name in SWITCHES}
    told |= {("Sign", name): printing(f"cert of {name}", 1.0) for name in SWITCHES}
    return Stage(rotation, {**told, **(deeds or {})}, cancel_at=cancel_at)


def states(**others: str) -> dict[str, str]:
    """All have succeeded, but for these."""
    return {name: others.get(name, "succeeded") for name in SWITCHES}


def but(*names: str) -> list[str]:
    """The other switches."""
    return [name for name in SWITCHES if name not in names]


def test_its_plan_is_complete_though_it_passes_on_what_nobody_knows(rotation: Example) -> None:
    """R27, R40."""
    plan = plan_of(rotation)
    assert [(wave.name, wave.site, wave.target) for wave in plan.waves] == [
        ("Save config", 1, None),
        ("Make CSR", 2, None),
        ("Sign", 3, "ca1"),
        ("Install cert", 4, None),
        ("Verify TLS", 5, None),
        ("Commit", 7, None),
    ]
    assert {wave.elements for wave in plan.waves} == {tuple(SWITCHES)}
    assert plan.complete


def test_a_happy_run_signs_one_at_a_time(rotation: Example) -> None:
    """R18, R27: ten signatures of a second each take ten."""
    stage = run(rotation)
    assert stage.effects == [
        *each("Save config", *SWITCHES),
        *each("Make CSR", *SWITCHES),
        *each("Sign", *SWITCHES, on="ca1"),
        *each("Install cert", *SWITCHES),
        *each("Verify TLS", *SWITCHES),
        *each("Commit", *SWITCHES),
    ]
    assert (stage.states(), stage.state(), stage.took_s) == (states(), ("succeeded", ""), 10.0)
    assert stage.walked() == planned_steps(plan_of(rotation))


def test_each_gets_its_own_certificate(rotation: Example) -> None:
    """R9, R12, R43."""
    given = {(request.task, request.key.element): request.inputs for request in run(rotation).executor.requests}
    for name in SWITCHES:
        assert given["Sign", name] == {"csr": f"csr of {name}", "host": name}
        assert given["Install cert", name] == {"pem": f"cert of {name}"}


@pytest.mark.parametrize("task", ["Save config", "Make CSR", "Sign", "Commit"])
def test_one_that_fails_takes_part_in_nothing_else(rotation: Example, task: str) -> None:
    """R28-R30, R32."""
    stage = run(rotation, {(task, "sw3"): failing("exit 9")})
    assert stage.states() == states(sw3="failed")
    assert "exit 9" in stage.messages()["sw3"]
    assert stage.did("Restore config") == []
    assert stage.did("Commit") == (SWITCHES if task == "Commit" else but("sw3"))
    assert stage.state()[0] == "partial"


def test_an_installation_that_fails_is_rolled_back(rotation: Example) -> None:
    """R13, R29: caught, it counts for nothing until the script says fail."""
    stage = run(rotation, {("Install cert", "sw4"): failing("no space")})
    assert stage.did("Verify TLS") == but("sw4")
    assert stage.did("Restore config") == ["sw4"]
    assert stage.effects.index("Verify TLS sw10") < stage.effects.index("Restore config sw4")
    assert stage.effects.index("Restore config sw4") < stage.effects.index("Commit sw1")
    assert stage.states() == states(sw4="failed")
    assert stage.messages()["sw4"] == "rolled back: no space"
    assert stage.state()[0] == "partial"


def test_a_verification_is_tried_four_times(rotation: Example) -> None:
    """R28."""
    stage = run(rotation, {("Verify TLS", "sw5"): failing("handshake")})
    assert stage.did("Verify TLS").count("sw5") == 4
    assert stage.did("Restore config") == ["sw5"]
    assert stage.messages()["sw5"] == "rolled back: handshake"
    assert (stage.states(), stage.state()[0]) == (states(sw5="failed"), "partial")
    assert stage.took_s == 10 + 3 * 5


def test_and_is_fine_if_one_of_them_is(rotation: Example) -> None:
    """R28."""
    stage = run(rotation, {("Verify TLS", "sw5"): [failing(), failing(), DONE]})
    assert stage.did("Verify TLS").count("sw5") == 3
    assert (stage.states(), stage.state()) == (states(), ("succeeded", ""))


def test_a_rollback_that_fails_too_says_so(rotation: Example) -> None:
    """R29: an exception that is raised in a handler."""
    stage = run(rotation, {("Install cert", "sw4"): failing("no space"), "Restore config": failing("flash is dead")})
    assert "flash is dead" in stage.messages()["sw4"]
    assert (stage.states(), stage.state()[0]) == (states(sw4="failed"), "partial")


def test_two_of_ten_that_cannot_save_stop_all_before_anything_is_changed(rotation: Example) -> None:
    """R30, R31: one is 10 %, two are more."""
    stage = run(rotation, {("Save config", name): failing() for name in ("sw1", "sw2")})
    assert stage.effects == each("Save config", *SWITCHES)
    assert stage.states() == {**dict.fromkeys(SWITCHES, "stopped"), "sw1": "failed", "sw2": "failed"}
    assert stage.state()[0] == "failed"


def test_two_rollbacks_stop_the_others_before_they_commit(rotation: Example) -> None:
    """R29-R31: both roll back, since neither had failed before."""
    stage = run(rotation, {("Install cert", name): failing("no space") for name in ("sw1", "sw2")})
    assert stage.did("Restore config") == ["sw1", "sw2"]
    assert stage.did("Commit") == []
    assert stage.states() == {**dict.fromkeys(SWITCHES, "stopped"), "sw1": "failed", "sw2": "failed"}
    assert {stage.last_steps()[name] for name in SWITCHES[2:]} == {(5, 1)}
    assert stage.state()[0] == "failed"


def test_a_cancel_while_the_authority_signs_leaves_the_others_unsigned(rotation: Example) -> None:
    """R27, R31: who stands in the line has not started that step."""
    stage = run(rotation, cancel_at=2.5)
    assert stage.did("Sign") == ["sw1", "sw2", "sw3"]
    assert stage.states() == {**dict.fromkeys(SWITCHES, "stopped"), "sw3": "cancelled"}
    assert {name: step for name, step in stage.last_steps().items() if step != (2, 1)} == {
        "sw1": (3, 1),
        "sw2": (3, 1),
        "sw3": (3, 1),
    }
    assert stage.state()[0] == "cancelled"
