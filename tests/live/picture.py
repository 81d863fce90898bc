"""What a browser keeps of a run tree: it puts snapshots and deltas together as docs/api.md says, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.engine.events import Event, RunStarted
from flows.live.band import LETTERS
from flows.runner.events import encode

#: In tests without a database the id of a run is its number and this.
FIRST_RUN = 100


class Picture:
    """The fold of frames."""

    def __init__(self) -> None:
        self.seq = -1
        self.runs: dict[int, dict[str, Any]] = {}
        self.counts: dict[int, Mapping[str, int]] = {}
        self.sites: dict[int, Mapping[str, Any]] = {}
        self.elements: dict[int, str] = {}
        self.cells: dict[tuple[int, int], tuple[int, str]] = {}
        self.questions: list[Any] = []

    def take(self, frame: Mapping[str, Any]) -> None:
        """Apply one frame."""
        assert frame["seq"] >= self.seq
        self.seq = frame["seq"]
        if frame["type"] == "snapshot":
            self.runs, self.cells, self.elements = {}, {}, {}
        for run in frame["runs"] if frame["type"] == "snapshot" else frame.get("new", ()):
            self._take_run(run)
        if frame["type"] == "delta":
            self._take_changes(frame)
        self.questions = frame.get("questions", self.questions)
        for row, site, turn, state in frame["cells"]:
            self.cells[row, site] = (turn, state)

    def _take_run(self, run: Mapping[str, Any]) -> None:
        fixed = ("run", "flow", "parent", "mode", "path", "first_row", "elements", "batches")
        changing = ("state", "reason", "asked", "columns", "started_at", "ended_at", "soaking")
        self.runs[run["run"]] = {key: run[key] for key in (*fixed, *changing)}
        self.counts[run["run"]] = run["counts"]
        self.sites[run["run"]] = run["sites"]
        for row, letter in enumerate(run["states"], start=run["first_row"]):
            self.elements[row] = LETTERS[letter]

    def _take_changes(self, frame: Mapping[str, Any]) -> None:
        self.counts |= {int(run): counts for run, counts in frame["counts"].items()}
        self.sites |= {int(run): sites for run, sites in frame.get("sites", {}).items()}
        for head in frame.get("runs", ()):
            self.runs[head["run"]] |= head
        for row, state, *_ in frame.get("elements", ()):
            self.elements[row] = state

    def shown(self) -> tuple[Any, ...]:
        """Everything on it but ``seq``."""
        return self.runs, self.counts, self.sites, self.elements, self.cells, self.questions


def public(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Events of an engine as the API shows them."""
    shown = []
    for seq, event in enumerate(events, start=1):
        type_, run, data = encode(event)
        names = {"seq": seq, "run": FIRST_RUN + run, "root": FIRST_RUN, "type": type_, "at": f"2026-11-23T12:00:{seq}"}
        if isinstance(event, RunStarted) and event.parent is not None:
            names["parent"] = FIRST_RUN + event.parent
        shown.append({**data, **names})
    return shown
