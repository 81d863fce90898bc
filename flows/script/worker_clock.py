"""How much of the machine's time a script has really had: a busy machine must fail nobody's script (R44)."""

import time


class WorkerClock:
    """The time of a worker process since it went on (Linux names another process's CPU clock by its id)."""

    def __init__(self, pid: int | None) -> None:
        self._clock = (~pid << 3) | 2 if pid else None
        self._began: float | None = None
        self._wall_began = 0.0

    def start(self) -> None:
        """The worker goes on."""
        self._began = self._now()
        self._wall_began = time.monotonic()

    def wall_s(self) -> float:
        """Seconds by the wall clock since then."""
        return time.monotonic() - self._wall_began

    def spent_s(self) -> float | None:
        """CPU seconds since then; None where the system does not tell, or the worker is gone."""
        now = self._now()
        return None if now is None or self._began is None else now - self._began

    def _now(self) -> float | None:
        try:
            return None if self._clock is None else time.clock_gettime(self._clock)
        except (OSError, AttributeError):
            return None
