"""What an outcome does: the script goes on, or its element fails, and perhaps the run stops (R28-R31, R34-R36)."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from flows.engine.commands import Call, EndWait, RaiseStepFailed, Return, TerminateStep, Verdict
from flows.engine.core import Core
from flows.engine.definitions import TaskPolicy
from flows.engine.events import Outcome, QuestionAnswered, QuestionAsked, StepFinished
from flows.engine.retry import retry_delay
from flows.engine.status import ElementState, StepStatus
from flows.engine.tree import Instance, Phase, RunNode, Stopping

#: What an attempt that a cancel ended may turn out to be (R34).
ENDED_BY_CANCEL = frozenset(
    {StepStatus.CANCELLED, StepStatus.STILL_RUNNING_THERE, StepStatus.UNKNOWN, StepStatus.INTERRUPTED}
)


def step_finished(core: Core, node: RunNode, instance: Instance, outcome: Outcome, at: float) -> None:
    """An attempt has its outcome: try again, ask, or let the script have it."""
    if _is_stopped(core, node, instance) and _ended_by_stop(core, node, outcome):
        finish_stopped_step(core, node, instance)
    elif outcome.status is StepStatus.INTERRUPTED:
        _interrupted(core, node, instance)
    elif not _retried(core, node, instance, outcome, at):
        finish_step(core, node, instance, outcome)


def finish_stopped_step(core: Core, node: RunNode, instance: Instance) -> None:
    """The run's stop ended this step: its element goes out through its ``finally`` blocks."""
    _leave_step(node, instance)
    cancelled = node.stopping is Stopping.CANCEL
    core.raise_stop(node, instance, ElementState.CANCELLED if cancelled else ElementState.STOPPED)


def finish_step(core: Core, node: RunNode, instance: Instance, outcome: Outcome) -> None:
    """The step is over after its last attempt: its script gets the outcome, or the exception (R13, R29)."""
    call, site = instance.waiting_call, node.site(instance.waiting_call.site)
    _leave_step(node, instance)
    value = step_value(call, outcome, instance.attempt)
    if call.step == "run_task" and call.name is not None and value is not None:
        instance.steps[call.name] = value
    if outcome.ok or not call.check:
        core.resume(node, instance, Return(value, outcome.result.get("run") if call.step == "run_flow" else None))
        return
    if not site.caught:
        unreachable = outcome.status is StepStatus.UNREACHABLE
        state = ElementState.UNREACHABLE if unreachable else ElementState.FAILED
        where = f"{site.number} {call.name}" if call.name else f"{site.number} {call.step}"
        fail_element(core, node, instance, state, outcome.reason, where=where)
    core.resume(node, instance, RaiseStepFailed(outcome.reason))


def step_value(call: Call, outcome: Outcome, attempts: int) -> dict[str, Any] | None:
    """What the call returns to the script (R12)."""
    head = {"ok": outcome.ok, "status": str(outcome.status)}
    match call.step:
        case "run_task":
            rest: Mapping[str, Any] = {"exit_code": outcome.exit_code, "output": "", "data": None, "settings": {}}
            return {**head, **rest, **outcome.result, "attempts": attempts}
        case "run_flow":
            return {**head, **outcome.result}
        case _:
            return None


def fail_element(
    core: Core, node: RunNode, instance: Instance, state: ElementState, message: str, *, where: str = ""
) -> None:
    """The element has failed: it counts at this moment, and may stop the run (R29, R30). ``where``: step or line."""
    instance.unwinding, instance.stop_pending = True, False
    if instance.decided is not None:
        return
    node.count_failure(instance, state, f"{where}: {message}" if where else message)
    if node.failed > node.allowed and node.stopping is None:
        what = f"{instance.element} failed at {where}: {message}" if where else f"{instance.element} failed: {message}"
        stop(core, node, Stopping.THRESHOLD, f"{what}; {node.failed} failed, {node.allowed} allowed")


