"""Approvals: callers of one wave that ask the same are one question, and each gets its answer (R14, R20)."""

from collections.abc import Iterable

from flows.engine.core import Core
from flows.engine.events import Outcome, QuestionAnswered, QuestionAsked
from flows.engine.instances import Instance
from flows.engine.outcomes import finish_step, record_outcome, refuse
from flows.engine.status import StepStatus
from flows.engine.tree import Approval

APPROVAL_OPTIONS = ("approve", "reject")


def share_questions(callers: Iterable[Instance]) -> None:
    """Callers with the same message, timeout and check wait for the same answer; the first one names the question."""
    shared: dict[tuple[str, float | None, bool], Approval] = {}
    for caller in callers:
        call = caller.waiting_call
        same = (call.name or "", call.timeout, call.check)
        approval = shared.setdefault(same, Approval([], call.name or "", call.check))
        approval.callers.append(caller)
        caller.group = approval


def approval_started(core: Core, caller: Instance) -> None:
    """One more caller waits; when all do, the question is asked, and times out when that of its first caller does."""
    approval = caller.group
    assert isinstance(approval, Approval), f"{caller.element} waits for an approval that nobody shares"
    approval.started += 1
    if approval.started == len(approval.callers):
        _ask(core, approval)


def _ask(core: Core, approval: Approval) -> None:
    core.asked += 1
    approval.number = core.asked
    core.approvals[core.asked] = approval
    first = approval.callers[0]
    until = first.step_started.until if first.step_started else None
    core.approval_timers[first.key] = core.asked
    if until is not None:
        core.set_timer(first.key, until)
    callers = tuple(caller.element for caller in approval.callers)
    core.record(QuestionAsked(core.asked, first.key, approval.message, APPROVAL_OPTIONS, "approval", callers, until))


def answer_approval(core: Core, answered: QuestionAnswered) -> None:
    """Somebody decided, or nobody did in time; an answer that does not fit the question changes nothing."""
    approval = core.approvals[answered.question]
    outcome = _outcome(approval, answered)
    if outcome is None:
        return
    core.close_approval(approval)
    node = core.runs[approval.callers[0].identity.run]
    for caller in approval.callers:
        record_outcome(core, caller, outcome)
    if approval.check and not outcome.ok:
        refuse(core, node, approval, outcome)
        return
    for caller in approval.callers:
        finish_step(core, node, caller, outcome)


def _outcome(approval: Approval, answered: QuestionAnswered) -> Outcome | None:
    result = {"by": answered.by, "comment": answered.comment}
    match answered.answer:
        case "approve":
            return Outcome(StepStatus.SUCCEEDED, result=result)
        case "reject":
            comment = f": {answered.comment}" if answered.comment else ""
            return Outcome(StepStatus.FAILED, f"refused by {answered.by}{comment}", result=result)
        case "timed_out":
            timeout_s = approval.callers[0].waiting_call.timeout or 0
            return Outcome(StepStatus.FAILED, f"nobody answered within {told_time(timeout_s)}", result=result)
        case _:
            return None


def told_time(seconds: float) -> str:
    """A span of time in the largest unit that divides it: ``24 h``, ``5 min``, ``90 s``."""
    for unit_s, unit in ((3_600, "h"), (60, "min")):
        if seconds >= unit_s and seconds % unit_s == 0:
            return f"{seconds / unit_s:g} {unit}"
    return f"{seconds:g} s"
