"""The jobs that django-q calls: plain functions that return small plain values.

A coroutine, or a result that cannot be pickled, would be run again for ever (measured 2026-11-23).
"""

import logging
import time

from flows.adapters.workers import is_retiring, worker_name

log = logging.getLogger(__name__)


def advance(root_id: int) -> str:
    """Drive a root run as far as it goes. Returns at once when another worker has it or this one is to end.

    Says how it ended; a run that was not begun here is woken again by the timekeeper.
    """
    if is_retiring():
        return "retired"
    from flows import wiring  # heavy: sandbox, SSH and templates are loaded by workers alone

    log.info("run %s: taken by worker %s", root_id, worker_name())
    began = time.monotonic()
    ended = wiring.advance(root_id)
    log.info("run %s: %s after %.1f s", root_id, ended, time.monotonic() - began)
    return ended


def canary() -> str:
    """Come back: proves that the cluster takes, does and answers jobs."""
    return "alive"
