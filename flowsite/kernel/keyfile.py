"""Key files: made once, atomically, readable by their owner alone."""

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path


class KeyFileProblem(Exception):
    """A key file cannot be used. The message names the file and what to do, never what is in it."""


def read_or_make_key(file: Path, make: Callable[[], str]) -> str:
    """The key in ``file``; the first of several processes to ask makes it, and all of them get the same one."""
    try:
        return _read(file)
    except FileNotFoundError:
        _make(file, make())
        return _read(file)


def _read(file: Path) -> str:
    """Fail if anybody but the owner may read the file: such a key is no secret."""
    with file.open(encoding="ascii") as opened:
        mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
        if mode & 0o077:
            raise KeyFileProblem(
                f"{file} has mode {mode:03o}, expected 600: others may have read this key. "
                f"Run: chmod 600 {file}, and make a new key if somebody else has an account here."
            )
        key = opened.read().strip()
    if not key:
        raise KeyFileProblem(f"{file} is empty, expected a key. Restore it from a backup, or remove it to start anew.")
    return key


def _make(file: Path, key: str) -> None:
    """Write beside and link: a reader never sees half a key, and a second maker loses."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(key + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()
