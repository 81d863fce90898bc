"""A plan as a board: rows are elements in the order of the run, columns are step sites, cells hold the waves of both.

The columns are those of every site, planned or not; those of a child flow stand directly behind its ``run_flow``, once
for each site that calls it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.plan.wave import Plan, PlanWave, StopsAt
from flows.script.analysis import Site, sites_of
from flows.script.calls import FlowScripts
from flows.script.planning.reach import may_run, site_numbers
from flows.script.problem import Unreadable
from flows.script.source import read

MOST_WAVES: Final = 20
"""Wave numbers that a cell tells; of more it tells how many there are."""

MOST_COLUMNS: Final = 400


@dataclass(frozen=True, slots=True)
class Column:
    """One step site. ``within`` is the place of the column that calls its flow, None for the root's own; ``may_run``
    says that it may still run where the plan has ended."""

    path: tuple[str, ...]
    site: int
    step: str
    name: str | None
    line: int
    may_run: bool
    within: int | None

    def to_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "path": list(self.path),
            "site": self.site,
            "depth": len(self.path) - 1,
            "step": self.step,
            "name": self.name,
            "line": self.line,
            "may_run": self.may_run,
            "within": self.within,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """``rows`` are names, the root's elements first, then those that only children work on. A cell is its row, its
    column, and the waves, ascending; with a fourth number, how many they are, where more than ``MOST_WAVES``."""

    rows: tuple[str, ...]
    rows_total: int
    columns: tuple[Column, ...]
    columns_total: int
    cells: tuple[tuple[Any, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "rows": list(self.rows),
            "rows_total": self.rows_total,
            "columns": [column.to_json() for column in self.columns],
            "columns_total": self.columns_total,
            "cells": [list(cell) for cell in self.cells],
        }


def board_of(plan: Plan, scripts: Mapping[str, FlowScripts], rows: int) -> Board:
    """The board of the first so many elements. ``scripts`` are those of every flow that the plan can reach.

    Its size is bounded by rows and columns, its cost by the waves: 10,000 elements x 20 steps take 0.15 s.
    """
    drawing = _Drawing(plan, scripts, rows)
    for wave in plan.waves:
        drawing.add(wave)
    if plan.stops_at is not None:
        drawing.stop(plan.stops_at)
    return drawing.board()


def sites_only(flow: str, script: str) -> tuple[Column, ...]:
    """The columns of a flow that has no plan; none where its script cannot be read."""
    return tuple(_column((flow,), site, site.literal, within=None) for site in _sites(script))


def _sites(script: str) -> Sequence[Site]:
    try:
        return sites_of(read(script))
    except Unreadable:
        return ()


def _column(
    path: tuple[str, ...], site: Site, name: str | None, *, within: int | None, is_left: bool = False
) -> Column:
    return Column(path, site.number, site.step, name, site.line, is_left, within)


@dataclass(slots=True, eq=False)
class _Called:
    """A flow at one place of the board: the root, or what one site calls.

    ``names`` are those that its sites have had in waves, ``left`` the sites that may run behind the plan's end,
    ``never_begun`` the one whose child would have been next.
    """

    flow: str
    path: tuple[str, ...]
    sites: Sequence[Site]
    children: dict[int, dict[str, "_Called"]] = field(default_factory=dict)
    cells: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    names: dict[int, set[str | None]] = field(default_factory=dict)
    left: frozenset[int] = frozenset()
    never_begun: int | None = None


class _Drawing:
    def __init__(self, plan: Plan, scripts: Mapping[str, FlowScripts], rows: int) -> None:
        self._scripts = scripts
        self._most = rows
        self._root = self._called(plan.flow, ())
        self._known = dict.fromkeys(plan.elements)
        self._shown = dict.fromkeys(plan.elements[:rows])
        self._others: dict[str, None] = {}
        # What is being worked on at each depth, and the site that called it.
        self._open: list[_Called] = [self._root]
        self._calls: list[int] = []

    def _called(self, flow: str, above: tuple[str, ...]) -> _Called:
        script = self._scripts[flow].execution if flow in self._scripts else ""
        return _Called(flow, (*above, flow), _sites(script))

    # --- taking waves in ------------------------------------------------------------------------------------------

    def add(self, wave: PlanWave) -> None:
        """The next wave of the plan: a child's follow their call directly."""
        here = self._at(wave.path)
        names = {wave.name} if wave.names is None else set(wave.names.values())
        here.names.setdefault(wave.site, set()).update(names)
        self._calls[wave.depth :] = [wave.site] if wave.step == "run_flow" else []
        cells = here.cells.setdefault(wave.site, {})
        for element in wave.elements:
            if element in self._shown or self._is_new(element):
                cells.setdefault(element, []).append(wave.n)

    def _at(self, path: tuple[str, ...]) -> _Called:
        """The flow that ends the path, where it was called last."""
        del self._open[len(path) :]
        while len(self._open) < len(path):
            depth = len(self._open)
            self._open.append(self._child(self._open[-1], self._calls[depth - 1], path[depth]))
        return self._open[-1]

    def _child(self, caller: _Called, site: int, flow: str) -> _Called:
        children = caller.children.setdefault(site, {})
        if flow not in children:
            children[flow] = self._called(flow, caller.path)
        return children[flow]

    def _is_new(self, element: str) -> bool:
        """True for one that only a child works on, if there is room for it."""
        if element in self._known:
            return False
        self._known[element] = None
        self._others[element] = None
        if len(self._shown) >= self._most:
            return False
        self._shown[element] = None
        return True

    # --- where it stops -------------------------------------------------------------------------------------------

    def stop(self, stop: StopsAt) -> None:
        """Mark what may still run: behind the end in its own flow, and behind the calls that led there."""
        was_called = len(self._open) == len(self._calls) == len(stop.path)
        here = self._at(stop.path)
        here.left, here.never_begun = frozenset(stop.may_run), stop.site if was_called else None
        for caller, site in zip(self._open[:-1], self._calls, strict=False):
            caller.left = frozenset(_after(self._scripts[caller.flow].execution, site))

    # --- drawing --------------------------------------------------------------------------------------------------

    def board(self) -> Board:
        columns: list[Column] = []
        cells: list[tuple[int, int, list[int]]] = []
        places = {name: place for place, name in enumerate(self._shown)}
        for column, found in self._columns(self._root, None, columns, is_left=False):
            cells += [(places[name], len(columns), waves) for name, waves in found.items()]
            columns.append(column)
        shown = [cell for cell in cells if cell[1] < MOST_COLUMNS]
        return Board(
            rows=tuple(self._shown),
            rows_total=len(self._known),
            columns=tuple(columns[:MOST_COLUMNS]),
            columns_total=len(columns),
            cells=tuple(_cell(*cell) for cell in sorted(shown)),
        )

    def _columns(
        self, called: _Called, within: int | None, columns: list[Column], *, is_left: bool
    ) -> Iterator[tuple[Column, Mapping[str, list[int]]]]:
        """Each column with its cells; ``columns`` are those before it. All of a flow may run if its call may."""
        for site in called.sites:
            left = is_left or site.number in called.left
            name = site.literal or _only(called.names.get(site.number, set()))
            place = len(columns)
            yield (
                _column(called.path, site, name, within=within, is_left=left),
                called.cells.get(site.number, {}),
            )
            left = left or site.number == called.never_begun
            for child in self._children(called, site):
                yield from self._columns(child, place, columns, is_left=left)

    def _children(self, called: _Called, site: Site) -> Sequence[_Called]:
        """What the site calls, in the order of the plan; what it would call by a plain name, if the plan does not."""
        if site.step != "run_flow":
            return ()
        found = called.children.get(site.number, {})
        name = site.literal
        if name is not None and name not in found and name in self._scripts and name not in called.path:
            return (*found.values(), self._called(name, called.path))
        return tuple(found.values())


def _after(script: str, site: int) -> tuple[int, ...]:
    source = read(script)
    numbers = site_numbers(source, {found.offset: found.number for found in sites_of(source)})
    call = next(call for call, number in numbers.items() if number == site)
    return may_run(source, numbers, call, after=True)


def _only(names: set[str | None]) -> str | None:
    return next(iter(names)) if len(names) == 1 else None


def _cell(row: int, column: int, waves: list[int]) -> tuple[Any, ...]:
    if len(waves) <= MOST_WAVES:
        return row, column, waves
    return row, column, waves[:MOST_WAVES], len(waves)
