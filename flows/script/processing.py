"""Applies a processing script: once, in a session of its own, before the first step (R4-R6)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.script.calls import ElementDict, ScriptProblem
from flows.script.explain import cause_in_processing, listed
from flows.script.fairness import TRIES, longer, was_starved
from flows.script.instance import NO_WORLD, Limits, look_around
from flows.script.language import STEPS
from flows.script.prelude import CHOSEN
from flows.script.problem import Unreadable
from flows.script.program import Program, processing_program
from flows.script.sandbox import Asked, Broke, Finished, Machine, Sandbox, SandboxError, Wanted
from flows.script.values import plain


async def process(
    sandbox: Sandbox, limits: Limits, text: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
) -> list[ElementDict]:
    """The elements that are left, in their new order: the dicts that were given, whatever the script did to its own.

    Raises ``ScriptProblem`` that names line, cause and elements.
    """
    try:
        program = processing_program(text)
    except Unreadable as refusal:
        raise ScriptProblem(str(refusal)) from refusal
    names = {"elements": plain(elements), "inputs": plain(inputs)}
    wall_s = sandbox.allowed_s
    for _ in range(TRIES):
        machine = await sandbox.machine(memory_bytes=limits.memory_for(len(elements)), wall_s=wall_s)
        try:
            await machine.run(program.code, names)
            await _refuse_requests(machine, limits)
            if not isinstance(machine.state, Broke):
                return _chosen(await _evaluate(machine, program), elements, program)
            if not was_starved(machine.state, sandbox.allowed_s):
                raise ScriptProblem(await _cause(machine, machine.state, program, elements, limits))
            wall_s = longer(wall_s, machine.state, sandbox.allowed_s)
        finally:
            await machine.close()
    raise ScriptProblem("the machine is too busy: the processing script got too little of its time to reach its end")


async def _refuse_requests(machine: Machine, limits: Limits) -> None:
    """A processing script may ask for nothing; one that does not stop asking is ended."""
    for _ in range(limits.requests):
        match machine.state:
            case Wanted():
                await machine.refuse()
            case Asked(function=function, is_world=True):
                await machine.throw("RuntimeError", NO_WORLD.format(function))
            case Asked(function="__uncaught"):
                await machine.give(None)
            case Asked(function=function):
                await machine.throw("NameError", _unknown(function))
            case Finished() | Broke():
                return
    raise ScriptProblem(f"the processing script asked for what it cannot have more than {limits.requests} times")


def _unknown(function: str) -> str:
    if function in STEPS:
        return f"{function} is a step: a processing script runs before the first one"
    return f"name {function!r} is not defined"


async def _cause(
    machine: Machine, broke: Broke, program: Program, elements: Sequence[ElementDict], limits: Limits
) -> str:
    found = await look_around(machine, broke)
    line = program.source_line(broke.lines) or found.line
    return cause_in_processing(broke, line, program, found.blamed, elements, limits.turn_s)


async def _evaluate(machine: Machine, program: Program) -> Any:
    try:
        return await machine.evaluate(CHOSEN)
    except SandboxError as error:
        where = f"line {program.last_line_of('elements')}"
        raise ScriptProblem(f"{where}: `elements` must stay a list of elements ({error.broke.message})") from error


def _chosen(chosen: Sequence[tuple[Any, str]], elements: Sequence[ElementDict], program: Program) -> list[ElementDict]:
    by_id = {element["id"]: element for element in elements}
    strangers = [shown for identity, shown in chosen if not _is_known(identity, by_id)]
    if strangers:
        where = f"line {program.last_line_of('elements')}"
        raise ScriptProblem(
            f"{where}: `elements` holds what was not selected: {listed(strangers)}; "
            "a processing script can leave elements out and change their order, the flow's target selects them"
        )
    return list({identity: by_id[identity] for identity, _ in chosen}.values())


def _is_known(identity: object, by_id: Mapping[Any, ElementDict]) -> bool:
    return isinstance(identity, int | str) and not isinstance(identity, bool) and identity in by_id
