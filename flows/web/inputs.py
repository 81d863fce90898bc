"""Declared inputs as rows of a form."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.http import QueryDict

from flows.tasks.inputs import ANY, INPUT_TYPES, ITEM_TYPES, InputRefused, InputSpec

_FIELDS = ("name", "type", "required", "default", "choices", "of", "description")


@dataclass(slots=True)
class InputRow:
    """One row, as texts."""

    name: str = ""
    type: str = "string"
    required: str = ""
    default: str = ""
    choices: str = ""
    of: str = ""
    description: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed into it."""
        return not (self.name or self.default or self.choices or self.description)

    @property
    def keys(self) -> dict[str, Any]:
        """What only some types have, as the keys of a document."""
        choices = [choice.strip() for choice in self.choices.split(",") if choice.strip()]
        more = {"choices": choices, "of": self.of if self.type == "list" else "", "description": self.description}
        return {key: value for key, value in more.items() if value}


class InputRows:
    """The rows of one form, as stored or as sent, and an empty one."""

    types = INPUT_TYPES
    item_types = ITEM_TYPES

    def __init__(self, rows: Iterable[InputRow]) -> None:
        self.rows = [*(row for row in rows if not row.is_empty), InputRow()]

    @classmethod
    def stored(cls, definition: Mapping[str, Any]) -> "InputRows":
        """Those that a definition declares."""
        return cls(
            InputRow(
                item["name"],
                item.get("type", ANY),
                "yes" if item.get("required") else "",
                _default_text(item.get("default"), item.get("type", ANY)),
                ", ".join(item.get("choices", ())),
                item.get("of", ""),
                item.get("description", ""),
            )
            for item in definition.get("inputs") or ()
        )

    @classmethod
    def sent(cls, data: QueryDict) -> "InputRows":
        """What was typed."""
        columns = [data.getlist(f"input-{name}") for name in _FIELDS]
        return cls(
            InputRow(name.strip(), kind, required, default, choices, of, description.strip())
            for name, kind, required, default, choices, of, description in zip_longest(*columns, fillvalue="")
        )

    def values(self) -> list[dict[str, Any]]:
        """The keys of a document; a default that does not read as its type is noted, and left to the check as text."""
        return [self._value(row) for row in self.rows[:-1]]

    def take(self, key: str, message: str) -> None:
        """Put a problem of ``inputs.0.name`` to its row."""
        parts = key.split(".")
        number = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else len(self.rows) - 1
        words = f"{parts[2]} {message}" if len(parts) > 2 else message
        row = self.rows[min(number, len(self.rows) - 1)]
        if words not in row.problems:
            row.problems.append(words)

    @property
    def is_sound(self) -> bool:
        """Whether nothing was noted."""
        return not any(row.problems for row in self.rows)

    def _value(self, row: InputRow) -> dict[str, Any]:
        default: Any = row.default or None
        if default is not None and row.type in INPUT_TYPES:
            try:
                default = InputSpec(row.name, row.type, of=row.of).read_text(row.default)  # type: ignore[arg-type]
            except InputRefused:
                default = row.default
        return {
            "name": row.name or None,
            "type": row.type,
            "required": row.required == "yes",
            **row.keys,
            **({} if default is None else {"default": default}),
        }


def _default_text(value: Any, kind: str = "") -> str:
    """The text that reads as the value; a text that would read as JSON stands in quotes where any value may stand."""
    if value is None:
        return ""
    if kind == ANY:
        reads_as_itself = isinstance(value, str) and InputSpec("").read_text(value) == value
        return str(value) if reads_as_itself else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ", ".join(map(_default_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
