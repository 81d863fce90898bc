"""What happens next: scripts begin, waves are chosen, runs end (R17, R18, R21, R23)."""

from collections.abc import Iterator

from flows.engine.approvals import share_questions
from flows.engine.batches import may_begin
from flows.engine.children import finish_call, finish_run, group_callers, refusal
from flows.engine.commands import Begin
from flows.engine.core import Core
from flows.engine.events import Outcome
from flows.engine.instances import Instance
from flows.engine.refreshing import go_on_refreshing
from flows.engine.run_state import tell_state
from flows.engine.status import StepStatus
from flows.engine.targets import line_up
from flows.engine.tree import ChildGroup, RunNode


def settle(core: Core) -> None:
    """Bring the tree to rest: afterwards it waits for scripts, outcomes, timers or signals."""
    if not core.in_script:
        while _settle_once(core):
            pass
    tell_state(core)


def _settle_once(core: Core) -> bool:
    """Do what the first run that can do something can do; True if anything changed."""
    return any(_settle_run(core, node) for node in core.open)


def _settle_run(core: Core, node: RunNode) -> bool:
    if core.in_script:
        return False
    if node.refresh:
        return go_on_refreshing(core, node)
    if node.pending and _begin(core, node):
        return True
    if node.groups and _refuse_children(core, node):
        return True
    if not node.active and not node.pending:
        finish_run(core, node)
        return True
    return not node.serial and _choose_wave(core, node)


def _begin(core: Core, node: RunNode) -> bool:
    """Begin scripts: in Serial as many as may be in progress, in Parallel a whole batch (R17, R18, R21)."""
    if core.paused_by is not None or node.stopping is not None:
        return False
    room = node.spec.concurrency - node.active if node.serial else may_begin(node)
    for _ in range(min(room, len(node.pending))):
        node.active += 1
        core.resume(node, node.pending.popleft(), Begin())
    return room > 0


def _choose_wave(core: Core, node: RunNode) -> bool:
    """When no step of the run is under way: the waiting instances with the least position step together (R18)."""
    if node.stepping or node.in_script or node.queue or node.groups or node.parked:
        return False
    wave = node.next_wave()
    if not wave:
        return False
    node.wave += 1
    enqueue(core, node, wave)
    return True


def enqueue(core: Core, node: RunNode, wave: list[Instance]) -> None:
    """These instances, all at one site, may step as soon as they can."""
    match wave[0].waiting_call.step:
        case "run_flow":
            node.groups.extend(group_callers(core.definitions, node, wave))
        case "run_task":
            for instance in wave:
                line_up(core, node, instance)
        case "approve":
            share_questions(wave)
            node.queue.extend(wave)
        case _:
            node.queue.extend(wave)


def _refuse_children(core: Core, node: RunNode) -> bool:
    """End the calls of child flows that cannot be."""
    refused = False
    for group in list(current_groups(node)):
        if group.ready and (reason := refusal(core.definitions, node, group)):
            node.groups.remove(group)
            for caller, _ in group.callers:
                finish_call(core, node, caller, Outcome(StepStatus.FAILED, reason))
            refused = True
    return refused


def current_groups(node: RunNode) -> Iterator[ChildGroup]:
    """The children that may be under way: of a wave one after another, of Serial callers each its own (R23)."""
    return iter(node.groups if node.serial else node.groups[:1])
