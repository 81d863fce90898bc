"""What the parts of the engine share: the tree, what is to be recorded and resumed, and the elementary changes."""

from collections import deque
from dataclasses import dataclass, field

from flows.engine.commands import EndWait, Record, Resume, ResumeScripts, Resumption, Stop, TerminateStep
from flows.engine.definitions import Definitions
from flows.engine.events import ElementFinished, Fact, StepFinished, StepKey
from flows.engine.instances import Instance
from flows.engine.status import ElementState, RunState
from flows.engine.tree import Approval, RunNode

MAX_DEPTH = 16
"""How deep child flows may be nested; the root's depth is 0 (R25)."""


@dataclass(slots=True, eq=False)
class Core:
    """The state of one root run. ``open`` are the runs that have not ended, parents before children.

    ``heads`` are the instances that work on an element or may do so next, ``lines`` those that wait for it (R27);
    ``questions`` are about interrupted steps (R36), ``approvals`` those of scripts (R14), both by number, and
    ``approval_timers`` the latter's numbers by the key of their first caller. ``unarmed`` are the timers that the
    driver has not heard of.
    """

    definitions: Definitions
    seed: str = ""
    runs: list[RunNode] = field(default_factory=list)
    open: list[RunNode] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    resumptions: list[Resumption] = field(default_factory=list)
    in_script: int = 0
    timers: dict[StepKey, float] = field(default_factory=dict)
    unarmed: dict[StepKey, float] = field(default_factory=dict)
    endings: dict[StepKey, EndWait | TerminateStep] = field(default_factory=dict)
    heads: dict[str, Instance] = field(default_factory=dict)
    lines: dict[str, deque[Instance]] = field(default_factory=dict)
    questions: dict[int, tuple[RunNode, Instance]] = field(default_factory=dict)
    approvals: dict[int, Approval] = field(default_factory=dict)
    approval_timers: dict[StepKey, int] = field(default_factory=dict)
    asked: int = 0
    paused_by: str | None = None
    cancels: int = 0
    cancelled_by: str = ""
    state: RunState = RunState.QUEUED
    reason: str = ""

    @property
    def skips_finally(self) -> bool:
        """True after the second cancel (R34)."""
        return self.cancels > 1

    @property
    def ended(self) -> bool:
        """True when the root run has its final state."""
        return bool(self.runs) and not self.open

    def locate(self, key: StepKey) -> tuple[RunNode, Instance]:
        """The run and the instance that a step belongs to. Raises ``KeyError`` for what this run does not have."""
        if key.run >= len(self.runs):
            raise KeyError(f"no run {key.run} in this tree")
        node = self.runs[key.run]
        return node, node.instances[key.element]

    def record(self, fact: Fact | StepFinished) -> None:
        """Have a fact appended to the journal."""
        self.records.append(Record(fact))

    def resume(self, node: RunNode, instance: Instance, resume: Resume) -> None:
        """Let the script go on, unless the second cancel skips what is left of it."""
        if self.cancels > 1:
            self.finish_element(node, instance, instance.decided or ElementState.STOPPED)
            return
        node.enter_script(instance)
        self.in_script += 1
        self.resumptions.append(Resumption(instance.identity, resume))

    def raise_stop(self, node: RunNode, instance: Instance, state: ElementState) -> None:
        """End the script but for its ``finally`` blocks (R31, R34)."""
        instance.unwinding, instance.stop_pending = True, False
        instance.decided = instance.decided or state
        self.resume(node, instance, Stop())

    def finish_element(self, node: RunNode, instance: Instance, state: ElementState) -> None:
        """The element has its final state in this run."""
        node.free_slot(instance)
        node.end(instance)
        instance.decided = state
        self.record(ElementFinished(node.number, instance.element, state, instance.message, instance.last_step))

    def drop_pending(self, node: RunNode) -> None:
        """Elements whose script has not begun will not start."""
        for instance in node.pending:
            self.finish_element(node, instance, ElementState.NOT_STARTED)
        node.pending.clear()

    def set_timer(self, key: StepKey, due_at: float) -> None:
        """Have the driver told of it that something is over at this time (Unix seconds)."""
        self.timers[key] = self.unarmed[key] = due_at

    def forget_step(self, key: StepKey) -> None:
        """The attempt is over: nobody waits for its timer or its end."""
        if key in self.timers:
            del self.timers[key]
            self.unarmed.pop(key, None)
        if self.endings:
            self.endings.pop(key, None)

    def close_approval(self, approval: Approval) -> None:
        """The question is answered, or asked no more; nothing happens if it is not open."""
        if approval.number is not None and self.approvals.pop(approval.number, None) is not None:
            key = approval.callers[0].key
            self.approval_timers.pop(key, None)
            self.forget_step(key)

    def flush(self) -> list[Record | ResumeScripts]:
        """What the driver has to do now: append the records, run the scripts."""
        commands: list[Record | ResumeScripts] = []
        if self.records:
            commands += self.records
            self.records = []
        if self.resumptions:
            commands.append(ResumeScripts(tuple(self.resumptions)))
            self.resumptions = []
        return commands
