"""The known_hosts file that many processes share."""

import subprocess
import sys
from pathlib import Path

import asyncssh

from flows.tasks.hostkeys import KnownHosts, Trust

FIRST, SECOND = (asyncssh.generate_private_key("ssh-ed25519").convert_to_public() for _ in range(2))


def test_a_key_is_unknown_then_trusted_and_another_one_has_changed(tmp_path: Path) -> None:
    known = KnownHosts(tmp_path / "known_hosts")
    assert known.judge("db1", "", 2222, FIRST) is Trust.UNKNOWN
    assert known.accept("db1", "", 2222, FIRST) is Trust.TRUSTED
    assert known.judge("db1", "", 2222, FIRST) is Trust.TRUSTED
    assert known.judge("db1", "", 2222, SECOND) is Trust.CHANGED
    assert known.accept("db1", "", 2222, SECOND) is Trust.CHANGED
    assert known.judge("db1", "", 22, FIRST) is Trust.UNKNOWN
    assert (tmp_path / "known_hosts").read_text().startswith("[db1]:2222 ssh-ed25519 ")
    assert (tmp_path / "known_hosts").stat().st_mode & 0o777 == 0o600


def test_what_another_process_or_a_person_writes_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    one, two = KnownHosts(path), KnownHosts(path)
    assert one.judge("db1", "", 22, FIRST) is Trust.UNKNOWN
    two.accept("db1", "", 22, FIRST)
    assert one.judge("db1", "", 22, FIRST) is Trust.TRUSTED
    public = SECOND.export_public_key().decode()
    path.write_text(f"db1 {public}")  # a person replaces the key
    assert one.judge("db1", "", 22, SECOND) is Trust.TRUSTED
    assert one.judge("db1", "", 22, FIRST) is Trust.CHANGED
    path.unlink()
    assert one.judge("db1", "", 22, FIRST) is Trust.UNKNOWN


def test_a_last_line_without_its_end_and_a_broken_line_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_text("nonsense\n@what db1 key\ndb1 " + FIRST.export_public_key().decode().strip())
    known = KnownHosts(path)
    assert known.accept("db2", "", 22, SECOND) is Trust.TRUSTED
    assert known.judge("db1", "", 22, FIRST) is Trust.TRUSTED
    assert path.read_text().splitlines()[-1].startswith("db2 ssh-ed25519")


def test_processes_that_meet_new_hosts_at_once_write_each_once(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    (tmp_path / "key").write_bytes(FIRST.export_public_key())
    script = (
        "import sys, asyncssh; from pathlib import Path; from flows.tasks.hostkeys import KnownHosts\n"
        "key = asyncssh.read_public_key(sys.argv[1]); known = KnownHosts(Path(sys.argv[2]))\n"
        "print({known.accept(f'host{n}', '', 22, key) for n in range(40)})"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "key"), str(path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        assert process.communicate(timeout=30)[0] == b"{<Trust.TRUSTED: 'trusted'>}\n"
    assert len(path.read_text().splitlines()) == 40
