"""One run of the tree as rows, columns and cells: a band of the matrix (see ``flows.live.view``). Pure."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flows.engine.batches import size_of_batch
from flows.engine.status import ElementState, RunState, StepStatus

Event = Mapping[str, Any]
Cell = tuple[int, int, int, str]

#: Step states from the best to the worst: when a step is done in several turns, the worst is shown. 0: not reached.
_STATES = (
    "",
    StepStatus.SUCCEEDED.value,
    StepStatus.SKIPPED.value,
    StepStatus.QUEUED.value,
    StepStatus.WAITING.value,
    StepStatus.RUNNING.value,
    StepStatus.RETRYING.value,
    StepStatus.CANCELLED.value,
    StepStatus.UNKNOWN.value,
    StepStatus.STILL_RUNNING_THERE.value,
    StepStatus.INTERRUPTED.value,
    StepStatus.UNREACHABLE.value,
    StepStatus.FAILED.value,
)
_CODES = {state: code for code, state in enumerate(_STATES)}
_UNDER_WAY = frozenset(_CODES[state] for state in ("queued", "waiting", "running", "retrying"))

#: One letter for the state of each element, so that 10,000 are one short text.
LETTERS: Mapping[str, str] = {
    "q": ElementState.QUEUED.value,
    "w": ElementState.WAITING.value,
    "r": ElementState.RUNNING.value,
    "s": ElementState.SUCCEEDED.value,
    "f": ElementState.FAILED.value,
    "u": ElementState.UNREACHABLE.value,
    "t": ElementState.STOPPED.value,
    "c": ElementState.CANCELLED.value,
    "x": ElementState.EXCLUDED.value,
    "k": ElementState.SKIPPED.value,
    "n": ElementState.NOT_STARTED.value,
}
_LETTER_OF = {state: letter for letter, state in LETTERS.items()}

#: What stands for the step of a column that is a task of ``refresh``.
REFRESH = "refresh"
#: Batches that are told of.
MAX_BATCHES = 2000


class Column(NamedTuple):
    """A step site as a column; ``name`` is the task, flow or message where the script gives it as plain text."""

    site: int
    step: str
    name: str | None
    line: int


@dataclass(slots=True, eq=False)
class Band:
    """One run of the tree: its rows, columns and cells. ``states`` holds one letter a row."""

    run: int
    number: int
    first_row: int
    start: Event
    names: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    states: bytearray = field(default_factory=bytearray)
    ends: dict[int, tuple[str, list[int] | None]] = field(default_factory=dict)
    state: str = RunState.QUEUED.value
    reason: str = ""
    asked: tuple[str, str] | None = None
    started_at: str | None = None
    ended_at: str | None = None
    columns: dict[int, Column] = field(default_factory=dict)
    soaking: tuple[int, float] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    tallies: dict[int, Counter[str]] = field(default_factory=dict)
    _cells: dict[int, "array[int]"] = field(default_factory=dict)

    @property
    def parent(self) -> int | None:
        """The id of the run that called this one."""
        parent: int | None = self.start.get("parent")
        return parent

    def cell(self, position: int, site: int) -> tuple[int, str]:
        """Turn and state; 0 and an empty state where the element has not been."""
        column = self._cells.get(site)
        value = column[position] if column else 0
        return value >> 16, _STATES[_shown(value)]

    def cells(self, first: int, last: int) -> Iterator[Cell]:
        """All cells that were reached, in the positions ``first`` to ``last - 1``, by site."""
        for site in sorted(self._cells, key=in_order):
            column = self._cells[site]
            for position in range(max(first, 0), min(last, len(column))):
                if value := column[position]:
                    yield self.first_row + position, site, value >> 16, _STATES[_shown(value)]

    def begin_step(self, position: int, *, waits: bool) -> bool:
        """The element's step has started, and ``waits`` for a time or a person; True if its state is another now."""
        state = ElementState.WAITING if waits else ElementState.RUNNING
        letter = chr(self.states[position])
        if letter not in "qwr" or LETTERS[letter] == state:
            return False
        self.set_element(position, state.value)
        return True

    def set_cell(self, position: int, site: int, turn: int, state: str) -> None:
        """A step of this turn is now in this state."""
        column = self._cells.setdefault(site, array("Q"))
        if not column:
            column.frombytes(bytes(8 * len(self.names)))
        old = column[position]
        earlier = (old >> 8) & 0xFF
        if turn > old >> 16:
            earlier = max(earlier, old & 0xFF)
        value = column[position] = turn << 16 | earlier << 8 | _CODES[state]
        tally = self.tallies.setdefault(site, Counter())
        if old:
            _less(tally, _STATES[_shown(old)])
        tally[_STATES[_shown(value)]] += 1

    @property
    def batches(self) -> list[int]:
        """The positions at which the second batch and those after it begin (R21), as far as they are told."""
        sizes, elements = self.start.get("batches") or (), len(self.start.get("elements", ()))
        starts: list[int] = []
        position = 0
        while sizes and len(starts) < MAX_BATCHES:
            position += size_of_batch(sizes, len(starts) + 1, elements)
            if position >= elements:
                break
            starts.append(position)
        return starts

    def set_element(self, position: int, state: str) -> None:
        """The element is now in this state."""
        _less(self.counts, LETTERS[chr(self.states[position])])
        self.counts[state] += 1
        self.states[position] = ord(_LETTER_OF[state])

    def start_with(self, event: Event) -> None:
        """The run has its elements; those that a child's processing script removed stand last."""
        skipped = tuple(event.get("skipped") or ()) if event.get("parent") is not None else ()
        self.start = event
        self.names = (*event["elements"], *skipped)
        self.rows = {name: position for position, name in enumerate(self.names)}
        self.states = bytearray(b"q" * len(event["elements"]) + b"k" * len(skipped))
        self.counts = Counter({"queued": len(event["elements"]), "skipped": len(skipped)})
        self.counts += Counter()  # leaves out what is zero
        self.columns = {column[0]: Column(*column) for column in event.get("columns", ())}
        self.started_at = event.get("at")
        if event.get("parent") is not None:  # a root says so itself
            self.state = RunState.RUNNING.value

    def order(self, event: Event) -> None:
        """The elements are in order: the others failed when they were refreshed, or were removed (R3).

        What was refreshed waits for its script to begin; cells and ends go along with their rows.
        """
        names, rows, states = self.names, self.rows, self.states
        known = {*event["elements"], *event["skipped"]}
        failed = tuple(name for name in names if name not in known)
        skipped = tuple(event["skipped"]) if self.parent is not None else ()
        self.start = {**self.start, "elements": event["elements"]}
        self.names = (*event["elements"], *failed, *skipped)
        self.rows = {name: position for position, name in enumerate(self.names)}
        moved = [rows[name] for name in self.names]
        ended = bytes(states[rows[name]] for name in failed)
        self.states = bytearray(b"q" * len(event["elements"]) + ended + b"k" * len(skipped))
        self.counts = Counter(LETTERS[chr(letter)] for letter in self.states)
        self.ends = {self.rows[names[old]]: end for old, end in self.ends.items() if names[old] in self.rows}
        for site, column in self._cells.items():
            self._cells[site] = array("Q", (column[old] for old in moved))
            shown = (_STATES[_shown(value)] for value in self._cells[site] if value)
            self.tallies[site] = Counter(shown)


def in_order(site: int) -> tuple[bool, int]:
    """What sites are sorted by: the tasks of ``refresh``, then those of the script."""
    return site > 0, abs(site)


def _shown(value: int) -> int:
    """The code of the state that a cell shows: what is under way, else the worst of its turns."""
    state = value & 0xFF
    return state if state in _UNDER_WAY else max(state, (value >> 8) & 0xFF)


def _less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
