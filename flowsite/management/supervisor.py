"""Keeps a few services running as one: starts them, restarts what dies, relays their lines, ends them together.

Each service is a process with a session, and so a process group, of its own: a Ctrl-C of the terminal reaches the
supervisor alone, which asks the services to end, and what a service leaves behind is ended by its group. Should the
supervisor itself be killed, the kernel sends the services SIGTERM.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, cast

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0
#: A service that lived this long had started well: its next restart waits the first pause again.
STEADY_AFTER_S = 20.0
#: How long all services together may take to end before their groups are killed.
GRACE_S = 15.0
_LOOK_EVERY_S = 0.1
_READ_BYTES = 65536
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Service:
    """One program to keep running. ``environment`` is added to this process's own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def die_with_parent() -> None:
    """Have the kernel send this process SIGTERM when the process that started it is gone (Linux; else nothing)."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A service's process, the next one after it died, and the line that it is just writing."""

    def __init__(self, service: Service, say: Callable[[str, str], None]) -> None:
        self.service = service
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._unfinished = b""
        self._pause_s = FIRST_PAUSE_S
        self._started_at = 0.0
        self._start_at = 0.0

    @property
    def running(self) -> bool:
        """True until the process was seen to have ended."""
        return self._process is not None

    def look_after(self, now: float, lines: selectors.BaseSelector) -> None:
        """Start the process if it is time to; see whether it died and set the time of its next start."""
        if self._process is None:
            if now >= self._start_at:
                self._start(now, lines)
        elif self._process.poll() is not None:
            code = self._end(lines)
            if now - self._started_at > STEADY_AFTER_S:
                self._pause_s = FIRST_PAUSE_S
            self._start_at = now + self._pause_s
            self._say("up", f"{self.service.name} ended ({_told(code)}); starting it again in {self._pause_s:g} s")
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def reap(self, lines: selectors.BaseSelector) -> None:
        """While all is ending: see whether the process has ended."""
        if self._process is not None and self._process.poll() is not None:
            self._end(lines)

    def ask_to_end(self) -> None:
        """Send SIGTERM to the main process alone: it knows how to end its own."""
        if self._process is not None:
            self._process.terminate()

    def kill(self, lines: selectors.BaseSelector) -> None:
        """End the whole group at once."""
        if self._process is not None:
            _kill_group(self._process.pid)
            self._process.wait()
            self._end(lines)

    def relay(self, pipe: IO[bytes], lines: selectors.BaseSelector) -> bool:
        """Pass on some of what the process has written, line by line; False when there is nothing at the moment."""
        try:
            read = os.read(pipe.fileno(), _READ_BYTES)
        except BlockingIOError:
            return False
        if not read:
            lines.unregister(pipe)
        *whole, self._unfinished = (self._unfinished + read).split(b"\n")
        for line in whole:
            self._say(self.service.name, line.decode(errors="replace"))
        return bool(read)

    def _start(self, now: float, lines: selectors.BaseSelector) -> None:
        self._process = subprocess.Popen(
            self.service.command,
            env={**os.environ, **self.service.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the supervisor has one thread
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        lines.register(self._process.stdout, selectors.EVENT_READ, self)
        self._started_at = now

    def _end(self, lines: selectors.BaseSelector) -> int:
        """Take leave of an ended process: its last lines, and whatever it left behind in its group."""
        assert self._process is not None
        assert self._process.stdout is not None
        pipe = self._process.stdout
        _kill_group(self._process.pid)
        while pipe in lines.get_map() and self.relay(pipe, lines):
            pass
        if self._unfinished:
            self._say(self.service.name, self._unfinished.decode(errors="replace"))
            self._unfinished = b""
        if pipe in lines.get_map():
            lines.unregister(pipe)
        pipe.close()
        code = self._process.returncode
        self._process = None
        return code


class Supervisor:
    """Runs services until SIGINT, SIGTERM or SIGHUP; a second signal ends them at once."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._children = [Child(service, self._say) for service in services]
        self._width = max(len(service.name) for service in services)
        self._asked_to_stop = 0

    def run(self, *, when_started: Callable[[], bool]) -> None:
        """Keep the services running; returns when all have ended after a signal.

        ``when_started`` is asked again and again until it is true: the moment to say that everything is ready.
        """
        with selectors.DefaultSelector() as lines, self._signals():
            started = False
            while not self._asked_to_stop:
                for child in self._children:
                    child.look_after(time.monotonic(), lines)
                self._relay(lines)
                started = started or when_started()
            self._stop(lines)

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        self._say("up", text)

    def _stop(self, lines: selectors.BaseSelector) -> None:
        self.say("stopping; once more ends everything at once")
        for child in self._children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_S
        while any(child.running for child in self._children):
            if self._asked_to_stop > 1 or time.monotonic() > deadline:
                for child in self._children:
                    child.kill(lines)
                break
            self._relay(lines)
            for child in self._children:
                child.reap(lines)
        self.say("stopped")

    def _relay(self, lines: selectors.BaseSelector) -> None:
        if not lines.get_map():
            time.sleep(_LOOK_EVERY_S)
        for key, _ in lines.select(_LOOK_EVERY_S):
            child: Child = key.data
            child.relay(cast(IO[bytes], key.fileobj), lines)

    def _say(self, name: str, line: str) -> None:
        try:
            sys.stdout.write(f"{name:<{self._width}} | {line}\n")
            sys.stdout.flush()
        except OSError:  # nobody reads any more; the services must still end in order
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - it is the standard output from here on
            self._asked_to_stop = max(self._asked_to_stop, 1)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def ask(_number: int, _frame: FrameType | None) -> None:
            self._asked_to_stop += 1

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _told(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
