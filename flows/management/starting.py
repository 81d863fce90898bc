"""What ``plan`` and ``run`` share: the arguments that say what would run, read as people type them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandParser

from flows.adapters.definitions import declared_inputs
from flows.models import FlowVersion
from flows.tasks.inputs import InputRefused
from flowsite.kernel.errors import InvalidRequest


class InputNotReadable(InvalidRequest):
    """An ``--input`` is not of the form name=value or not of the declared type, or ``--elements`` names nothing."""

    code = "input"


@dataclass(frozen=True, slots=True)
class Start:
    """What would run. ``elements`` None means the whole target."""

    flow: str
    inputs: dict[str, Any]
    elements: list[str] | None


def add_start_arguments(parser: CommandParser) -> None:
    """Flow, inputs, elements."""
    parser.add_argument("flow", metavar="FLOW", help="the flow's name")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=VALUE", help="an input; repeat for more")
    parser.add_argument("--elements", metavar="A,B", help="only these elements of the target")


def read_start(options: dict[str, Any]) -> Start:
    """The typed arguments, each input in the type that the flow declares; raises ``InputNotReadable``."""
    flow = options["flow"]
    return Start(flow, _typed(flow, read_pairs(options["input"])), read_names(options["elements"]))


def read_names(text: str | None) -> list[str] | None:
    """Names separated by commas, each once in the order given; None when there was no option.

    Raises ``InputNotReadable`` for an option that names nothing.
    """
    if text is None:
        return None
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise InputNotReadable(f"--elements {text!r} names no element, expected names such as db1,db2")
    return names


def read_pairs(texts: Sequence[str]) -> dict[str, str]:
    """``name=value`` texts; of several values of one name the last wins, as in a shell."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputNotReadable(f"--input {text!r}: expected name=value")
        pairs[name] = value
    return pairs


def _typed(flow: str, pairs: dict[str, str]) -> dict[str, Any]:
    """Names that are not declared stay texts: whoever plans or starts refuses them."""
    version = FlowVersion.objects.newest().filter(flow__name=flow).first()
    declared = {item.name: item for item in declared_inputs(version)} if version else {}
    try:
        return {name: declared[name].read_text(text) if name in declared else text for name, text in pairs.items()}
    except InputRefused as refused:
        raise InputNotReadable(str(refused)) from refused
