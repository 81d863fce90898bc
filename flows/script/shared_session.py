"""One session that many elements share: each is a coroutine in it (3.6). Everything here blocks: it runs in a thread.

A turn settles what its members waited for and goes on until all wait again. Between two calls of the host only one
member runs, so that the limits of a turn (R44) are those of a member; but one that exceeds them ends the session.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.script.calls import Answer, Begin, Call, Paused, Resume
from flows.script.coroutines import BROKE, SharedProgram
from flows.script.history import unpack
from flows.script.instance import STEP_CALL, Instance
from flows.script.language import ENDINGS
from flows.script.sandbox import Sandbox
from flows.script.states import Asked, Broke, Finished, Give, Idle, Reply, Wanted


@dataclass(slots=True)
class Turn:
    """What a turn brought: answers by member, the members that broke, and how the session ended if it did."""

    answers: dict[int, Answer] = field(default_factory=dict)
    broken: list[int] = field(default_factory=list)
    end: Broke | None = None


@dataclass
class SharedSession:
    """Members are numbered in the order in which they began. It is dead after a turn that says how it ended."""

    sandbox: Sandbox
    program: SharedProgram
    members: list[Instance]
    memory_bytes: int
    tickets: dict[int, int] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)
    is_stopping: bool = False

    def __post_init__(self) -> None:
        self._machine: Any = None
        self._dump: bytes | None = None
        self._wall_s = 0.0
        self._requests = 0
        self.numbers = {instance.identity: number for number, instance in enumerate(self.members)}

    @property
    def is_alive(self) -> bool:
        """True while it holds a worker."""
        return self._machine is not None

    @property
    def is_over(self) -> bool:
        """True when no member goes on here."""
        return len(self.over) == len(self.members)

    def begin(self, wall_s: float) -> Turn:
        """Start all members; ``wall_s`` ends a turn by the wall clock."""
        self._open(wall_s)
        for instance in self.members:
            instance.going_on(Begin())
        self._machine.run(self.program.code, self._variables())
        return self._until_idle(Turn())

    def go_on(self, resumes: Sequence[tuple[int, Resume]], wall_s: float) -> Turn:
        """Resume members, each once, in this order."""
        if self._machine is None or self._wall_s != wall_s:
            self.put_away()
            self._open(wall_s)
            self._machine.load(zlib.decompress(self._dump or b""))
            self._dump = None
        replies: dict[int, Reply] = {}
        for number, resume in resumes:
            reply = self.members[number].going_on(resume)
            assert reply is not None
            replies[self.tickets.pop(number)] = reply
        if isinstance(self._machine.state, Idle):
            self._machine.settle(replies)
        return self._until_idle(Turn())

    def catch_up(self, wall_s: float) -> Broke | None:
        """Start all members and resume them as their histories tell; says how the session ended if it did."""
        turn = self.begin(wall_s)
        histories = [instance.history for instance in self.members]
        for nth in range(1, max(map(len, histories), default=0)):
            if turn.end or turn.broken:
                break
            due = [number for number, history in enumerate(histories) if len(history) > nth and number in self.tickets]
            turn = self.go_on([(number, unpack(histories[number][nth])) for number in due], wall_s)
        if turn.broken and turn.end is None:
            return Broke("RuntimeError", "a replay went another way", ())
        return turn.end

    def leave(self, number: int) -> None:
        """The member goes on elsewhere: here it waits for ever."""
        self.tickets.pop(number, None)
        self.over.add(number)

    def put_away(self) -> None:
        """Keep it as bytes, without a worker."""
        if self._machine is not None:
            self._dump = zlib.compress(self._machine.dump(), 1)
            self.close()

    def close(self) -> None:
        """Give the worker back."""
        machine, self._machine = self._machine, None
        if machine is not None:
            machine.close()

    def _open(self, wall_s: float) -> None:
        self._wall_s = wall_s
        self._machine = self.sandbox.shared_machine(memory_bytes=self.memory_bytes, wall_s=wall_s)

    def _variables(self) -> dict[str, Any]:
        variables = self.members[0].variables
        elements = variables.elements
        in_list = self.program.elements == "from_the_start"
        names: dict[str, Any] = {
            "__members": [
                (number, one.place, None if in_list else elements[one.place]) for number, one in enumerate(self.members)
            ],
            "last": len(elements) - 1,
            "inputs": variables.inputs,
            "run": variables.run,
        }
        return {**names, "elements": list(elements)} if in_list else names

    def _until_idle(self, turn: Turn) -> Turn:
        """Serve what members ask until all wait."""
        self._requests = 0
        while not self.is_stopping:
            match self._machine.state:
                case Idle() | Finished():
                    return turn
                case Broke() as broke:
                    turn.end = broke
                    return turn
                case Wanted(name="elements"):
                    self._machine.bind(list(self.members[0].variables.elements))
                case Wanted():
                    self._machine.refuse()
                case Asked() as asked:
                    self._serve(asked, turn)
            if self._requests > self.members[0].limits.requests:
                turn.end = Broke("RuntimeError", "a member asked for ever for what it cannot have", ())
                return turn
        turn.end = Broke("RuntimeError", "the host closes", ())
        return turn

    def _serve(self, asked: Asked, turn: Turn) -> None:
        self._requests += 1
        if asked.function == "__ended":
            number, how = asked.args
            self._end(number, how, turn)
            self._machine.reply(Give(None))
            return
        number, plain, line = self._whose(asked)
        instance = self.members[number]
        answer = instance.answer(plain, line)
        if isinstance(answer, Call):
            self._pause(number, instance.paused(answer), asked.ticket, turn)
        else:
            self._machine.reply(answer)

    def _whose(self, asked: Asked) -> tuple[int, Asked, int | None]:
        """Who asks, and what as in a session of its own. What the sandbox itself asks is answered alike for all."""
        if asked.is_world:
            return 0, asked, None
        if asked.function in ENDINGS:
            number, line, *args = asked.args
            return number, Asked(asked.function, tuple(args), asked.kwargs, False, 0), line
        if asked.function == "__uncaught" or STEP_CALL.fullmatch(asked.function):
            return asked.args[0], Asked(asked.function, asked.args[1:], asked.kwargs, False, 0), None
        return 0, asked, None

    def _pause(self, number: int, answer: Answer, ticket: int, turn: Turn) -> None:
        turn.answers[number] = answer
        self._requests = 0
        if isinstance(answer, Paused):
            self.tickets[number] = ticket
        else:
            self.over.add(number)
        self._machine.put_off()

    def _end(self, number: int, how: str, turn: Turn) -> None:
        instance = self.members[number]
        self._requests = 0
        self.over.add(number)
        if how == BROKE and not instance.verdict and not instance.is_stopped:
            turn.broken.append(number)
        else:
            turn.answers[number] = instance.ended()
