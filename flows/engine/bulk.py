"""Many successes at once, of a wave or of a script: what a plan takes in where a run takes in two events a step."""

from collections.abc import Sequence
from typing import Any

from flows.engine.commands import Call, Return, StartStep
from flows.engine.core import Core
from flows.engine.events import Outcome, StepStarted
from flows.engine.instances import Instance, Phase
from flows.engine.outcomes import leave_step
from flows.engine.status import StepStatus
from flows.engine.tree import RunNode
from flows.engine.values import step_value
from flows.engine.wishes import start_of

DONE = Outcome(StepStatus.SUCCEEDED)
DONE_TASK = Outcome(StepStatus.SUCCEEDED, exit_code=0)
_TASK_VALUE: Any = step_value(Call("run_task", 0), DONE_TASK, 1)


def succeed_all(core: Core, node: RunNode, starts: Sequence[StartStep]) -> None:
    """These steps, the next ones of the run's queue, have started and succeeded; their scripts go on.

    Callers that make the same attempt get the same value, which nobody may change.
    """
    returns: dict[tuple[str, int], Return] = {}
    for instance in _taken(node, starts):  # all before the first ends: its target may go to one that waits in line
        call, attempt = instance.waiting_call, instance.key.attempt
        value = returns.get((call.step, attempt))
        if value is None:
            value = returns[call.step, attempt] = Return(step_value(call, outcome_of(call), attempt))
        instance.started = True
        leave_step(core, node, instance)
        if call.step == "run_task" and call.name is not None:
            instance.steps[call.name] = value.value
        core.resume(node, instance, value)


def succeed_in_turn(core: Core, node: RunNode, start: StartStep, calls: Sequence[Call]) -> list[StartStep]:
    """This step of a Serial run, and then each of these calls of its script, have started and succeeded.

    Where something could come between them, which is told before, no call is taken in.
    """
    (instance,) = _taken(node, [start])
    instance.started = True
    leave_step(core, node, instance)
    may_go_on = not (core.heads or instance.stop_pending or instance.unwinding or core.cancels)
    starts = _one_after_another(node, instance, calls) if may_go_on else []
    core.resume(node, instance, Return(_succeeded(instance)))
    return starts


def _one_after_another(node: RunNode, instance: Instance, calls: Sequence[Call]) -> list[StartStep]:
    starts = []
    for call in calls:
        _succeeded(instance)
        instance.reach(node.track_to(instance, call.site), call)
        starts.append(start_of(node, instance))
    instance.last_step = (instance.key.site, instance.key.turn)
    return starts


def _succeeded(instance: Instance) -> Any:
    """The value of the step that the instance has just made."""
    call = instance.waiting_call
    if call.step == "run_task" and call.name is not None:
        instance.steps[call.name] = _TASK_VALUE
        return _TASK_VALUE
    return step_value(call, outcome_of(call), 1)


def outcome_of(call: Call) -> Outcome:
    """The success of a step of which nothing else is known."""
    return DONE_TASK if call.step == "run_task" else DONE


def started(start: StartStep) -> StepStarted:
    """The event that answers the command, of a step without a time."""
    call = start.call
    return StepStarted(start.key, call.step, call.name, start.line, start.path, start.target)


def _taken(node: RunNode, starts: Sequence[StartStep]) -> list[Instance]:
    """Their instances, in order, off the queue."""
    taken = [node.queue.popleft() for _ in starts]
    for instance, start in zip(taken, starts, strict=True):
        if instance.key != start.key or instance.phase is not Phase.WAITING:
            raise ValueError(f"{start.key} is not what the run would start next: {instance.key} is")
    return taken
