"""What steps are called: the table that the scripts of the pages use too."""

import json
from collections.abc import Mapping
from functools import cache

from django.conf import settings


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = (settings.BASE_DIR / "frontend" / "src" / "lib" / "steps.json").read_text()
    table: Mapping[str, Mapping[str, str]] = json.loads(text)
    return table


def step_phrase(step: str, name: str | None) -> str:
    """``Approval: Go on?``, as ``stepPhrase`` of the scripts says it."""
    words = _words()[step]
    return words["named"].replace("{}", name) if name else words["unnamed"]
