"""``run``: starts a flow and follows it to its end."""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandParser

from flows.engine.status import RunState
from flows.management.console import CANCELLED, FAILED, USAGE, ConsoleCommand
from flows.management.following import Follower
from flows.management.starting import add_start_arguments, read_start
from flows.management.telling import teller_for
from flows.models import Run
from flows.operations.plan import start_as_planned
from flows.operations.runs import cancel_run
from flows.wiring import drive_locally
from flowsite.kernel.access import SYSTEM
from flowsite.kernel.errors import FlowsiteError

#: What shells give to a program that Ctrl-C ended: nobody knows yet how the run ends.
LEFT_RUNNING = 130
EXIT_CODES = {RunState.SUCCEEDED: 0, RunState.PARTIAL: FAILED, RunState.FAILED: FAILED, RunState.CANCELLED: CANCELLED}


class Command(ConsoleCommand):
    """Runs a flow."""

    help = "Start a flow and follow it. Ends with 0 succeeded, 1 failed or partial, 3 cancelled, 2 wrong usage."
    refusal_code = USAGE

    def add_arguments(self, parser: CommandParser) -> None:
        add_start_arguments(parser)
        parser.add_argument("--reason", default="", metavar="TEXT", help="why it is started")
        parser.add_argument(
            "--plan-hash", metavar="HASH", help="start only if the plan is still the one that has this hash"
        )
        parser.add_argument("--local", action="store_true", help="execute in this process; needs no worker")
        parser.add_argument("--json", action="store_true", help="print one stored event a line")
        parser.add_argument("--no-watch", action="store_true", help="start it and return")

    def act(self, options: dict[str, Any]) -> None:
        if options["local"] and options["no_watch"]:
            self.refuse(["--local executes the run in this process, so it cannot be left with --no-watch"], USAGE)
        start = read_start(options)
        run = start_as_planned(
            flow=start.flow,
            inputs=start.inputs,
            elements=start.elements,
            reason=options["reason"],
            by=SYSTEM,
            enqueue=not options["local"],
            plan_hash=options["plan_hash"],
        )
        if options["no_watch"]:
            self.stdout.write(json.dumps({"run": run.pk}) if options["json"] else f"run {run.pk} is queued")
            return
        self._exit(self._follow(run, options))

    def _follow(self, run: Run, options: dict[str, Any]) -> int:
        driving = _Driving(run.pk) if options["local"] else None
        teller = teller_for(self.stdout, run.pk, options)
        follower = Follower(run.pk, is_driven=driving.is_alive if driving else None)
        may_ask = True
        try:
            while True:
                try:
                    for event in follower.events(self._tell):
                        teller.event(event)
                    break
                except KeyboardInterrupt:
                    teller.close()  # a bar would draw over the question
                    if not may_ask or not self._cancel(run.pk):
                        return LEFT_RUNNING
                    may_ask = False
        finally:
            teller.close()
            if driving:
                driving.end()
        return self._code(Run.objects.get(pk=run.pk))

    def _code(self, run: Run) -> int:
        code = EXIT_CODES.get(RunState(run.state))
        if code is None:
            self._tell(f"run {run.pk} is {run.state}, and nobody in this process works on it any more")
        return FAILED if code is None else code

    def _cancel(self, run: int) -> bool:
        """Ask whether to cancel; a second Ctrl-C, or nobody to ask, leaves the run as it is."""
        if not sys.stdin.isatty():
            return False
        try:
            answer = input("\nLeave the run running, or cancel it? [leave/cancel] ")
        except (KeyboardInterrupt, EOFError):
            answer = ""
        if not answer.strip().lower().startswith("c"):
            self._tell(f"left as it is; see: manage.py runs, or cancel it with: manage.py run_control {run} cancel")
            return False
        try:
            cancel_run(run=run, by=SYSTEM)
        except FlowsiteError as refusal:
            self._tell(refusal.message)
        return True

    def _tell(self, line: str) -> None:
        self.stderr.write(line)

    def _exit(self, code: int) -> None:
        if code:
            raise SystemExit(code)


class _Driving:
    """The run being executed by a thread of this process."""

    def __init__(self, root: int, drive: Callable[..., str] = drive_locally) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=drive, args=(root,), kwargs={"stop": self._stop}, name=f"run {root}")
        self._thread.start()

    def is_alive(self) -> bool:
        """False once nobody in this process works on the run any more."""
        return self._thread.is_alive()

    def end(self) -> None:
        """Give the run back and wait until that is written."""
        self._stop.set()
        self._thread.join()
