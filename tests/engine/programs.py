"""Scripts for engine tests: small programs that give both their step sites and a generator that walks them.

They stand in for the sandbox: a program says what to call, loops, branches, catches and unwinds as R13, R15, R19
and R29 want, and says so in the words of ``flows.engine.commands``.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flows.engine.commands import (
    Begin,
    Call,
    Ended,
    InstanceId,
    Paused,
    RaiseStepFailed,
    Resumption,
    Return,
    ScriptAnswer,
    Stop,
    Verdict,
)
from flows.engine.definitions import Definitions, FlowSpec, SiteSpec, TaskPolicy
from flows.engine.status import Mode

Where = Callable[[str], bool]


@dataclass(frozen=True)
class Step:
    """A call. ``check`` as in R13; a child's ``elements`` and a task's ``target`` (R27) may depend on the caller."""

    name: str | None = None
    step: str = "run_task"
    check: bool = True
    retries: int | None = None
    seconds: float = 0.0
    elements: Callable[[str], tuple[str, ...] | None] | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    timeout: float | None = None
    target: Callable[[str], str | None] | None = None
    told: Callable[[str], str] | None = None  # the message of an approval, where it depends on the caller


@dataclass(frozen=True)
class If:
    """A branch by element."""

    where: Where
    then: Sequence["Node"]
    otherwise: Sequence["Node"] = ()


@dataclass(frozen=True)
class Loop:
    """A ``for`` with a number of rounds that depends on the element."""

    rounds: Callable[[str], int]
    body: Sequence["Node"]


@dataclass(frozen=True)
class Try:
    """``try`` with an optional handler for StepFailed (None: no handler) and a ``finally``."""

    body: Sequence["Node"]
    handler: Sequence["Node"] | None = None
    final: Sequence["Node"] = ()


@dataclass(frozen=True)
class Raise:
    """Raises in a handler, or anywhere: an uncaught error of the script, where the element is meant."""

    where: Where = lambda _: True


@dataclass(frozen=True)
class Fail:
    """``fail(message)`` for these elements."""

    message: str = "no"
    where: Where = lambda _: True
    kind: Literal["failed", "finished", "aborted"] = "failed"


def finish(message: str = "", where: Where = lambda _: True) -> Fail:
    """``finish(message)`` (R11)."""
    return Fail(message, where, "finished")


def abort(message: str, where: Where = lambda _: True) -> Fail:
    """``abort(message)`` (R11, R35)."""
    return Fail(message, where, "aborted")


Node = Step | If | Loop | Try | Raise | Fail


class StepFailed(Exception):
    """As in scripts."""


class ScriptError(Exception):
    """An error of the script itself: only ``except Exception`` would catch it, and programs have none."""


class Unwind(BaseException):
    """What only ``finally`` sees."""


def sites_of(program: Sequence[Node]) -> tuple[SiteSpec, ...]:
    """The program's step sites in source order, with loops by their first site."""
    found: list[SiteSpec] = []
    _collect(program, found, _Around())
    return tuple(found)


@dataclass(frozen=True)
class _Around:
    loops: tuple[int, ...] = ()
    caught: bool = False
    in_finally: bool = False


def _collect(program: Sequence[Node], found: list[SiteSpec], around: _Around) -> None:
    for node in program:
        match node:
            case Step():
                number = len(found) + 1
                found.append(SiteSpec(number, node.step, number * 10, around.loops, around.caught, around.in_finally))
            case If():
                _collect(node.then, found, around)
                _collect(node.otherwise, found, around)
            case Loop():
                _collect(node.body, found, replace(around, loops=(*around.loops, len(found) + 1)))
            case Try():
                caught = around.caught or node.handler is not None
                _collect(node.body, found, replace(around, caught=caught))
                _collect(node.handler or (), found, around)
                _collect(node.final, found, replace(around, in_finally=True))


def flow(
    name: str, mode: str, program: Sequence[Node], *, concurrency: int | None = None, **rules: Any
) -> tuple[FlowSpec, Sequence[Node]]:
    """A flow over a program."""
    width = concurrency if concurrency is not None else (1 if mode == "serial" else 50)
    spec = FlowSpec(name, 1, Mode(mode), sites_of(program), concurrency=width, **rules)
    return spec, program


class Library:
    """Flows and tasks of one test."""

    def __init__(self, *flows: tuple[FlowSpec, Sequence[Node]], tasks: Sequence[TaskPolicy] = ()) -> None:
        self.programs = {spec.name: program for spec, program in flows}
        self.definitions = Definitions({spec.name: spec for spec, _ in flows}, {task.name: task for task in tasks})


class Walker:
    """One script instance."""

    def __init__(self, instance: InstanceId, program: Sequence[Node]) -> None:
        self.instance = instance
        self.verdict: Verdict | None = None
        self._number: dict[int, int] = {}
        self._count(program)
        self._script = self._run(program)

    def resume(self, resumption: Resumption) -> ScriptAnswer:
        """Go on to the next step or the end."""
        try:
            match resumption.resume:
                case Begin():
                    call = next(self._script)
                case Return(value):
                    call = self._script.send(value)
                case RaiseStepFailed(message):
                    call = self._script.throw(StepFailed(message))
                case Stop():
                    call = self._script.throw(Unwind())
        except (StopIteration, StepFailed, ScriptError, Unwind):
            return Ended(self.instance, self.verdict)
        return Paused(self.instance, call, self.verdict)

    def _count(self, program: Sequence[Node]) -> None:
        for node in program:
            match node:
                case Step():
                    self._number[id(node)] = len(self._number) + 1
                case If():
                    self._count(node.then)
                    self._count(node.otherwise)
                case Loop():
                    self._count(node.body)
                case Try():
                    self._count(node.body)
                    self._count(node.handler or ())
                    self._count(node.final)

    def _run(self, program: Sequence[Node]) -> Generator[Call, Any, None]:
        for node in program:
            match node:
                case Step():
                    yield self._call(node)
                case If():
                    yield from self._run(node.then if node.where(self.instance.element) else node.otherwise)
                case Loop():
                    for _ in range(node.rounds(self.instance.element)):
                        yield from self._run(node.body)
                case Try():
                    yield from self._try(node)
                case Raise() if node.where(self.instance.element):
                    self._decide(Verdict("error", "boom", 1))
                    raise ScriptError
                case Fail() if node.where(self.instance.element):
                    self._decide(Verdict(node.kind, node.message))
                    raise Unwind

    def _try(self, node: Try) -> Generator[Call, Any, None]:
        try:
            if node.handler is None:
                yield from self._run(node.body)
            else:
                try:
                    yield from self._run(node.body)
                except StepFailed:
                    yield from self._run(node.handler)
        except (StepFailed, ScriptError, Unwind):
            yield from self._run(node.final)
            raise
        else:  # no plain "finally": a walker that is dropped half-way must not go on
            yield from self._run(node.final)

    def _decide(self, verdict: Verdict) -> None:
        self.verdict = self.verdict or verdict

    def _call(self, node: Step) -> Call:
        me = self.instance.element
        return Call(
            node.step,
            self._number[id(node)],
            name=node.told(me) if node.told else node.name,
            check=node.check,
            timeout=node.timeout,
            retries=node.retries,
            seconds=node.seconds,
            element=node.target(me) if node.target else None,
            elements=node.elements(me) if node.elements else None,
            inputs=node.inputs,
        )


def tasks(names: str) -> list[Node]:
    """One task step per letter."""
    return [Step(name) for name in names]
