"""One command on an SSH connection: started, fed into a ``Feed``, and ended with its whole session.

Note [Ending a remote command] - found out against OpenSSH 9.2 (2026-11-23), without a terminal:

* Closing the channel, or the connection, ends nothing: the command goes on, without a reader.
* A ``signal`` request reaches the process group of an ordinary user's command, but is refused without a word when
  the login is root's (sshd has no privilege separation there), for forced commands, and by servers before 7.9.
* When the shell has ended but a child holds its output open, the exit status comes and the channel stays open.

So the ending is done by a second command on the same connection: all commands of a connection are children of one
server process, and each leads a session of its own. It finds our command's session, sends TERM, waits, sends KILL,
and says whether anything is left. Where that cannot be done (no /proc, no POSIX shell, one session only), signals
are sent.

Note [Only our own] - the ending command may run as root, so guessing is forbidden. A session is ended only if its
leader is a child of our own parent, that parent is an SSH server and not process 1 (a command whose server has died
belongs to process 1, like every daemon), and the leader's environment names this very connection: both addresses and
both ports. If one of these does not hold it answers ``none`` and touches nothing.
"""

import asyncio
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import asyncssh

from flows.tasks.process import After, Feed, forget_cancellation

#: What the server may send ahead of us per command; with the feed's own mark it bounds the memory of a command.
WINDOW_BYTES = 256 * 1024
#: How long the ending may take beyond its graces before the server counts as gone.
_ANSWER_S = 3.0

END_SESSION = """
none() { echo flowsite none; exit 0; }
gone() { echo flowsite gone; exit 0; }
up=$PPID
[ -n "$SSH_CONNECTION" ] || none
[ "$up" -gt 1 ] || none
read -r server < /proc/$up/comm || none
case $server in sshd*|dropbear*) ;; *) none;; esac
list() {
for f in /proc/[0-9]*/stat; do
{ read -r l < $f; } 2>/dev/null || continue
p=${l%% *}; set -- ${l##*) }; echo $p $1 $2 $4
done
}
ours() { grep -qF "SSH_CONNECTION=$SSH_CONNECTION" /proc/$1/environ 2>/dev/null; }
ids=$(list | while read -r p s u g; do
if [ $u -eq $up ] && [ $p -ne $$ ] && [ $p -gt 1 ] && [ $p -eq $g ] && ours $p; then echo $g; fi
done)
[ -n "$ids" ] || none
live() {
list | while read -r p s u g; do
case $s in Z*|X*) continue;; esac
for i in $ids; do if [ $g -eq $i ]; then echo $p; fi; done
done
}
send() { l=$(live); [ -n "$l" ] || return 1; kill -$1 $l 2>/dev/null; return 0; }
nap() { sleep 0.1 2>/dev/null || sleep 1; }
send TERM || gone
n=0; while [ $n -lt TERM_TENTHS ]; do [ -n "$(live)" ] || gone; nap; n=$((n+1)); done
n=0; while [ $n -lt KILL_TENTHS ]; do send KILL || gone; nap; n=$((n+1)); done
[ -n "$(live)" ] || gone
echo flowsite left
"""


@dataclass(frozen=True, slots=True)
class TerminationGraces:
    """Seconds from TERM to KILL, and from KILL to giving up."""

    term_s: float = 3.0
    kill_s: float = 2.0


def ending_command(graces: TerminationGraces) -> str:
    """The command that ends its sibling; it answers ``flowsite gone``, ``left``, or ``none`` if it found no sibling."""
    script = END_SESSION.replace("TERM_TENTHS", str(max(1, round(graces.term_s * 10))))
    script = script.replace("KILL_TENTHS", str(max(1, round(graces.kill_s * 10))))
    return "exec sh -c " + shlex.quote(script)


