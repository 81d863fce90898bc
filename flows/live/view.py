"""What a person sees of a run tree: the one fold from public events to rows, columns, cells, states and questions.

Pure. A *row* is one element in one run. Rows count from 0 over the whole tree: a run's rows are ``first_row`` and on,
in execution order; then those whose refresh failed, and last those that its processing script skipped. A *column* is
a step site of the run's flow; the tasks of its ``refresh`` are the sites -1, -2, ... in their order. A *cell* is
``[row, site, turn, state]``: ``turn`` is how often the row has come to the site; ``state`` is that of the step under
way there, else the worst of all its turns. Memory: 8 bytes a cell of a column that was reached.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flows.engine.batches import size_of_batch
from flows.engine.events import NO_SITE
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

#: Changes that are remembered for patches; whoever is further behind gets a snapshot.
KEPT_CHANGES = 50_000
#: Messages are cut for the matrix; the drawer asks for the whole one.
MESSAGE_CHARS = 300
#: Callers of a question that are named in the matrix.
MAX_CALLERS = 20
#: In a ``Change`` the refresh task -k has this number plus k: the signs are taken.
_REFRESH = 1_000_000


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


class Change(NamedTuple):
    """What changed: a cell (``site`` > 0), the output of a step (-site), an element (0); a run is row -1 - number."""

    row: int
    site: int

    @classmethod
    def of_cell(cls, row: int, site: int) -> "Change":
        """The cell of a site, which may be that of a refresh task."""
        return cls(row, site if site > 0 else _REFRESH - site)

    @classmethod
    def of_output(cls, row: int, site: int) -> "Change":
        """What the step of the site printed."""
        row, number = cls.of_cell(row, site)
        return cls(row, -number)

    @property
    def cell_site(self) -> int:
        """The site of a changed cell."""
        return self.site if self.site < _REFRESH else _REFRESH - self.site


#: The open questions changed.
QUESTIONS = Change(-1, -1)


class ChangeLog:
    """The last changes, by ever-growing positions. Whoever is too far behind for it needs a new snapshot."""

    def __init__(self, kept: int) -> None:
        """At least ``kept`` changes are kept, at most twice as many."""
        self._kept = kept
        self._first = 0
        self._changes: list[Change] = []

    @property
    def end(self) -> int:
        """The position after the last change."""
        return self._first + len(self._changes)

    def note(self, change: Change) -> None:
        """Add one."""
        self._changes.append(change)
        if len(self._changes) > 2 * self._kept:
            del self._changes[: -self._kept]
            self._first = self._first + self._kept + 1

    def forget(self) -> None:
        """Whoever watches needs a new snapshot: rows have moved."""
        self._first = self.end + 1
        self._changes = []

    def since(self, position: int) -> list[Change] | None:
        """The changes from a position on, or None when some of them are forgotten."""
        return None if position < self._first else self._changes[position - self._first :]


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


class TreeView:
    """The fold. ``apply`` takes the events of one root run in the order of ``seq``; each is applied once.

    ``run_started`` may carry ``columns``, the step sites of its flow, each ``(site, step, name, line)``; what it does
    not tell comes with the first step of a site. ``log`` remembers what changed, for patches.
    """

    def __init__(self, root: int, *, kept_changes: int | None = None) -> None:
        self.root = root
        self.seq = 0
        self.bands: dict[int, Band] = {}
        self.questions: dict[int, dict[str, Any]] = {}
        self.log = ChangeLog(KEPT_CHANGES if kept_changes is None else kept_changes)
        self._asked: dict[tuple[int, str], int] = {}
        self._by_row: list[Band] = []
        self._numbers: list[Band] = []
        self._add(Band(root, 0, 0, {}))

    def apply_all(self, events: Iterable[Event]) -> None:
        """Apply events in their order; those that were applied before are passed over."""
        for event in events:
            if event["seq"] > self.seq:
                self.seq = event["seq"]
                act = _ACTS.get(event["type"])
                if act is not None:
                    act(self, event)

    def row(self, run: int, element: str) -> int:
        """The row of an element; raises ``KeyError``."""
        band = self.bands[run]
        return band.first_row + band.rows[element]

    def band_of_row(self, row: int) -> Band:
        """The run that the row belongs to."""
        return self._by_row[row]

    def band_of(self, change: Change) -> Band:
        """The run that a change is in; the questions are the root's."""
        if change == QUESTIONS:
            return self._numbers[0]
        return self._by_row[change.row] if change.row >= 0 else self._numbers[-1 - change.row]

    def is_within(self, band: Band, top: int) -> bool:
        """True for the run ``top`` and for all below it."""
        while band.run != top:
            if band.parent is None:
                return False
            band = self.bands[band.parent]
        return True

    def newest_bands(self) -> Sequence[Band]:
        """All runs, the last one started first."""
        return self._numbers[::-1]

    # --- acts: one for each type of event ---------------------------------------------------------------------------

    def _add(self, band: Band) -> None:
        self.bands[band.run] = band
        self._numbers.append(band)

    def run_started(self, event: Event) -> None:
        """A run has its elements."""
        if event["run"] not in self.bands:
            self._add(Band(event["run"], len(self._numbers), len(self._by_row), {}))
        band = self.bands[event["run"]]
        band.start_with(event)
        self._by_row.extend([band] * len(band.names))
        self._note_run(band)

    def elements_ordered(self, event: Event) -> None:
        """A run whose elements were refreshed has them in order; its rows are no longer where they were."""
        band = self.bands[event["run"]]
        band.order(event)
        self.log.forget()
        for question in self.questions.values():
            if question["run"] == band.run:
                question["row"] = self.row(band.run, question["element"])

    def soak(self, event: Event) -> None:
        """A run waits between two batches, or goes on (R21)."""
        band = self.bands[event["run"]]
        band.soaking = (event["batch"], event["until"]) if event["type"] == "soak_started" else None
        self._note_run(band)

    def run_state(self, event: Event) -> None:
        """A run went to a state that is not final."""
        band = self.bands[event["run"]]
        band.state, band.reason = event["state"], event["reason"]
        self._note_run(band)

    def run_finished(self, event: Event) -> None:
        """A run has ended."""
        band = self.bands[event["run"]]
        band.state, band.reason, band.ended_at = event["status"], event["reason"], event.get("at")
        band.soaking = None
        self._note_run(band)
        if band.number == 0 and self.questions:
            self.questions.clear()
            self._asked.clear()
            self.log.note(QUESTIONS)

    def requested(self, event: Event) -> None:
        """Somebody asked for a pause, its end, or the end of the run."""
        band = self._numbers[0]
        band.asked = (event["type"].removesuffix("_requested"), event["by"])
        self._note_run(band)

    def step_started(self, event: Event) -> None:
        """An attempt was decided."""
        state = "waiting" if event.get("until") is not None else "running" if event["attempt"] == 1 else "retrying"
        band = self._set_cell(event, state)
        position = band.rows[event["element"]]
        if band.states[position] == ord("q"):
            band.set_element(position, ElementState.RUNNING.value)
            self.log.note(Change(band.first_row + position, 0))
        site, _ = _place(event)
        if site not in band.columns:
            band.columns[site] = Column(site, event["step"] if site > 0 else REFRESH, event["name"], event["line"])
            self._note_run(band)

    def step_finished(self, event: Event) -> None:
        """An attempt has its outcome; that of an approval closes its question, whoever ended it."""
        self._set_cell(event, event["status"])
        if event["step"] == "approve":
            self._close_question(event)

    def step_output(self, event: Event) -> None:
        """A step printed something; its text is no part of the view."""
        site, _ = _place(event)
        self.log.note(Change.of_output(self.row(event["run"], event["element"]), site))

    def element_finished(self, event: Event) -> None:
        """An element has its final state."""
        band = self.bands[event["run"]]
        position = band.rows[event["element"]]
        band.set_element(position, event["state"])
        if event["message"] or event["state"] == ElementState.STOPPED:
            band.ends[position] = (event["message"][:MESSAGE_CHARS], _shown_step(event["last_step"]))
        self.log.note(Change(band.first_row + position, 0))
        self._close_question(event)

    def question_asked(self, event: Event) -> None:
        """The run needs a person: to approve, or to say what became of a step."""
        callers = event.get("callers") or (event["element"],)
        site, turn = _place(event)
        self.questions[event["question"]] = {
            **{key: event[key] for key in ("question", "run", "element", "attempt", "message", "options")},
            "site": site,
            "turn": turn,
            "kind": event.get("kind", "interrupted"),
            "callers": list(callers[:MAX_CALLERS]),
            "callers_total": len(callers),
            "until": event.get("until"),
            "row": self.row(event["run"], event["element"]),
        }
        self._asked[event["run"], event["element"]] = event["question"]
        self.log.note(QUESTIONS)

    def question_answered(self, event: Event) -> None:
        """Somebody has decided; what was said about an interrupted step is what the script sees of it."""
        question = self.questions.pop(event["question"], None)
        self.log.note(QUESTIONS)
        if question is not None:
            self._asked.pop((question["run"], question["element"]), None)
            if event["answer"] in ("succeeded", "failed"):
                self._set_cell(question, event["answer"])

    def _close_question(self, event: Event) -> None:
        """What it was about has ended without an answer, or the answer is known already."""
        number = self._asked.pop((event["run"], event["element"]), None)
        if number is not None:
            self.questions.pop(number, None)
            self.log.note(QUESTIONS)

    def _set_cell(self, event: Event, state: str) -> Band:
        band = self.bands[event["run"]]
        position = band.rows[event["element"]]
        site, turn = _place(event)
        band.set_cell(position, site, turn, state)
        self.log.note(Change.of_cell(band.first_row + position, site))
        return band

    def _note_run(self, band: Band) -> None:
        self.log.note(Change(-1 - band.number, 0))


