"""Lines before elements: tasks on one element run one at a time, whoever calls them (R27).

Whoever stands first in an element's line works on it, or may do so as soon as the run lets it; the place is held until
the step is over, between its attempts too. The lines are those of the whole root run.
"""

from collections import deque

from flows.engine.core import Core
from flows.engine.instances import Instance
from flows.engine.tree import RunNode


def line_up(core: Core, node: RunNode, instance: Instance) -> None:
    """The instance wants to work on its target: it may start, or it waits in the line, in caller order."""
    target = instance.target = instance.waiting_call.element or instance.identity.element
    if core.heads.setdefault(target, instance) is instance:
        node.queue.append(instance)
        return
    node.parked += 1
    _take_place(core.lines.setdefault(target, deque()), instance)


def step_aside(core: Core, node: RunNode, instance: Instance) -> None:
    """The instance's step is over, or will not be: the next in its line may start. Nothing happens without a line."""
    target, instance.target = instance.target, None
    if target is None:
        return
    if core.heads[target] is instance:
        _call_next(core, target)
        return
    node.parked -= 1
    core.lines[target].remove(instance)
    if not core.lines[target]:
        del core.lines[target]


def _take_place(line: deque[Instance], instance: Instance) -> None:
    """Behind all who came before, but before the later elements of the same run."""
    place = len(line)
    while place and _comes_after(line[place - 1], instance):
        place -= 1
    line.insert(place, instance)


def _call_next(core: Core, target: str) -> None:
    line = core.lines.get(target)
    if line is None:
        del core.heads[target]
        return
    following = core.heads[target] = line.popleft()
    if not line:
        del core.lines[target]
    node = core.runs[following.identity.run]
    node.parked -= 1
    _take_place(node.queue, following)


def _comes_after(other: Instance, instance: Instance) -> bool:
    return other.identity.run == instance.identity.run and other.index > instance.index
