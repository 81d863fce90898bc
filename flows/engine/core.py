"""What the parts of the engine share: the tree, what is to be recorded and resumed, and the elementary changes."""

from dataclasses import dataclass, field

from flows.engine.commands import EndWait, InstanceId, Record, Resume, ResumeScripts, Resumption, Stop, TerminateStep
from flows.engine.definitions import Definitions
from flows.engine.events import ElementFinished, Fact, StepFinished, StepKey
from flows.engine.status import ElementState, RunState
from flows.engine.tree import Instance, RunNode

MAX_DEPTH = 16
"""Runs in a path, the root included (R25)."""


@dataclass(slots=True, eq=False)
class Core:
    """The state of one root run. ``open`` are the runs that have not ended, parents before children."""

    definitions: Definitions
    runs: list[RunNode] = field(default_factory=list)
    open: list[RunNode] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    resumptions: list[Resumption] = field(default_factory=list)
    in_script: int = 0
    timers: dict[StepKey, float] = field(default_factory=dict)
    armed: set[StepKey] = field(default_factory=set)
    endings: dict[StepKey, EndWait | TerminateStep] = field(default_factory=dict)
    questions: dict[int, tuple[RunNode, Instance]] = field(default_factory=dict)
    approvals: dict[StepKey, int] = field(default_factory=dict)
    asked: int = 0
    paused_by: str | None = None
    cancels: int = 0
    cancelled_by: str = ""
    state: RunState = RunState.QUEUED

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
        if self.skips_finally:
            self.finish_element(node, instance, instance.decided or ElementState.STOPPED)
            return
        node.enter_script(instance)
        self.in_script += 1
        self.resumptions.append(Resumption(InstanceId(node.number, instance.element), resume))

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

    def forget_step(self, key: StepKey) -> None:
        """The attempt is over: nobody waits for its timer or its end."""
        self.timers.pop(key, None)
        self.armed.discard(key)
        self.endings.pop(key, None)

    def abandon_step(self, node: RunNode, instance: Instance) -> None:
        """The instance's step will not start, not be tried again and not be asked about."""
        self.forget_step(instance.key(node.number))
        self.questions = {number: asked for number, asked in self.questions.items() if asked[1] is not instance}
        if instance in node.queue:
            node.queue.remove(instance)

    def flush(self) -> list[Record | ResumeScripts]:
        """What the driver has to do now: append the records, run the scripts."""
        commands: list[Record | ResumeScripts] = [*self.records]
        self.records = []
        if self.resumptions:
            commands.append(ResumeScripts(tuple(self.resumptions)))
            self.resumptions = []
        return commands
