"""``plan``: the exact order of waves and elements, before anything runs (R40)."""

import json
from typing import Any

from django.core.management.base import CommandParser

from flows.management.console import ConsoleCommand
from flows.management.starting import add_start_arguments, read_start
from flows.operations.plan import plan_flow
from flows.plan.wave import told_stop
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
        lines.append(f"the plan ends here: {told_stop(plan['stops_at'])}")
    return lines


def _wave(wave: dict[str, Any], width: int) -> str:
    what = f"{'  ' * wave['depth']}{wave['site']} {wave['step']}{' ' + wave['name'] if wave['name'] else ''}"
    more = [f"{word} {wave[word]}" for word in ("turn", "batch") if wave[word] > 1]
    what += f" ({', '.join(more)})" if more else ""
    return f"{wave['n']:>{width}}  {what:<40}  {_names(_told_elements(wave))}"


def _told_elements(wave: dict[str, Any]) -> list[str]:
    """``e1``; with a name or a target of its own ``e1 Say at e2``; where all have the same target, the last one has."""
    names, targets = wave.get("names", {}), wave.get("targets", {})
    told = []
    for element in wave["elements"]:
        name = f" {names[element]}" if names.get(element) else ""
        target = f" at {targets[element]}" if targets.get(element) else ""
        told.append(f"{element}{name}{target}")
    if wave["target"]:
        told[-1] += f" at {wave['target']}"
    return told


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:MAX_NAMES])
    return shown if len(names) <= MAX_NAMES else f"{shown} and {len(names) - MAX_NAMES} more"
