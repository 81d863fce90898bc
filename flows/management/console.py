"""What the commands share: refusals as plain lines on stderr, and the exit code that says which kind it was."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from flowsite.kernel.errors import FlowsiteError

FAILED, USAGE, CANCELLED = 1, 2, 3


class ConsoleCommand(BaseCommand):
    """A command that tells refusals as plain lines on stderr. Subclasses implement ``act``."""

    refusal_code = FAILED

    def handle(self, *_: Any, **options: Any) -> None:
        """Carry it out; a refused request ends the process with ``refusal_code``."""
        try:
            self.act(options)
        except FlowsiteError as refusal:
            self.refuse([refusal.message], self.refusal_code)

    def act(self, options: dict[str, Any]) -> None:
        """Do what the command is for."""
        raise NotImplementedError

    def refuse(self, lines: Iterable[object], code: int) -> NoReturn:
        """Write the lines to stderr and end with this code."""
        for line in lines:
            self.stderr.write(str(line))
        raise SystemExit(code)
