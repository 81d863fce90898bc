"""One script of one element: what it asked, what it decided, how far it may go."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.script.analysis import Site
from flows.script.arguments import WrongArgument, call_of, ending_of
from flows.script.calls import (
    Answer,
    Begin,
    Call,
    Ended,
    InstanceId,
    Paused,
    RaiseStepFailed,
    Resume,
    Return,
    Stop,
    Variables,
    Verdict,
)
from flows.script.explain import verdict_of
from flows.script.language import ENDINGS, STEPS
from flows.script.prelude import STEP_FAILED, WHERE, all_elements
from flows.script.program import Program
from flows.script.sandbox import Asked, Broke, Finished, Machine, SandboxError, State, Wanted

STEP_CALL: Final = re.compile(rf"({'|'.join(sorted(STEPS))})__(\d+)")
TOO_MANY_STEPS: Final = "the script asked for more than {} steps: look for a loop that never ends"
TOO_MANY_REQUESTS: Final = "the script asked for what it cannot have more than {} times without reaching a step"
NO_WORLD: Final = "scripts cannot use {}: they see no files, clock, randomness, environment or further modules"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a script may use (R44): CPU seconds between two steps, memory of a session, steps of an element.

    ``requests`` bounds what it may ask between two steps that is no step: wrong arguments, unknown functions.
    """

    turn_s: float = 1.0
    memory_bytes: int = 64 * 1024 * 1024
    memory_per_element_bytes: int = 8 * 1024
    steps: int = 10_000
    requests: int = 100

    def memory_for(self, elements: int) -> int:
        """The memory of a session in a run over so many elements."""
        return self.memory_bytes + elements * self.memory_per_element_bytes


