"""What the commands share: errors on stderr with an exit code, names and inputs as people type them."""

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

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


def add_start_arguments(parser: CommandParser) -> None:
    """The arguments that say what would run: flow, inputs, elements."""
    parser.add_argument("flow", help="the flow's name")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=VALUE", help="one input; repeat for more")
    parser.add_argument("--elements", metavar="A,B", help="only these elements of the target")


def read_names(text: str | None) -> list[str] | None:
    """Names separated by commas, each once in the order given; None when the option was not."""
    if text is None:
        return None
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


class InputNotReadable(FlowsiteError):
    """An ``--input`` is not of the form name=value."""

    code = "input"


def read_pairs(texts: Sequence[str]) -> dict[str, str]:
    """``name=value`` texts; the last of several values of one name wins, as in a shell."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputNotReadable(f"--input {text!r}: expected name=value")
        pairs[name] = value
    return pairs
