"""``runs``: lists runs, the newest first."""

import json
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from flows.engine.status import RunState
from flows.management.console import ConsoleCommand
from flows.queries.runs import describe_run, list_runs

DEFAULT_LIMIT, MAX_LIMIT = 50, 100_000


class Command(ConsoleCommand):
    """Lists root runs."""

    help = "List runs, the newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--flow", metavar="F", help="only runs of this flow")
        parser.add_argument(
            "--state", metavar="S", choices=[state.value for state in RunState], help="only in this state"
        )
        parser.add_argument("--limit", type=_count, default=DEFAULT_LIMIT, metavar="N", help="at most so many (50)")
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def act(self, options: dict[str, Any]) -> None:
        found = list_runs(flow=options["flow"], state=options["state"])[: options["limit"]]
        if options["json"]:
            self.stdout.write(json.dumps([describe_run(run) for run in found]))
            return
        for run in found:
            since = f"{run.created_at:%Y-%m-%d %H:%M:%S}"
            self.stdout.write(
                f"{run.pk:>6}  {run.state:<15}  {since}  {run.flow_name}  {run.started_by}  {run.reason}".rstrip()
            )


def _count(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= MAX_LIMIT:
        return int(text)
    raise ArgumentTypeError(f"{text!r}, expected a whole number from 1 to {MAX_LIMIT}")
