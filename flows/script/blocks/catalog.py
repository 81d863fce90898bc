"""The blocks: each a Python pattern with holes. Text is read, printed and offered by this table alone.

To add a block, add a row; where two rows match, the earlier one is meant. A compound statement is the line with its
colon, and its clauses; its body is understood.
"""

from collections.abc import Mapping
from typing import Any, Final

from flows.script.blocks.elements import ELEMENTS, ORDER
from flows.script.blocks.holes import FIELDS, SHOWN_AS
from flows.script.blocks.lists import DICTS, LISTS
from flows.script.blocks.pattern import Pattern, Slot
from flows.script.blocks.rows import Index, Row
from flows.script.blocks.statements import DATA, FLOW
from flows.script.blocks.steps import STEPS
from flows.script.blocks.texts import NUMBERS, TEXTS
from flows.script.blocks.values import CONDITIONS, OTHERS

ROWS: Final = (*STEPS, *FLOW, *ORDER, *DATA, *ELEMENTS, *CONDITIONS, *TEXTS, *NUMBERS, *DICTS, *LISTS, *OTHERS)
BY_TYPE: Final = {row.type: row for row in ROWS}
COMMENT: Final = "comment"
RAW_STATEMENT: Final = "raw_statement"
RAW_VALUE: Final = "raw_value"

STATEMENT_INDEX: Final = Index(
    row for row in ROWS if row.shape == "statement" and row.type not in (COMMENT, RAW_STATEMENT)
)
VALUE_INDEX: Final = Index(row for row in ROWS if row.shape == "value")


def row_json(row: Row) -> dict[str, Any]:
    """A row as the browser reads it: its label's holes in printing order, with their kinds."""
    patterns = row.patterns
    return {
        "type": row.type,
        "shape": row.shape,
        "category": row.category,
        "scripts": list(row.scripts),
        "is_step": row.is_step,
        "patterns": dict(row.forms),
        "label": row.label,
        "tooltip": row.tooltip,
        "holes": _holes(next(iter(patterns.values())), row.picks),
        "options": list(row.forms) if len(row.forms) > 1 else [],
        "body": row.has_body,
        "clauses": [
            {"kind": c.kind, "pattern": c.text, "label": c.label, "repeats": c.repeats, "holes": _holes(c.pattern, {})}
            for c in row.clauses
        ],
    }


def _holes(pattern: Pattern, picks: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": slot.name,
            "kind": str(SHOWN_AS.get(pattern.kinds[slot.name], pattern.kinds[slot.name])),
            "is_field": pattern.kinds[slot.name] in FIELDS,
            "picks": picks.get(slot.name, ""),
        }
        for slot in pattern.segments
        if isinstance(slot, Slot)
    ]
