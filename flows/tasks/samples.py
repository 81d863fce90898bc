"""Stands in for required inputs that nobody has given yet, so that a draft can be planned with them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from flows.tasks.inputs import InputSpec

_SAMPLES: Final[Mapping[str, Any]] = MappingProxyType(
    {"string": "sample", "any": "sample", "secret": "sample secret", "integer": 1, "number": 1.0, "boolean": False}
)


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


def _sample(spec: InputSpec, element: str | None) -> Any:
    match spec.type:
        case "choice":
            return spec.choices[0]
        case "element":
            return element
        case "list":
            return [_sample(spec.item, element)]
    return _SAMPLES[spec.type]