_ACTS = {
    "run_started": TreeView.run_started,
    "elements_ordered": TreeView.elements_ordered,
    "soak_started": TreeView.soak,
    "soak_ended": TreeView.soak,
    "run_state": TreeView.run_state,
    "run_finished": TreeView.run_finished,
    "pause_requested": TreeView.requested,
    "resume_requested": TreeView.requested,
    "cancel_requested": TreeView.requested,
    "step_started": TreeView.step_started,
    "step_finished": TreeView.step_finished,
    "step_output": TreeView.step_output,
    "element_finished": TreeView.element_finished,
    "question_asked": TreeView.question_asked,
    "question_answered": TreeView.question_answered,
}


def in_order(site: int) -> tuple[bool, int]:
    """What sites are sorted by: the tasks of ``refresh``, then those of the script."""
    return site > 0, abs(site)


def _place(event: Event) -> tuple[int, int]:
    """Site and turn as columns have them: the k-th task of ``refresh`` is the site -k."""
    site, turn = event["site"], event["turn"]
    return (-turn, 1) if site == NO_SITE else (site, turn)


def _shown_step(step: list[int] | None) -> list[int] | None:
    return [-step[1], 1] if step and step[0] == NO_SITE else step


def _shown(value: int) -> int:
    """The code of the state that a cell shows: what is under way, else the worst of its turns."""
    state = value & 0xFF
    return state if state in _UNDER_WAY else max(state, (value >> 8) & 0xFF)


def _less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