def judge(core: Core, node: RunNode, instance: Instance, verdict: Verdict) -> None:
    """The script decided about its element; what was decided first stands (R11)."""
    if instance.decided is not None:
        return
    if verdict.kind == "finished":
        instance.unwinding, instance.stop_pending = True, False
        instance.decided, instance.message = ElementState.SUCCEEDED, verdict.message
        return
    where = f"line {verdict.line}" if verdict.kind in {"error", "limit"} and verdict.line is not None else ""
    fail_element(core, node, instance, ElementState.FAILED, verdict.message, where=where)
    if verdict.kind == "aborted":
        stop(core, core.runs[0], Stopping.ABORT, f"aborted by {instance.element}: {verdict.message}")


def answer_question(core: Core, answered: QuestionAnswered) -> None:
    """An operator decided about an interrupted step; an answer to a question that is closed changes nothing (R36)."""
    if answered.question not in core.questions:
        return
    node, instance = core.questions.pop(answered.question)
    match answered.answer:
        case "retry":
            _try_again(node, instance)
        case "succeeded":
            finish_step(core, node, instance, Outcome(StepStatus.SUCCEEDED))
        case "failed":
            finish_step(core, node, instance, Outcome(StepStatus.FAILED, f"treated as failed by {answered.by}"))


# --- stopping ---------------------------------------------------------------------------------------------------


def stop(core: Core, node: RunNode, kind: Stopping, reason: str) -> None:
    """Nothing new starts in this run; children under way stop first (R25, R31, R34, R35)."""
    if node.stopping is not None and node.stopping >= kind:
        return
    node.stopping, node.stop_reason = kind, reason
    core.drop_pending(node)
    if node.serial and kind is Stopping.THRESHOLD:
        return
    _stop_children(core, node, max(kind, Stopping.ABORT), reason)
    if not node.serial:
        node.queue = deque(instance for instance in node.queue if instance.phase is Phase.RETRYING)
    for instance in list(node.live()):
        _stop_instance(core, node, instance)


def skip_finally(core: Core) -> None:
    """The second cancel: every step under way is ended, every script that waits is over (R34)."""
    for node in list(core.open):
        node.stopping, node.stop_reason = Stopping.CANCEL, f"cancelled by {core.cancelled_by}"
        core.drop_pending(node)
        node.groups = [group for group in node.groups if group.child is not None]
        for instance in list(node.live()):
            instance.stop_pending = True
            if instance.phase is Phase.STEPPING:
                _end_step(core, node, instance)
            elif instance.phase is not Phase.IN_SCRIPT:
                core.abandon_step(node, instance)
                core.finish_element(node, instance, _state_when_ended(instance))


def _state_when_ended(instance: Instance) -> ElementState:
    return instance.decided or (ElementState.STOPPED if instance.started else ElementState.NOT_STARTED)


def _stop_children(core: Core, node: RunNode, kind: Stopping, reason: str) -> None:
    for group in [group for group in node.groups if not group.site.in_finally]:
        if group.child is not None:
            stop(core, core.runs[group.child], kind, reason)
            continue
        node.groups.remove(group)
        for caller, _ in group.callers:
            if caller.phase is Phase.STEPPING:
                _end_unborn_child(core, node, caller)


def _end_unborn_child(core: Core, node: RunNode, caller: Instance) -> None:
    started = caller.step_started
    if started is None:
        raise AssertionError(f"{caller.element} steps without a start")
    outcome = Outcome(StepStatus.CANCELLED, "the run stopped before the child flow began")
    core.record(
        StepFinished(started.key, started.step, started.name, started.line, started.path, outcome, started.target)
    )
    finish_stopped_step(core, node, caller)


