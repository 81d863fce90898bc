"""Refresh: tasks that bring the settings of the selected elements up to date before they are put in order (R3).

They run in waves like the steps of a Parallel flow, at site 0, and no script waits for them: an element for which one
failed has failed, the others go on to the next task.
"""

from flows.engine.commands import Call
from flows.engine.core import Core
from flows.engine.events import NO_SITE
from flows.engine.targets import line_up
from flows.engine.tree import Refresh, RunNode


def begin_refresh(node: RunNode) -> None:
    """All selected elements wait for the first task."""
    node.refresh = Refresh.STEPPING
    for instance in node.pending:
        node.active += 1
        node.wait(instance)
    node.pending.clear()


def go_on_refreshing(core: Core, node: RunNode) -> bool:
    """Choose the next wave when the last one is over; True if anything changed.

    When no task is left the elements are to be put in order; when no element is left the refresh is over.
    """
    if node.refresh is Refresh.NONE or node.stepping or node.queue or node.parked:
        return False
    waiting = list(node.live())
    if not waiting:
        node.refresh = Refresh.NONE
        return True
    if node.refresh is Refresh.ORDERING:
        return False
    if node.refreshed == len(node.spec.refresh):
        node.refresh = Refresh.ORDERING
        return False
    task = node.spec.refresh[node.refreshed]
    node.refreshed += 1
    for instance in waiting:
        instance.reach(node.track_to(instance, NO_SITE), Call("run_task", NO_SITE, task))
        line_up(core, node, instance)
    return True


def failed_to_refresh(node: RunNode) -> tuple[str, ...]:
    """The elements that are in nobody's ``elements``, in element order."""
    return tuple(name for name in node.elements if node.instances[name].decided is not None)
