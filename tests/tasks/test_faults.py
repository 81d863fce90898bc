"""For each fault the state and the advice that must appear, against a real sshd and a real machine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from flows.engine.status import StepStatus
from flows.tasks.failures import RULES, Fault
from flows.tasks.spec import ConnectionSpec, Secret, Target
from tests.sshd import UNROUTABLE, SshFleet, make_key
from tests.tasks.attempts import Sink, attempt, executor_for, fleet_target, request


@dataclass(frozen=True)
class World:
    """What a case may use to make its fault."""

    fleet: SshFleet
    directory: Path
    silent_port: int

    def target(self, **changes: Any) -> Target:
        return fleet_target(self.fleet, **changes)

    def other_key(self) -> str:
        return make_key(self.directory / "other")

    def known_hosts(self, text: str) -> str:
        path = self.directory / "some_known_hosts"
        path.write_text(text)
        return str(path)


@dataclass(frozen=True)
class Case:
    fault: Fault
    status: StepStatus
    reason: str
    advice: str
    target: Callable[[World], Target] = lambda world: world.target()
    command: str = "true"
    timeout_s: float | None = None


def with_changed_host_key(world: World) -> Target:
    world.other_key()
    other = " ".join((world.directory / "other.pub").read_text().split()[:2])
    return world.target(connection={"known_hosts": world.known_hosts(world.fleet.known_hosts(key=other))})


def with_host_key_of_another_type(world: World) -> Target:
    make_key(world.directory / "rsa", kind="ecdsa")
    other = " ".join((world.directory / "rsa.pub").read_text().split()[:2])
    return world.target(connection={"known_hosts": world.known_hosts(world.fleet.known_hosts(key=other))})


UNREACHABLE, FAILED, UNKNOWN = StepStatus.UNREACHABLE, StepStatus.FAILED, StepStatus.UNKNOWN
CASES = [
    Case(
        Fault.LOGIN_REFUSED,
        UNREACHABLE,
        "db1 (127.1.0.1:{port}) refused the login of user '{user}' with this key",
        "Check the user and the credential of the profile, and that db1 accepts this key or password.",
        lambda world: world.target(secret=Secret("ssh_key", private_key=world.other_key())),
    ),
    Case(
        Fault.HOST_KEY_UNKNOWN,
        UNREACHABLE,
        "the host key of db1 (127.1.0.1:{port}) is not known: ssh-ed25519 SHA256:",
        "Compare this fingerprint on db1's own console; if it is the same, add the key to",
        lambda world: world.target(connection={"known_hosts": world.known_hosts("")}),
    ),
    Case(
        Fault.HOST_KEY_CHANGED,
        UNREACHABLE,
        "the host key of db1 (127.1.0.1:{port}) has changed: it now shows ssh-ed25519 SHA256:",
        "Find out why: db1 was reinstalled, or somebody stands between; only then remove the old line",
        with_changed_host_key,
    ),
    Case(
        Fault.HOST_KEY_CHANGED,
        UNREACHABLE,
        "the host key of db1 (127.1.0.1:{port}) has changed: it now shows",
        "Find out why: db1 was reinstalled, or somebody stands between; only then remove the old line",
        lambda world: replace(
            (target := with_changed_host_key(world)),
            connection=replace(target.connection, host_key_policy="accept-new"),
        ),
    ),
    Case(
        Fault.HOST_KEY_CHANGED,
        UNREACHABLE,
        "the host key of db1 (127.1.0.1:{port}) has changed: it now shows ssh-ed25519 SHA256:",
        "Find out why: db1 was reinstalled",
        with_host_key_of_another_type,
    ),
    Case(
        Fault.CREDENTIAL_UNUSABLE,
        UNREACHABLE,
        "the credential for db1 cannot be used: the private key cannot be read, or its passphrase is wrong or missing",
        "Store the credential again: a whole private key",
        lambda world: world.target(secret=Secret("ssh_key", private_key="not a key")),
    ),
    Case(
        Fault.PORT_REFUSED,
        UNREACHABLE,
        "db1 (127.1.0.1:1) refused the connection",
        "Check that sshd runs on db1 and listens on port 1.",
        lambda world: world.target(connection={"port": 1}),
    ),
    Case(
        Fault.NO_ROUTE,
        UNREACHABLE,
        f"there is no route to db1 ({UNROUTABLE}:{{port}}): ",
        "Check the address of db1, and the network between this worker and it.",
        lambda world: world.target(address=UNROUTABLE),
    ),
    Case(
        Fault.NAME_NOT_RESOLVED,
        UNREACHABLE,
        "the name of db1 (not a name:{port}) cannot be resolved: ",
        "Correct the address of db1, or its entry in the DNS",
        lambda world: world.target(address="not a name"),
    ),
    Case(
        Fault.ADDRESS_MISSING,
        UNREACHABLE,
        "db1 has no address",
        "Give db1 an address",
        lambda world: world.target(address=" "),
    ),
    Case(
        Fault.CONNECT_TIMEOUT,
        UNREACHABLE,
        "did not let us in within 0.3 s",
        "Check that db1 is up and not overloaded, and that no firewall drops port",
        lambda world: world.target(
            address="127.0.0.1", connection={"port": world.silent_port, "connect_timeout_s": 0.3}
        ),
    ),
    Case(
        Fault.EXIT_CODE,
        FAILED,
        "exit code 3: disk is full",
        "Read the last lines of the output, correct the cause on db1, then retry the step.",
        command="echo checking; echo disk is full >&2; exit 3",
    ),
    Case(
        Fault.KILLED,
        FAILED,
        "the command was killed by signal KILL: working",
        "Find out who ended it on db1; after KILL look for the out-of-memory killer in its kernel log.",
        command="echo working; kill -9 $$",
    ),
    Case(
        Fault.TIMEOUT,
        FAILED,
        "no end within 0.4 s; the command was ended on db1",
        "See in the output what it waited for; if it only needs longer, raise the timeout of the task.",
        command="sleep 60",
        timeout_s=0.4,
    ),
    Case(
        Fault.TIMEOUT_STILL_RUNNING,
        StepStatus.STILL_RUNNING_THERE,
        "no end within 0.4 s, and the command could not be ended: it still runs on db1",
        "Log in to db1 and end the command before you retry the step, or two will run at once.",
        command="setsid -w sleep 4",
        timeout_s=0.4,
    ),
    Case(
        Fault.CONNECTION_LOST,
        UNKNOWN,
        "the connection to db1 (127.1.0.1:{port}) was lost while the command ran: ",
        "Look on db1 whether the command did its work; retry the step only if doing it twice is safe.",
        command="echo begun; kill -9 $PPID; sleep 1",
    ),
    Case(
        Fault.TEMPLATE,
        FAILED,
        "template of task 'task' for db1, line 2: no name 'servce'",
        "Correct the template of the task, or give db1 the value that is missing.",
        command="true\necho {{ servce }}",
    ),
    Case(
        Fault.LOCAL_NOT_ALLOWED,
        FAILED,
        "the profile of db1 uses the local connection, which is not allowed here",
        "Give the profile an ssh connection, or start the workers with FLOWSITE_ALLOW_LOCAL=1.",
        lambda world: replace(world.target(), connection=ConnectionSpec(type="local")),
    ),
]


@pytest.fixture
async def world(ssh_fleet: SshFleet, tmp_path: Path) -> AsyncIterator[World]:
    """With a server that accepts and then says nothing."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield World(ssh_fleet, tmp_path, server.sockets[0].getsockname()[1])
    server.close()


