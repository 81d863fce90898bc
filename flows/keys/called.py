"""The declared inputs of tasks and flows by name, as the check of the scripts that call them wants them (R16)."""

from collections.abc import Mapping
from typing import Any

from flows.tasks.declared import read_inputs
from flows.tasks.inputs import InputSpec
from flows.tasks.reading import Reader


def inputs_by_name(definition: Mapping[str, Any]) -> dict[str, InputSpec]:
    """What a definition declares; what is wrong with it is told by who reads the definition itself."""
    return {spec.name: spec for spec in read_inputs(Reader({"inputs": definition.get("inputs") or []}))}
