"""The script layer's words as the engine's, field by field: neither of the two may import the other."""

from collections.abc import Mapping
from typing import Any

from flows.engine import commands
from flows.runner.outcomes import clean_text
from flows.script import calls


def engine_call(call: calls.Call, inputs: Mapping[str, Any]) -> commands.Call:
    """The call with text as the journal keeps it, so that a replay compares like with like (R37). ``inputs`` are the
    call's own, in the form that the caller wants."""
    return commands.Call(
        step=call.step,
        site=call.site,
        name=None if call.name is None else clean_text(call.name),
        check=call.check,
        timeout=call.timeout,
        retries=call.retries,
        element=call.element,
        elements=call.elements,
        seconds=call.seconds,
        inputs=inputs,
    )


def engine_verdict(verdict: calls.Verdict | None) -> commands.Verdict | None:
    """The verdict with its message as the journal keeps it."""
    if verdict is None:
        return None
    return commands.Verdict(verdict.kind, clean_text(verdict.message), verdict.line, verdict.is_raised)
