"""Asking a cluster on this machine to end itself, so that its supervisor (``up``, systemd) starts it anew.

The request is a file in the data directory: it works when the database is what hangs, for every supervisor alike,
and needs no right to signal another process. A cluster heeds requests made after its own start.
"""

from pathlib import Path

from django.conf import settings


def ask_for_restart(cluster: str) -> None:
    """Ask the cluster of this name that shares this data directory to end, with its whole process group."""
    _request(cluster).touch()


def restart_asked_since(cluster: str, started_at: float) -> bool:
    """True when a request was made after ``started_at`` (Unix seconds)."""
    try:
        return _request(cluster).stat().st_mtime > started_at
    except FileNotFoundError:
        return False


def _request(cluster: str) -> Path:
    directory: Path = settings.FLOWSITE_DATA_DIR
    return directory / f"restart-{cluster}"
