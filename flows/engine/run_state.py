"""The state of a root run that has not ended, told when it changes."""

from flows.engine.core import Core
from flows.engine.events import RunStateChanged
from flows.engine.status import RunState
from flows.engine.tree import Refresh, RunNode


def tell_state(core: Core) -> None:
    """Record the root's state if it is another than before."""
    is_plain = core.paused_by is None and not core.questions and not core.approvals
    if (is_plain and core.state is RunState.RUNNING) or not core.open:
        return
    state, reason = RunState.RUNNING, ""
    if core.paused_by is not None:
        state, reason = RunState.PAUSED, f"paused by {core.paused_by}"
    elif core.questions:
        # Without a number: it would be that of the moment when the first question was asked.
        state, reason = RunState.NEEDS_ATTENTION, "what was interrupted needs a decision"
    elif core.approvals and _only_waits_for_answers(core):
        message = next(iter(core.approvals.values())).message
        state, reason = RunState.WAITING, f"approval: {message}"
    if state is not core.state or (state is RunState.WAITING and reason != core.reason):
        core.state, core.reason = state, reason
        core.record(RunStateChanged(0, state, reason))


def _only_waits_for_answers(core: Core) -> bool:
    """True when everybody whose step is under way waits for an approval, or for a child flow whose elements do."""
    if core.in_script or any(_has_something_to_do(node) for node in core.open):
        return False
    waiting = sum(len(approval.callers) for approval in core.approvals.values())
    calling = sum(len(group.callers) for node in core.open for group in node.groups if group.child is not None)
    return sum(node.stepping for node in core.open) == waiting + calling


def _has_something_to_do(node: RunNode) -> bool:
    begins_child = any(group.child is None for group in (node.groups if node.serial else node.groups[:1]))
    return (
        bool(node.queue) or begins_child or node.refresh is not Refresh.NONE or (not node.active and bool(node.pending))
    )
