"""What happens next: scripts begin, waves are chosen, runs end; and what the driver is asked to do (R17, R18, R23)."""

from collections.abc import Iterator

from flows.engine.children import finish_call, finish_run, group_callers, preparation, refusal
from flows.engine.commands import (
    Begin,
    EndWait,
    OrderElements,
    PrepareRun,
    StartSoak,
    StartStep,
    TerminateStep,
    WaitForTimer,
)
from flows.engine.core import Core
from flows.engine.events import Outcome, RunStateChanged
from flows.engine.lockstep import least
from flows.engine.status import RUN_ENDED, RunState, StepStatus
from flows.engine.tree import ChildGroup, Instance, Phase, RunNode

Wish = StartStep | PrepareRun | OrderElements | StartSoak | WaitForTimer | EndWait | TerminateStep


def settle(core: Core) -> None:
    """Bring the tree to rest: afterwards it waits for scripts, outcomes, timers or signals."""
    while not core.in_script and any(_settle_run(core, node) for node in list(core.open)):
        pass
    _tell_state(core)


def _settle_run(core: Core, node: RunNode) -> bool:
    """Do what this run can do; True if anything changed."""
    if core.in_script or node not in core.open:
        return False
    if _begin(core, node) or _refuse_children(core, node):
        return True
    if node.active == 0 and not node.pending:
        finish_run(core, node)
        return True
    return not node.serial and _choose_wave(core, node)


def _begin(core: Core, node: RunNode) -> bool:
    """Begin scripts: in Serial as many as may be in progress, in Parallel all (R17, R18)."""
    if core.paused_by is not None or node.stopping is not None:
        return False
    began = False
    while node.pending and (not node.serial or node.active < node.spec.concurrency):
        instance = node.pending.popleft()
        node.active += 1
        core.resume(node, instance, Begin())
        began = True
    return began


def _choose_wave(core: Core, node: RunNode) -> bool:
    """When no step of the run is under way: the waiting instances with the least position step together (R18)."""
    if node.stepping or node.in_script or node.queue or node.groups:
        return False
    waiting = [instance for instance in node.live() if instance.phase is Phase.WAITING]
    if not waiting:
        return False
    position = least(instance.track.position for instance in waiting)
    enqueue(core, node, [instance for instance in waiting if instance.track.position == position])
    return True


def enqueue(core: Core, node: RunNode, wave: list[Instance]) -> None:
    """These instances, all at one site, may step as soon as they can."""
    if wave[0].waiting_call.step == "run_flow":
        node.groups.extend(group_callers(core.definitions, node, wave))
    else:
        node.queue.extend(wave)


def _refuse_children(core: Core, node: RunNode) -> bool:
    """End the calls of child flows that cannot be."""
    refused = False
    for group in list(_current_groups(node)):
        reason = refusal(core.definitions, node, group)
        if group.ready and reason:
            node.groups.remove(group)
            for caller, _ in group.callers:
                finish_call(core, node, caller, Outcome(StepStatus.FAILED, reason))
            refused = True
    return refused


def _current_groups(node: RunNode) -> Iterator[ChildGroup]:
    """The children that may be under way: of a wave one after another, of Serial callers each its own (R23)."""
    return iter(node.groups if node.serial else node.groups[:1])


def _tell_state(core: Core) -> None:
    if core.ended or not core.runs or core.state in RUN_ENDED:
        return
    state, reason = RunState.RUNNING, ""
    if core.paused_by is not None:
        state, reason = RunState.PAUSED, f"paused by {core.paused_by}"
    elif core.questions:
        # Without a number: it would be that of the moment when the first question was asked.
        state, reason = RunState.NEEDS_ATTENTION, "what was interrupted needs a decision"
    if state is not core.state:
        core.state = state
        core.record(RunStateChanged(0, state, reason))


# --- wishes -----------------------------------------------------------------------------------------------------


def wishes(core: Core, prepare_root: PrepareRun) -> list[Wish]:
    """What the driver should do now, from the present state."""
    if not core.runs:
        return [prepare_root]
    found: list[Wish] = list(core.endings.values())
    core.endings = {}
    if core.ended:
        return found
    if core.paused_by is None:
        for node in core.open:
            found.extend(_step_wishes(node))
            found.extend(_child_wishes(core, node))
    for key, due_at in core.timers.items():
        if key not in core.armed:
            core.armed.add(key)
            found.append(WaitForTimer(key, due_at))
    return found


def _step_wishes(node: RunNode) -> Iterator[StartStep]:
    free = node.spec.concurrency - node.slots
    for instance in node.queue:
        if needs_slot(node, instance):
            if free <= 0:
                return
            free -= 1
        yield _start(node, instance)


def needs_slot(node: RunNode, instance: Instance) -> bool:
    """True for a task step of a wave that holds no slot yet (R20)."""
    return not node.serial and not instance.holds_slot and instance.waiting_call.step == "run_task"


def _child_wishes(core: Core, node: RunNode) -> Iterator[StartStep | PrepareRun]:
    for group in _current_groups(node):
        if group.child is not None:
            continue
        waiting = [caller for caller, _ in group.callers if caller.phase is Phase.WAITING]
        yield from (_start(node, caller) for caller in waiting)
        if not waiting and not refusal(core.definitions, node, group):
            yield preparation(node, group)


def _start(node: RunNode, instance: Instance) -> StartStep:
    call = instance.waiting_call
    return StartStep(
        key=instance.key(node.number),
        call=call,
        line=node.site(call.site).line,
        path=node.path,
        target=call.element or instance.element,
        inputs={**node.inputs, **call.inputs},
        steps=instance.steps,
    )
