"""The look of every state: the table that the scripts of the pages use too."""

import json
from collections.abc import Mapping
from functools import cache

from django.conf import settings

Look = Mapping[str, str]


@cache
def looks() -> Mapping[str, Look]:
    """By state: ``word``, ``icon`` and ``tone``."""
    text = (settings.BASE_DIR / "frontend" / "src" / "lib" / "states.json").read_text()
    table: Mapping[str, Look] = json.loads(text)
    return table
