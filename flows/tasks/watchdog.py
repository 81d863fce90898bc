"""Ends local commands whose worker has died, by whatever means: the kernel closes a pipe, and a shell acts on it."""

import asyncio
import logging
import os
import subprocess
from collections.abc import Sequence

log = logging.getLogger(__name__)

#: Knows the groups that are under way. At the end of its input the worker has let go of them, or is no more.
_WATCH = """
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
    case $sign in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
"""

#: What runs in a command's stead: it gives its group's number to the watchdog and only then becomes the command.
_REGISTER = 'echo "+ $$" >&0; exec /bin/sh -c "$1" </dev/null'

_ENDS_WITHIN_S = 2.0

# Note [A command outlives no worker]: a run whose worker died goes on elsewhere within a second or two, so a command
# that lived on would run beside its own retry. A parent-death signal would reach the shell alone, not its children.
# The writing end of the watchdog's pipe is in the worker and, until it becomes its command, in each shell that
# registers itself: there is no moment at which a command runs and is not watched. It costs a command 1 ms.


class Watchdog:
    """The watchdog of one worker, in a session of its own; started by the first command, ended by ``close``.

    Commands that are still under way at ``close`` are killed.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._groups: set[int] = set()

    def pipe(self) -> int:
        """The standard input for a command started as ``watched``; takes 1-2 ms the first time. Raises ``OSError``."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        return self._pipe

    def watched(self, command: str) -> Sequence[str]:
        """What to execute, as the leader of a new group, to have the command run and watched."""
        return ("/bin/sh", "-c", _REGISTER, "/bin/sh", command)

    def began(self, group: int) -> None:
        """This group was started as ``watched``; a watchdog that has to follow this one will be told."""
        self._groups.add(group)

    def ended(self, group: int) -> None:
        """This group's command is over: what is left of it may live on, and its number may come to be another's."""
        self._groups.discard(group)
        self._write(f"- {group}\n")

    async def close(self) -> None:
        """End the watchdog, and with it what is under way."""
        process = self._process
        if process is None:
            return
        self._let_go()
        try:
            await asyncio.to_thread(process.wait, _ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            log.warning("the watchdog of local commands (process %s) does not end; it is killed", process.pid)
            process.kill()
            process.wait()

    def _start(self) -> None:
        if self._process is not None:
            log.warning("the watchdog of local commands was ended (process %s): a new one starts", self._process.pid)
            self._let_go()
        reading, self._pipe = os.pipe()
        try:
            self._process = subprocess.Popen(
                ("/bin/sh", "-c", _WATCH, "flowsite-watchdog"),
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        except OSError:
            self._let_go()
            raise
        finally:
            os.close(reading)
        for group in self._groups:
            self._write(f"+ {group}\n")

    def _let_go(self) -> None:
        os.close(self._pipe)
        self._process, self._pipe = None, -1

    def _write(self, line: str) -> None:
        if self._pipe < 0:
            return
        try:
            os.write(self._pipe, line.encode())
        except BrokenPipeError:
            log.debug("the watchdog is gone; the next command starts another")
