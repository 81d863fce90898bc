"""The rows of blocks that are values, and the patterns that they share with statements."""

from typing import Final

from flows.script.blocks.pattern import Kind
from flows.script.blocks.rows import Row, Script

EXECUTION: Final[tuple[Script, ...]] = ("execution",)
TASK_KEYWORDS: Final = ("check", "timeout", "retries", "element")
FLOW_KEYWORDS: Final = ("elements", "check")
TASK: Final[dict[str, str | tuple[str, ...]]] = {"NAME": "tasks", "INPUTS": TASK_KEYWORDS}
FLOW: Final[dict[str, str | tuple[str, ...]]] = {"NAME": "flows", "INPUTS": FLOW_KEYWORDS}
APPROVAL: Final[dict[str, str | tuple[str, ...]]] = {"OPTIONS": ("timeout", "check")}
TEXT: Final = {"NAME": Kind.TEXT}
NAME: Final = {"NAME": Kind.NAME}
TARGET: Final = {"NAME": Kind.TARGET}
CODE: Final = {"CODE": Kind.CODE}

RUN_TASK: Final = "run_task(NAME, **INPUTS)"
RUN_FLOW: Final = "run_flow(NAME, **INPUTS)"
APPROVE: Final = "approve(MESSAGE, **OPTIONS)"
APPROVES: Final = "Waits until a person approves; refused or not answered in time, the whole run stops."
RUNS_TASK: Final = (
    "Runs a task on this element and waits for its result. If it fails, the element fails, unless caught."
)
RUNS_FLOW: Final = "Runs a child flow on this element, or on the elements given, and waits until it has ended."
FILTERS: Final = "Keeps the elements for which the condition holds."
SORTS: Final = "Sorts the elements by a value, smallest first; those with equal values stay in their order."
FILTER: Final = "filter_flow_elements(ELEMENTS, lambda NAME: TEST)"
SORT: Final = {
    "": "order_flow_elements(ELEMENTS, lambda NAME: KEY)",
    "False": "order_flow_elements(ELEMENTS, lambda NAME: KEY, reverse=False)",
    "True": "order_flow_elements(ELEMENTS, lambda NAME: KEY, reverse=True)",
}
FILTER_WITH: Final = "filter_flow_elements(ELEMENTS, FUNCTION)"
SORT_WITH: Final = {
    "": "order_flow_elements(ELEMENTS, FUNCTION)",
    "False": "order_flow_elements(ELEMENTS, FUNCTION, reverse=False)",
    "True": "order_flow_elements(ELEMENTS, FUNCTION, reverse=True)",
}
FILTER_LABEL: Final = "keep of {ELEMENTS} each {NAME} where {TEST}"
SORT_LABEL: Final = "sort {ELEMENTS} by, for each {NAME}, {KEY} {CHOICE}"
FILTER_WITH_LABEL: Final = "keep of {ELEMENTS} where {FUNCTION}"
SORT_WITH_LABEL: Final = "sort {ELEMENTS} by {FUNCTION} {CHOICE}"
A_FILTER: Final = "filter_flow_elements(elements, lambda x: x['context']['env'] == 'prod')"
A_SORT: Final = "order_flow_elements(elements, lambda x: x['context']['patroni_leader'] == 'master')"

