"""What a person sees of a run tree: the one fold from public events to rows, columns, cells, states and questions.

Pure. A *row* is one element in one run. Rows count from 0 over the whole tree: a run's rows are ``first_row`` and on,
in execution order; then those whose refresh failed, and last those that its processing script skipped. A *column* is
a step site of the run's flow; the tasks of its ``refresh`` are the sites -1, -2, ... in their order. A *cell* is
``[row, site, turn, state]``: ``turn`` is how often the row has come to the site; ``state`` is that of the step under
way there, else the worst of all its turns. Memory: 8 bytes a cell of a column that was reached.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from flows.engine.events import NO_SITE
from flows.engine.status import ElementState
from flows.live.band import LETTERS, REFRESH, Band, Column, Event

__all__ = ("LETTERS", "QUESTIONS", "Change", "ChangeLog", "TreeView")


#: Changes that are remembered for patches; whoever is further behind gets a snapshot.
KEPT_CHANGES = 50_000
#: Messages are cut for the matrix; the drawer asks for the whole one.
MESSAGE_CHARS = 300
#: Callers of a question that are named in the matrix.
MAX_CALLERS = 20
#: In a ``Change`` the refresh task -k has this number plus k: the signs are taken.
_REFRESH = 1_000_000


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
        if band.begin_step(position, waits=event.get("until") is not None):
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


def _place(event: Event) -> tuple[int, int]:
    """Site and turn as columns have them: the k-th task of ``refresh`` is the site -k."""
    site, turn = event["site"], event["turn"]
    return (-turn, 1) if site == NO_SITE else (site, turn)


def _shown_step(step: list[int] | None) -> list[int] | None:
    return [-step[1], 1] if step and step[0] == NO_SITE else step
