"""Stands in for inputs that nobody has given: in the plan of a draft, and in the example of a call."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from flows.tasks.inputs import InputSpec

_SAMPLES: Final[Mapping[str, Any]] = MappingProxyType(
    {"string": "sample", "any": "sample", "secret": "sample secret", "integer": 1, "number": 1.0, "boolean": False}
)
#: So many inputs are shown.
_IN_AN_EXAMPLE: Final = 3


def with_samples(
    declared: Sequence[InputSpec], given: Mapping[str, Any], element: str | None
) -> tuple[dict[str, Any], frozenset[str]]:
    """The values with a sample for each required input that has none, and the names of those; nothing is checked.

    A text is read as the declared type, an empty one is none. ``element`` stands in for the name of an element. Raises
    ``InputRefused`` for a text that cannot be read.
    """
    specs = {spec.name: spec for spec in declared}
    values = {
        name: specs[name].read_text(value) if isinstance(value, str) and name in specs else value
        for name, value in given.items()
        if value not in ("", None)
    }
    missing = [spec for spec in declared if spec.required and spec.default is None and spec.name not in values]
    samples = {spec.name: _sample(spec, element) for spec in missing}
    return values | samples, frozenset(samples)


def call_example(name: str, declared: Sequence[InputSpec]) -> str:
    """How a script calls the task, with a few of its inputs, the required ones first; a secret is one of the flow."""
    shown = sorted(declared, key=lambda spec: not spec.required)[:_IN_AN_EXAMPLE]
    return f"run_task({name!r}{''.join(f', {spec.name}={_written(spec)}' for spec in shown)})"


def _written(spec: InputSpec) -> str:
    if spec.type == "secret":
        return f"inputs[{spec.name!r}]"
    return repr(_sample(spec, "web1") if spec.default is None else spec.default)


def _sample(spec: InputSpec, element: str | None) -> Any:
    match spec.type:
        case "choice":
            return spec.choices[0]
        case "element":
            return element
        case "list":
            return [_sample(spec.item, element)]
    return _SAMPLES[spec.type]
