"""The ``local`` connection: ``/bin/sh -c`` on the worker's machine, in a process group of its own."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from flows.tasks.failures import Fault, Faulted
from flows.tasks.process import After, Feed
from flows.tasks.watchdog import Watchdog

#: Of the worker's environment only these are passed on: nothing of Flowsite, no address of a database, no secret.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_POLL_S = 0.02


class LocalCommand:
    """A command on this machine. Its working directory is the data directory, its standard input is empty.

    Its group ends when this process dies: Note [A command outlives no worker].
    """

    def __init__(self, watchdog: Watchdog, term_grace_s: float, kill_grace_s: float) -> None:
        self.feed = Feed()
        self._watchdog = watchdog
        self._graces = ((signal.SIGTERM, term_grace_s), (signal.SIGKILL, kill_grace_s))
        self._transport: asyncio.SubprocessTransport | None = None

    async def start(self, command: str, directory: Path) -> None:
        """Start it, or raise ``Faulted``. Cancelled meanwhile, it is ended again."""
        starting = asyncio.ensure_future(self._start(command, directory))
        try:
            await asyncio.shield(starting)
        except OSError as error:
            raise Faulted(Fault.LOCAL_NOT_STARTED, detail=error.strerror or str(error)) from None
        except asyncio.CancelledError:
            await starting
            await self.end()
            self.abandon()
            raise
        self.feed.pause, self.feed.resume = self._pause, self._resume

    async def _start(self, command: str, directory: Path) -> None:
        self._transport, _ = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Pipes(self.feed),
            *self._watchdog.watched(command),
            stdin=self._watchdog.pipe(),
            cwd=directory,
            env=minimal_environment(os.environ),
            start_new_session=True,
        )
        self._watchdog.began(self._transport.get_pid())

    def _pause(self) -> None:
        for reader in self._readers():
            reader.pause_reading()

    def _resume(self) -> None:
        for reader in self._readers():
            reader.resume_reading()

    def _readers(self) -> list[asyncio.ReadTransport]:
        assert self._transport is not None
        pipes = (self._transport.get_pipe_transport(number) for number in (1, 2))
        return [cast(asyncio.ReadTransport, pipe) for pipe in pipes if pipe is not None]

    async def end(self) -> After:
        """Terminate the group; what left it with setsid is not seen."""
        assert self._transport is not None
        group = self._transport.get_pid()
        clock = asyncio.get_running_loop().time
        for number, grace_s in self._graces:
            if is_group_alive(group):  # never to a number that may be somebody else's by now
                _signal_group(group, number)
            deadline = clock() + grace_s
            while is_group_alive(group):
                if clock() > deadline:
                    break
                await asyncio.sleep(_POLL_S)
            else:
                return After.GONE
        return After.STILL_THERE

    def abandon(self) -> None:
        """Close the pipes. What is left of the group is no longer watched."""
        if self._transport is not None:
            self._watchdog.ended(self._transport.get_pid())
            self._transport.close()


class _Pipes(asyncio.SubprocessProtocol):
    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        self._feed.push("stdout" if fd == 1 else "stderr", cast(bytes, data))

    def process_exited(self) -> None:
        assert self._transport is not None
        code = self._transport.get_returncode()
        if code is not None and code < 0:
            self._feed.exit(None, signal.Signals(-code).name.removeprefix("SIG"))
        else:
            self._feed.exit(code)

    def connection_lost(self, exc: Exception | None) -> None:
        self._feed.close(exc)


def minimal_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a local command may see of the worker's environment."""
    return {"PATH": _PATH} | {name: environment[name] for name in PASSED_ON if name in environment}


def is_group_alive(group: int) -> bool:
    """True while a process of the group runs. A zombie does not run; it may stay where nobody collects orphans."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    if not Path("/proc/self/stat").exists():
        return True
    return any(_runs_in(group, entry) for entry in Path("/proc").glob("[0-9]*/stat"))


def _runs_in(group: int, stat: Path) -> bool:
    try:
        state, _, its_group, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return False
    return int(its_group) == group and state not in "ZX"


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # gone, or not ours: the caller looks for itself
