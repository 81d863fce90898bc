"""What steps are called on every page: the table that the scripts of the pages use too."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).resolve().parents[2] / "frontend" / "src" / "lib" / "steps.json"


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = json.loads(_TABLE.read_text())
    return table


def step_title(step: str) -> str:
    """``Approval``: what kind of step it is, as ``stepTitle`` of the scripts says it."""
    return _words()[step]["title"]


def step_phrase(step: str, name: str | None) -> str:
    """``Approval: Go on?``, as ``stepPhrase`` of the scripts says it."""
    words = _words()[step]
    return words["named"].replace("{}", name) if name else words["unnamed"]