class SshCommand:
    """A command in progress. ``shared`` says that another command runs on the connection: then only signals are used.

    ``on_release`` is called once, when the command no longer uses the connection.
    """

    def __init__(self, connection: asyncssh.SSHClientConnection, graces: TerminationGraces, *, shared: bool) -> None:
        self.feed = Feed()
        self.refusal = ""
        self.on_release: Callable[[], None] | None = None
        self._connection = connection
        self._graces = graces
        self._shared = shared
        self._session = _Session(self.feed)

    async def start(self, command: str, deadline: float) -> bool:
        """True when the command was, or may have been, started; False (``refusal`` says why) when it was not.

        A cancellation before the channel is open is raised; after it, it is kept for whoever follows the command.
        """
        session = self._session
        try:
            async with asyncio.timeout_at(deadline):
                await self._connection.create_session(
                    lambda: session, command, encoding=None, request_pty=False, window=WINDOW_BYTES
                )
        except TimeoutError:
            self.refusal = "it did not open a session in time"
            return self._listen()
        except asyncio.CancelledError:
            if not self._listen():
                self.abandon()
                raise
            _cancel_again()
            return True
        except (asyncssh.Error, OSError) as error:
            self.refusal = getattr(error, "reason", "") or str(error)
            return session.channel is not None and self._connection.is_closed()
        return self._listen()

    async def end(self) -> After:
        """See Note [Ending a remote command]."""
        if self.feed.closed:
            return After.GONE if self.feed.exited else After.UNKNOWN
        try:
            found = None if self._shared else await self._end_session()
        except TimeoutError:
            self._connection.abort()
            return After.UNKNOWN
        if found is None:
            await self._send_signals()
        else:
            await self._closed_within(1.0)
        return self._conclude(found)

    def _conclude(self, found: bool | None) -> After:
        if self.feed.closed:
            return After.GONE if self.feed.exited or found else After.UNKNOWN
        return After.UNKNOWN if self._connection.is_closed() else After.STILL_THERE

    def abandon(self) -> None:
        """Close the channel; says nothing about the command."""
        if self._session.channel is not None and not self.feed.closed:
            self._session.channel.close()
        if self.on_release is not None:
            self.on_release()
            self.on_release = None

    def _listen(self) -> bool:
        channel = self._session.channel
        if channel is None:
            return False
        self.feed.pause, self.feed.resume = channel.pause_reading, channel.resume_reading
        channel.resume_reading()
        return True

    async def _end_session(self) -> bool | None:
        """True when nothing is left, False when something is, None when nobody could look; TimeoutError if silent."""
        command = ending_command(self._graces)
        answer = _Answer()
        async with asyncio.timeout(self._graces.term_s * 2 + self._graces.kill_s * 2 + _ANSWER_S):
            try:
                await self._connection.create_session(lambda: answer, command, encoding=None, request_pty=False)
                await answer.closed.wait()
            except (asyncssh.Error, OSError):
                return None
        return {b"flowsite gone": True, b"flowsite left": False}.get(bytes(answer.data).strip())

    async def _send_signals(self) -> None:
        for name, grace_s in (("TERM", self._graces.term_s), ("KILL", self._graces.kill_s)):
            if self._session.channel is None or self.feed.closed:
                return
            try:
                self._session.channel.send_signal(name)
            except OSError:
                return  # the channel has closed meanwhile
            await self._closed_within(grace_s)

    async def _closed_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._session.closed.wait()
        except TimeoutError:
            return


class _Session(asyncssh.SSHClientSession[bytes]):
    """Receives what the server says of one command."""

    def __init__(self, feed: Feed) -> None:
        self.channel: asyncssh.SSHClientChannel[bytes] | None = None
        self.closed = asyncio.Event()
        self._feed = feed

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The channel is open; the command is about to be sent."""
        self.channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Output; extended data is stderr."""
        self._feed.push("stdout" if datatype is None else "stderr", data)

    def exit_status_received(self, status: int) -> None:
        """The command has exited."""
        self._feed.exit(status)

    def exit_signal_received(self, signal: str, *_: object) -> None:
        """The command was killed."""
        self._feed.exit(None, signal)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self._feed.close(exc)
        self.closed.set()


class _Answer(asyncssh.SSHClientSession[bytes]):
    """Collects the short output of the ending command."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.closed = asyncio.Event()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Keeps the beginning of stdout."""
        if datatype is None and len(self.data) < 1024:
            self.data += data

    def connection_lost(self, _: Exception | None) -> None:
        """It is over."""
        self.closed.set()


def _cancel_again() -> None:
    """Hand a cancellation on to the next wait: the command has begun, so it must be ended before we stop."""
    forget_cancellation()
    task = asyncio.current_task()
    if task is not None:
        task.cancel()
