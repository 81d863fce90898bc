"""A flow over twenty elements of a real sshd on loopback, through ``up`` and ``run --json``, in both modes."""

import pytest

from tests.journeys.site import Site
from tests.sshd import SshFleet

pytestmark = [pytest.mark.journey, pytest.mark.ssh]

COUNT = 20


def documents(fleet: SshFleet) -> str:
    """The fleet as an inventory, two tasks, one flow in each mode."""
    elements = "".join(
        f"kind: Element\nname: web{number}\nprofile: fleet\naddress: {address}\nsettings: {{number: {number}}}\n---\n"
        for number, address in enumerate(fleet.addresses[:COUNT], start=1)
    )
    flows = "---\n".join(
        f"kind: Flow\nname: {mode}\nmode: {mode}\ntarget: {{profile: fleet}}\n"
        f"concurrency: {concurrency}\n"
        "execution_script: |\n  run_task('Where')\n  if run_task('Count')['exit_code'] == 0:\n    log('counted')\n"
        for mode, concurrency in (("serial", 1), ("parallel", 10))
    )
    return f"""\
kind: Credential
name: ops-key
type: ssh_key
private_key: {{file: {fleet.directory / "user"}}}
---
kind: Profile
name: fleet
connection: {{type: ssh, port: {fleet.port}, user: {fleet.user}, credential: ops-key, host_key_policy: accept-new}}
---
{elements}kind: Task
name: Where
class: command
command: echo "on {{{{ element.name }}}} by $SSH_CONNECTION"
---
kind: Task
name: Count
class: command
command: echo number {{{{ number }}}}; echo careful >&2
---
{flows}"""


@pytest.fixture(scope="module")
def site(shared_up: Site, ssh_fleet: SshFleet) -> Site:
    shared_up.apply(documents(ssh_fleet))
    return shared_up


@pytest.mark.parametrize("mode", ["serial", "parallel"])
def test_a_flow_over_twenty_elements_runs_through_up(site: Site, ssh_fleet: SshFleet, mode: str) -> None:
    """R3, R8, R12, R17, R18."""
    logins = ssh_fleet.logins()
    run = site.run(mode)
    assert run.code == 0, run.errors + site.log()
    assert run.status == "succeeded"
    names = [f"web{number}" for number in range(1, COUNT + 1)]
    done = [event for event in run.of("step_finished") if event["step"] == "run_task"]
    assert [event["status"] for event in done] == ["succeeded"] * 2 * COUNT
    assert sorted((event["element"], event["name"]) for event in done) == sorted(
        (name, task) for name in names for task in ("Where", "Count")
    )
    first_steps = [event["element"] for event in run.of("step_started") if event["name"] == "Where"]
    assert first_steps == names  # natural order: web2 before web10
    assert {event["element"]: event["state"] for event in run.of("element_finished")} == dict.fromkeys(
        names, "succeeded"
    )
    assert ssh_fleet.logins() - logins == COUNT  # one connection for each element and run
    said = {
        (event["element"], event["stream"], event["text"])
        for event in run.of("step_output")
        if "by" not in event["text"]
    }
    assert said == {(name, "stderr", "careful\n") for name in names} | {
        (name, "stdout", f"number {name.removeprefix('web')}\n") for name in names
    }
    for event in run.of("step_output"):
        if "by" in event["text"]:
            address = ssh_fleet.addresses[names.index(event["element"])]
            assert event["text"].startswith(f"on {event['element']} by ")
            assert address in event["text"]
    assert [event["seq"] for event in run.events] == list(range(1, len(run.events) + 1))
