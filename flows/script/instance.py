"""One script of one element: what it asked, what it decided, how far it may go."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
from flows.script.history import Packed
from flows.script.language import ENDINGS, STEPS
from flows.script.prelude import STEP_FAILED, WHERE, all_elements
from flows.script.program import Program
from flows.script.sandbox import Machine, SandboxError
from flows.script.states import Asked, Broke, Finished, Give, Reply, State, Throw, Wanted

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
    """One script instance. ``verdict`` is the first that it made; ``is_stopped`` after ``Stop``.

    It decides what its script is answered with, whatever session the script runs in. ``everyone`` are the names of
    all elements, in order: what ``elements=elements`` passes. ``history`` is what it was resumed with so far: a new
    instance that goes through it stands where this one waits.
    """

    identity: InstanceId
    program: Program
    variables: Variables
    place: int
    limits: Limits
    everyone: tuple[str, ...] = ()
    verdict: Verdict | None = None
    is_stopped: bool = False
    steps: int = 0
    requests: int = 0
    last_site: Site | None = None
    history: list[Packed] = field(default_factory=list)
    waits: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def advance(self, machine: Machine, resume: Resume) -> Answer:
        """Go on, in a session of its own, to the next step or the end."""
        reply = self.going_on(resume)
        if isinstance(machine.state, Broke):
            pass  # its worker ended while the session was loaded
        elif reply is None:
            await machine.run(self.program.code, self._names())
        else:
            await machine.reply(reply)
        while True:
            match machine.state:
                case Finished():
                    return self.ended()
                case Broke() as broke:
                    await self._judge(machine, broke)
                    return self.ended()
                case Wanted() as wanted:
                    await self._look_up(machine, wanted)
                case Asked() as asked:
                    answer = self.answer(asked, self._line(asked) if asked.function in ENDINGS else None)
                    if isinstance(answer, Call):
                        return self.paused(answer)
                    await machine.reply(answer)
            if self.asks_too_often():
                message = TOO_MANY_REQUESTS.format(self.limits.requests)
                self._decide(Verdict("error", message, self._line(machine.state)))
                return self.ended()

    def going_on(self, resume: Resume) -> Reply | None:
        """What the call that it waits for is answered with; None at the beginning."""
        self.requests = 0
        match resume:
            case Begin():
                return None
            case Return(value):
                return Give(value)
            case RaiseStepFailed(message):
                if self.last_site and not self.last_site.caught:
                    # A context manager of the author may swallow it: the element has failed all the same (R29).
                    self._decide(Verdict("failed", message, self.last_site.line, is_raised=True))
                return Throw("StepFailed", message)
            case Stop():
                self.is_stopped = True
                return Throw("SystemExit", "stopped")

    def answer(self, asked: Asked, line: int | None) -> Call | Reply:
        """The step that it waits for from now on, or what it is answered with at once."""
        step = None if asked.is_world else STEP_CALL.fullmatch(asked.function)
        if step and self._is_site(step[1], int(step[2])):
            return self._step(step[1], int(step[2]), asked)
        if asked.is_world:
            return Throw("RuntimeError", NO_WORLD.format(asked.function))
        if asked.function in ENDINGS:
            kind, message = ending_of(asked.function, asked.args, asked.kwargs)
            self._decide(Verdict(kind, message, line))
            return Throw("SystemExit", kind)
        if told := _told(asked):
            self._decide(self._verdict(*told))
            return Give(None)
        return Throw("NameError", f"name {asked.function!r} is not defined")

    def asks_too_often(self) -> bool:
        """Count one more request that was no step."""
        self.requests += 1
        return self.requests > self.limits.requests

    def paused(self, call: Call) -> Answer:
        """It waits at a step, unless that is one too many."""
        self.steps += 1
        self.last_site = self.program.sites[call.site - 1]
        if self.steps <= self.limits.steps:
            return Paused(self.identity, call, self.verdict)
        self._decide(Verdict("error", TOO_MANY_STEPS.format(self.limits.steps), self.last_site.line))
        return self.ended()

    def ended(self) -> Answer:
        """It is over."""
        return Ended(self.identity, self.verdict)

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

    def _is_site(self, step: str, number: int) -> bool:
        return 0 < number <= len(self.program.sites) and self.program.sites[number - 1].step == step

    def _step(self, step: str, number: int, asked: Asked) -> Call | Reply:
        if (self.verdict or self.is_stopped) and not self.program.sites[number - 1].in_finally:
            # Only an author's own context manager can have swallowed the exception: it goes on, to the `finally`s.
            return Throw("SystemExit", "already decided")
        kwargs = asked.kwargs
        is_everyone = "elements" in kwargs and kwargs["elements"] == all_elements(len(self.everyone))
        try:
            call = call_of(step, number, asked.args, {**kwargs, "elements": []} if is_everyone else kwargs)
        except WrongArgument as error:
            return Throw("TypeError", str(error))
        return replace(call, elements=self.everyone) if is_everyone else call

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
