"""What one watcher of the matrix is sent: a snapshot, then patches of what changed and of the rows it asked for.

Pure: reads a ``TreeView``, remembers what the watcher knows. Nothing is queued for it: a patch is made when it can be
sent and tells the present state of what changed since the last one; whoever is too far behind gets a new snapshot.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.live.band import LETTERS, Band, Cell, in_order
from flows.live.view import QUESTIONS, Change, TreeView

Frame = dict[str, Any]

#: Bounds of one frame. Runs that a snapshot leaves out come when they change or are asked for.
MAX_RUNS = 200
MAX_ROWS = 20_000
MAX_ELEMENTS = 2000
MAX_ENDS = 200
#: Bounds of what a watcher may ask for at the same time.
MAX_WINDOWS = 16
MAX_WINDOW_ROWS = 500
MAX_SINGLE_ROWS = 200
_MAX_CALLERS = 20


class RowsRefused(ValueError):
    """The watcher asked for rows that it cannot have; the message says why."""


@dataclass(frozen=True, slots=True)
class Window:
    """Rows ``first`` to ``last - 1`` of the tree, and single ones."""

    first: int
    last: int
    single: frozenset[int] = frozenset()

    def holds(self, row: int) -> bool:
        """True for a row in it."""
        return self.first <= row < self.last or row in self.single


@dataclass(slots=True)
class MatrixWatch:
    """One watcher. ``top`` is the run that it looks at: it sees that run and those below it."""

    view: TreeView
    top: int
    _position: int | None = None
    _known: set[int] = field(default_factory=set)
    _windows: dict[int, Window] = field(default_factory=dict)
    _owed: set[int] = field(default_factory=set)

    def ask_rows(self, run: int, first: int, last: int, also: Collection[int] = ()) -> None:
        """From now on tell of the cells in these positions of a run, in place of those asked for before.

        None of them when ``first`` is ``last`` and ``also`` is empty. Raises ``RowsRefused``.
        """
        band = self.view.bands.get(run)
        if band is None or not self.view.is_within(band, self.top):
            raise RowsRefused(f"run is {run}, expected run {self.top} or one that it called")
        if last - first > MAX_WINDOW_ROWS:
            raise RowsRefused(f"rows {first} to {last} are {last - first} rows, expected at most {MAX_WINDOW_ROWS}")
        if len(also) > MAX_SINGLE_ROWS:
            raise RowsRefused(f"also has {len(also)} rows, expected at most {MAX_SINGLE_ROWS}")
        if first == last and not also:
            self._windows.pop(run, None)
        elif run not in self._windows and len(self._windows) == MAX_WINDOWS:
            raise RowsRefused(
                f"this asks for rows of more than {MAX_WINDOWS} runs; give some back by asking for none (from = to)"
            )
        else:
            single = frozenset(band.first_row + position for position in also if position < len(band.names))
            self._windows[run] = Window(band.first_row + first, min(band.first_row + last, _end(band)), single)
            self._owed.add(run)

    def sees(self, run: int, element: str) -> bool:
        """True for an element of the run looked at, or of one below it."""
        band = self.view.bands.get(run)
        return band is not None and element in band.rows and self.view.is_within(band, self.top)

    def has_output(self, run: int, element: str, site: int) -> bool:
        """True when a step of this site printed something since the last frame, or may have."""
        changes = self.changes()
        return changes is None or Change.of_output(self.view.row(run, element), site) in changes

    def changes(self) -> Sequence[Change] | None:
        """What changed since the last frame; None when too much did, or there was no frame yet."""
        return None if self._position is None else self.view.log.since(self._position)

    def next_frame(self) -> Frame | None:
        """A snapshot or a patch, or None when there is nothing to tell."""
        changes = self.changes()
        if changes is None:
            return self._snapshot()
        seen = {change for change in changes if self._is_seen(change)}
        new = self._new_bands(seen)
        moved = sum(change.row >= 0 and change.site == 0 for change in seen)
        if moved > MAX_ELEMENTS or len(new) > MAX_RUNS:
            return self._snapshot()
        self._position = self.view.log.end
        return self._patch(seen, new) if seen or new or self._owed else None

    # --- frames -----------------------------------------------------------------------------------------------------

    def _snapshot(self) -> Frame:
        view = self.view
        within = [band for band in view.newest_bands() if view.is_within(band, self.top)]
        bands = sorted(_most_telling(within, self.top), key=lambda band: band.number)
        self._position, self._known = view.log.end, {band.run for band in bands if band.start}
        self._owed.clear()
        return {
            "type": "snapshot",
            "seq": view.seq,
            "root": view.root,
            "run": self.top,
            "letters": dict(LETTERS),
            "runs_total": len(within),
            "runs": [band_json(band) for band in bands],
            "questions": self._questions(),
            "cells": [cell for run in self._windows for cell in self._window_cells(run)],
        }

    def _patch(self, seen: Iterable[Change], new: Sequence[Band]) -> Frame:
        told = sorted(change for change in seen if self.view.band_of(change) not in new and change != QUESTIONS)
        bands = {band.run: band for band in map(self.view.band_of, told)}
        cells = [self._cell(change) for change in told if change.site > 0 and self._is_asked_for(change)]
        cells += [cell for run in sorted(self._owed) for cell in self._window_cells(run)]
        self._owed.clear()
        optional: Frame = {
            "sites": {str(run): _tallies(band) for run, band in bands.items() if band.tallies},
            "elements": [self._element(change.row) for change in told if change.row >= 0 and change.site == 0],
            "runs": [head_json(self.view.band_of(change)) for change in told if change.row < 0],
            "new": [band_json(band) for band in new],
        }
        return {
            "type": "delta",
            "seq": self.view.seq,
            "counts": {str(run): dict(band.counts) for run, band in bands.items()},
            "cells": list(dict.fromkeys(cells)),
            **{key: value for key, value in optional.items() if value},
            **({"questions": self._questions()} if QUESTIONS in seen else {}),
        }

    def _new_bands(self, seen: Iterable[Change]) -> list[Band]:
        """Runs that the watcher must be told of in full: they began, changed unseen before, or were asked for.

        A root that has no elements yet is told in full each time: it has them with one of its next changes.
        """
        runs = {self.view.band_of(change).run for change in seen if change.row < 0 and change != QUESTIONS}
        new = (runs | self._owed) - self._known
        self._known |= {run for run in new if self.view.bands[run].start}
        return sorted((self.view.bands[run] for run in new), key=lambda band: band.number)

    def _is_seen(self, change: Change) -> bool:
        band = self.view.band_of(change)
        if change == QUESTIONS or change.site < 0:
            return change == QUESTIONS
        if change.row < 0:
            return self.view.is_within(band, self.top)
        return band.run in self._known

    def _is_asked_for(self, change: Change) -> bool:
        window = self._windows.get(self.view.band_of(change).run)
        return window is not None and window.holds(change.row)

    def _window_cells(self, run: int) -> list[Cell]:
        window = self._windows.get(run)
        if window is None:
            return []
        band = self.view.bands[run]
        cells = list(band.cells(window.first - band.first_row, window.last - band.first_row))
        for row in sorted(window.single):
            cells += band.cells(row - band.first_row, row - band.first_row + 1)
        return cells

    def _cell(self, change: Change) -> Cell:
        band = self.view.band_of(change)
        turn, state = band.cell(change.row - band.first_row, change.cell_site)
        return change.row, change.cell_site, turn, state

    def _element(self, row: int) -> list[Any]:
        band = self.view.band_of_row(row)
        position = row - band.first_row
        return [row, LETTERS[chr(band.states[position])], *band.ends.get(position, ())]

    def _questions(self) -> list[dict[str, Any]]:
        view = self.view
        return [asked for asked in view.questions.values() if view.is_within(view.bands[asked["run"]], self.top)]


def band_json(band: Band) -> dict[str, Any]:
    """A run in full. ``states`` has one letter for each of ``elements``; ``ends`` is ``[row, message, last step]``;
    ``batches`` are the positions at which the second one and those after it begin."""
    start = band.start
    callers = start.get("callers") or ()
    return {
        **head_json(band),
        "number": band.number,
        "parent": band.parent,
        "site": start.get("site"),
        "turn": start.get("turn"),
        "callers": list(callers[:_MAX_CALLERS]),
        "callers_total": len(callers),
        "path": list(start.get("path") or ()),
        "flow": start.get("flow"),
        "version": start.get("version"),
        "mode": start.get("mode"),
        "batches": band.batches,
        "first_row": band.first_row,
        "elements": list(band.names),
        "states": band.states.decode(),
        "ends": [[band.first_row + position, *end] for position, end in list(band.ends.items())[:MAX_ENDS]],
        "counts": dict(band.counts),
        "sites": _tallies(band),
    }


def head_json(band: Band) -> dict[str, Any]:
    """What of a run may change, its rows and cells apart."""
    return {
        "run": band.run,
        "state": band.state,
        "reason": band.reason,
        "asked": band.asked,
        "started_at": band.started_at,
        "ended_at": band.ended_at,
        "soaking": band.soaking,
        "columns": [list(band.columns[site]) for site in sorted(band.columns, key=in_order)],
    }


def _tallies(band: Band) -> dict[str, dict[str, int]]:
    return {str(site): dict(band.tallies[site]) for site in sorted(band.tallies, key=in_order)}


def _most_telling(bands: Sequence[Band], top: int) -> Iterator[Band]:
    """The top, those that are not over, then the newest, as far as the bounds allow; ``bands`` come newest first."""
    rows = 0
    ordered = sorted(bands, key=lambda band: (band.run != top, band.ended_at is not None))
    for band in ordered[:MAX_RUNS]:
        rows += len(band.names)
        if band.run == top or rows <= MAX_ROWS:
            yield band


def _end(band: Band) -> int:
    return band.first_row + len(band.names)
