"""The log of one step, which a watcher of the matrix reads along with it."""

from collections.abc import Mapping
from typing import Any

from flows.live.matrix import MatrixWatch, RowsRefused
from flows.live.messages import AskLog, StepName
from flows.live.reading import read_log
from flows.live.tailer import Tailer


class LogTail:
    """What one watcher has of a log; ``offset`` counts bytes of both streams together, in the order they came."""

    def __init__(self) -> None:
        self._step: StepName | None = None
        self._offset = 0
        self._last_id = 0
        self._stale = False
        self._is_first = False

    def ask(self, asked: AskLog, watch: MatrixWatch) -> None:
        """Another step, or none. Raises ``RowsRefused``."""
        if asked.step is not None and not watch.sees(asked.step.run, asked.step.element):
            raise RowsRefused(
                f"the step's run and element are {asked.step.run} and {asked.step.element!r},"
                f" expected an element of run {watch.top} or of one that it called"
            )
        self._step, self._offset, self._last_id = asked.step, asked.offset, 0
        self._stale = self._is_first = asked.step is not None

    def look_at(self, watch: MatrixWatch) -> None:
        """Notice output of the step in what the next patch is made of."""
        if self._step is not None and not self._stale:
            site = self._step.site or -self._step.turn
            self._stale = watch.has_output(self._step.run, self._step.element, site)

    async def next_frame(self, tailer: Tailer) -> Mapping[str, Any] | None:
        """New text, or None. The first answer comes even if it is empty."""
        step = self._step
        if step is None or not self._stale:
            return None
        part = await tailer.read(read_log, step, self._offset, self._last_id)
        self._stale, first, self._is_first = part.more, self._is_first, False
        start, self._offset, self._last_id = self._offset, part.end, part.last_id
        if not part.pieces and not first:
            return None
        names = {name: getattr(step, name) for name in ("run", "element", "site", "turn", "attempt")}
        return {"type": "log", "step": names, "offset": start, "pieces": part.pieces, "end": part.end}
