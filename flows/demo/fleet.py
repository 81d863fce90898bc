"""The files of the demo's elements: ``demo/<name>/`` in the data directory, which is where local commands begin."""

import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings


def fleet_directory() -> Path:
    """The only directory that the demo touches."""
    return Path(settings.FLOWSITE_DATA_DIR) / "demo"


def write_state(name: str, facts: Mapping[str, Any], *, anew: bool) -> None:
    """Give an element its state files, one for each fact; ``anew`` forgets whatever its steps have left there."""
    directory = fleet_directory() / name
    if anew:
        _remove(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for fact, value in facts.items():
        file = directory / fact
        if not file.exists():
            file.write_text(f"{value}\n")


def remove_state(names: Iterable[str]) -> None:
    """Remove the elements' directories, and the one above if nothing else is in it."""
    for name in names:
        _remove(fleet_directory() / name)
    with suppress(OSError):  # somebody keeps other files there, or it was never made
        fleet_directory().rmdir()


def _remove(directory: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(directory)
