"""Whether an attempt that did not succeed is followed by another, and when (R28)."""

import hashlib

from flows.engine.commands import Call
from flows.engine.definitions import TaskPolicy
from flows.engine.events import Outcome, StepKey
from flows.engine.status import StepStatus

LONGEST_DELAY_S = 86_400.0
"""A growing delay ends here, unless the task's first one is longer."""


def retry_delay(
    call: Call, policy: TaskPolicy, failed_attempts: int, outcome: Outcome, chance: float = 0.0
) -> float | None:
    """Seconds until the next attempt, or None when the step has failed. ``failed_attempts`` includes this one.

    An attempt whose outcome is unknown may have done its work, so only a task that is safe to repeat is retried; while
    one still runs there, no other is made beside it. ``chance`` is what ``chance_of`` says.
    """
    if outcome.status is StepStatus.UNKNOWN and policy.on_interrupt != "retry":
        return None
    if outcome.status not in {StepStatus.FAILED, StepStatus.UNREACHABLE, StepStatus.UNKNOWN}:
        return None
    retries = policy.retries if call.retries is None else call.retries
    return _delay(policy, failed_attempts) * (1 + policy.retry_jitter * chance) if failed_attempts <= retries else None


def _delay(policy: TaskPolicy, failed_attempts: int) -> float:
    longest = max(policy.retry_delay, LONGEST_DELAY_S)
    try:
        return min(policy.retry_delay * policy.retry_backoff ** (failed_attempts - 1), longest)
    except OverflowError:
        return longest


def chance_of(seed: str, key: StepKey) -> float:
    """A number from -1 to 1, even over all keys, that a replay finds again: from SHA-256 of the seed and the key."""
    digest = hashlib.sha256(repr((seed, *key)).encode()).digest()
    return int.from_bytes(digest[:8]) / (2**64 - 1) * 2 - 1
