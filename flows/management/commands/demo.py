"""``demo``: makes the demo content, puts it back as it was, or removes it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from flows.demo.account import renew_password
from flows.demo.content import LOGIN
from flows.demo.making import make_demo
from flows.demo.removing import remove_demo
from flows.management.console import ConsoleCommand
from flowsite.kernel.access import SYSTEM


class Command(ConsoleCommand):
    """Makes and removes the demo content."""

    help = "Make the demo content: ten elements on this machine, flows to try, and the login 'demo'. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        does = parser.add_mutually_exclusive_group()
        does.add_argument("--remove", action="store_true", help="remove it, but nothing that others changed or need")
        does.add_argument("--reset", action="store_true", help="put everything back as it was made")
        does.add_argument("--new-password", action="store_true", help="give the login another password and print it")

    def act(self, options: dict[str, Any]) -> None:
        if options["remove"]:
            self._tell(remove_demo() or ["nothing of the demo is here"])
        elif options["new_password"]:
            self.stdout.write(f"login {LOGIN}, password {renew_password(by=SYSTEM)}")
        else:
            made = make_demo(reset=options["reset"])
            self._tell(made.lines or ["all of the demo is here already"])
            if made.password:
                self.stdout.write(f"login {LOGIN}, password {made.password} (shown this once)")
            if not settings.FLOWSITE_ALLOW_LOCAL:
                self.stderr.write("its steps need the site to be started with FLOWSITE_ALLOW_LOCAL=1, as make run does")

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)