@pytest.mark.ssh
@pytest.mark.parametrize("case", CASES, ids=[f"{case.fault}-{number}" for number, case in enumerate(CASES)])
async def test_r28_each_fault_has_its_state_and_says_what_to_do(case: Case, world: World) -> None:
    target = case.target(world)
    outcome, _ = await attempt(world.directory, target, case.command, timeout_s=case.timeout_s)
    names = {"port": world.fleet.port, "user": world.fleet.user}
    assert outcome.status is case.status, outcome.reason
    assert case.reason.format_map(names) in outcome.reason
    assert case.advice in outcome.advice
    assert outcome.status is RULES[case.fault].status


@pytest.mark.ssh
async def test_a_server_that_hangs_up_before_the_login_is_unreachable(tmp_path: Path, ssh_fleet: SshFleet) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = fleet_target(ssh_fleet, address="127.0.0.1", connection={"port": port})
    outcome, _ = await attempt(tmp_path, target, "true")
    server.close()
    assert outcome.status is StepStatus.UNREACHABLE
    assert "ended the connection before the login" in outcome.reason
    assert "MaxStartups" in outcome.advice


async def test_a_task_or_an_element_that_is_gone_fails_the_step_with_its_name(tmp_path: Path) -> None:
    target = Target(id=1, name="db1", address="", profile="p", connection=ConnectionSpec(type="local"))
    executor, _ = executor_for(tmp_path, [target], "true", allow_local=True)
    no_task = await executor.run(request(task="Restart"), Sink())
    no_element = await executor.run(request("db9"), Sink())
    await executor.close()
    assert (no_task.status, no_task.reason) == (StepStatus.FAILED, "there is no task 'Restart'")
    assert (no_element.status, no_element.reason) == (FAILED, "no enabled element is named 'db9'")


async def test_an_element_whose_profile_cannot_be_used_is_unreachable_and_says_why(tmp_path: Path) -> None:
    target = Target(id=1, name="db1", address="", profile="p", problem="credential 'ops': the key is another one")
    executor, _ = executor_for(tmp_path, [target], "true", allow_local=True)
    outcome = await executor.run(request(), Sink())
    await executor.close()
    assert outcome.status is StepStatus.UNREACHABLE
    assert outcome.reason == "db1 cannot be reached with its profile: credential 'ops': the key is another one"
    assert outcome.advice.startswith("Correct the connection of the profile")


def test_every_fault_has_one_rule_and_every_rule_but_a_plain_cancel_advises() -> None:
    assert set(RULES) == set(Fault)
    silent = {fault for fault, rule in RULES.items() if not rule.advice}
    assert silent == {Fault.CANCELLED_BEFORE_START}
    for rule in RULES.values():
        assert rule.advice == "" or rule.advice.endswith(".")


def test_only_faults_before_the_command_was_sent_are_unreachable() -> None:
    """R28: what is unreachable may always be tried again, so the command may not have begun."""
    began = {
        Fault.SESSION_REFUSED,
        Fault.EXIT_CODE,
        Fault.KILLED,
        Fault.TIMEOUT,
        Fault.TIMEOUT_STILL_RUNNING,
        Fault.TIMEOUT_UNKNOWN,
        Fault.CONNECTION_LOST,
    }
    assert not any(RULES[fault].status is StepStatus.UNREACHABLE for fault in began)
