"""Reading a mapping of plain values: every problem is collected, and names key, found and expected."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.tasks.words import did_you_mean, shorten

#: A year: longer ones are a slip of the pen, and the largest floats cannot be written as a document again.
MOST_SECONDS = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class SpecProblem:
    """One wrong key: ``key`` is its path (``inputs.0.type``), ``message`` what was found and what was expected."""

    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"


class SpecError(ValueError):
    """A mapping is no valid definition; ``problems`` has one entry per wrong key, in the order of reading."""

    def __init__(self, problems: Sequence[SpecProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


class Reader:
    """Takes keys out of a mapping. A wrong value is noted and the default given instead; ``finish`` raises."""

    def __init__(self, data: object, path: str = "", problems: list[SpecProblem] | None = None) -> None:
        self._path = path
        self._nested = problems is not None
        self._problems: list[SpecProblem] = [] if problems is None else problems
        self._known: list[str] = []
        self._silent: set[str] = set()
        self._refused: set[str] = set()
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self._note("", f"is {shorten(data)}, expected a mapping")

    def take(self, key: str) -> Any:
        """The value as it stands, None when there is none."""
        self._known.append(key)
        return None if key in self._refused else self._data.get(key)

    def skip(self, key: str) -> None:
        """Allow a key that somebody else reads."""
        self._silent.add(key)

    def is_blank(self, key: str) -> bool:
        """True when there is no value, or an empty one, which a form sends for none."""
        return self.take(key) in (None, "", [])

    def later(self, key: str, wants: Callable[[Any], Any], instead: str) -> None:
        """Refuse by name a key (or a value of it) whose feature this release does not have."""
        self._silent.add(key)
        if key in self._data and wants(self._data[key]):
            self._refused.add(key)
            self._note(key, f"{shorten(self._data[key])} is not available in this release; {instead}")

    def text(self, key: str, *, default: str = "", required: bool = False) -> str:
        """A string that is not blank."""
        value = self.take(key)
        if value is None and (not required or key in self._refused):
            return default
        if value is None:
            self._note(key, "is missing, expected a text")
        elif not isinstance(value, str) or not value.strip():
            self.problem(key, value, "a text that is not empty")
        else:
            return value
        return default

    def word(self, key: str) -> str:
        """A required name that a template and a keyword argument can use."""
        value = self.text(key, required=True)
        if value and not value.isidentifier():
            self.problem(key, value, "letters, digits and _, not beginning with a digit")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.problem(key, value, "true or false")
        return default

    def choice(self, key: str, allowed: Sequence[str], *, default: str) -> Any:
        """One of the words; ``Any`` because the caller's Literal type is narrower than str."""
        value = self.take(key)
        if value is None or value in allowed:
            return default if value is None else value
        self.problem(key, value, "one of " + ", ".join(allowed) + did_you_mean(value, allowed))
        return default

    def integer(self, key: str, *, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.problem(key, value, f"a whole number from {least} to {most}")
        return default

    def number(self, key: str, *, default: float, least: float | None = None, above: float | None = None) -> float:
        """Seconds: a finite number, not below ``least`` or greater than ``above``."""
        value = self.take(key)
        if value is None:
            return default
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if is_number and (least is None or value >= least) and (above is None or value > above):
            if value <= MOST_SECONDS:
                return float(value)
            self.problem(key, value, f"a number of seconds of at most {MOST_SECONDS}")
            return default
        bound = f"of at least {least}" if above is None else f"greater than {above}"
        self.problem(key, value, f"a number of seconds {bound}")
        return default

    def factor(self, key: str, *, default: float, least: float, most: float) -> float:
        """A number without a unit, within bounds."""
        value = self.take(key)
        if value is None:
            return default
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and least <= value <= most:  # no number that is none, nor an endless one
            return float(value)
        self.problem(key, value, f"a number from {least:g} to {most:g}")
        return default

    def items(self, key: str) -> Iterator["Reader"]:
        """A list of mappings, each as a reader that adds to the same problems."""
        value = self.take(key)
        if value is None:
            return
        if not isinstance(value, list | tuple):
            self.problem(key, value, "a list")
            return
        for index, item in enumerate(value):
            yield Reader(item, f"{self._path}{key}.{index}.", self._problems)

    def problem(self, key: str, found: object, expected: str) -> None:
        """Note a wrong value."""
        self._note(key, f"is {shorten(found)}, expected {expected}")

    def refuse(self, key: str, message: str) -> None:
        """Note what is wrong with a value that must not be shown, or in other words than those of ``problem``."""
        self._note(key, message)

    def finish(self) -> None:
        """Note unknown keys; the outermost reader raises ``SpecError`` if anything was noted."""
        for key in self._data:
            if key not in self._known and key not in self._silent:
                known = ", ".join(dict.fromkeys(self._known))
                self._note(str(key), f"is no known key, expected one of {known}{did_you_mean(key, self._known)}")
        if self._problems and not self._nested:
            raise SpecError(self._problems)

    def _note(self, key: str, message: str) -> None:
        self._problems.append(SpecProblem((self._path + key).rstrip(".") or "definition", message))
