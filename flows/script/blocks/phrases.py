"""What several rows of the catalog have in common: scripts, kinds of holes, forms."""

from typing import Final

from flows.script.blocks.holes import Kind
from flows.script.blocks.rows import Script

EXECUTION: Final[tuple[Script, ...]] = ("execution",)
PROCESSING: Final[tuple[Script, ...]] = ("processing",)
UNOFFERED: Final[tuple[Script, ...]] = ()
"""Of a row that is read and printed, and that the toolbox does not show."""

TEXT: Final = {"NAME": Kind.TEXT}
NAME: Final = {"NAME": Kind.NAME}
TARGET: Final = {"NAME": Kind.TARGET}
CALLED: Final = {"NAME": Kind.CALLEE}
CODE: Final = {"CODE": Kind.CODE}
SEVERAL: Final = {"MORE": Kind.ITEMS}


def reversible(call: str) -> dict[str, str]:
    """The forms of a sort by what it says of ``reverse``, nothing first; the call comes without its last bracket."""
    return {"": f"{call})", "False": f"{call}, reverse=False)", "True": f"{call}, reverse=True)"}
