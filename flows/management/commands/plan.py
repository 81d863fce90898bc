"""``plan``: the exact order of waves and elements, before anything runs (R40)."""

import json
from typing import Any

from django.core.management.base import CommandParser

from flows.management.console import ConsoleCommand
from flows.management.starting import add_start_arguments, read_start
from flows.operations.plan import plan_flow
from flowsite.kernel.access import SYSTEM

MAX_NAMES = 8


class Command(ConsoleCommand):
    """Plans a flow."""

    help = "Print what a flow would run, wave by wave, if nothing fails."

    def add_arguments(self, parser: CommandParser) -> None:
        add_start_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print the plan as one JSON object")

    def act(self, options: dict[str, Any]) -> None:
        start = read_start(options)
        plan = plan_flow(flow=start.flow, inputs=start.inputs, elements=start.elements, by=SYSTEM).to_json()
        self.stdout.write(json.dumps(plan) if options["json"] else "\n".join(table(plan)))


def table(plan: dict[str, Any]) -> list[str]:
    """The plan as lines: a heading, one line per wave (children indented), and where it ends."""
    count = len(plan["elements"])
    rules = f"{plan['mode']}, concurrency {plan['concurrency']}"
    heading = f"{plan['flow']} version {plan['version']}, {rules}, {count} element{'' if count == 1 else 's'}"
    lines = [heading, *plan.get("notes", ())]
    lines += [_wave(wave, len(str(len(plan["waves"])))) for wave in plan["waves"]]
    if plan["stops_at"]:
        stop = plan["stops_at"]
        lines.append(f"the plan ends here: {' > '.join(stop['path'])}, line {stop['line']}: {stop['reason']}")
    return lines


def _wave(wave: dict[str, Any], width: int) -> str:
    what = f"{'  ' * wave['depth']}{wave['site']} {wave['step']}{' ' + wave['name'] if wave['name'] else ''}"
    turn = f" (turn {wave['turn']})" if wave["turn"] > 1 else ""
    return f"{wave['n']:>{width}}  {what + turn:<40}  {_names(wave['elements'])}"


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:MAX_NAMES])
    return shown if len(names) <= MAX_NAMES else f"{shown} and {len(names) - MAX_NAMES} more"
