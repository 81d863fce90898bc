"""What a step returns to its script (R9, R12)."""

from collections.abc import Mapping
from typing import Any

from flows.engine.commands import Call
from flows.engine.events import Outcome

FOR_PEOPLE = frozenset({"command"})
"""What a task's result holds for the run page alone."""


def step_value(call: Call, outcome: Outcome, attempts: int) -> Any:
    """The value of the call, made of JSON values; ``attempts`` counts this one too."""
    head = {"ok": outcome.ok, "status": str(outcome.status)}
    match call.step:
        case "run_task":
            rest: Mapping[str, Any] = {"exit_code": outcome.exit_code, "output": "", "data": None, "settings": {}}
            told = {key: value for key, value in outcome.result.items() if key not in FOR_PEOPLE}
            return {**head, **rest, **told, "attempts": attempts}
        case "run_flow":
            # A child that could not be has no run, and nothing became of any element.
            return {**head, "run": None, "elements": {}, "failed": [], "messages": {}, **outcome.result}
        case "approve":
            return {"ok": outcome.ok, "by": "", "comment": "", **outcome.result}
        case "get_context":
            return outcome.result.get("context", {})
        case _:
            return None
