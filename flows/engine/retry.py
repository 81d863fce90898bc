"""Whether an attempt that did not succeed is followed by another (R28)."""

from flows.engine.commands import Call
from flows.engine.definitions import TaskPolicy
from flows.engine.events import Outcome
from flows.engine.status import StepStatus


def retry_delay(call: Call, policy: TaskPolicy, failed_attempts: int, outcome: Outcome) -> float | None:
    """Seconds until the next attempt, or None when the step has failed. ``failed_attempts`` includes this one.

    An attempt whose outcome is unknown may have done its work, so only a task that is safe to repeat is retried; while
    one still runs there, no other is made beside it.
    """
    if outcome.status is StepStatus.UNKNOWN and policy.on_interrupt != "retry":
        return None
    if outcome.status not in {StepStatus.FAILED, StepStatus.UNREACHABLE, StepStatus.UNKNOWN}:
        return None
    retries = policy.retries if call.retries is None else call.retries
    return policy.retry_delay if failed_attempts <= retries else None
