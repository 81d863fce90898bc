"""The rows of Python's own statements: branches, loops, failures, functions, variables."""

from typing import Final

from flows.script.blocks.holes import Kind
from flows.script.blocks.phrases import CALLED, CODE, EXECUTION, NAME, TARGET, UNOFFERED
from flows.script.blocks.rows import Clause, Row

ELSE: Final = Clause("else", "else:", "else")
NO_BREAK: Final = Clause("else", "else:", "if it was not left")
CATCHES: Final = (
    Clause("except", "except TYPE:", "if it fails with {TYPE}", repeats=True),
    Clause("except_as", "except TYPE as NAME:", "if it fails with {TYPE}, named {NAME}", repeats=True, kinds=NAME),
    ELSE,
    Clause("finally", "finally:", "finally"),
)
CHANGES: Final = ("+", "-", "*", "/", "//", "%", "**")
DEFINED: Final = {"NAME": Kind.NAME, "VALUES": Kind.TARGET}
TYPE: Final = {"TYPE": Kind.NAME}

FLOW: Final = (
    Row("if", "statement", "decide", "if TEST:", "if {TEST}",
        "Does what is inside if the condition holds, as on the first element only.", "if current == first:\n    pass",
        clauses=(Clause("elif", "elif TEST:", "else if {TEST}", repeats=True), ELSE)),
    Row("repeat", "statement", "decide", "for NAME in range(TIMES):", "repeat {TIMES} times, counting with {NAME}",
        "Does what is inside several times; the counter starts at 0.", "for attempt in range(3):\n    pass", TARGET,
        clauses=(NO_BREAK,)),
    Row("for", "statement", "decide", "for NAME in ITEMS:", "for each {NAME} in {ITEMS}",
        "Does what is inside for each value of a list.", "for item in ['a', 'b']:\n    pass", TARGET,
        clauses=(NO_BREAK,)),
    Row("while", "statement", "decide", "while TEST:", "while {TEST}", "Repeats as long as the condition holds.",
        "while True:\n    break", clauses=(NO_BREAK,)),
    Row("try", "statement", "decide", "try:", "try", "Goes on elsewhere if a step fails; *finally* is always done.",
        "try:\n    pass\nexcept StepFailed as error:\n    pass", scripts=EXECUTION, clauses=CATCHES),
    Row("break", "statement", "decide", "break", "leave the loop", "Leaves the loop around it.", "break"),
    Row("continue", "statement", "decide", "continue", "next round", "Goes on with the next round of the loop.",
        "continue"),
    Row("pass", "statement", "decide", "pass", "do nothing", "Does nothing.", "pass"),
    Row("assert", "statement", "decide", "assert TEST", "make sure that {TEST}",
        "Fails this element if the condition does not hold.", "assert len(elements) > 1"),
    Row("assert_with", "statement", "decide", "assert TEST, MESSAGE", "make sure that {TEST}, else fail with {MESSAGE}",
        "Fails this element with a message if the condition does not hold.",
        "assert len(elements) > 1, 'a cluster has two'"),
    Row("raise", "statement", "decide", "raise", "fail again", "Lets what was caught fail this element after all.",
        "raise", scripts=EXECUTION),
    Row("raise_error", "statement", "decide", "raise TYPE(MESSAGE)", "raise {TYPE} with {MESSAGE}",
        "Fails here, unless a try around it catches this.", "raise ValueError('no such version')", TYPE),
    Row("raise_value", "statement", "decide", "raise VALUE", "raise {VALUE}", "Fails here with this failure.",
        "raise error", scripts=UNOFFERED),
)  # fmt: skip

DATA: Final = (
    Row("set_variable", "statement", "data", "NAME = VALUE", "set {NAME} to {VALUE}",
        "Gives a value a name, to be used below.", "result = run_task('Health')", TARGET),
    Row("change_variable", "statement", "data", {sign: f"NAME {sign}= VALUE" for sign in CHANGES},
        "change {NAME} {CHOICE} {VALUE}", "Changes a variable by a value.", "count += 1", NAME),
    Row("set_item", "statement", "data", "WHAT[KEY] = VALUE", "set {KEY} of {WHAT} to {VALUE}",
        "Puts a value into a list or a dict.", "result['checked'] = True"),
    Row("change_item", "statement", "data", {sign: f"WHAT[KEY] {sign}= VALUE" for sign in CHANGES},
        "change {KEY} of {WHAT} {CHOICE} {VALUE}", "Changes a value in a list or a dict.", "counts['failed'] += 1"),
    Row("append", "statement", "data", "LIST.append(VALUE)", "add {VALUE} to {LIST}", "Puts a value at a list's end.",
        "failed.append(element['name'])"),
    Row("extend", "statement", "data", "LIST.extend(VALUES)", "add all of {VALUES} to {LIST}",
        "Puts the values of another list at a list's end.", "names.extend(['a', 'b'])"),
    Row("remove", "statement", "data", "LIST.remove(VALUE)", "take {VALUE} out of {LIST}",
        "Takes the first such value out of a list; there must be one.", "names.remove('a')"),
    Row("define", "statement", "data", "def NAME():", "define {NAME}",
        "A function of your own; steps are not called in it.", "def check():\n    pass", NAME),
    Row("define_with", "statement", "data", "def NAME(VALUES):", "define {NAME} of {VALUES}",
        "A function of your own, and the names of what it is given; steps are not called in it.",
        "def is_master(x):\n    return x['context']['role'] == 'master'", DEFINED),
    Row("return", "statement", "data", "return VALUE", "give back {VALUE}", "Ends the function with this value.",
        "return True"),
    Row("return_nothing", "statement", "data", "return", "leave the function", "Ends the function.", "return",
        scripts=UNOFFERED),
    Row("call_statement", "statement", "data", "NAME(*VALUES)", "call {NAME} with {VALUES}",
        "Calls a function of your own.", "check(element)", CALLED, scripts=UNOFFERED),
    Row("comment", "statement", "raw", "# TEXT", "# {TEXT}", "A remark for the reader.", "# why this is so",
        {"TEXT": Kind.TEXT}),
    Row("raw_statement", "statement", "raw", "CODE", "{CODE}", "Python that has no block of its own.", "import math",
        CODE),
)  # fmt: skip
