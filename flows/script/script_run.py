"""One run's scripts: their variables, their program, and their instances."""

from dataclasses import dataclass, field
from functools import cached_property

from flows.script.calls import InstanceId, Variables
from flows.script.coroutines import SharedProgram, Unshareable, shared_program
from flows.script.instance import Instance, Limits
from flows.script.problem import Unreadable
from flows.script.program import Program, execution_program
from flows.script.sharing import why_not


@dataclass(frozen=True, slots=True)
class Programs:
    """A flow's script made ready: for a session of its own, and for a shared one if it may share."""

    own: Program | Unreadable
    shared: SharedProgram | None = None


def programs_of(text: str, *, share: bool) -> Programs:
    """The programs of an execution script."""
    try:
        own = execution_program(text)
        return Programs(own, shared_program(own) if share and not why_not(own) else None)
    except Unreadable as refusal:
        return Programs(refusal)
    except Unshareable:
        return Programs(own)


@dataclass
class ScriptRun:
    """The instances by element; those that have not begun are not there."""

    variables: Variables
    programs: Programs
    limits: Limits
    instances: dict[str, Instance] = field(default_factory=dict)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each element stands."""
        return {name: place for place, name in enumerate(self.everyone)}

    @cached_property
    def everyone(self) -> tuple[str, ...]:
        """The names of all elements, in order."""
        return tuple(str(element["name"]) for element in self.variables.elements)

    @property
    def memory_bytes(self) -> int:
        """What a session of this run may use (R44)."""
        return self.limits.memory_for(len(self.variables.elements))

    def made_anew(self, identity: InstanceId) -> Instance:
        """An instance that has not begun, with the history of the one that it replaces."""
        assert isinstance(self.programs.own, Program)
        place = self.positions[identity.element]
        instance = Instance(identity, self.programs.own, self.variables, place, self.limits, self.everyone)
        before = self.instances.get(identity.element)
        if before is not None:
            instance.history = before.history
        self.instances[identity.element] = instance
        return instance
