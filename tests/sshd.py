"""A throwaway fleet of real sshd on loopback: ``ssh_fleet`` for tests, ``running_fleet`` for anything else.

Every element has an address of its own (127.1.0.1, 127.1.0.2, ...). One sshd takes at most 16 ListenAddress lines
(measured, OpenSSH 9.2), so n elements need n/16 daemons; all share one host key, one user key and one port.
"""

import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SSHD = "/usr/sbin/sshd"
LISTEN_ADDRESSES_PER_DAEMON = 16

#: TCP to loopback's broadcast address is refused by the kernel at once (ENETUNREACH); no packet leaves.
UNROUTABLE = "127.255.255.255"


@dataclass(frozen=True, slots=True)
class SshFleet:
    """Running daemons: ``addresses`` all listen on ``port``. Paths are of files in ``directory``."""

    directory: Path
    addresses: tuple[str, ...]
    port: int
    user: str
    private_key: str
    host_key: str
    process_ids: tuple[int, ...]

    def known_hosts(self, addresses: Sequence[str] | None = None, key: str | None = None) -> str:
        """The text of a known_hosts file that names these addresses (all by default)."""
        return "".join(f"[{name}]:{self.port} {key or self.host_key}\n" for name in addresses or self.addresses)

    def log(self) -> str:
        """What the daemons wrote, at level VERBOSE."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.directory.glob("sshd-*.log")))

    def logins(self) -> int:
        """How many connections have logged in so far."""
        return len(re.findall(r"^Accepted publickey", self.log(), re.MULTILINE))


@contextmanager
def running_fleet(directory: Path, count: int = 1, *, network: str = "127.1") -> Iterator[SshFleet]:
    """``count`` elements on ``network``.0.1 and up, listening until the block ends; OSError if sshd does not start."""
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd as root will not start without it
    addresses = tuple(f"{network}.{index // 250}.{index % 250 + 1}" for index in range(count))
    for name in ("host", "user"):
        make_key(directory / name)
    (directory / "authorized_keys").write_text((directory / "user.pub").read_text())
    port = _free_port(addresses[0])
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        starts = range(0, count, LISTEN_ADDRESSES_PER_DAEMON)
        for start in starts:
            daemon = _start(directory, addresses[start : start + LISTEN_ADDRESSES_PER_DAEMON], port)
            daemons.append(daemon)  # those started so far are ended if the next one fails
        for start, daemon in zip(starts, daemons, strict=True):
            _wait_until_listening(daemon, addresses[start], port, directory)
        yield SshFleet(
            directory=directory,
            addresses=addresses,
            port=port,
            user=getpass.getuser(),
            private_key=(directory / "user").read_text(),
            host_key=" ".join((directory / "host.pub").read_text().split()[:2]),
            process_ids=tuple(daemon.pid for daemon in daemons),
        )
    finally:
        for daemon in daemons:
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(10)


@pytest.fixture(scope="session")
def ssh_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshFleet]:
    """Twenty elements. Without sshd the test is skipped, or fails if REQUIRE_ALL=1."""
    require_sshd()
    with running_fleet(tmp_path_factory.mktemp("sshd"), 20) as fleet:
        yield fleet


def require_sshd() -> None:
    """Skip, or with REQUIRE_ALL=1 fail, with one line that says how to get the program."""
    if Path(SSHD).exists() and shutil.which("ssh-keygen"):
        return
    line = f"{SSHD} is missing: apt-get install openssh-server"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(line, pytrace=False)
    pytest.skip(line)


def make_key(path: Path, *options: str, passphrase: str = "", kind: str = "ed25519") -> str:
    """Make a key pair at ``path`` and ``path``.pub; returns the private key's text."""
    path.unlink(missing_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, *options, "-f", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return path.read_text()


def _start(directory: Path, addresses: Sequence[str], port: int) -> subprocess.Popen[bytes]:
    config = directory / f"sshd-{addresses[0]}.conf"
    lines = [
        f"Port {port}",
        *(f"ListenAddress {address}" for address in addresses),
        f"HostKey {directory / 'host'}",
        f"AuthorizedKeysFile {directory / 'authorized_keys'}",
        "PidFile none",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin yes",
        "StrictModes no",
        "UseDNS no",
        "MaxStartups 1000",
        "MaxSessions 100",
        "LogLevel VERBOSE",
        "SetEnv SHLVL=1",  # else bash reads ~/.bashrc for every command, whatever it holds (0.2 s here)
    ]
    config.write_text("\n".join(lines) + "\n")
    return subprocess.Popen(
        [SSHD, "-D", "-f", str(config), "-E", str(directory / f"sshd-{addresses[0]}.log")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_until_listening(daemon: subprocess.Popen[bytes], address: str, port: int, directory: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if daemon.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.01)
    daemon.send_signal(signal.SIGKILL)
    raise OSError(f"sshd does not listen on {address}:{port}; its logs are in {directory}")


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
