"""The rows of conditions and of plain values."""

from typing import Final

from flows.script.blocks.phrases import CODE, NAME, SEVERAL
from flows.script.blocks.rows import Row

COMPARED: Final = ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")

CONDITIONS: Final = (
    Row("compare", "value", "decide", {sign: f"LEFT {sign} RIGHT" for sign in COMPARED}, "{LEFT} {CHOICE} {RIGHT}",
        "Compares two values.", "inputs['version'] == 2"),
    Row("all_hold", "value", "decide", {"and": "FIRST and MORE", "or": "FIRST or MORE"}, "{FIRST} {CHOICE} {MORE}",
        "Joins conditions: all hold, or at least one.", "True and True", SEVERAL),
    Row("not", "value", "decide", "not TEST", "not {TEST}", "True if the condition does not hold.", "not True"),
    Row("choose", "value", "decide", "YES if TEST else NO", "{YES} if {TEST}, else {NO}",
        "One of two values, by a condition.", "1 if current == first else 0"),
    Row("boolean", "value", "data", {"True": "True", "False": "False"}, "{CHOICE}", "Yes or no.", "True"),
    Row("none", "value", "data", "None", "nothing", "No value.", "None"),
)  # fmt: skip

OTHERS: Final = (
    Row("variable", "value", "data", "NAME", "{NAME}", "A value that was given a name above.", "result", NAME),
    Row("raw_value", "value", "raw", "CODE", "{CODE}", "Python that has no block of its own.", "result.copy()", CODE),
)  # fmt: skip
