"""The rows of elements: their order (R4, R5, R10), which they are (R8), and what is known of them (R1, R42)."""

from typing import Final

from flows.script.blocks.holes import Kind
from flows.script.blocks.phrases import EXECUTION, NAME, PROCESSING, SEVERAL, TEXT, UNOFFERED, reversible
from flows.script.blocks.rows import Row

FILTER: Final = "filter_flow_elements(ELEMENTS, lambda NAME: TEST)"
FILTER_BY: Final = "filter_flow_elements(ELEMENTS, FUNCTION)"
SORT: Final = reversible("order_flow_elements(ELEMENTS, lambda NAME: KEY")
SORT_THEN: Final = reversible("order_flow_elements(ELEMENTS, lambda NAME: (KEY, *MORE)")
SORT_BY: Final = reversible("order_flow_elements(ELEMENTS, FUNCTION")

FILTERS: Final = "Keeps the elements for which the condition holds."
SORTS: Final = "Sorts the elements by a value, smallest first; those with equal values stay in their order."
SORTS_ON: Final = "Sorts the elements by a value, those that are equal in it by the next one, and so on."

A_FILTER: Final = "filter_flow_elements(elements, lambda x: x['context']['env'] == 'prod')"
A_FILTER_BY: Final = "filter_flow_elements(elements, keep)"
A_SORT: Final = "order_flow_elements(elements, lambda x: x['context']['patroni_leader'] == 'master')"
A_SORT_THEN: Final = "order_flow_elements(elements, lambda x: (x['context']['cluster'], x['context']['role']))"
A_SORT_BY: Final = "order_flow_elements(elements, sort_function, reverse=False)"

NAMES: Final = {**NAME, **SEVERAL}
FACTS: Final = ("name", "address", "profile", "groups", "id", "context")
PLACES: Final = {
    "the first element": "current == first",
    "the last element": "current == last",
    "not the first element": "current != first",
    "not the last element": "current != last",
}

ORDER: Final = (
    Row("sort_elements_then", "statement", "elements",
        reversible("order_flow_elements(elements, lambda NAME: (KEY, *MORE)"),
        "sort each {NAME} by {KEY} then by {MORE} {CHOICE}", SORTS_ON, A_SORT_THEN, NAMES, scripts=PROCESSING),
    Row("sort_elements", "statement", "elements", reversible("order_flow_elements(elements, lambda NAME: KEY"),
        "sort each {NAME} by {KEY} {CHOICE}", SORTS, A_SORT, NAME, scripts=PROCESSING),
    Row("filter_elements", "statement", "elements", "filter_flow_elements(elements, lambda NAME: TEST)",
        "keep each {NAME} where {TEST}", FILTERS, A_FILTER, NAME, scripts=PROCESSING),
    Row("keep_first", "statement", "elements", "elements = elements[:COUNT]", "keep the first {COUNT}",
        "Keeps so many elements in their order and leaves the others out.", "elements = elements[:10]",
        scripts=PROCESSING),
    Row("reverse_elements", "statement", "elements", "elements.reverse()", "reverse the order",
        "The last element becomes the first.", "elements.reverse()", scripts=PROCESSING),
    Row("sort_elements_with", "statement", "elements", SORT_BY, "sort {ELEMENTS} by {FUNCTION} {CHOICE}", SORTS,
        A_SORT_BY, scripts=PROCESSING),
    Row("filter_elements_with", "statement", "elements", FILTER_BY, "keep of {ELEMENTS} where {FUNCTION}", FILTERS,
        A_FILTER_BY, scripts=UNOFFERED),
)  # fmt: skip

ELEMENTS: Final = (
    Row("place", "value", "decide", PLACES, "this is {CHOICE}", "Where this element stands in the run's order.",
        "current == first", scripts=EXECUTION),
    Row("element", "value", "elements", "element", "this element", "The element that the script runs for.", "element",
        scripts=EXECUTION),
    Row("run", "value", "elements", {"number": "run['id']", "flow": "run['flow']", "start": "run['started_at']"},
        "{CHOICE} of this run", "The number of this run, its flow, and when it was started.", "run['id']",
        scripts=EXECUTION),
    Row("inputs", "value", "data", "inputs", "all inputs", "The inputs that the run was started with.", "inputs"),
    Row("input", "value", "data", "inputs[NAME]", "input {NAME}", "An input that the run was started with.",
        "inputs['version']", TEXT, {"NAME": "inputs"}),
    Row("context", "value", "elements", "ELEMENT['context'][PATH]", "{PATH} of {ELEMENT}",
        "A value of an element's context; dots lead inwards.", "element['context']['patroni_leader']",
        {"PATH": Kind.PATH}, {"PATH": "context"}),
    Row("element_fact", "value", "elements", {fact: f"ELEMENT['{fact}']" for fact in FACTS}, "{CHOICE} of {ELEMENT}",
        "The name, address, profile, groups, number or whole context of an element.", "element['name']"),
    Row("get_context", "value", "elements", "get_context()", "this element's context now",
        "The context as it is now, with what steps of this run have stored.", "get_context()", scripts=EXECUTION),
    Row("elements", "value", "elements", "elements", "all elements", "The elements of the run, in order.", "elements"),
    Row("position", "value", "elements", {word: word for word in ("current", "first", "last")}, "{CHOICE}",
        "Numbers of elements: the current one, the first (0), the last.", "current", scripts=EXECUTION),
    Row("filtered_elements", "value", "elements", FILTER, "of {ELEMENTS} each {NAME} where {TEST}", FILTERS, A_FILTER,
        NAME, scripts=EXECUTION),
    Row("sorted_elements_then", "value", "elements", SORT_THEN,
        "{ELEMENTS} with each {NAME} sorted by {KEY} then by {MORE} {CHOICE}", SORTS_ON, A_SORT_THEN, NAMES,
        scripts=UNOFFERED),
    Row("sorted_elements", "value", "elements", SORT, "{ELEMENTS} with each {NAME} sorted by {KEY} {CHOICE}", SORTS,
        A_SORT, NAME, scripts=EXECUTION),
    Row("filtered_elements_with", "value", "elements", FILTER_BY, "of {ELEMENTS} where {FUNCTION}", FILTERS,
        A_FILTER_BY, scripts=UNOFFERED),
    Row("sorted_elements_with", "value", "elements", SORT_BY, "{ELEMENTS} sorted by {FUNCTION} {CHOICE}", SORTS,
        "order_flow_elements(elements, sort_function)", scripts=UNOFFERED),
    Row("function", "value", "elements", "lambda NAME: VALUE", "for each {NAME}: {VALUE}", "What to sort or filter by.",
        "lambda x: x['context']['patroni_leader']", NAME),
)  # fmt: skip
