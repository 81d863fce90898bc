"""What an outcome does: the script goes on, or its element fails, and perhaps the run stops (R28-R31, R34, R35)."""

from collections import deque
from collections.abc import Sequence

from flows.engine.batches import end_soak
from flows.engine.commands import EndWait, RaiseStepFailed, Return, TerminateStep, Verdict
from flows.engine.core import Core
from flows.engine.events import Outcome, StepFinished
from flows.engine.instances import Instance, Phase
from flows.engine.status import ElementState, StepStatus
from flows.engine.targets import step_aside
from flows.engine.tree import Approval, ChildGroup, RunNode, Stopping
from flows.engine.values import step_value

# --- steps ------------------------------------------------------------------------------------------------------


def finish_step(core: Core, node: RunNode, instance: Instance, outcome: Outcome) -> None:
    """The step is over after its last attempt: its script gets the outcome, or the exception (R13, R29)."""
    call = instance.waiting_call
    leave_step(core, node, instance)
    value = step_value(call, outcome, instance.key.attempt)
    if call.step == "run_task" and call.name is not None:
        instance.steps[call.name] = value
    if node.refresh:
        _finish_refresh(core, node, instance, outcome)
    elif outcome.ok or not call.check:
        core.resume(node, instance, Return(value, outcome.result.get("run") if call.step == "run_flow" else None))
    else:
        if not node.site(call.site).caught:
            fail_element(core, node, instance, _failed_state(outcome), outcome.reason, where=place(instance))
        core.resume(node, instance, RaiseStepFailed(outcome.reason))


def finish_stopped_step(core: Core, node: RunNode, instance: Instance) -> None:
    """The run's stop ended this step: its element goes out through its ``finally`` blocks."""
    leave_step(core, node, instance)
    is_cancelled = node.stopping is Stopping.CANCEL
    if node.refresh:
        core.finish_element(node, instance, ElementState.CANCELLED if is_cancelled else ElementState.NOT_STARTED)
    else:
        core.raise_stop(node, instance, ElementState.CANCELLED if is_cancelled else ElementState.STOPPED)


def leave_step(core: Core, node: RunNode, instance: Instance) -> None:
    """The step is over; its instance goes on in its script, or not at all."""
    key = instance.key
    instance.last_step = (key.site, key.turn)
    instance.step_started = None
    if instance.holds_slot:
        node.free_slot(instance)
    if instance.target is not None:
        step_aside(core, node, instance)


def abandon_step(core: Core, node: RunNode, instance: Instance) -> None:
    """The instance's step will not start, not be tried again and not be asked about."""
    core.forget_step(instance.key)
    core.questions = {number: asked for number, asked in core.questions.items() if asked[1] is not instance}
    step_aside(core, node, instance)
    if instance in node.queue:
        node.queue.remove(instance)


def _finish_refresh(core: Core, node: RunNode, instance: Instance, outcome: Outcome) -> None:
    """No script waits for a task of the refresh: the element waits for the next one, or has failed (R3)."""
    if outcome.ok and node.stopping is None:
        node.wait(instance)
        return
    if outcome.ok:
        core.finish_element(node, instance, ElementState.NOT_STARTED)
        return
    fail_element(core, node, instance, _failed_state(outcome), outcome.reason, where=place(instance))
    core.finish_element(node, instance, _failed_state(outcome))


def _failed_state(outcome: Outcome) -> ElementState:
    unreachable = outcome.status is StepStatus.UNREACHABLE
    return ElementState.UNREACHABLE if unreachable else ElementState.FAILED


def place(instance: Instance) -> str:
    """Where the instance is, for people: site and name of its step."""
    call = instance.waiting_call
    where = str(call.site) if call.site else "refresh"
    return f"{where} {call.name or call.step}"


# --- elements ---------------------------------------------------------------------------------------------------


def fail_element(
    core: Core, node: RunNode, instance: Instance, state: ElementState, message: str, *, where: str = ""
) -> None:
    """The element has failed: it counts at this moment, and may stop the run (R29, R30). ``where``: step or line."""
    if _decide_failure(node, instance, state, message, where):
        what = f"{instance.element} failed at {where}: {message}" if where else f"{instance.element} failed: {message}"
        stop_beyond_threshold(core, node, what)


