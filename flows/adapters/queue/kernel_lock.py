"""A lock between processes that the kernel takes back when its holder dies, however it dies.

Note [Why the queue's locks are replaced]
A worker waits for its next job inside ``with lock: receive()``, and the lock of ``multiprocessing`` is a semaphore:
kill -9 leaves it taken, the workers started in its place wait for it for ever and the cluster is wedged (django-q2's
issue 23). ``flock`` belongs to an open file; it ends with the process.
"""

import fcntl
import os
from types import TracebackType
from typing import Self


class KernelLock:
    """Stands in for ``multiprocessing.Lock``; made before forking, then used by at most one thread of each process."""

    def __init__(self) -> None:
        self._file = os.memfd_create("flowsite-lock")
        self._opened_by = 0
        self._descriptor = -1

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take the lock, waiting for it if ``block``. ``timeout`` is what the queue never asks for."""
        if timeout is not None:
            raise ValueError("a kernel lock waits for ever or not at all")
        try:
            fcntl.flock(self._own(), fcntl.LOCK_EX | (0 if block else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the lock back."""
        fcntl.flock(self._own(), fcntl.LOCK_UN)

    def _own(self) -> int:
        """This process's own open file: one inherited by fork would be the parent's, and so would the lock."""
        if self._opened_by != os.getpid():
            self._descriptor = os.open(f"/proc/self/fd/{self._file}", os.O_RDWR)
            self._opened_by = os.getpid()
        return self._descriptor

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
