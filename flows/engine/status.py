"""The states of steps, elements and runs (``docs`` name them with exactly these words)."""

from enum import StrEnum


class Mode(StrEnum):
    """How a flow walks over its elements."""

    SERIAL = "serial"
    PARALLEL = "parallel"


class StepStatus(StrEnum):
    """What is known of one attempt of one step on one element."""

    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    STILL_RUNNING_THERE = "still_running_there"
    UNKNOWN = "unknown"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"


class ElementState(StrEnum):
    """Where one element stands in one run."""

    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    EXCLUDED = "excluded"
    SKIPPED = "skipped"
    NOT_STARTED = "not_started"


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    NEEDS_ATTENTION = "needs_attention"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: Element states that fail the callers of a child flow (R24).
FAILS_CALLER = frozenset(
    {
        ElementState.FAILED,
        ElementState.UNREACHABLE,
        ElementState.STOPPED,
        ElementState.CANCELLED,
        ElementState.NOT_STARTED,
    }
)

#: Element states that count for the error threshold (R30).
COUNTS_AS_FAILED = frozenset({ElementState.FAILED, ElementState.UNREACHABLE})

#: Run states that are final.
RUN_ENDED = frozenset({RunState.SUCCEEDED, RunState.PARTIAL, RunState.FAILED, RunState.CANCELLED})