def judge(core: Core, node: RunNode, instance: Instance, verdict: Verdict) -> None:
    """The script decided about its element; what was decided first stands (R11)."""
    if instance.decided is not None:
        return
    instance.said = verdict.message if verdict.kind in {"finished", "failed"} and not verdict.is_raised else ""
    where = f"line {verdict.line}" if verdict.kind in {"error", "limit"} and verdict.line is not None else ""
    match verdict.kind:
        case "finished":
            instance.unwinding, instance.stop_pending = True, False
            instance.decided, instance.message = ElementState.SUCCEEDED, verdict.message
        case "aborted":
            _decide_failure(node, instance, ElementState.FAILED, verdict.message, where)
            abort(core, node, f"aborted by {instance.element}: {verdict.message}")
        case _:
            fail_element(core, node, instance, ElementState.FAILED, verdict.message, where=where)


def refuse(core: Core, node: RunNode, approval: Approval, outcome: Outcome) -> None:
    """Nobody approved: the callers have failed, whatever their scripts would catch, and the whole run stops (R14)."""
    for caller in approval.callers:
        leave_step(core, node, caller)
        _decide_failure(node, caller, ElementState.FAILED, outcome.reason, place(caller))
    abort(core, node, f"aborted at {approval.message!r}: {outcome.reason}")
    for caller in approval.callers:
        core.raise_stop(node, caller, ElementState.FAILED)


def abort(core: Core, node: RunNode, reason: str) -> None:
    """Something in this run stops the root run (R35). A child called from a ``finally`` goes on (R25), unless too many
    of its elements have failed."""
    stop(core, core.runs[0], Stopping.ABORT, reason)
    stop_beyond_threshold(core, node, reason)


def stop_beyond_threshold(core: Core, node: RunNode, what: str) -> None:
    """Stop the run if more of its elements have failed than may (R30). ``what`` happened last."""
    if node.stopping is None and node.failed > node.allowed:
        stop(core, node, Stopping.THRESHOLD, f"{what}; {node.failed} failed, {node.allowed} allowed")


def _decide_failure(node: RunNode, instance: Instance, state: ElementState, message: str, where: str) -> bool:
    """The element has failed and is on its way out; False if its state was decided before."""
    instance.unwinding, instance.stop_pending = True, False
    if instance.decided is not None:
        return False
    node.count_failure(instance, state, f"{where}: {message}" if where else message)
    return True


# --- stopping ---------------------------------------------------------------------------------------------------


def stop(core: Core, node: RunNode, kind: Stopping, reason: str) -> None:
    """Nothing new starts in this run; children under way stop first (R25, R31, R34, R35)."""
    if node.stopping is not None and node.stopping >= kind:
        return
    node.stopping, node.stop_reason = kind, reason
    end_soak(core, node)
    core.drop_pending(node)
    if node.serial and kind is Stopping.THRESHOLD and not node.refresh:
        return
    _stop_children(core, node, max(kind, Stopping.ABORT), reason)
    _clear_queue(core, node)
    for instance in list(node.live()):
        if node.refresh:
            _stop_refreshing(core, node, instance)
        else:
            _stop_instance(core, node, instance)


def skip_finally(core: Core) -> None:
    """The second cancel: every step under way is ended, every script that waits is over (R34)."""
    for node in list(core.open):
        node.stopping, node.stop_reason = Stopping.CANCEL, f"cancelled by {core.cancelled_by}"
        end_soak(core, node)
        core.drop_pending(node)
        _drop_unborn_children(core, node, [group for group in node.groups if group.child is None])
        for instance in list(node.live()):
            instance.stop_pending = True
            if instance.phase is Phase.STEPPING:
                _end_step(core, node, instance)
            elif instance.phase is not Phase.IN_SCRIPT:
                abandon_step(core, node, instance)
                core.finish_element(node, instance, _state_when_ended(instance))


def _state_when_ended(instance: Instance) -> ElementState:
    return instance.decided or (ElementState.STOPPED if instance.started else ElementState.NOT_STARTED)


def _stop_children(core: Core, node: RunNode, kind: Stopping, reason: str) -> None:
    groups = [group for group in node.groups if not group.site.in_finally]
    for group in groups:
        if group.child is not None:
            stop(core, core.runs[group.child], kind, reason)
    _drop_unborn_children(core, node, [group for group in groups if group.child is None])


