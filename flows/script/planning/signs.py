"""How the sandbox tells its host that something is unknown."""

from typing import Final

UNKNOWN_TEXT: Final = "\U000f0000"
"""Stands in a text for something unknown. No script can mean this character: it has no meaning at all."""
