"""A program in a terminal of its own, so that Ctrl-C reaches it as it reaches programs of a shell: all of its group."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

CTRL_C = b"\x03"
#: Makes the terminal on standard input the controlling one of the new session, and becomes the program.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass(slots=True)
class Session:
    """The person in front of it: ``seen`` is all that stood on the screen."""

    process: "subprocess.Popen[bytes]"
    screen: int
    seen: str = ""

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.screen, keys)

    def read_until(self, text: str, within_s: float) -> None:
        """Wait for a text on the screen, not looking at what was seen before the last wait."""
        before = len(self.seen)
        deadline = time.monotonic() + within_s
        while text not in self.seen[before:]:
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {text!r} on\n{self.seen[-500:]}"
            assert self._read(0.1), f"it ended without {text!r}:\n{self.seen[-500:]}"

    def end(self, within_s: float) -> int:
        """Wait for the program's end; returns its exit code."""
        deadline = time.monotonic() + within_s
        while self._read(0.1):
            assert time.monotonic() < deadline, f"it has not ended within {within_s:g} s:\n{self.seen[-500:]}"
        return self.process.wait(within_s)

    def _read(self, seconds: float) -> bool:
        """Take what came; False once the program has let go of the terminal."""
        if select.select([self.screen], [], [], seconds)[0]:
            try:
                self.seen += os.read(self.screen, 65536).decode(errors="replace")
            except OSError:  # what Linux answers when nobody has the other side any more
                return False
        return True


@contextmanager
def in_a_terminal(words: Sequence[str], environment: Mapping[str, str]) -> Iterator[Session]:
    """Start a program; at the end it is killed if it is still there."""
    screen, inside = pty.openpty()
    start = [sys.executable, "-c", _TAKE_TERMINAL, *words]
    process = subprocess.Popen(
        start, stdin=inside, stdout=inside, stderr=inside, env=environment, start_new_session=True
    )
    os.close(inside)
    try:
        yield Session(process, screen)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(screen)
