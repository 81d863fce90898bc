"""Waits for a client that reads slowly, so that what it has not read does not pile up in the server's memory.

A server that follows ASGI to the letter makes ``send`` wait. Daphne writes at once whatever it is given and keeps
what the network does not take; but the connection behind its ``send`` tells a producer when to pause.
"""

import asyncio
from functools import partial
from typing import Any

#: A client that takes nothing for so long is gone or hangs.
STALLED_S = 30.0


class ClientStalled(TimeoutError):
    """The client has not read for ``STALLED_S``."""


class Gate:
    """Open while the connection takes more. A push producer in Twisted's words, hence its method names."""

    def __init__(self, send: Any) -> None:
        """``send`` is the server's; for servers whose ``send`` waits itself the gate is always open."""
        self._open = asyncio.Event()
        self._open.set()
        connection: Any = send.args[0] if isinstance(send, partial) and send.args else None
        if hasattr(connection, "registerProducer"):
            connection.unregisterProducer()  # the HTTP side's, which is over since the upgrade
            connection.registerProducer(self, True)

    async def passed(self, stalled_s: float = STALLED_S) -> None:
        """Wait until the connection takes more; raises ``ClientStalled``."""
        try:
            async with asyncio.timeout(stalled_s):
                await self._open.wait()
        except TimeoutError:
            raise ClientStalled(f"the client has read nothing for {stalled_s:g} s") from None

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection has more than it can send."""
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """It has sent it."""
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is gone; whoever waits finds that out from it."""
        self._open.set()
