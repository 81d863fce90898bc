"""Loads targets in batches: steps that start together cost one query."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from flows.tasks.spec import Target

LoadTargets = Callable[[Sequence[str]], Awaitable[Sequence[Target]]]
"""Gives the enabled elements among these names, with their context as it is now; others are left out."""


class TargetLoader:
    """Coalesces requests. One query at a time: who asks while it runs waits for the next, and never sees the past."""

    def __init__(self, load: LoadTargets) -> None:
        self._load = load
        self._wanted: dict[str, asyncio.Future[Target | None]] = {}
        self._worker: asyncio.Task[None] | None = None

    async def get(self, name: str) -> Target | None:
        """The target, or None if there is no enabled element of this name; raises what the query raises."""
        future = self._wanted.get(name)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._wanted[name] = future
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="load targets")
        return await asyncio.shield(future)

    async def get_all(self, names: Sequence[str]) -> list[Target]:
        """Those of the targets that exist."""
        found = await asyncio.gather(*(self.get(name) for name in names))
        return [target for target in found if target is not None]

    async def close(self) -> None:
        """End a query in progress."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def _work(self) -> None:
        try:
            while self._wanted:
                await asyncio.sleep(0)  # everybody who is ready now is in this batch
                batch, self._wanted = self._wanted, {}
                await self._answer(batch)
        finally:
            self._worker = None

    async def _answer(self, batch: dict[str, asyncio.Future[Target | None]]) -> None:
        try:
            found = {target.name: target for target in await self._load(tuple(batch))}
        except asyncio.CancelledError:
            for future in batch.values():
                future.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - given to each of those who asked
            for future in batch.values():
                if not future.done():
                    future.set_exception(error)
            return
        for name, future in batch.items():
            if not future.done():
                future.set_result(found.get(name))
