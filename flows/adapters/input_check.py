"""The inputs of a flow, checked with the inventory: at a start, for a plan, and when a child flow is called."""

from collections.abc import Mapping, Sequence
from typing import Any

from elements.models import Element
from flows.tasks.inputs import (
    MASKED,
    InputRefused,
    InputSpec,
    check_inputs,
    missing_elements,
    named_elements,
    undeclared_inputs,
)
from flows.tasks.samples import with_samples


def checked_flow_inputs(flow: str, declared: Sequence[InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with defaults filled in, or ``InputRefused`` naming every problem. At most 2 queries, mostly none."""
    problems = undeclared_inputs(declared, given, flow)
    checked: dict[str, Any] = {}
    try:
        checked = check_inputs(declared, given)
        problems += _missing(declared, checked)
    except InputRefused as refused:
        problems += refused.problems
    if problems:
        raise InputRefused(problems)
    return checked


def checked_task_inputs(declared: Sequence[InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a task, among which may be those of its flow, as ``checked_flow_inputs``."""
    checked = check_inputs(declared, given)
    problems = _missing(declared, checked)
    if problems:
        raise InputRefused(problems)
    return checked


def sampled_inputs(
    flow: str, declared: Sequence[InputSpec], given: Mapping[str, Any], elements: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of a flow as a draft is planned with them: those given, samples for what is required and missing.

    And those samples, as they may be shown; the first of the elements is one. Raises ``InputRefused``, which tells no
    secret. At most 2 queries, mostly none.
    """
    values, missing = with_samples(declared, given, elements[0]["name"] if elements else None)
    checked = checked_flow_inputs(flow, declared, values)
    secret = {spec.name for spec in declared if spec.type == "secret"}
    return checked, {name: MASKED if name in secret else values[name] for name in sorted(missing)}


def _missing(declared: Sequence[InputSpec], values: Mapping[str, Any]) -> list[str]:
    wanted = {name for _, name in named_elements(declared, values)}
    if not wanted:
        return []
    enabled = Element.objects.enabled().order_by().values_list("name", flat=True)
    found = set(enabled.filter(name__in=sorted(wanted))) if len(wanted) <= _IN_QUERY else wanted & set(enabled)
    return missing_elements(declared, values, found, enabled if found != wanted else ())


#: Databases bound the parameters of a query.
_IN_QUERY = 400
