"""Batches: how many elements begin together, and the soak between them (R21)."""

from collections.abc import Sequence

from flows.engine.core import Core
from flows.engine.events import NO_SITE, StepKey
from flows.engine.percentages import share_of
from flows.engine.tree import RunNode

Size = int | str
"""A number of elements, or a percentage of the whole run such as ``'20%'``."""


def size_of_batch(batches: Sequence[Size], batch: int, elements: int) -> int:
    """How many elements the batch with this number, from 1, takes of a run of so many; the last size repeats.

    Percentages are of the whole run, rounded down, at least 1. Without ``batches`` the first one takes all.
    """
    if not batches:
        return elements
    size = batches[min(batch, len(batches)) - 1]
    return max(1, size if isinstance(size, int) else share_of(size, elements))


def may_begin(node: RunNode) -> int:
    """How many scripts of a Parallel run may begin now: those of the next batch, when the last one has ended."""
    if node.active or not node.pending or _must_soak(node):
        return 0
    node.batch += 1
    return min(len(node.pending), size_of_batch(node.spec.batches, node.batch, len(node.elements)))


def _must_soak(node: RunNode) -> bool:
    """True between two batches, until the soak after the first of them is over."""
    return node.batch > 0 and node.spec.soak > 0 and node.soaked < node.batch


def wants_soak(node: RunNode) -> bool:
    """True when a batch has ended, another follows, and the soak between them has not begun."""
    is_between = not node.serial and not node.active and bool(node.pending) and node.stopping is None
    return is_between and _must_soak(node) and not node.soaking


def timer_of_soak(node: RunNode) -> StepKey:
    """The key under which the driver waits for the end of the soak after the present batch."""
    return StepKey(node.number, "", NO_SITE, node.batch)


def start_soak(core: Core, node: RunNode, until: float) -> None:
    """The run waits before its next batch. A pause does not prolong it."""
    node.soaking = True
    core.set_timer(timer_of_soak(node), until)


def end_soak(core: Core, node: RunNode) -> None:
    """The wait is over, or the run stops; nothing happens if there is none."""
    if node.soaking:
        core.forget_step(timer_of_soak(node))
        node.soaking, node.soaked = False, node.batch
