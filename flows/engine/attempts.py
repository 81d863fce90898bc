"""What follows from the end of one attempt: another one, a question, or the end of its step (R28, R36)."""

from flows.engine.commands import Call
from flows.engine.core import Core
from flows.engine.definitions import TaskPolicy
from flows.engine.events import Outcome, QuestionAnswered, QuestionAsked
from flows.engine.instances import Instance, Phase
from flows.engine.outcomes import finish_step, finish_stopped_step
from flows.engine.retry import chance_of, retry_delay
from flows.engine.status import StepStatus
from flows.engine.tree import RunNode, Stopping

#: What an attempt that a cancel ended may turn out to be (R34).
ENDED_BY_CANCEL = frozenset(
    {StepStatus.CANCELLED, StepStatus.STILL_RUNNING_THERE, StepStatus.UNKNOWN, StepStatus.INTERRUPTED}
)


def step_finished(core: Core, node: RunNode, instance: Instance, outcome: Outcome, at: float) -> None:
    """An attempt has its outcome: try again, ask, or let the script have it."""
    if outcome.ok:
        finish_step(core, node, instance, outcome)
    elif _is_stopped(core, node, instance) and _ended_by_stop(core, node, outcome):
        finish_stopped_step(core, node, instance)
    elif outcome.status is StepStatus.INTERRUPTED:
        _interrupted(core, node, instance)
    elif not _retried(core, node, instance, outcome, at):
        finish_step(core, node, instance, outcome)


def answer_question(core: Core, answered: QuestionAnswered) -> None:
    """An operator decided about an interrupted step; an answer that does not fit the question changes nothing (R36)."""
    if answered.answer not in ("retry", "succeeded", "failed"):
        return
    node, instance = core.questions.pop(answered.question)
    match answered.answer:
        case "retry":
            _try_again(node, instance)
        case "succeeded":
            finish_step(core, node, instance, Outcome(StepStatus.SUCCEEDED))
        case "failed":
            finish_step(core, node, instance, Outcome(StepStatus.FAILED, f"treated as failed by {answered.by}"))


def _ended_by_stop(core: Core, node: RunNode, outcome: Outcome) -> bool:
    """True when this outcome is the stop's doing; other stops than a cancel let running steps finish and count."""
    if node.stopping is Stopping.CANCEL or core.skips_finally:
        return outcome.status in ENDED_BY_CANCEL
    return outcome.status is StepStatus.INTERRUPTED


def _is_stopped(core: Core, node: RunNode, instance: Instance) -> bool:
    """True when the step is one that a stop ends: it is in no ``finally``, or the second cancel skips those."""
    return instance.stop_pending and (core.skips_finally or not node.site(instance.key.site).in_finally)


def _retried(core: Core, node: RunNode, instance: Instance, outcome: Outcome, at: float) -> bool:
    call = instance.waiting_call
    if call.step != "run_task":
        return False
    instance.failed_attempts += 1
    instance.last_outcome = outcome
    policy = _policy(core, call)
    chance = chance_of(core.seed, instance.key) if policy.retry_jitter else 0.0
    delay = retry_delay(call, policy, instance.failed_attempts, outcome, chance)
    if delay is None or _is_stopped(core, node, instance):
        return False
    instance.try_again()
    node.step(instance, Phase.RETRYING)
    core.set_timer(instance.key, at + delay)
    return True


def _interrupted(core: Core, node: RunNode, instance: Instance) -> None:
    """Nobody knows what became of the attempt: its task says what follows; other steps repeat harmlessly (R36)."""
    call = instance.waiting_call
    match _policy(core, call).on_interrupt if call.step == "run_task" else "retry":
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
    message = f"{call.name} on {instance.aim}: the worker died while it ran, nobody knows whether it finished"
    core.record(QuestionAsked(core.asked, instance.key, message, callers=(instance.element,)))
    node.step(instance, Phase.ASKING)


def _try_again(node: RunNode, instance: Instance) -> None:
    instance.try_again()
    node.step(instance, Phase.RETRYING)
    node.queue.appendleft(instance)


def _policy(core: Core, call: Call) -> TaskPolicy:
    name = call.name or ""
    return core.definitions.tasks.get(name) or TaskPolicy(name)