VALUES: Final = (
    Row(
        "position",
        "value",
        "elements",
        {"current": "current", "first": "first", "last": "last"},
        "{CHOICE}",
        "Numbers of elements: the current one, the first (0), the last.",
        "current",
        scripts=EXECUTION,
    ),
    Row(
        "element",
        "value",
        "elements",
        "element",
        "this element",
        "The element that the script runs for.",
        "element",
        scripts=EXECUTION,
    ),
    Row(
        "get_context",
        "value",
        "elements",
        "get_context()",
        "this element's context now",
        "The context as it is now, with what steps of this run have stored.",
        "get_context()",
        scripts=EXECUTION,
    ),
    Row("elements", "value", "elements", "elements", "all elements", "The elements of the run, in order.", "elements"),
    Row("inputs", "value", "data", "inputs", "all inputs", "The inputs that the run was started with.", "inputs"),
    Row(
        "input",
        "value",
        "data",
        "inputs[NAME]",
        "input {NAME}",
        "An input that the run was started with.",
        "inputs['version']",
        TEXT,
        {"NAME": "inputs"},
    ),
    Row(
        "context",
        "value",
        "elements",
        "ELEMENT['context'][PATH]",
        "{PATH} of {ELEMENT}",
        "A value of an element's context; dots lead inwards.",
        "element['context']['patroni_leader']",
        {"PATH": Kind.PATH},
        {"PATH": "context"},
    ),
    Row("filtered_elements", "value", "elements", FILTER, FILTER_LABEL, FILTERS, A_FILTER, NAME),
    Row("sorted_elements", "value", "elements", SORT, SORT_LABEL, SORTS, A_SORT, NAME),
    Row(
        "filtered_elements_with",
        "value",
        "elements",
        FILTER_WITH,
        FILTER_WITH_LABEL,
        FILTERS,
        "filter_flow_elements(elements, keep)",
    ),
    Row(
        "sorted_elements_with",
        "value",
        "elements",
        SORT_WITH,
        SORT_WITH_LABEL,
        SORTS,
        "order_flow_elements(elements, sort_function)",
    ),
    Row(
        "function",
        "value",
        "elements",
        "lambda NAME: VALUE",
        "for each {NAME}: {VALUE}",
        "What to sort or filter by.",
        "lambda x: x['context']['patroni_leader']",
        NAME,
    ),
    Row(
        "compare",
        "value",
        "decide",
        {
            "==": "LEFT == RIGHT",
            "!=": "LEFT != RIGHT",
            "<": "LEFT < RIGHT",
            "<=": "LEFT <= RIGHT",
            ">": "LEFT > RIGHT",
            ">=": "LEFT >= RIGHT",
            "in": "LEFT in RIGHT",
            "not in": "LEFT not in RIGHT",
            "is": "LEFT is RIGHT",
            "is not": "LEFT is not RIGHT",
        },
        "{LEFT} {CHOICE} {RIGHT}",
        "Compares two values.",
        "current == first",
    ),
    Row(
        "all_hold",
        "value",
        "decide",
        {"and": "FIRST and MORE", "or": "FIRST or MORE"},
        "{FIRST} {CHOICE} {MORE}",
        "Joins conditions: all hold, or at least one.",
        "True and True",
        {"MORE": Kind.ITEMS},
    ),
    Row("not", "value", "decide", "not TEST", "not {TEST}", "True if the condition does not hold.", "not True"),
    Row(
        "choose",
        "value",
        "decide",
        "YES if TEST else NO",
        "{YES} if {TEST}, else {NO}",
        "One of two values, by a condition.",
        "1 if current == first else 0",
    ),
    Row(
        "arithmetic",
        "value",
        "data",
        {
            "+": "LEFT + RIGHT",
            "-": "LEFT - RIGHT",
            "*": "LEFT * RIGHT",
            "/": "LEFT / RIGHT",
            "//": "LEFT // RIGHT",
            "%": "LEFT % RIGHT",
        },
        "{LEFT} {CHOICE} {RIGHT}",
        "Calculates; + also joins texts and lists.",
        "1 + 1",
    ),
    Row("boolean", "value", "data", {"True": "True", "False": "False"}, "{CHOICE}", "Yes or no.", "True"),
    Row("none", "value", "data", "None", "nothing", "No value.", "None"),
    Row("length", "value", "data", "len(VALUE)", "length of {VALUE}", "How many there are.", "len(elements)"),
    Row("as_text", "value", "data", "str(VALUE)", "{VALUE} as text", "Makes a text of a value.", "str(current)"),
    Row("item", "value", "data", "WHAT[KEY]", "{KEY} of {WHAT}", "One value of a list or of a result.", "result['ok']"),
    Row("list", "value", "data", "[*ITEMS]", "list {ITEMS}", "Several values in order.", "['a', 'b']"),
    Row("text", "value", "data", "TEXT", "{TEXT}", "A text.", "'text'", {"TEXT": Kind.TEXT}),
    Row("number", "value", "data", "NUMBER", "{NUMBER}", "A number.", "5", {"NUMBER": Kind.NUMBER}),
    Row("variable", "value", "data", "NAME", "{NAME}", "A value that was given a name above.", "result", NAME),
    Row("raw_value", "value", "raw", "CODE", "{CODE}", "Python that has no block of its own.", "result.copy()", CODE),
)