def _stop_instance(core: Core, node: RunNode, instance: Instance) -> None:
    if instance.unwinding:
        return
    if instance.phase is Phase.IN_SCRIPT:
        instance.stop_pending = True
        return
    in_finally = node.site(instance.waiting_call.site).in_finally
    match instance.phase:
        case Phase.WAITING if not instance.started:
            core.abandon_step(node, instance)
            core.finish_element(node, instance, ElementState.NOT_STARTED)
        case _ if in_finally:
            instance.stop_pending = True
        case Phase.WAITING:
            core.abandon_step(node, instance)
            core.raise_stop(node, instance, ElementState.STOPPED)
        case Phase.STEPPING:
            instance.stop_pending = True
            _end_step(core, node, instance)
        case Phase.RETRYING if instance.last_outcome is not None:
            core.abandon_step(node, instance)
            instance.stop_pending = True
            finish_step(core, node, instance, instance.last_outcome)
        case _:
            core.abandon_step(node, instance)
            finish_stopped_step(core, node, instance)


def _end_step(core: Core, node: RunNode, instance: Instance) -> None:
    """Have the step ended that is under way, if a stop of this kind does that to it (R31, R34)."""
    key = instance.key(node.number)
    if instance.waiting_call.step == "run_flow":
        return  # its child stops by itself
    if node.stopping is Stopping.CANCEL:
        core.endings[key] = TerminateStep(key)
    elif instance.waiting_call.step == "sleep":
        core.endings[key] = EndWait(key)


def _ended_by_stop(core: Core, node: RunNode, outcome: Outcome) -> bool:
    """True when this outcome is the stop's doing; other stops than a cancel let running steps finish and count."""
    if node.stopping is Stopping.CANCEL or core.skips_finally:
        return outcome.status in ENDED_BY_CANCEL
    return outcome.status is StepStatus.INTERRUPTED


def _is_stopped(core: Core, node: RunNode, instance: Instance) -> bool:
    """True when the step is one that a stop ends: it is in no ``finally``, or the second cancel skips those."""
    return instance.stop_pending and (core.skips_finally or not node.site(instance.waiting_call.site).in_finally)


# --- attempts ---------------------------------------------------------------------------------------------------


def _retried(core: Core, node: RunNode, instance: Instance, outcome: Outcome, at: float) -> bool:
    call = instance.waiting_call
    if outcome.ok or call.step != "run_task":
        return False
    instance.failed_attempts += 1
    instance.last_outcome = outcome
    delay = retry_delay(call, _policy(core, call), instance.failed_attempts, outcome)
    if delay is None or _is_stopped(core, node, instance):
        return False
    instance.attempt += 1
    node.step(instance, Phase.RETRYING)
    core.timers[instance.key(node.number)] = at + delay
    return True


def _interrupted(core: Core, node: RunNode, instance: Instance) -> None:
    """Nobody knows what became of the attempt: its task says what follows (R36)."""
    match _policy(core, instance.waiting_call).on_interrupt:
        case "retry":
            _try_again(node, instance)
        case "fail":
            reason = "the worker died while it ran; its task says on_interrupt: fail"
            finish_step(core, node, instance, Outcome(StepStatus.FAILED, reason))
        case "ask":
            _ask(core, node, instance)


def _ask(core: Core, node: RunNode, instance: Instance) -> None:
    core.asked += 1
    core.questions[core.asked] = (node, instance)
    node.free_slot(instance)
    call = instance.waiting_call
    message = f"{call.name} on {instance.element}: the worker died while it ran, nobody knows whether it finished"
    core.record(QuestionAsked(core.asked, instance.key(node.number), message))
    node.step(instance, Phase.ASKING)


def _try_again(node: RunNode, instance: Instance) -> None:
    instance.attempt += 1
    node.step(instance, Phase.RETRYING)
    node.queue.appendleft(instance)


def _policy(core: Core, call: Call) -> TaskPolicy:
    name = call.name or ""
    return core.definitions.tasks.get(name) or TaskPolicy(name)


def _leave_step(node: RunNode, instance: Instance) -> None:
    """The step is over; its instance goes on in its script, or not at all."""
    instance.last_step = (instance.waiting_call.site, instance.turns[instance.waiting_call.site])
    instance.step_started = None
    node.free_slot(instance)
