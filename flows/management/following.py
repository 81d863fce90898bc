"""Follows a run by reading its journal, and tells when nobody seems to work on it."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from flows.engine.status import RUN_ENDED, RunState
from flows.models import Run
from flows.queries.events import MAX_EVENTS, events_after

POLL_S = 0.2
NO_WORKER_AFTER_S = 5.0

Event = dict[str, Any]


class Follower:
    """One run being followed. ``seq`` is the last event that was given.

    With ``is_driven`` the run is executed in this process: following ends too when nobody does that any more.
    """

    def __init__(
        self,
        root: int,
        *,
        is_driven: Callable[[], bool] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.root = root
        self.seq = 0
        self._is_driven = is_driven
        self._sleep = sleep
        self._waited_s = 0.0
        self._has_told = False

    def events(self, tell: Callable[[str], None]) -> Iterator[Event]:
        """Every event in order, as they come, until the run has ended and all were given.

        ``tell`` is called once, with a line for people, if no worker has taken the run for a while.
        """
        while True:
            # The state is read before the events: those written with the final state are read after it.
            has_ended = self._is_left() or self._state() in RUN_ENDED
            events = events_after(self.root, self.seq)
            for event in events:
                self.seq = event["seq"]
                yield event
            if has_ended and len(events) < MAX_EVENTS:
                return
            if not events:
                self._wait(tell)

    def _wait(self, tell: Callable[[str], None]) -> None:
        self._sleep(POLL_S)
        self._waited_s += POLL_S
        if self._waited_s >= NO_WORKER_AFTER_S and not self._has_told and self._state() == RunState.QUEUED:
            self._has_told = True
            tell(f"queued: no worker has taken it for {NO_WORKER_AFTER_S:.0f} s; is `manage.py up` running?")

    def _is_left(self) -> bool:
        return self._is_driven is not None and not self._is_driven()

    def _state(self) -> str:
        return Run.objects.values_list("state", flat=True).get(pk=self.root)
