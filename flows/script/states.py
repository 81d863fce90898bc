"""Where a script in the sandbox stands, and what it is answered with."""

from dataclasses import dataclass
from typing import Any, Final

TIME_LIMIT: Final = "turn time limit"
"""How the message of an exceeded time limit begins."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The script calls a function that the sandbox does not have. ``is_world``: an import, a file, a clock, ...

    ``offset`` is where it does so, in bytes of the code; ``ticket`` names the call in a shared session.
    """

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    is_world: bool
    offset: int
    ticket: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The script reads a name that nobody has given."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The script reached its end."""


@dataclass(frozen=True, slots=True)
class Broke:
    """An exception left the script. ``lines`` are those of its frames, innermost last; none for an exceeded limit.

    ``cpu_s`` is what its worker used since it went on, where the system tells.
    """

    kind: str
    message: str
    lines: tuple[int, ...]
    cpu_s: float | None = None

    @property
    def is_time_limit(self) -> bool:
        """True when the script was stopped because it ran for too long."""
        return self.kind == "TimeoutError" and self.message.startswith(TIME_LIMIT)


@dataclass(frozen=True, slots=True)
class Idle:
    """Every coroutine of a shared session waits."""


@dataclass(frozen=True, slots=True)
class Give:
    """Answer a call with a value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Throw:
    """Answer a call with an exception; ``StepFailed`` is a kind like any other."""

    kind: str
    message: str


State = Asked | Wanted | Finished | Broke
Reply = Give | Throw
