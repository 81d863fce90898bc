"""The SSH connections of a run: one per element, opened ahead, used again, closed when there are too many."""

import asyncio
import resource
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import asyncssh

from flows.tasks.failures import Fault, Faulted
from flows.tasks.session import SshCommand, TerminationGraces
from flows.tasks.spec import Target
from flows.tasks.ssh import Connector, Endpoint, endpoint_of

#: Connections being opened ahead at the same moment; a login costs sshd 16-19 ms of CPU (measured 2026-11-23).
CONNECTING_AHEAD = 16
#: Open files that the rest of the process may need.
_RESERVED_FILES = 256


@dataclass(slots=True)
class _Slot:
    endpoint: Endpoint
    opening: asyncio.Task[asyncssh.SSHClientConnection]
    commands: int = 0

    @property
    def usable(self) -> bool:
        """True while it opens, or is open."""
        if not self.opening.done():
            return True
        return (
            not self.opening.cancelled() and self.opening.exception() is None and not self.opening.result().is_closed()
        )

    @property
    def idle(self) -> bool:
        """True when no command and no login is in progress."""
        return self.commands == 0 and self.opening.done()


class ConnectionPool:
    """Holds at most ``limit`` connections unless more are in use; the ones used least recently are closed first."""

    def __init__(self, connector: Connector, graces: TerminationGraces, limit: int | None = None) -> None:
        self._connector = connector
        self._graces = graces
        self._limit = default_limit() if limit is None else limit
        self._slots: dict[str, _Slot] = {}  # least recently used first
        self._ahead: deque[Target] = deque()
        self._openers: set[asyncio.Task[None]] = set()

    async def start(self, target: Target, command: str, deadline: float) -> SshCommand:
        """Send the command, or raise ``Faulted``: then nothing was started. ``deadline`` in event loop time.

        A connection that broke while it was idle is replaced once: as long as no channel was open, nothing was sent.
        """
        for is_last_try in (False, True):
            slot, connection = await self._connection(target, deadline)
            running = SshCommand(connection, self._graces, shared=slot.commands > 0)
            slot.commands += 1
            running.on_release = partial(_release, slot)
            if await running.start(command, deadline):
                return running
            running.abandon()
            if is_last_try or not connection.is_closed():
                break
        raise Faulted(Fault.SESSION_REFUSED, detail=running.refusal)

    def connect_ahead(self, targets: Iterable[Target]) -> None:
        """Open connections soon, a few at a time, as long as there is room for them."""
        room = self._limit - len(self._slots) - len(self._ahead)
        for target in targets:
            if room <= 0:
                break
            if target.name not in self._slots:
                self._ahead.append(target)
                room -= 1
        while self._ahead and len(self._openers) < min(CONNECTING_AHEAD, len(self._ahead)):
            opener = asyncio.create_task(self._open_ahead(), name="connect ahead")
            self._openers.add(opener)
            opener.add_done_callback(self._openers.discard)

    async def close(self) -> None:
        """Close every connection; what still runs is let go of."""
        self._ahead.clear()
        tasks = [*self._openers, *(slot.opening for slot in self._slots.values())]
        for slot in self._slots.values():
            _close(slot)
        self._slots.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        open_ones = [task.result() for task in tasks if not task.cancelled() and task.exception() is None]
        closing = [connection.wait_closed() for connection in open_ones if connection is not None]
        if closing:
            await asyncio.wait([asyncio.ensure_future(wait) for wait in closing], timeout=2)

    async def _connection(self, target: Target, deadline: float) -> tuple[_Slot, asyncssh.SSHClientConnection]:
        slot = self._slot(target)
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(deadline):
                return slot, await asyncio.shield(slot.opening)
        except TimeoutError:
            raise Faulted(Fault.CONNECT_TIMEOUT, seconds=round(deadline - began, 1)) from None

    def _slot(self, target: Target) -> _Slot:
        endpoint = endpoint_of(target)
        slot = self._slots.pop(target.name, None)
        if slot is not None and (slot.endpoint != endpoint or not slot.usable):
            _close(slot)
            slot = None
        if slot is None:
            self._make_room()
            opening = asyncio.create_task(self._connector.connect(endpoint), name=f"connect {target.name}")
            opening.add_done_callback(_mark_seen)
            slot = _Slot(endpoint, opening)
        self._slots[target.name] = slot
        return slot

    def _make_room(self) -> None:
        excess = len(self._slots) + 1 - self._limit
        if excess > 0:
            for name in [name for name, slot in self._slots.items() if slot.idle][:excess]:
                _close(self._slots.pop(name))

    async def _open_ahead(self) -> None:
        while self._ahead:
            target = self._ahead.popleft()
            if target.name not in self._slots:
                await asyncio.wait([self._slot(target).opening])


def default_limit() -> int:
    """How many connections this process can hold open, by its limit of open files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, min(soft, 65_536) - _RESERVED_FILES)


def _release(slot: _Slot) -> None:
    slot.commands -= 1


def _close(slot: _Slot) -> None:
    if not slot.opening.done():
        slot.opening.cancel()
    elif slot.usable:
        slot.opening.result().close()


def _mark_seen(opening: asyncio.Task[asyncssh.SSHClientConnection]) -> None:
    """A login ahead of time that failed is tried again by the step, which then tells."""
    if not opening.cancelled():
        opening.exception()
