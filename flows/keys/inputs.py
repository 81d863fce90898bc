"""The declared inputs of tasks and flows in the form in which definitions hold them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from flows.keys.fields import Fields
from flows.tasks.declared import read_inputs
from flows.tasks.inputs import ANY, InputSpec

#: Keywords of the calls that no input may be named like (R9).
RESERVED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"run_task": ("check", "timeout", "retries", "element"), "run_flow": ("check", "elements")}
)


def plain_inputs(fields: Fields, call: str) -> list[dict[str, Any]]:
    """The ``inputs`` that are being read, each with all its keys; ``call`` is the step that will give them."""
    specs = read_inputs(fields.reader)
    refuse_reserved(fields, call, specs)
    return [plain_input(spec) for spec in specs]


def refuse_reserved(fields: Fields, call: str, specs: Iterable[InputSpec]) -> None:
    """Note the names that the call uses itself."""
    for index, spec in enumerate(specs):
        if spec.name in RESERVED[call]:
            fields.note(f"inputs.{index}.name", f"is '{spec.name}', expected a name that {call} does not use itself")


def plain_input(spec: InputSpec) -> dict[str, Any]:
    """One of them; the type, what only some types have, and the description stand there where they are given."""
    more = {"choices": list(spec.choices), "of": spec.of, "description": spec.description}
    return {
        "name": spec.name,
        **({} if spec.type == ANY else {"type": spec.type}),
        "required": spec.required,
        "default": spec.default,
        **{key: value for key, value in more.items() if value},
    }
