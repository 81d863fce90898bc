"""Attempts over a real sshd: what comes back, what is reused, what is ended."""

import asyncio
import os
import time
from pathlib import Path

import asyncssh
import pytest

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from flows.tasks.executor import TaskExecutor
from flows.tasks.spec import ConnectionSpec, Secret, Target
from tests.sshd import SshFleet, make_key
from tests.tasks.attempts import Sink, attempt, executor_for, fleet_target, request

pytestmark = pytest.mark.ssh


async def test_a_command_returns_its_exit_code_and_output(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    outcome, sink = await attempt(tmp_path, fleet_target(ssh_fleet), "echo out; echo err >&2")
    assert outcome.status is StepStatus.SUCCEEDED
    assert outcome.reason == outcome.advice == ""
    assert outcome.result == {
        "exit_code": 0,
        "output": "out\n",
        "data": None,
        "settings": {},
        "command": "echo out; echo err >&2",
    }
    assert (sink.text("stdout"), sink.text("stderr")) == ("out\n", "err\n")


async def test_twenty_elements_run_their_steps_at_once_over_one_connection_each(
    ssh_fleet: SshFleet, tmp_path: Path
) -> None:
    targets = [fleet_target(ssh_fleet, index) for index in range(20)]
    executor, inventory = executor_for(tmp_path, targets, "echo {{ element.name }} $SSH_CONNECTION")
    before = ssh_fleet.logins()
    sink = Sink()
    await executor.connect_ahead([target.name for target in targets])
    for _ in range(3):
        outcomes = await asyncio.gather(*(executor.run(request(target.name), sink) for target in targets))
        assert {outcome.status for outcome in outcomes} == {StepStatus.SUCCEEDED}
    await executor.close()
    assert ssh_fleet.logins() - before == 20
    assert len(inventory.queries) <= 4  # one ahead, one for each round
    for index, target in enumerate(targets):
        lines = sink.text(element=target.name).splitlines()
        assert len(set(lines)) == 1
        assert lines[0].split()[0] == target.name
        assert lines[0].split()[3] == ssh_fleet.addresses[index]


async def test_a_connection_that_broke_while_idle_is_replaced_without_a_word(
    ssh_fleet: SshFleet, tmp_path: Path
) -> None:
    executor, _ = executor_for(
        tmp_path, [fleet_target(ssh_fleet)], {"fine": "echo $PPID", "break": "(sleep 0.05; kill -9 $PPID) >&- 2>&- &"}
    )
    sink = Sink()
    before = ssh_fleet.logins()
    assert (await executor.run(request(task="break"), sink)).ok
    await asyncio.sleep(0.2)
    assert (await executor.run(request(task="fine"), sink)).ok
    await executor.close()
    assert ssh_fleet.logins() - before == 2


async def test_more_connections_than_allowed_close_the_least_recently_used(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    targets = [fleet_target(ssh_fleet, index) for index in range(3)]
    executor, _ = executor_for(tmp_path, targets, "true", max_connections=2)
    before = ssh_fleet.logins()
    for name in ("db1", "db2", "db3", "db3", "db2", "db1"):
        assert (await executor.run(request(name), Sink())).ok
    await executor.close()
    assert ssh_fleet.logins() - before == 4


async def test_r44_output_beyond_the_limit_keeps_head_and_tail_and_marks_the_cut(
    ssh_fleet: SshFleet, tmp_path: Path
) -> None:
    command = "seq 1 200000; echo the end"
    outcome, sink = await attempt(tmp_path, fleet_target(ssh_fleet), command, max_output_bytes=100_000)
    assert outcome.ok
    text = sink.text("stdout")
    assert len(text) == 100_000
    assert text.startswith("1\n2\n3\n")
    assert text.endswith("200000\nthe end\n")
    whole = sum(len(str(number)) + 1 for number in range(1, 200_001)) + len("the end\n")
    assert sink.text("stderr") == f"\n[flowsite: {whole - 100_000} bytes left out here]\n"
    assert len(outcome.result["output"]) == 64 * 1024


async def test_a_slow_receiver_holds_the_command_back_and_loses_nothing(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    received = 0

    async def slow_sink(_key: object, _stream: str, data: bytes) -> None:
        nonlocal received
        received += len(data)
        await asyncio.sleep(0.002)

    executor, _ = executor_for(tmp_path, [fleet_target(ssh_fleet)], "head -c 4000000 /dev/zero")
    outcome = await executor.run(request(), slow_sink)
    await executor.close()
    assert outcome.ok
    assert received == 4_000_000


async def test_bytes_that_are_no_utf8_are_shown_and_kept(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    outcome, sink = await attempt(tmp_path, fleet_target(ssh_fleet), "printf 'gr\\374n \\303\\274 ✓'")
    assert outcome.result["output"] == "gr\ufffdn ü ✓"
    assert b"".join(data for _, _, data in sink.pieces) == b"gr\xfcn \xc3\xbc \xe2\x9c\x93"


async def test_a_background_child_that_holds_the_output_does_not_hold_the_step(
    ssh_fleet: SshFleet, tmp_path: Path
) -> None:
    began = time.monotonic()
    outcome, sink = await attempt(tmp_path, fleet_target(ssh_fleet), "sleep 60 & echo $!; exit 0")
    assert outcome.ok
    assert time.monotonic() - began < 5
    os.kill(int(sink.text()), 9)


@pytest.mark.parametrize(
    "command",
    [
        "sleep 60",
        "sleep 60; echo after",
        "sleep 60 & sleep 60; wait",
        "trap '' TERM; sleep 60; sleep 60",
        "(trap '' TERM; sleep 60; sleep 60) >/dev/null 2>&1 & sleep 60",
    ],
)
async def test_r28_a_timeout_ends_the_whole_remote_process_group(
    ssh_fleet: SshFleet, tmp_path: Path, command: str
) -> None:
    marker = f"FLOWSITE_MARK={tmp_path.name}-{time.monotonic_ns()}"
    outcome, _ = await attempt(tmp_path, fleet_target(ssh_fleet), f"export {marker}; {command}", timeout_s=0.4)
    assert outcome.status is StepStatus.FAILED
    assert outcome.reason == "no end within 0.4 s; the command was ended on db1"
    assert processes_with(marker) == []


async def test_r28_a_process_that_left_its_session_is_reported_as_still_running(
    ssh_fleet: SshFleet, tmp_path: Path
) -> None:
    marker = f"FLOWSITE_MARK={tmp_path.name}"
    outcome, _ = await attempt(tmp_path, fleet_target(ssh_fleet), f"export {marker}; setsid -w sleep 60", timeout_s=0.4)
    assert outcome.status is StepStatus.STILL_RUNNING_THERE
    assert outcome.reason == "no end within 0.4 s, and the command could not be ended: it still runs on db1"
    assert "before you retry" in outcome.advice
    left = processes_with(marker)
    assert len(left) == 1
    os.kill(left[0], 9)


async def test_r34_cancelling_ends_the_command_and_says_so(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    marker = f"FLOWSITE_MARK={tmp_path.name}"
    executor, _ = executor_for(tmp_path, [fleet_target(ssh_fleet)], f"export {marker}; echo begun; sleep 60")
    outcome = await cancel_once_begun(executor)
    await executor.close()
    assert (outcome.status, outcome.reason) == (StepStatus.CANCELLED, "cancelled; the command was ended on db1")
    assert processes_with(marker) == []


async def test_r34_what_cannot_be_ended_is_still_running_there(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    marker = f"FLOWSITE_MARK={tmp_path.name}"
    executor, _ = executor_for(tmp_path, [fleet_target(ssh_fleet)], f"export {marker}; echo begun; setsid -w sleep 60")
    outcome = await cancel_once_begun(executor)
    await executor.close()
    assert outcome.status is StepStatus.STILL_RUNNING_THERE
    for process in processes_with(marker):
        os.kill(process, 9)


async def test_r34_a_second_cancellation_lets_go_at_once_and_says_unknown(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    executor, _ = executor_for(tmp_path, [fleet_target(ssh_fleet)], "echo begun; trap '' TERM; sleep 1; sleep 1")
    outcome = await cancel_once_begun(executor, times=2)
    await executor.close()
    assert outcome.status is StepStatus.UNKNOWN


async def test_r34_cancelling_before_the_command_was_sent_is_cancelled(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    executor, _ = executor_for(tmp_path, [fleet_target(ssh_fleet)], "touch {{ run.flow }}")
    step = asyncio.create_task(executor.run(request(), Sink()))
    await asyncio.sleep(0)
    step.cancel()
    outcome = await step
    await executor.close()
    assert (outcome.status, outcome.reason) == (StepStatus.CANCELLED, "cancelled before the command was sent")


async def test_secrets_are_masked_in_streams_results_and_reasons(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    secret = Secret("ssh_key", private_key=ssh_fleet.private_key, password="hunter2")
    key_line = ssh_fleet.private_key.splitlines()[1]
    command = "printf hun; sleep 0.1; echo ter2; echo {{ key }}; echo hunter2 >&2; exit 3"
    target = fleet_target(ssh_fleet, secret=secret, context={"key": key_line})
    outcome, sink = await attempt(tmp_path, target, command)
    assert sink.text() == "***\n***\n"
    assert outcome.result["output"] == "***\n***\n"
    assert outcome.reason == "exit code 3: ***"
    assert outcome.result["command"] == "printf hun; sleep 0.1; echo ter2; echo ***; echo *** >&2; exit 3"
    assert key_line not in repr(outcome)
    assert "hunter2" not in repr(target)


@pytest.mark.parametrize("form", [(), ("-m", "PKCS8")], ids=["openssh", "pkcs8"])
async def test_a_key_with_a_passphrase_is_opened(ssh_fleet: SshFleet, tmp_path: Path, form: tuple[str, ...]) -> None:
    private_key = make_key(tmp_path / "locked", *form, passphrase="tell nobody", kind="ecdsa")
    with (ssh_fleet.directory / "authorized_keys").open("a") as file:
        file.write((tmp_path / "locked.pub").read_text())
    secret = Secret("ssh_key", private_key=private_key, passphrase="tell nobody")
    outcome, _ = await attempt(tmp_path, fleet_target(ssh_fleet, secret=secret), "true")
    assert outcome.ok, outcome.reason
    secret = Secret("ssh_key", private_key=private_key, passphrase="tell all")
    outcome, _ = await attempt(tmp_path, fleet_target(ssh_fleet, secret=secret), "true")
    assert outcome.status is StepStatus.UNREACHABLE
    assert "its passphrase is wrong or missing" in outcome.reason


async def test_accept_new_learns_a_host_once_and_strict_then_trusts_it(ssh_fleet: SshFleet, tmp_path: Path) -> None:
    learning = [
        fleet_target(ssh_fleet, index, connection={"known_hosts": None, "host_key_policy": "accept-new"})
        for index in range(4)
    ]
    executor, _ = executor_for(tmp_path, learning, "true")
    outcomes = await asyncio.gather(*(executor.run(request(target.name), Sink()) for target in learning))
    await executor.close()
    assert all(outcome.ok for outcome in outcomes)
    lines = (tmp_path / "known_hosts").read_text().splitlines()
    assert sorted(lines) == sorted(ssh_fleet.known_hosts(ssh_fleet.addresses[:4]).splitlines())
    outcome, _ = await attempt(tmp_path, fleet_target(ssh_fleet, connection={"known_hosts": None}), "true")
    assert outcome.ok


async def test_nothing_of_the_worker_account_is_used(
    ssh_fleet: SshFleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text(ssh_fleet.private_key)
    (home / ".ssh" / "id_ed25519").chmod(0o600)
    (home / ".ssh" / "known_hosts").write_text(ssh_fleet.known_hosts())
    (home / ".ssh" / "config").write_text(f"Host *\n  User nobody\n  IdentityFile {home}/.ssh/id_ed25519\n")
    monkeypatch.setenv("HOME", str(home))
    without_key, _ = await attempt(tmp_path, fleet_target(ssh_fleet, secret=None), "true")
    assert without_key.reason.endswith("with no credential")
    no_hosts, _ = await attempt(tmp_path, fleet_target(ssh_fleet, connection={"known_hosts": None}), "true")
    assert "is not known" in no_hosts.reason


async def test_a_password_logs_in(tmp_path: Path) -> None:
    """sshd without PAM cannot check a throwaway password, so the server here is asyncssh's own."""
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[host_key], server_factory=_PasswordServer, process_factory=_say_hello
    )
    port = server.get_port()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key.export_public_key().decode()}")
    for password, status in (("open sesame", StepStatus.SUCCEEDED), ("guess", StepStatus.UNREACHABLE)):
        target = Target(
            id=1,
            name="db1",
            address="127.0.0.1",
            profile="p",
            connection=ConnectionSpec(user="ops", port=port),
            secret=Secret("password", password=password),
        )
        outcome, _ = await attempt(tmp_path, target, "hello")
        assert outcome.status is status
        assert password not in repr(outcome)
    server.close()
    await server.wait_closed()


class _PasswordServer(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("ops", "open sesame")


def _say_hello(process: "asyncssh.SSHServerProcess[str]") -> None:
    process.stdout.write("hello\n")
    process.exit(0)


async def cancel_once_begun(executor: TaskExecutor, times: int = 1) -> Outcome:
    begun = asyncio.Event()

    async def sink(_key: object, _stream: str, _data: bytes) -> None:
        begun.set()

    step = asyncio.create_task(executor.run(request(), sink))
    await begun.wait()
    for _ in range(times):
        step.cancel()
        await asyncio.sleep(0.02)
    return await step


def processes_with(marker: str) -> list[int]:
    """The processes whose environment holds the marker."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marker.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
