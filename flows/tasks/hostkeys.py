"""Which host keys are trusted: a known_hosts file that several processes read and add to."""

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs


class Trust(StrEnum):
    """What the file says of a key that a host has shown."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A host key as an operator compares it: ``fingerprint`` is SHA256 as ``ssh-keygen -l`` shows it."""

    algorithm: str
    fingerprint: str


class KnownHosts:
    """One known_hosts file (OpenSSH's format: patterns, hashed names and markers are read, plain lines are added).

    The file is read once and then only where it grew, so that 10,000 lines cost no 10,000 parses. Adding takes a
    lock on the file and looks again under it: of several processes that meet a new host at once, one writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hosts = asyncssh.SSHKnownHosts()
        self._stamp: tuple[int, int] = (0, 0)
        self._read = 0

    def match(self, host: str, addr: str, port: int | None) -> Sequence[Any]:
        """The keys, authorities and revocations that apply to a host, as asyncssh asks for them."""
        self._refresh()
        return self._hosts.match(host, addr, port)

    def algorithms(self, host: str, port: int) -> Sequence[str]:
        """What to ask a host's key for: the kinds that are known of it, then all others; empty if none is known.

        Asked for the known kinds alone, a server that has none of them hangs up, and nobody learns which key it has.
        """
        matched = self.match(host, "", port if port != asyncssh.DEFAULT_PORT else None)
        known = [name.decode() for key in matched[0] for name in key.sig_algorithms]
        if not known or matched[1]:
            return ()
        every = (name.decode() for name in (*get_default_certificate_algs(), *get_default_public_key_algs()))
        return tuple(dict.fromkeys((*known, *every)))

    def judge(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> Trust:
        """What the file says of this key now. A host with any other key has changed it."""
        matched = self.match(host, addr, port if port != asyncssh.DEFAULT_PORT else None)
        keys, authorities = matched[0], matched[1]
        if key in keys:
            return Trust.TRUSTED
        return Trust.CHANGED if keys or authorities else Trust.UNKNOWN

    def accept(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> Trust:
        """Add the key of a host that has none yet; TRUSTED also if another process added this key meanwhile."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            trust = self.judge(host, addr, port, key)
            if trust is Trust.UNKNOWN:
                os.write(descriptor, self._line(descriptor, host, port, key))
                os.fsync(descriptor)
                trust = Trust.TRUSTED
        finally:
            os.close(descriptor)
        return trust

    @staticmethod
    def _line(descriptor: int, host: str, port: int, key: asyncssh.SSHKey) -> bytes:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        public = key.export_public_key("openssh").decode().split()[:2]
        start = "\n" if torn else ""
        return f"{start}{entry_name(host, port)} {' '.join(public)}\n".encode()

    def _refresh(self) -> None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._hosts, self._stamp, self._read = asyncssh.SSHKnownHosts(), (0, 0), 0
            return
        stamp = (status.st_ino, status.st_mtime_ns)
        if stamp == self._stamp and status.st_size == self._read:
            return
        if stamp[0] != self._stamp[0] or status.st_size <= self._read:
            self._hosts, self._read = asyncssh.SSHKnownHosts(), 0
        with self.path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1] if self._read else data
        self._load(whole)
        self._read += len(whole)
        self._stamp = stamp

    def _load(self, data: bytes) -> None:
        for line in data.decode("utf-8", errors="replace").splitlines():
            try:
                self._hosts.load(line)
            except ValueError:
                continue  # a line that says nothing usable trusts nobody


def entry_name(host: str, port: int) -> str:
    """How known_hosts names a host."""
    return host if port == asyncssh.DEFAULT_PORT else f"[{host}]:{port}"


def show_key(key: asyncssh.SSHKey) -> ShownKey:
    """What an operator needs to compare."""
    return ShownKey(algorithm=key.get_algorithm(), fingerprint=key.get_fingerprint())
