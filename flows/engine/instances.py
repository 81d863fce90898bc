"""One element in one run: what its script waits for, and how far it came. Changed by the engine alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from flows.engine.commands import Call, InstanceId
from flows.engine.events import Outcome, StepKey, StepStarted
from flows.engine.lockstep import START, Track
from flows.engine.status import ElementState

if TYPE_CHECKING:
    from flows.engine.tree import Approval, ChildGroup


class Phase(Enum):
    """What a script instance is doing."""

    PENDING = auto()  # its script has not begun
    IN_SCRIPT = auto()  # the host runs it
    WAITING = auto()  # it waits at a step that has not started
    STEPPING = auto()  # an attempt of its step is under way
    RETRYING = auto()  # its last attempt failed, the next has a time
    ASKING = auto()  # its attempt was interrupted, an operator decides (R36)
    ENDED = auto()


#: Phases in which a step of the instance is not over: no next wave can be chosen. (Enums are found by identity in a
#: tuple, and hashed in Python for a set.)
UNDER_WAY = (Phase.STEPPING, Phase.RETRYING, Phase.ASKING)

NOWHERE = StepKey(-1, "", 0, 0, 0)


@dataclass(slots=True, eq=False)
class Instance:
    """One element in one run, and how far its script came.

    ``key`` is the attempt that waits or is under way; ``target`` the element whose line the instance stands in, or
    heads while it works there (R27); ``group`` what it shares its step with.
    """

    identity: InstanceId
    index: int
    phase: Phase = Phase.PENDING
    call: Call | None = None
    key: StepKey = NOWHERE
    track: Track = START
    turns: dict[int, int] = field(default_factory=dict)
    failed_attempts: int = 0
    started: bool = False  # one of its steps was started (R31)
    decided: ElementState | None = None  # the state it will end with
    message: str = ""
    said: str = ""  # the text of its finish or fail (R12)
    unwinding: bool = False  # on its way out: only finally steps are left
    stop_pending: bool = False  # gets Stop at its next step outside of finally
    holds_slot: bool = False
    target: str | None = None
    group: "ChildGroup | Approval | None" = None
    last_step: tuple[int, int] | None = None
    step_started: StepStarted | None = None
    last_outcome: Outcome | None = None
    steps: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def element(self) -> str:
        """The element's name."""
        return self.identity.element

    @property
    def waiting_call(self) -> Call:
        """The step that the script asked for last."""
        if self.call is None:
            raise AssertionError(f"{self.element} has not asked for a step")
        return self.call

    @property
    def aim(self) -> str:
        """The element that the step works on: the caller itself, or the one that it named (R27)."""
        return self.waiting_call.element or self.identity.element

    def reach(self, track: Track, call: Call) -> None:
        """The script asks for this step now; ``track`` leads to the call's site."""
        site = call.site
        turn = self.turns.get(site, 0) + 1
        self.turns[site] = turn
        self.key = StepKey(self.identity.run, self.identity.element, site, turn)
        self.call, self.track = call, track
        self.failed_attempts = 0
        self.step_started = self.last_outcome = self.group = None

    def try_again(self) -> None:
        """The next attempt of the same step."""
        self.key = self.key._replace(attempt=self.key.attempt + 1)
