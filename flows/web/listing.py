"""What the tables of lists share: columns that order them, pages, and addresses that keep what was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page as Slice
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``order`` is its word in the address; without one the list cannot be ordered by it."""

    title: str
    order: str = ""
    css: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head: where it leads, and the value of ``aria-sort`` (empty where it cannot order)."""

    title: str
    css: str
    address: str
    sort: str


class Listing:
    """One list as the address asks for it: ``?order=-name&page=2`` beside the filters. The first column's order is the
    default."""

    def __init__(self, query: QueryDict, columns: Sequence[Column]) -> None:
        """Read the order; an unknown one is the default."""
        self._query = query
        self._columns = columns
        words = [column.order for column in columns if column.order]
        asked = query.get("order", "")
        self.descending = asked.startswith("-")
        self.order = asked.removeprefix("-")
        if self.order not in words:
            self.order, self.descending = words[0], False

    @property
    def headings(self) -> list[Heading]:
        """The heads of all columns."""
        return [self._heading(column) for column in self._columns]

    @property
    def ordering(self) -> str:
        """The order as it stands in the address, empty for the default."""
        return self._query.get("order", "")

    def slice_of(self, rows: Sequence[Any] | QuerySet[Any, Any]) -> Slice[Any]:
        """The page that is asked for; one past the end is the last."""
        return Paginator(rows, PAGE_SIZE).get_page(self._query.get("page"))

    def pages(self, shown: Slice[Any]) -> dict[str, Any]:
        """What ``web/list_pages.html`` needs."""
        return {
            "first": shown.start_index(),
            "last": shown.end_index(),
            "count": shown.paginator.count,
            "earlier": self._address(page=shown.number - 1) if shown.has_previous() else "",
            "later": self._address(page=shown.number + 1) if shown.has_next() else "",
        }

    def _heading(self, column: Column) -> Heading:
        if not column.order:
            return Heading(column.title, column.css, "", "")
        is_here = column.order == self.order
        sort = ("descending" if self.descending else "ascending") if is_here else "none"
        turned = f"-{column.order}" if sort == "ascending" else column.order
        return Heading(column.title, column.css, self._address(order=turned, page=None), sort)

    def _address(self, **changes: str | int | None) -> str:
        query = self._query.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = str(value)
        return f"?{query.urlencode()}"
