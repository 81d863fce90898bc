"""The command that ends a remote session may run as root: it touches only what is provably ours."""

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from flows.tasks.session import TerminationGraces, ending_command

# No other process has this connection in its environment: a broken guard could end nothing but our own bystanders.
ENVIRONMENT = os.environ | {"SSH_CONNECTION": f"127.255.255.255 1 127.255.255.255 {os.getpid()}"}
COMMAND = ending_command(TerminationGraces(term_s=0.1, kill_s=0.1))


@pytest.fixture
def sibling() -> Iterator[subprocess.Popen[bytes]]:
    """Leads a session of its own and is a child of our own process, with the connection in its environment."""
    process = subprocess.Popen(["sleep", "30"], start_new_session=True, env=ENVIRONMENT)
    yield process
    process.kill()
    process.wait()


def test_a_parent_that_is_no_ssh_server_ends_nothing(sibling: "subprocess.Popen[bytes]") -> None:
    answer = subprocess.run(["sh", "-c", COMMAND], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert answer.stdout == "flowsite none\n"
    assert sibling.poll() is None


def test_a_command_whose_server_has_died_ends_nothing(sibling: "subprocess.Popen[bytes]") -> None:
    """It then belongs to process 1, as every daemon of the machine does."""
    wait = "me=$BASHPID; for try in $(seq 200); do [ $(ps -o ppid= -p $me) -eq 1 ] && break; sleep 0.01; done"
    orphan = f"({wait}; {COMMAND}) &"
    bystander = subprocess.run(
        ["bash", "-c", "setsid sleep 30 >/dev/null 2>&1 & echo $!"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = subprocess.run(["bash", "-c", orphan], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert answer.stdout == "flowsite none\n"
    assert sibling.poll() is None
    os.kill(int(bystander.stdout), 9)  # raises if it was ended


def test_without_a_connection_in_the_environment_nothing_is_ended(sibling: "subprocess.Popen[bytes]") -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "SSH_CONNECTION"}
    began = time.monotonic()
    answer = subprocess.run(["sh", "-c", COMMAND], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout == "flowsite none\n"
    assert time.monotonic() - began < 5
    assert sibling.poll() is None
