"""What the driver is asked to do, read from the present state (R17, R18, R20, R23)."""

from collections.abc import Iterator
from itertools import islice

from flows.engine.batches import wants_soak
from flows.engine.children import preparation, refusal
from flows.engine.commands import EndWait, OrderElements, PrepareRun, StartSoak, StartStep, TerminateStep, WaitForTimer
from flows.engine.core import Core
from flows.engine.instances import Instance, Phase
from flows.engine.refreshing import failed_to_refresh
from flows.engine.scheduling import current_groups
from flows.engine.tree import Refresh, RunNode

Wish = StartStep | PrepareRun | OrderElements | StartSoak | WaitForTimer | EndWait | TerminateStep


def wishes(core: Core, prepare_root: PrepareRun) -> list[Wish]:
    """What the driver should do now. During a pause nothing starts, but what waits goes on waiting (R33).

    A run that begins runs scripts, and one of them may abort everything: so at most one begins, after all starts.
    """
    if not core.runs:
        return [prepare_root]
    found: list[Wish] = list(core.endings.values())
    core.endings = {}
    if core.ended:
        return found
    if core.unarmed:
        found.extend(WaitForTimer(key, due_at) for key, due_at in core.unarmed.items())
        core.unarmed = {}
    for node in core.open:
        if node.batch and wants_soak(node):
            found.append(StartSoak(node.number, node.batch, node.spec.soak))
        if node.queue and core.paused_by is None:
            found.extend(_step_wishes(node))
        if node.groups and core.paused_by is None:
            found.extend(_caller_wishes(node))
    if core.paused_by is None:
        found.extend(islice(_beginnings(core), 1))
    return found


def _step_wishes(node: RunNode) -> Iterator[StartStep]:
    free = node.concurrency - node.slots
    for instance in node.queue:
        if needs_slot(node, instance):
            if free <= 0:
                return
            free -= 1
        yield start_of(node, instance)


def needs_slot(node: RunNode, instance: Instance) -> bool:
    """True for a task step of a wave that holds no slot yet (R20)."""
    is_task = not instance.holds_slot and instance.waiting_call.step == "run_task"
    return is_task and (not node.serial or node.refresh is not Refresh.NONE)


def _caller_wishes(node: RunNode) -> Iterator[StartStep]:
    for group in current_groups(node):
        if not group.ready and group.child is None:
            yield from (start_of(node, caller) for caller, _ in group.callers if caller.phase is Phase.WAITING)


def _beginnings(core: Core) -> Iterator[PrepareRun | OrderElements]:
    for node in core.open:
        if node.groups:
            for group in current_groups(node):
                if group.ready and not refusal(core.definitions, node, group):
                    yield preparation(node, group)
        if node.refresh is Refresh.ORDERING:
            yield OrderElements(node.number, failed_to_refresh(node))


def start_of(node: RunNode, instance: Instance) -> StartStep:
    """The start of the step that the instance waits at."""
    call = instance.waiting_call
    return StartStep(
        key=instance.key,
        call=call,
        line=node.sites[call.site].line,
        path=node.path,
        target=call.element or instance.identity.element,
        inputs={**node.inputs, **call.inputs} if call.inputs else node.inputs,
        steps=instance.steps,
        batch=node.batch or 1,
        wave=0 if node.serial else node.wave,
    )
