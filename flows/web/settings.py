"""An element's settings as rows of a form: a key, a value as people type it, a box that removes it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.http import QueryDict

from elements.models import Element, Setting
from elements.operations import change_settings
from flows.web.values import ValueProblem, read_value, value_text
from flowsite.kernel.access import Actor
from flowsite.kernel.errors import InvalidRequest

#: So many empty rows stand below the others; the page's script adds more.
EMPTY_ROWS = 1


@dataclass(slots=True)
class Row:
    """One row; ``is_new`` ones have a key that can be typed. ``shown`` is the text that the form was opened with."""

    key: str = ""
    text: str = ""
    shown: str = ""
    is_new: bool = True
    is_removed: bool = False
    written_by: str = ""
    written_at: datetime | None = None
    problems: list[str] = field(default_factory=list)


class SettingRows:
    """The rows of one form, as stored or as sent."""

    def __init__(self, rows: Iterable[Row], problems: Iterable[str] = ()) -> None:
        self.rows = [*rows, *(Row() for _ in range(EMPTY_ROWS))]
        self.problems = list(problems)

    @classmethod
    def stored(cls, element: Element | None) -> "SettingRows":
        """What the element has; none for a new one. One query."""
        return cls([] if element is None else [_row(setting) for setting in element.settings.order_by("key")])

    @classmethod
    def sent(cls, data: QueryDict, element: Element | None = None) -> "SettingRows":
        """What was typed, rows without a key and a value left out."""
        known = {setting.key: setting for setting in element.settings.all()} if element else {}
        removed = set(data.getlist("setting-remove"))
        rows = []
        columns = (data.getlist(f"setting-{name}") for name in ("key", "value", "shown"))
        for typed, text, shown in zip_longest(*columns, fillvalue=""):
            key = typed.strip()
            if key or text:
                row = _row(known[key]) if key in known else Row(key)
                row.text, row.shown = text.replace("\r\n", "\n"), shown.replace("\r\n", "\n")
                row.is_removed = key in removed
                rows.append(row)
        return cls(rows)

    def values(self) -> dict[str, Any]:
        """The settings by key, removed ones left out; what is wrong is noted at its row."""
        values: dict[str, Any] = {}
        for row in self.rows:
            if row.is_removed or not (row.key or row.text):
                continue
            if not row.key:
                row.problems.append("the key is missing: a name such as datacenter, or names joined by dots")
            elif row.key in values:
                row.problems.append(f"{row.key} is given twice: keep one of the rows")
            try:
                values[row.key] = read_value(row.text)
            except ValueProblem as problem:
                row.problems.append(str(problem))
        return values

    def take(self, key: str, message: str) -> None:
        """Put a problem to the row of its key, or above the rows."""
        key = key.removeprefix("settings").removeprefix(".")
        found = [row for row in self.rows if row.key and (row.key == key or key.startswith(f"{row.key}."))]
        (found[0].problems if found else self.problems).append(message)

    @property
    def is_sound(self) -> bool:
        """Whether nothing was noted."""
        return not self.problems and not any(row.problems for row in self.rows)

    def save(self, element: Element, by: Actor) -> bool:
        """Write what differs and remove what was marked; False if something is wrong, and then nothing is done."""
        values = self.values()
        if not self.is_sound:
            return False
        removed = [row.key for row in self.rows if row.is_removed and not row.is_new]
        # A task may have written a setting since the form was opened: what nobody touched here is left alone.
        untouched = {row.key for row in self.rows if row.text == row.shown and (row.shown or not row.is_new)}
        changed = {key: value for key, value in values.items() if key not in untouched}
        try:
            change_settings(element=element.name, settings=changed, removed=removed, by=by)
        except InvalidRequest as refused:
            for key, messages in refused.fields.items():
                for message in messages:
                    self.take(key, message)
            return False
        return True


def _row(setting: Setting) -> Row:
    return Row(
        setting.key,
        value_text(setting.value),
        value_text(setting.value),
        is_new=False,
        written_by=setting.written_by,
        written_at=setting.written_at,
    )
