"""What the commands share: refusals as plain lines on stderr, and the exit code that says which kind it was."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from flowsite.kernel.errors import FlowsiteError

FAILED, USAGE, CANCELLED = 1, 2, 3


class ConsoleCommand(BaseCommand):
    """A command that tells refusals as plain lines on stderr. Subclasses implement ``act``."""

    refusal_code = FAILED

    def handle(self, *_: Any, **options: Any) -> None:
        """Carry it out; a refused request ends the process with ``refusal_code``."""
        for name, value in options.items():
            if name != "files" and any(not _is_text(part) for part in (value if isinstance(value, list) else [value])):
                self.refuse([f"{name} is {value!a}, expected text in UTF-8"], USAGE)
        try:
            self.act(options)
            self.stdout.flush()
        except FlowsiteError as refusal:
            self.refuse([refusal.message], self.refusal_code)
        except BrokenPipeError:
            # Who read the output has gone (`| head`): nobody is left to be told anything, at the exit neither.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(FAILED) from None

    def act(self, options: dict[str, Any]) -> None:
        """Do what the command is for."""
        raise NotImplementedError

    def refuse(self, lines: Iterable[object], code: int) -> NoReturn:
        """Write the lines to stderr and end with this code."""
        for line in lines:
            self.stderr.write(str(line))
        raise SystemExit(code)


def _is_text(value: object) -> bool:
    """False for what the shell gave in another encoding: Python keeps such bytes as half of a surrogate pair."""
    return not isinstance(value, str) or not any("\ud800" <= character <= "\udfff" for character in value)


class FileNotReadable(Exception):
    """A file cannot be read, or is no text; the message says why, without the file's name."""


def read_text(file: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; raises ``FileNotReadable``."""
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileNotReadable(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileNotReadable("is no UTF-8 text") from None
