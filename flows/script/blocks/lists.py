"""The rows of lists, and of dicts: named values, as the result of a step is."""

from typing import Final

from flows.script.blocks.holes import Kind
from flows.script.blocks.phrases import CALLED, NAME, SEVERAL, TARGET, UNOFFERED, reversible
from flows.script.blocks.rows import Row

EACH: Final = "Makes a list: a value for each one of another."
FACTS: Final = (
    "ok", "status", "exit_code", "status_code", "output", "data", "settings", "attempts",
    "failed", "messages", "elements", "run", "by", "comment",
)  # fmt: skip
QUANTIFIED: Final = {"any": "any(TEST for NAME in LIST)", "every": "all(TEST for NAME in LIST)"}
LEAST_AND_MOST: Final = {"smallest": "min(FIRST, *MORE)", "largest": "max(FIRST, *MORE)"}

DICTS: Final = (
    Row("result_fact", "value", "data", {fact: f"RESULT['{fact}']" for fact in FACTS}, "{CHOICE} of {RESULT}",
        "What is known of a result: of a task, a child flow, an approval.", "result['ok']"),
    Row("item", "value", "data", "WHAT[KEY]", "{KEY} of {WHAT}", "One value of a list or a dict.", "names[0]"),
    Row("dict", "value", "data", "{**ENTRIES}", "dict {ENTRIES}", "Values that have names.", "{'a': 1, 'b': 2}",
        {"ENTRIES": Kind.ENTRIES}),
    Row("get", "value", "data", "WHAT.get(KEY)", "{KEY} of {WHAT}, if it is there", "A value of a dict, else nothing.",
        "element['context'].get('role')"),
    Row("get_else", "value", "data", "WHAT.get(KEY, DEFAULT)", "{KEY} of {WHAT}, else {DEFAULT}",
        "A value of a dict, else another one.", "element['context'].get('role', 'replica')"),
    Row("parts_of_dict", "value", "data",
        {"names": "WHAT.keys()", "values": "WHAT.values()", "names and values": "WHAT.items()"}, "{CHOICE} of {WHAT}",
        "What is in a dict, for a loop.", "counts.items()"),
    Row("dict_of_each", "value", "data", "{KEY: VALUE for NAME in LIST}", "for each {NAME} of {LIST}: {KEY} = {VALUE}",
        "Makes a dict: a name and a value for each one of a list.", "{x['name']: x['id'] for x in elements}", TARGET,
        scripts=UNOFFERED),
)  # fmt: skip

LISTS: Final = (
    Row("list", "value", "data", "[*ITEMS]", "list {ITEMS}", "Several values in order.", "['a', 'b']"),
    Row("length", "value", "data", "len(VALUE)", "length of {VALUE}", "How many there are.", "len(elements)"),
    Row("last_items", "value", "data", "LIST[-COUNT:]", "last {COUNT} of {LIST}", "The end of a list or a text.",
        "names[-2:]"),
    Row("first_items", "value", "data", "LIST[:COUNT]", "first {COUNT} of {LIST}", "The start of a list or a text.",
        "elements[:2]"),
    Row("later_items", "value", "data", "LIST[START:]", "{LIST} from {START}",
        "A list or a text without its start; the first is number 0.", "elements[1:]", scripts=UNOFFERED),
    Row("some_items", "value", "data", "LIST[START:END]", "{LIST} from {START} to before {END}",
        "A part of a list or a text; the first is number 0.", "elements[1:3]", scripts=UNOFFERED),
    Row("backwards", "value", "data", "LIST[::-1]", "{LIST} backwards", "The last becomes the first.",
        "elements[::-1]"),
    Row("sum_of_each", "value", "data", "sum(VALUE for NAME in LIST)", "sum of {VALUE} for each {NAME} of {LIST}",
        "Adds up a value of each one of a list.", "sum(x['context']['weight'] for x in elements)", TARGET,
        scripts=UNOFFERED),
    Row("sum_of", "value", "data",
        {"sum": "sum(LIST)", "smallest": "min(LIST)", "largest": "max(LIST)"}, "{CHOICE} of {LIST}",
        "One value of all of a list.", "sum([1, 2])"),
    Row("one_of", "value", "data", LEAST_AND_MOST, "{CHOICE} of {FIRST} {MORE}", "The smallest or largest of several.",
        "max(1, 2)", SEVERAL),
    Row("sorted_by", "value", "data", reversible("sorted(LIST, key=lambda NAME: KEY"),
        "{LIST} with each {NAME} sorted by {KEY} {CHOICE}", "A new list, sorted by a value.",
        "sorted(elements, key=lambda x: x['name'])", NAME, scripts=UNOFFERED),
    Row("sorted", "value", "data", reversible("sorted(LIST"), "{LIST} sorted {CHOICE}", "A new list, sorted.",
        "sorted(['b', 'a'])"),
    Row("each", "value", "data", "[VALUE for NAME in LIST]", "for each {NAME} of {LIST}: {VALUE}", EACH,
        "[x['name'] for x in elements]", TARGET),
    Row("each_if", "value", "data", "[VALUE for NAME in LIST if TEST]", "for each {NAME} of {LIST} if {TEST}: {VALUE}",
        EACH, "[x['name'] for x in elements if x['context']['env'] == 'prod']", TARGET),
    Row("any_holds", "value", "decide", QUANTIFIED, "{CHOICE} {NAME} of {LIST} has {TEST}",
        "True if the condition holds for one, or for all, of a list.",
        "any(x['context']['role'] == 'master' for x in elements)", TARGET),
    Row("numbers_below", "value", "data", "range(END)", "numbers below {END}", "0, 1, 2, ... for a loop.", "range(3)",
        scripts=UNOFFERED),
    Row("numbers_from", "value", "data", "range(START, END)", "numbers from {START} to before {END}",
        "Numbers that follow each other, for a loop.", "range(1, 4)"),
    Row("numbered", "value", "data", "enumerate(LIST)", "{LIST} with numbers",
        "Pairs of a number, from 0, and a value, for a loop with two names.", "enumerate(elements)"),
    Row("as_list", "value", "data", "list(VALUE)", "list of {VALUE}", "A new list of what is there.", "list(elements)",
        scripts=UNOFFERED),
    Row("call", "value", "data", "NAME(*VALUES)", "call {NAME} with {VALUES}",
        "The value that a function of your own, or of Python, gives back.", "is_master(element)", CALLED),
)  # fmt: skip
