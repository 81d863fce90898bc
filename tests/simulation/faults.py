"""Five faults put into the product on purpose: the simulation is worth something if it finds each of them soon."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from flows.engine import scheduling
from flows.engine.core import Core
from flows.engine.instances import Instance
from flows.engine.status import ElementState
from flows.engine.threshold import allowed_failures
from flows.engine.tree import RunNode
from flows.runner.commit_queue import CommitQueue
from tests.fakes import MemoryJournal


def _no_barrier(core: Core, node: RunNode) -> bool:
    """R18: the next wave does not wait until the last one is over."""
    stepping, node.stepping = node.stepping, 0
    try:
        return _choose_wave(core, node)
    finally:
        node.stepping = stepping


_choose_wave = scheduling._choose_wave


async def _no_fence(self: MemoryJournal) -> None:
    """R36: who has lost the run writes on."""
    if self.on_write is not None:
        await self.on_write()
    await asyncio.sleep(0)
    self.store.commits += 1


async def _shown_first(
    self: CommitQueue, decided: Sequence[Any], elements: Mapping[int, Sequence[Any]]
) -> tuple[float, list[Any]]:
    """R36: the commit is begun, and not waited for."""
    async with self._writing:
        before: asyncio.Task[Any] | None = getattr(self, "_before", None)
        if before is not None:
            await before
        arrived, self._arrived = self._arrived, []
        consumed, self._consumed = self._consumed, []
        at = self._time()
        write = self._journal.append([*decided, *arrived], at=at, consumed=consumed, elements=elements)
        self._before = asyncio.ensure_future(write)  # type: ignore[attr-defined]
        if not arrived:
            await self._before  # type: ignore[attr-defined]
    return at, arrived


def _one_more(threshold: int | str, elements: int) -> int:
    """R30: one more than may."""
    return allowed_failures(threshold, elements) + 1


def _no_finally(self: Core, node: RunNode, instance: Instance, state: ElementState) -> None:
    """R31: a stop ends the script at once."""
    self.finish_element(node, instance, instance.decided or state)


@dataclass(frozen=True, slots=True)
class Fault:
    """``rule`` is the one that it breaks; ``patch`` makes the context in which the product has it."""

    rule: str
    patch: Callable[[], AbstractContextManager[Any]]


FAULTS = {
    "no-barrier": Fault("R18", lambda: mock.patch.object(scheduling, "_choose_wave", _no_barrier)),
    "no-fence": Fault("R36", lambda: mock.patch.object(MemoryJournal, "_write", _no_fence)),
    "shown-first": Fault("R36", lambda: mock.patch.object(CommitQueue, "commit", _shown_first)),
    "threshold": Fault("R30", lambda: mock.patch("flows.engine.tree.allowed_failures", _one_more)),
    "no-finally": Fault("R31", lambda: mock.patch.object(Core, "raise_stop", _no_finally)),
}


def put_in(name: str) -> AbstractContextManager[Any]:
    """A context in which the product makes this fault. Raises ``KeyError`` for one that is not known."""
    return FAULTS[name].patch()
