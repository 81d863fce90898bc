"""Worker processes: their name, in which leases are held, whether one is still there, and whether it should end."""

import os
import socket
from functools import cache
from pathlib import Path
from threading import Event


@cache
def this_machine() -> str:
    """Where process ids mean something: the host, and the namespace that containers on one host have of their own."""
    try:
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}/{namespace}"


def worker_name(process_id: int | None = None) -> str:
    """``machine:process id`` of a worker on this machine; of this very process without one."""
    return f"{this_machine()}:{process_id or os.getpid()}"


def is_dead(name: str) -> bool:
    """True when the named process ran on this machine and is gone; False when it lives or nobody here can tell."""
    machine, _, process_id = name.rpartition(":")
    if machine != this_machine() or not process_id.isdigit():
        return False
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(") ")[2]
    except FileNotFoundError:
        return Path("/proc/self/stat").exists()
    except OSError:
        return False
    return state.startswith("Z")


_retirement = Event()


def ask_to_retire(*_signal: object) -> None:
    """Have this process begin no run any more. Serves as the handler of a signal."""
    _retirement.set()


def is_retiring() -> bool:
    """True once this process should begin no run any more."""
    return _retirement.is_set()
