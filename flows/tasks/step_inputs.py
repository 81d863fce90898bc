"""The inputs of one step, checked against its task when it starts (R43)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from flows.runner.ports import StepRequest
from flows.tasks.inputs import (
    InputRefused,
    InputSpec,
    check_inputs,
    missing_elements,
    named_elements,
    undeclared_inputs,
)
from flows.tasks.spec import Target, TaskSpec

FindTargets = Callable[[Sequence[str]], Awaitable[Sequence[Target]]]
"""Gives the enabled elements among these names."""


async def step_inputs(task: TaskSpec, request: StepRequest, find: FindTargets) -> dict[str, Any]:
    """The inputs as the template sees them, or ``InputRefused`` naming every problem."""
    _refuse(undeclared_inputs(task.inputs, sorted(request.given), f"task '{task.name}'"))
    inputs = check_inputs(task.inputs, request.inputs)
    _refuse(await _missing(task.inputs, inputs, find))
    return inputs


async def _missing(declared: Sequence[InputSpec], inputs: dict[str, Any], find: FindTargets) -> list[str]:
    wanted = {name for _, name in named_elements(declared, inputs)}
    if not wanted:
        return []
    return missing_elements(declared, inputs, {element.name for element in await find(sorted(wanted))})


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise InputRefused(problems)
