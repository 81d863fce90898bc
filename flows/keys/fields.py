"""What definitions have in common: names, lists of names, free mappings, keys of a later release."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from elements.context import conflicting_keys, key_problem
from flows.tasks.reading import Reader, SpecProblem


@dataclass(frozen=True, slots=True)
class Fields:
    """A document's keys being read: ``reader`` takes them, ``problems`` collects what is wrong with them."""

    data: Mapping[str, Any]
    reader: Reader
    problems: list[SpecProblem]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Fields":
        """Begin to read; ``kind`` is known already."""
        problems: list[SpecProblem] = []
        reader = Reader(data, "", problems)
        reader.skip("kind")
        return cls(data, reader, problems)

    def note(self, key: str, message: str) -> None:
        """Add a problem."""
        self.problems.append(SpecProblem(key, message))

    def name(self, *, most: int, refused: str = "") -> str:
        """The document's own name."""
        name = self.reader.text("name", required=True)
        found = [character for character in name if character in refused or not character.isprintable()]
        if found:
            self.note("name", f"is {name!r}, expected a name without {found[0]!r}")
        elif name != name.strip() or len(name) > most:
            self.note("name", f"is {name[:60]!r}, expected at most {most} characters without blanks around them")
        return name

    def names(self, key: str) -> list[str]:
        """A list of different names, in the order given."""
        value = self.reader.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.reader.problem(key, value, "a list of names")
            return []
        for index, name in enumerate(value):
            if not isinstance(name, str) or not name.strip():
                self.reader.problem(f"{key}.{index}", name, "a name")
            elif name in value[:index]:
                self.reader.problem(f"{key}.{index}", name, "each name once")
        return [name for name in value if isinstance(name, str)]

    def mapping(self, key: str) -> dict[str, Any]:
        """Any mapping of JSON values: a context."""
        value = self.reader.take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.reader.problem(key, value, "a mapping")
            return {}
        for path, message in _unfit(value, key):
            self.note(path, message)
        for above, below in conflicting_keys(value):
            self.note(f"{key}.{below}", f"'{below}' stands below '{above}', which has a plain value; give only one")
        return value

    def later(self, key: str, *off: Any) -> None:
        """A key of a later release: values that mean "off" are accepted and forgotten, others refused by name."""
        value = self.reader.take(key)
        if value not in (None, [], {}, "") and not any(value is word or value == word for word in off):
            instead = f"leave it out or write {off[0]}" if off else "leave it out"
            self.note(key, f"is not available in this release; {instead}")

    def nested(self, key: str, read: Callable[["Fields"], dict[str, Any]]) -> dict[str, Any] | None:
        """A mapping with keys of its own, or None when it is not given."""
        value = self.reader.take(key)
        if value is None or value == {}:
            return None
        if not isinstance(value, dict):
            self.reader.problem(key, value, "a mapping")
            return None
        inner = Fields(value, Reader(value, f"{key}.", self.problems), self.problems)
        values = read(inner)
        inner.reader.finish()
        return values


def _unfit(value: Any, path: str) -> list[tuple[str, str]]:
    """What JSON, or a dotted key, cannot hold."""
    if isinstance(value, dict):
        return [problem for key, child in value.items() for problem in _unfit_entry(str(key), child, path)]
    if isinstance(value, list):
        return [problem for index, child in enumerate(value) for problem in _unfit(child, f"{path}.{index}")]
    if isinstance(value, float) and not math.isfinite(value):
        return [(path, f"is {value}, expected a finite number")]
    return []


def _unfit_entry(key: str, child: Any, path: str) -> list[tuple[str, str]]:
    problem = key_problem(key)
    return [(path, problem)] if problem else _unfit(child, f"{path}.{key}")
