"""Declared inputs: their types, defaults, and the check of the values that a call gives."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

InputType = Literal["string", "integer", "number", "boolean"]
INPUT_TYPES: tuple[str, ...] = get_args(InputType)

_FITS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
)
_WORDS: Mapping[str, bool] = MappingProxyType(
    {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
)


class InputRefused(ValueError):
    """Values do not fit the declared inputs; the text names every one of them, and what was expected."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One declared input. ``default`` None means that there is none: an optional input not given is null."""

    name: str
    type: InputType = "string"
    required: bool = False
    default: str | int | float | bool | None = None

    def accepts(self, value: object) -> bool:
        """True when the value has the declared type; a boolean is never a number, and no number is endless."""
        if isinstance(value, float) and not math.isfinite(value):
            return False
        return isinstance(value, _FITS[self.type]) and (self.type == "boolean" or not isinstance(value, bool))

    def read_text(self, text: str) -> str | int | float | bool:
        """The value that a person typed, as on a command line; raises ``InputRefused``."""
        try:
            match self.type:
                case "integer":
                    return int(text)
                case "number":
                    return _finite(float(text))
                case "boolean":
                    return _WORDS[text.strip().lower()]
                case _:
                    return text
        except (ValueError, KeyError):
            raise InputRefused([f"input '{self.name}' is {text!r}, expected {self.expected}"]) from None

    @property
    def expected(self) -> str:
        """The type in words."""
        return {"boolean": "true or false", "integer": "a whole number"}.get(self.type, f"a {self.type}")

    def describe_misfit(self, value: object) -> str:
        """What was found and what was expected."""
        return f"input '{self.name}' is {shorten(value)}, expected {self.expected}"


def _finite(number: float) -> float:
    """JSON and databases hold no other."""
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def check_inputs(declared: Sequence[InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the declared defaults filled in (R43), or ``InputRefused`` naming every problem.

    Values that are not declared pass unchanged: they are the flow's own inputs, which every template may read.
    """
    problems: list[str] = []
    values = dict(given)
    for spec in declared:
        value = values.get(spec.name)
        if value is None:
            value = spec.default
        values[spec.name] = value
        if value is None:
            if spec.required:
                problems.append(f"input '{spec.name}' is missing, expected {spec.expected}")
        elif not spec.accepts(value):
            problems.append(spec.describe_misfit(value))
    if problems:
        raise InputRefused(problems)
    return values


def shorten(value: object, limit: int = 60) -> str:
    """A value as an error shows it."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
