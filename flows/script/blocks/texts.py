"""The rows of texts and numbers."""

from typing import Final

from flows.script.blocks.holes import Kind
from flows.script.blocks.phrases import UNOFFERED
from flows.script.blocks.rows import Row

SIGNS: Final = ("+", "-", "*", "/", "//", "%", "**")
CHANGED: Final = {
    "in capitals": "TEXT.upper()",
    "in small letters": "TEXT.lower()",
    "without spaces around": "TEXT.strip()",
}

TEXTS: Final = (
    Row("text", "value", "data", "TEXT", "{TEXT}", "A text.", "'text'", {"TEXT": Kind.TEXT}),
    Row("text_with", "value", "data", "f'{PARTS}'", "text {PARTS}", "A text put together from texts and values.",
        "f'{current} of {len(elements)}'", {"PARTS": Kind.PIECES}),
    Row("changed_text", "value", "data", CHANGED, "{TEXT} {CHOICE}", "A text in other letters, or without the spaces.",
        "result['output'].strip()"),
    Row("replaced", "value", "data", "TEXT.replace(OLD, NEW)", "{TEXT} with {NEW} for {OLD}",
        "Puts another text in place of each of one.", "element['name'].replace('db', 'backup')"),
    Row("text_test", "value", "decide", {"starts with": "TEXT.startswith(PART)", "ends with": "TEXT.endswith(PART)"},
        "{TEXT} {CHOICE} {PART}", "Looks at how a text begins or ends; `in` looks for a part anywhere.",
        "element['name'].startswith('db')"),
    Row("join", "value", "data", "SEPARATOR.join(LIST)", "join {LIST} with {SEPARATOR}", "Makes one text of several.",
        "', '.join(['a', 'b'])"),
    Row("split", "value", "data", "TEXT.split(SEPARATOR)", "split {TEXT} at {SEPARATOR}", "Makes several texts of one.",
        "'a,b'.split(',')"),
    Row("parts_of_text", "value", "data", {"words": "TEXT.split()", "lines": "TEXT.splitlines()"},
        "{CHOICE} of {TEXT}", "The words or the lines of a text, as a list.", "result['output'].splitlines()"),
    Row("as_text", "value", "data", "str(VALUE)", "{VALUE} as text", "Makes a text of a value.", "str(current)"),
)  # fmt: skip

NUMBERS: Final = (
    Row("number", "value", "data", "NUMBER", "{NUMBER}", "A number.", "5", {"NUMBER": Kind.NUMBER}),
    Row("arithmetic", "value", "data", {sign: f"LEFT {sign} RIGHT" for sign in SIGNS}, "{LEFT} {CHOICE} {RIGHT}",
        "Calculates; + also joins texts and lists, ** is to the power of.", "1 + 1"),
    Row("negative", "value", "data", "-VALUE", "minus {VALUE}", "The number with the other sign.", "-current"),
    Row("as_number", "value", "data", {"whole number": "int(VALUE)", "number": "float(VALUE)"}, "{VALUE} as {CHOICE}",
        "Makes a number of a text; a whole one drops what is behind the point.", "int(result['output'])"),
    Row("rounded", "value", "data", {"rounded": "round(VALUE)", "without its sign": "abs(VALUE)"}, "{VALUE} {CHOICE}",
        "A number made simpler.", "round(1.5)"),
    Row("rounded_to", "value", "data", "round(VALUE, DIGITS)", "{VALUE} rounded to {DIGITS} digits",
        "Keeps so many digits behind the point.", "round(1.25, 1)", scripts=UNOFFERED),
)  # fmt: skip
