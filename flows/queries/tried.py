"""What came of the test of one task: the outcome of its one step, as soon as there is one."""

from typing import Any, Final

from flows.engine.status import RUN_ENDED
from flows.models import Run, StepOutput, StepRun
from flowsite.kernel.errors import Conflict

#: Bytes of output that are told; a run's log has all of it.
MAX_OUTPUT: Final = 64 * 1024


class NotATest(Conflict):
    """The run is of a flow or a draft: it has no one step whose outcome could be told."""

    code = "not_a_test"


def outcome_of_try(run: Run) -> dict[str, Any]:
    """The run's ``state``, and of its step's last attempt status, exit code, output and data; None while it goes on.

    ``output`` has both streams in the order in which they came, masked as it was stored. ``attempts`` is their number,
    ``duration_s`` the time from the first one's start to the last one's end. A step that never ran, because its element
    or the run was stopped, has a ``message`` alone. Raises ``NotATest``. At most 3 queries.
    """
    tried = getattr(run, "tried", None)
    if tried is None or not tried.task:
        raise NotATest(f"run {run.pk} is no test of one task; GET runs/{run.pk}/steps has its steps")
    told: dict[str, Any] = {"state": run.state, "reason": run.reason, **dict.fromkeys(_OUTCOME)}
    if run.state not in RUN_ENDED:
        return told
    attempts = list(StepRun.objects.filter(run=run, step="run_task").order_by("attempt"))
    return told | (_outcome(attempts) if attempts else {"message": run.reason or _why_not(run)})


_OUTCOME = ("status", "exit_code", "output", "pieces", "data", "message", "attempts", "duration_s", "command")


def _outcome(attempts: list[StepRun]) -> dict[str, Any]:
    last = attempts[-1]
    began_at = attempts[0].started_at
    printed = _printed(last)
    return {
        "status": last.status,
        "exit_code": last.exit_code,
        "output": b"".join(content for _, content in printed).decode(errors="replace"),
        "pieces": [(stream, content.decode(errors="replace")) for stream, content in printed],
        "data": last.result.get("data"),
        "message": last.reason,
        "attempts": len(attempts),
        "duration_s": None if began_at is None else round((last.finished_at - began_at).total_seconds(), 3),
        "command": last.result.get("command"),
    }


def _printed(step: StepRun) -> list[tuple[str, bytes]]:
    """What it printed with its streams, in the order in which it came, at most ``MAX_OUTPUT`` bytes of it."""
    rows = StepOutput.objects.filter(
        run_id=step.run_id, element_name=step.element_name, site=step.site, turn=step.turn, attempt=step.attempt
    )
    found, left = [], MAX_OUTPUT
    for stream, content in rows.order_by("id").values_list("stream", "content"):
        found.append((stream, bytes(content)[:left]))
        left -= len(found[-1][1])
    return [(stream, content) for stream, content in found if content]


def _why_not(run: Run) -> str:
    """What the element says, of a run that ended before its step."""
    return run.elements.values_list("message", flat=True).first() or f"it is {run.state} and ran nothing"