@dataclass(slots=True)
class Instance:
    """One script instance. ``verdict`` is the first that it made; ``is_stopped`` after ``Stop``."""

    identity: InstanceId
    program: Program
    variables: Variables
    place: int
    limits: Limits
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    verdict: Verdict | None = None
    is_stopped: bool = False
    steps: int = 0
    requests: int = 0
    last_site: Site | None = None

    async def advance(self, machine: Machine, resume: Resume) -> Answer:
        """Go on to the next step or the end."""
        self.requests = 0
        await self._go_on(machine, resume)
        while True:
            match machine.state:
                case Finished():
                    return self._ended()
                case Broke() as broke:
                    await self._judge(machine, broke)
                    return self._ended()
                case Wanted() as wanted:
                    await self._look_up(machine, wanted)
                case Asked() as asked:
                    call = await self._answer(machine, asked)
                    if call is not None:
                        return self._paused(call)
            self.requests += 1
            if self.requests > self.limits.requests:
                message = TOO_MANY_REQUESTS.format(self.limits.requests)
                self._decide(Verdict("error", message, self._line(machine.state)))
                return self._ended()

    async def _go_on(self, machine: Machine, resume: Resume) -> None:
        if isinstance(machine.state, Broke):
            return  # its worker ended while the session was loaded
        match resume:
            case Begin():
                await machine.run(self.program.code, self._names())
            case Return(value):
                await machine.give(value)
            case RaiseStepFailed(message):
                if self.last_site and not self.last_site.caught:
                    # A context manager of the author may swallow it: the element has failed all the same (R29).
                    self._decide(Verdict("failed", message, self.last_site.line))
                await machine.throw("StepFailed", message)
            case Stop():
                self.is_stopped = True
                await machine.throw("SystemExit", "stopped")

    def _names(self) -> dict[str, Any]:
        variables, elements = self.variables, self.variables.elements
        names: dict[str, Any] = {
            "current": self.place,
            "first": 0,
            "last": len(elements) - 1,
            "element": elements[self.place],
            "inputs": variables.inputs,
            "run": variables.run,
        }
        if self.program.elements == "from_the_start":
            names["elements"] = list(elements)
        return names

    async def _look_up(self, machine: Machine, wanted: Wanted) -> None:
        if wanted.name == "elements":
            await machine.bind(list(self.variables.elements))
        else:
            await machine.refuse()

    async def _answer(self, machine: Machine, asked: Asked) -> Call | None:
        """Answer what is no step; the call of a step is left to be answered by the next ``resume``."""
        step = None if asked.is_world else STEP_CALL.fullmatch(asked.function)
        if step and 0 < int(step[2]) <= len(self.program.sites):
            return await self._step(machine, step[1], int(step[2]), asked)
        if asked.is_world:
            await machine.throw("RuntimeError", NO_WORLD.format(asked.function))
        elif asked.function in ENDINGS:
            kind, message = ending_of(asked.function, asked.args, asked.kwargs)
            self._decide(Verdict(kind, message, self._line(asked)))
            await machine.throw("SystemExit", kind)
        elif told := _told(asked):
            self._decide(self._verdict(*told))
            await machine.give(None)
        else:
            await machine.throw("NameError", f"name {asked.function!r} is not defined")
        return None

    async def _step(self, machine: Machine, step: str, number: int, asked: Asked) -> Call | None:
        if (self.verdict or self.is_stopped) and not self.program.sites[number - 1].in_finally:
            # Only an author's own context manager can have swallowed the exception: it goes on, to the `finally`s.
            await machine.throw("SystemExit", "already decided")
            return None
        kwargs = asked.kwargs
        if kwargs.get("elements") == all_elements(len(self.variables.elements)):
            kwargs = {**kwargs, "elements": list(self.variables.elements)}
        try:
            return call_of(step, number, asked.args, kwargs)
        except WrongArgument as error:
            await machine.throw("TypeError", str(error))
            return None

    def _paused(self, call: Call) -> Answer:
        self.steps += 1
        self.last_site = self.program.sites[call.site - 1]
        if self.steps <= self.limits.steps:
            return Paused(self.identity, call, self.verdict)
        self._decide(Verdict("error", TOO_MANY_STEPS.format(self.limits.steps), self.last_site.line))
        return self._ended()

    def _ended(self) -> Answer:
        return Ended(self.identity, self.verdict)

    async def _judge(self, machine: Machine, broke: Broke) -> None:
        """The script ended by an exception: the verdict, unless one was made before or it was stopped."""
        if self.verdict or self.is_stopped:
            return
        found = await look_around(machine, broke)
        # A session whose memory is full cannot tell its line: then it is the step after which it happened.
        last_line = self.last_site.line if self.last_site else 1
        line = self.program.source_line(broke.lines) or found.line or last_line
        self._decide(self._verdict(broke, line, found.blamed))

    def _verdict(self, broke: Broke, line: int | None, blamed: Sequence[str] = ()) -> Verdict:
        return verdict_of(broke, line, self.program, blamed, self.limits.turn_s)

    def _decide(self, verdict: Verdict) -> None:
        """The first verdict stands; after ``Stop`` the script decides nothing any more."""
        if self.verdict is None and not self.is_stopped:
            self.verdict = verdict

    def _line(self, state: State) -> int | None:
        return self.program.line_at(state.offset) if isinstance(state, Asked | Wanted) else None


@dataclass(frozen=True, slots=True)
class Traces:
    """What the prelude's bookkeeping tells after an error: the line that had begun, elements with the same cause."""

    line: int | None = None
    blamed: tuple[str, ...] = ()


async def look_around(machine: Machine, broke: Broke) -> Traces:
    """Ask a session that has ended by an error; one that ran out of memory or died may know nothing."""
    try:
        line, cause, blamed = await machine.evaluate(WHERE)
    except SandboxError:
        return Traces()
    is_same = cause.partition(": ")[2].strip("'\"") == broke.message.strip("'\"")
    return Traces(line or None, tuple(blamed) if is_same else ())


def _told(asked: Asked) -> tuple[Broke, int] | None:
    """The error and its line, where the rewritten script tells of one that nothing will catch."""
    match asked:
        case Asked(function="__uncaught", args=(int(line), str(kind), str(message))):
            name = "StepFailed" if kind == STEP_FAILED.rpartition(".")[2] else kind
            return Broke(name, message, ()), line
        case _:
            return None