def _drop_unborn_children(core: Core, node: RunNode, groups: Sequence[ChildGroup]) -> None:
    node.groups = [group for group in node.groups if group not in groups]
    for group in groups:
        for caller, _ in group.callers:
            if caller.phase is Phase.STEPPING:
                _end_by_stop(core, node, caller, "the run stopped before the child flow began")


def _clear_queue(core: Core, node: RunNode) -> None:
    """Nothing more of this wave starts; steps of ``finally`` blocks are chosen again, by their positions (R31)."""
    if node.serial and not node.refresh:
        return
    queued = [instance for instance in node.queue if instance.target is None]
    waiting_in_line = [instance for instance in node.live() if instance.target is not None]
    withdrawn = [i for i in (*queued, *waiting_in_line) if i.phase is Phase.WAITING and not _stays_queued(node, i)]
    for instance in withdrawn:
        step_aside(core, node, instance)
        node.fall_behind(instance)
    node.queue = deque(instance for instance in node.queue if _stays_queued(node, instance))


def _stays_queued(node: RunNode, instance: Instance) -> bool:
    """Retries keep their turn, and so does who shares a question with others that have started."""
    if instance.phase is Phase.RETRYING:
        return True
    is_shared = isinstance(instance.group, Approval) and instance.group.started > 0
    return is_shared and node.site(instance.key.site).in_finally


def _stop_instance(core: Core, node: RunNode, instance: Instance) -> None:
    if instance.unwinding:
        return
    if instance.phase is Phase.IN_SCRIPT:
        instance.stop_pending = True
        return
    in_finally = node.site(instance.key.site).in_finally
    match instance.phase:
        case Phase.WAITING if not instance.started:
            abandon_step(core, node, instance)
            core.finish_element(node, instance, ElementState.NOT_STARTED)
        case _ if in_finally:
            instance.stop_pending = True
        case Phase.WAITING:
            abandon_step(core, node, instance)
            core.raise_stop(node, instance, ElementState.STOPPED)
        case Phase.STEPPING:
            instance.stop_pending = True
            _end_step(core, node, instance)
        case Phase.RETRYING if instance.last_outcome is not None:
            abandon_step(core, node, instance)
            instance.stop_pending = True
            finish_step(core, node, instance, instance.last_outcome)
        case _:
            abandon_step(core, node, instance)
            finish_stopped_step(core, node, instance)


def _stop_refreshing(core: Core, node: RunNode, instance: Instance) -> None:
    """No script has begun: what is under way counts, everything else has not started (R3, R31)."""
    if instance.unwinding:
        return
    match instance.phase:
        case Phase.STEPPING:
            instance.stop_pending = True
            _end_step(core, node, instance)
        case Phase.RETRYING if instance.last_outcome is not None:
            abandon_step(core, node, instance)
            finish_step(core, node, instance, instance.last_outcome)
        case Phase.RETRYING | Phase.ASKING:
            abandon_step(core, node, instance)
            finish_stopped_step(core, node, instance)
        case _:
            abandon_step(core, node, instance)
            core.finish_element(node, instance, ElementState.NOT_STARTED)


def _end_step(core: Core, node: RunNode, instance: Instance) -> None:
    """Have the step ended that is under way, if a stop of this kind does that to it (R31, R34)."""
    match instance.waiting_call.step:
        case "run_flow":
            return  # its child stops by itself
        case "approve":
            _close_approval(core, instance)
            _end_by_stop(core, node, instance, "the run stopped before anybody answered")
        case _ if node.stopping is Stopping.CANCEL:
            core.endings[instance.key] = TerminateStep(instance.key)
        case "sleep":
            core.endings[instance.key] = EndWait(instance.key)


def _close_approval(core: Core, instance: Instance) -> None:
    if isinstance(instance.group, Approval):
        core.close_approval(instance.group)


def _end_by_stop(core: Core, node: RunNode, instance: Instance, reason: str) -> None:
    """The step that only the engine can end ends here, without an outcome of its own."""
    record_outcome(core, instance, Outcome(StepStatus.CANCELLED, reason))
    finish_stopped_step(core, node, instance)


def record_outcome(core: Core, instance: Instance, outcome: Outcome) -> None:
    """The outcome of a step that only the engine can end follows from other events: it is a fact."""
    started = instance.step_started
    if started is None:
        raise AssertionError(f"{instance.element} steps without a start")
    core.record(
        StepFinished(started.key, started.step, started.name, started.line, started.path, outcome, started.target)
    )
