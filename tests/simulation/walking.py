"""A program on its way: one element's script as a generator, resumed with what its steps returned."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.engine.commands import Call, Verdict
from tests.simulation.program import (
    Approve,
    Child,
    Condition,
    ContextAbove,
    Decide,
    For,
    GetContext,
    If,
    Log,
    NameIn,
    Node,
    Not,
    Ok,
    Path,
    Place,
    Program,
    Returned,
    SetContext,
    Site,
    Sleep,
    Step,
    Task,
    Try,
    While,
)

APPROVAL_S = 86400.0
Steps = Generator[Call, Any, None]


class StepFailed(Exception):
    """What a script sees when a step does not succeed (R13)."""


class ScriptError(Exception):
    """An error of the script itself."""


class Leave(BaseException):
    """What only ``finally`` sees: ``fail``, ``finish``, ``abort``, and the run's stop (R11, R31)."""


class Broken(Exception):
    """The loop was left by ``break``."""


@dataclass(slots=True)
class Walk:
    """One script instance. ``call`` is what it waits for, None before its start and after its end."""

    elements: Sequence[Mapping[str, Any]]
    current: int
    program: Program
    sites: Mapping[Path, Site]
    call: Call | None = None
    ended: bool = False
    verdict: Verdict | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    _handlers: list[str] = field(default_factory=list)
    _steps: Steps | None = None

    def begin(self) -> None:
        """Go from the first line to the first step, or the end."""
        self._steps = self._block(self.program, ())
        self._go(None)

    def give(self, value: Any) -> None:
        """The step returns this."""
        self._go(value)

    def throw(self, error: BaseException) -> None:
        """The step raises ``StepFailed`` or ``Leave``."""
        self._go(None, error)

    def _go(self, value: Any, error: BaseException | None = None) -> None:
        assert self._steps is not None
        assert not self.ended
        try:
            self.call = self._steps.send(value) if error is None else self._steps.throw(error)
        except (StopIteration, Leave):
            self.call, self.ended = None, True
        except (StepFailed, ScriptError) as uncaught:
            self.call, self.ended = None, True
            self._judge(uncaught)

    # --- nodes ------------------------------------------------------------------------------------------------------

    def _block(self, program: Program, path: Path) -> Steps:
        for place, node in enumerate(program):
            yield from self._node(node, (*path, place))

    def _node(self, node: Node, path: Path) -> Steps:
        match node:
            case If():
                taken = self._holds(node.condition)
                yield from self._block(node.then if taken else node.otherwise, (*path, 0 if taken else 1))
            case For():
                rounds = node.rounds if isinstance(node.rounds, int) else self._context(node.rounds)
                yield from self._rounds(rounds, node.body, node.leave_if, path)
            case While():
                yield from self._rounds(node.limit, node.body, node.until, path)
            case Try():
                yield from self._try(node, path)
            case Decide():
                if node.condition is None or self._holds(node.condition):
                    self._decide(node)
            case _:
                value = yield self._call(node, self.sites[path].number)
                into = getattr(node, "into", None)
                if into is not None:
                    self.variables[into] = value

    def _rounds(self, rounds: int, body: Program, leave_if: Condition | None, path: Path) -> Steps:
        for _ in range(rounds):
            yield from self._block(body, (*path, 0))
            if leave_if is not None and self._holds(leave_if):
                break

    def _try(self, node: Try, path: Path) -> Steps:
        try:
            yield from self._caught(node, path)
        except (StepFailed, ScriptError, Leave):
            yield from self._block(node.final, (*path, 3))
            raise
        else:  # no plain "finally": a walk that is dropped half-way must not go on
            yield from self._block(node.final, (*path, 3))

    def _caught(self, node: Try, path: Path) -> Steps:
        if node.catches is None:
            yield from self._block(node.body, (*path, 0))
            return
        kinds: tuple[type[Exception], ...] = (
            (StepFailed,) if node.catches == "StepFailed" else (StepFailed, ScriptError)
        )
        depth = len(self._handlers)
        self._handlers.append(node.catches)
        try:
            yield from self._block(node.body, (*path, 0))
        except kinds as error:
            del self._handlers[depth:]
            yield from self._block(node.handler, (*path, 1))
            if node.raises_again:
                self._judge_if_uncaught(error)
                raise
        except (StepFailed, ScriptError, Leave):
            del self._handlers[depth:]
            raise
        else:
            del self._handlers[depth:]
            yield from self._block(node.otherwise, (*path, 2))

    def _decide(self, node: Decide) -> None:
        if node.kind == "raise":
            error = ScriptError(node.message)
            self._judge_if_uncaught(error)
            raise error
        kinds = {"fail": "failed", "finish": "finished", "abort": "aborted"}
        self.verdict = self.verdict or Verdict(kinds[node.kind], node.message)  # type: ignore[arg-type]
        raise Leave

    def _judge_if_uncaught(self, error: Exception) -> None:
        caught = bool(self._handlers) if isinstance(error, StepFailed) else "Exception" in self._handlers
        if not caught:
            self._judge(error)

    def _judge(self, error: Exception) -> None:
        is_step = isinstance(error, StepFailed)
        message = str(error) if is_step else f"ValueError: {error}"
        self.verdict = self.verdict or Verdict("failed" if is_step else "error", message)

    # --- what a script sees -----------------------------------------------------------------------------------------

    @property
    def element(self) -> Mapping[str, Any]:
        """The element that the script runs for."""
        return self.elements[self.current]

    def _context(self, key: str) -> int:
        value: int = self.element["context"][key]
        return value

    def _holds(self, condition: Condition) -> bool:
        match condition:
            case NameIn(names):
                return self.element["name"] in names
            case Place(which):
                return self.current == (0 if which == "first" else len(self.elements) - 1)
            case Ok(variable):
                value = self.variables.get(variable)
                return bool(value and value.get("ok"))
            case Returned(variable, key, wanted):
                value = self.variables.get(variable)
                return bool(value and value.get(key) == wanted)
            case ContextAbove(key, than):
                return self._context(key) > than
            case Not(inner):
                return not self._holds(inner)

    def _call(self, node: Step, site: int) -> Call:
        odd = self.current % 2
        match node:
            case Task():
                return Call("run_task", site, node.name, node.check, node.timeout, node.retries, node.target,
                            inputs=node.inputs)  # fmt: skip
            case Child():
                passed = tuple(e["name"] for e in self.elements) if node.elements == "all" else node.elements
                inputs = {"part": odd} if node.split else {}
                return Call("run_flow", site, node.flow, node.check, elements=passed, inputs=inputs)
            case Sleep():
                return Call("sleep", site, seconds=float(node.seconds))
            case Approve():
                message = f"{node.message} {odd}" if node.split else node.message
                return Call("approve", site, message, node.check, timeout=node.timeout)
            case SetContext():
                return Call("set_context", site, inputs={"key": node.key, "value": node.value})
            case GetContext():
                return Call("get_context", site)
            case Log():
                return Call("log", site, node.message)
