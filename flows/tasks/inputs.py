"""Declared inputs: their types, defaults, and the check of the values that a start or a call gives."""

import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from flows.script.values import NoJsonValue, from_script
from flows.tasks.words import did_you_mean, shorten

InputType = Literal["any", "string", "integer", "number", "boolean", "choice", "element", "list", "secret"]
INPUT_TYPES: tuple[str, ...] = get_args(InputType)
#: The type of an input that is declared without one, and is written without one.
ANY: Final = "any"
#: What a list may be of; without a word it is of texts, numbers and booleans. A list of secrets is several inputs.
ITEM_TYPES: tuple[str, ...] = tuple(name for name in INPUT_TYPES if name not in (ANY, "list", "secret"))

# Note [Short secrets] - a value of one to three characters is part of ordinary words and of every number: masked, it
# would make all outputs unreadable, and by where the masks stand anybody could tell it. It is refused instead.
SHORTEST_SECRET: Final = 4
#: What stands for the value of a secret input wherever inputs are shown.
MASKED: Final = "•••"

_FITS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {"integer": (int,), "number": (int, float), "boolean": (bool,)}
)
_WORDS: Mapping[str, bool] = MappingProxyType(
    {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
)
_PLURALS: Mapping[str, str] = MappingProxyType(
    {
        "": "plain values",
        "string": "texts",
        "integer": "whole numbers",
        "number": "numbers",
        "boolean": "values true or false",
        "element": "names of enabled elements",
    }
)


class InputRefused(ValueError):
    """Values do not fit the declared inputs; the text names every one of them, and what was expected."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One declared input. ``default`` None means that there is none: an optional input not given is null.

    ``choices`` are the texts that a choice may be, ``of`` the type of a list's items ('': any plain value).
    """

    name: str
    type: InputType = ANY
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    of: str = ""
    description: str = ""

    @property
    def item(self) -> "InputSpec":
        """What each item of a list must be."""
        return InputSpec(self.name, self.of or "string", choices=self.choices)  # type: ignore[arg-type]

    def accepts(self, value: object) -> bool:
        """True when the value has the declared type; a boolean is never a number, and no number is endless."""
        match self.type:
            case "any":
                return _is_plain(value)
            case "string":
                return isinstance(value, str)
            case "choice":
                return isinstance(value, str) and value in self.choices
            case "element":
                return isinstance(value, str) and bool(value)
            case "secret":
                return isinstance(value, str) and len(value.strip()) >= SHORTEST_SECRET
            case "list":
                return isinstance(value, list | tuple) and all(map(self._accepts_item, value))
        if isinstance(value, float) and not math.isfinite(value):
            return False
        return isinstance(value, _FITS[self.type]) and (self.type == "boolean" or not isinstance(value, bool))

    def read_text(self, text: str) -> Any:
        """The value that a person typed, as on a command line; raises ``InputRefused``.

        A list is written as JSON in brackets, else as its items between commas or line ends. What may be any value is
        JSON where it reads as JSON, else a text.
        """
        try:
            match self.type:
                case "any":
                    return _read_any(text)
                case "integer":
                    return int(text)
                case "number":
                    return _finite(float(text))
                case "boolean":
                    return _WORDS[text.strip().lower()]
                case "choice" | "element":
                    return text.strip()
                case "list":
                    return self._read_list(text)
                case _:
                    return text
        except (ValueError, KeyError):
            raise InputRefused([f"input '{self.name}' is {shorten(text)}, expected {self.expected}"]) from None

    @property
    def expected(self) -> str:
        """The type in words."""
        match self.type:
            case "any":
                return "any plain value: a text, a number, true or false, a list or a dict of them"
            case "choice":
                return f"one of {', '.join(self.choices)}"
            case "list" if self.of == "choice":
                return f"a list of {', '.join(self.choices)}"
            case "list":
                return f"a list of {_PLURALS[self.of]}"
            case "secret":
                return f"a text of at least {SHORTEST_SECRET} characters: a shorter secret could not be masked"
            case "element":
                return "the name of an enabled element"
        return {"boolean": "true or false", "integer": "a whole number"}.get(self.type, f"a {self.type}")

    def describe_misfit(self, value: object) -> str:
        """What was found and what was expected; of a secret only how long it is."""
        if self.type == "secret":
            return f"input '{self.name}' is {_secretly(value)}, expected {self.expected}"
        hint = did_you_mean(value, self.choices) if self.type == "choice" else ""
        if self.type == "list" and isinstance(value, list | tuple):
            number, item = next((n, item) for n, item in enumerate(value, start=1) if not self._accepts_item(item))
            expected = self.item.expected if self.of else "a plain value: a text, a number, true or false"
            hint = did_you_mean(item, self.choices)
            return f"input '{self.name}': item {number} of the list is {shorten(item)}, expected {expected}{hint}"
        return f"input '{self.name}' is {shorten(value)}, expected {self.expected}{hint}"

    def _accepts_item(self, item: object) -> bool:
        if self.of:
            return self.item.accepts(item)
        return isinstance(item, str | int | float) and not (isinstance(item, float) and not math.isfinite(item))

    def _read_list(self, text: str) -> list[Any]:
        if text.lstrip().startswith("["):
            found: list[Any] = json.loads(text)
            return found
        return [self.item.read_text(part.strip()) for part in re.split(r"[,\n]", text) if part.strip()]


def _is_plain(value: object) -> bool:
    """Whether a script could be given the value, and give it on."""
    try:
        from_script("", value)
    except NoJsonValue:
        return False
    return True


def _read_any(text: str) -> Any:
    """JSON reads numbers that it cannot write, such as NaN and 1e999: they stay text."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if _is_plain(value) else text


def _secretly(value: object) -> str:
    if not isinstance(value, str):
        return "no text"
    if value == MASKED:
        return f"{MASKED}, which stands for a secret that is not shown"
    return f"a text of {len(value.strip())} characters"


def _finite(number: float) -> float:
    """JSON and databases hold no other."""
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def check_inputs(declared: Sequence[InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the declared defaults filled in (R43), or ``InputRefused`` naming every problem.

    Values that are not declared pass unchanged: they are the flow's own inputs, which every template may read. Whether
    elements exist is for who knows them (``missing_elements``).
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


def undeclared_inputs(declared: Iterable[InputSpec], given: Iterable[str], whose: str) -> list[str]:
    """A problem for each name that is given and not declared; ``whose`` says who declares: ``flow 'Restart'``."""
    known = [spec.name for spec in declared]
    takes = f"{whose} takes {', '.join(known) or 'none'}"
    return [
        f"input '{name}' is not declared; {takes}{did_you_mean(name, known)}" for name in given if name not in known
    ]


def named_elements(declared: Iterable[InputSpec], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(input, element) for each element that checked values name."""
    for spec in declared:
        value = values.get(spec.name)
        if value is not None and spec.type == "element":
            yield spec.name, value
        elif value is not None and spec.type == "list" and spec.of == "element":
            yield from ((spec.name, name) for name in value)


def missing_elements(
    declared: Iterable[InputSpec], values: Mapping[str, Any], enabled: Collection[str], near: Iterable[str] = ()
) -> list[str]:
    """A problem for each named element that is not among the enabled ones; ``near`` are names to mean instead."""
    return [
        f"input '{name}' is {shorten(element)}, expected the name of an enabled element{did_you_mean(element, near)}"
        for name, element in named_elements(declared, values)
        if element not in enabled
    ]


def secret_values_of(declared: Iterable[InputSpec], values: Mapping[str, Any]) -> frozenset[str]:
    """The values of the secret inputs among these, to be masked."""
    found = (values.get(spec.name) for spec in declared if spec.type == "secret")
    return frozenset(value for value in found if isinstance(value, str) and len(value.strip()) >= SHORTEST_SECRET)
