"""Wakes the watchers of a run through the channel layer. They poll anyway, so what is lost costs a poll (3.5)."""

import asyncio
import logging

from channels.layers import InMemoryChannelLayer, get_channel_layer

log = logging.getLogger(__name__)

#: At most one message in this time: every commit would be too many for 500 watchers (measured 2026-11-23).
PAUSE_S = 0.05


def group_of(root: int) -> str:
    """The channel group of those who watch a root run."""
    return f"run.{root}"


class ChannelPublisher:
    """Tells the group of a root run how far its journal has grown. Never fails and never delays a run."""

    def __init__(self) -> None:
        """The in-memory layer reaches no other process, so nothing is sent through it."""
        layer = get_channel_layer()
        self._layer = None if isinstance(layer, InMemoryChannelLayer) else layer
        self._grown: dict[int, int] = {}
        self._sending: asyncio.Task[None] | None = None

    def published(self, root: int, seq: int) -> None:
        """The journal of ``root`` now ends at ``seq``."""
        if self._layer is None:
            return
        self._grown[root] = seq
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def close(self) -> None:
        """Send what is left, and stop."""
        if self._sending is not None:
            await asyncio.wait((self._sending,), timeout=1.0)
            self._sending.cancel()

    async def _send(self) -> None:
        while self._grown:
            grown, self._grown = self._grown, {}
            for root, seq in grown.items():
                await self._send_one(root, seq)
            await asyncio.sleep(PAUSE_S)

    async def _send_one(self, root: int, seq: int) -> None:
        assert self._layer is not None
        try:
            async with asyncio.timeout(5.0):
                await self._layer.group_send(group_of(root), {"type": "journal.grown", "root": root, "seq": seq})
        except Exception as error:  # noqa: BLE001 - a watcher that is not woken polls
            log.warning("watchers of run %s could not be woken: %s", root, error)
