"""R8-R16, sentence by sentence: what a script may say, what it may not, and what it does.

The first table is of the check on save; the second runs in the real sandbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from flows.script.calls import Return, Verdict
from flows.script.catalog import Catalog
from flows.script.check import check_execution, check_processing
from flows.tasks.inputs import InputSpec
from tests.script.scripts import Fails, Stop, element, run_script

INPUTS = [
    InputSpec("service", "string", required=True),
    InputSpec("size", "integer"),
    InputSpec("ratio", "number"),
    InputSpec("force", "boolean"),
    InputSpec("colour", "choice", choices=("blue", "green")),
    InputSpec("where", "element"),
    InputSpec("ports", "list", of="integer"),
    InputSpec("key", "secret"),
    InputSpec("why"),
]
TYPED = {spec.name: spec for spec in INPUTS}
CATALOG = Catalog(
    flows={"Backup check": {}, "F2": TYPED}, tasks={"Restart": {}, "Stop service": TYPED, "Health": ["path"]}
)
OWN = ["version", "service"]


@dataclass(frozen=True)
class Refused:
    """A problem: its place, its code, what was found, and words of what was expected and of the message."""

    line: int
    col: int
    code: str
    found: str
    expected: str
    message: str


def wrong(line: int, col: int, found: str, expected: str, message: str) -> Refused:
    return Refused(line, col, "wrong_argument", found, expected, message)


def misplaced(line: int, col: int, found: str) -> Refused:
    return Refused(line, col, "step_misplaced", found, "the script's own body", "move these steps into a child flow")


def rebound(line: int, col: int, name: str) -> Refused:
    return Refused(line, col, "step_rebound", name, "another name", "cannot be given another meaning")


FINE = None
CHECKED: list[tuple[str, str, Refused | None]] = [
    # R8: the variables
    ("R8", "log(f'{elements} {current} {first} {last} {element} {inputs} {run}')", FINE),
    ("R8", "if current == first:\n    run_task('Restart')", FINE),
    ("R8", "x = curent", Refused(1, 5, "unknown_name", "curent", "a name", "did you mean 'current'?")),
    ("R8", "x = elment['name']", Refused(1, 5, "unknown_name", "elment", "a name", "did you mean 'element'?")),
    ("R8", "log(Inputs['version'])", Refused(1, 5, "unknown_name", "Inputs", "a name", "did you mean 'inputs'?")),
    # R9: run_task(name, /, *, check=True, timeout=None, retries=None, element=None, **inputs)
    ("R9", "run_task('Restart', check=False, timeout=5, retries=2, element='db1')", FINE),
    ("R9", "run_task('Restart', timeout=None, retries=None, element=None)", FINE),
    ("R9", "run_task(name='Restart')", wrong(1, 1, "no argument", "run_task(name, ...)", "the task's name as its one")),
    ("R9", "run_task('Restart', 'db1')", wrong(1, 1, "2 arguments", "run_task(name, ...)", "one argument")),
    ("R9", "run_task(['Restart'])",
     wrong(1, 10, "['Restart']", "the task's name", "run_task takes the task's name, not")),
    ("R9", "run_task('Restart', check='no')", wrong(1, 27, "'no'", "True or False", "not 'no' (str)")),
    ("R9", "run_task('Restart', timeout=0)", wrong(1, 29, "0", "above 0", "timeout must be a number of seconds")),
    ("R9", "run_task('Restart', timeout='5')", wrong(1, 29, "'5'", "above 0", "not '5' (str)")),
    ("R9", "run_task('Restart', retries=-1)", wrong(1, 29, "-1", "a whole number", "retries must be a whole number")),
    ("R9", "run_task('Restart', retries=1.5)", wrong(1, 29, "1.5", "a whole number", "not 1.5 (float)")),
    ("R9", "run_task('Restart', element=3)", wrong(1, 29, "3", "an element or its name", "not 3 (int)")),
    ("R9", "run_task('Health', path={1})", wrong(1, 25, "{1}", "text, a number", "path must be text")),
    ("R9", "run_task('Health', path=lambda: 1)", wrong(1, 25, "lambda: 1", "text, a number", "path must be text")),
    ("R9", "run_task('Health', path=b'x')", wrong(1, 25, "b'x'", "text, a number", "found b'x' (bytes)")),
    # R9: run_flow(name, /, *, elements=None, check=True, **inputs)
    ("R9", "run_flow('F2', elements=elements, check=False, size=1)", FINE),
    ("R9", "run_flow('F2', elements=['db1', elements[0]])", FINE),
    ("R9", "run_flow('F2', elements='db1')", wrong(1, 25, "'db1'", "a list of elements or names", "must be a list")),
    ("R9", "run_flow('F2', elements=[3])", wrong(1, 25, "[3]", "a list of elements or names", "found 3 (int)")),
    ("R9", "run_flow('F2', 'F2')", wrong(1, 1, "2 arguments", "run_flow(name, ...)", "the flow's name as its one")),
    # R9: the others
    ("R9", "sleep(0.5)\nsleep(seconds=3)", FINE),
    ("R9", "sleep(-1)", wrong(1, 7, "-1", "0 or more", "a number from 0 to")),
    ("R9", "sleep('5')", wrong(1, 7, "'5'", "a number of seconds", "not '5'")),
    ("R9", "sleep(1, 2)", wrong(1, 1, "2 arguments", "sleep(seconds)", "write sleep(seconds)")),
    ("R9", "x = approve('go on?', timeout=60, check=False)['ok']", FINE),
    ("R9", "approve('go on?', 60)", wrong(1, 1, "2 arguments", "approve(message, ...)", "as its one argument")),
    ("R9", "approve('go on?', timeout=None)", wrong(1, 27, "None", "above 0", "not None (NoneType)")),
    ("R9", "set_context('net.0.hostname', element['name'])", FINE),
    ("R9", "set_context('version')",
     wrong(1, 1, "1 argument", "set_context(key, value)", "write set_context(key, value)")),
    ("R9", "set_context('net..0', 1)", wrong(1, 13, "'net..0'", "the setting's key", "has an empty part")),
    ("R9", "set_context('a', {1: 2})", wrong(1, 18, "{1: 2}", "a JSON value", "with text as keys")),
    ("R9", "x = get_context()['version']", FINE),
    ("R9", "get_context('db1')", wrong(1, 1, "1 argument", "get_context()", "takes no argument")),
    ("R9", "log(message='hello')", FINE),
    ("R9", "log()", wrong(1, 1, "no argument", "log(message)", "write log(message)")),
    ("R9", "log('a', level=3)",
     Refused(1, 10, "unknown_keyword", "level", "log(message)", "log has no argument 'level'")),
    # R10: plain functions
    ("R10", "bad = filter_flow_elements(elements, bool)\nlog(str(order_flow_elements(bad, str)))", FINE),
    ("R10", "x = 1\nfilter_flow_elements(elements, bool)",
     Refused(2, 1, "unused_result", "a result that nobody uses", "chosen = filter_flow_elements(...)", "a new list")),
    ("R10", "order_flow_elements(elements, str) if current else None",
     Refused(1, 1, "unused_result", "a result that nobody uses", "chosen = order_flow_elements(...)", "a new list")),
    ("R10", "x = order_flow_elements(elements, str, True)\ny = order_flow_elements(elements, key=str, reverse=True)",
     FINE),
    ("R10", "x = order_flow_elements(elements, str, revers=True)",
     Refused(1, 40, "unknown_keyword", "revers", "order_flow_elements(elements, key, reverse)", "mean 'reverse'?")),
    ("R10", "x = filter_flow_elements(elements)",
     wrong(1, 5, "1 argument", "filter_flow_elements(elements, predicate)", "write filter_flow_elements(")),
    ("R10", "x = filter_flow_elements('db1', bool)", wrong(1, 26, "'db1'", "a list of elements", "not 'db1'")),
    ("R10", "x = filter_flow_elements(elements, current == 1)",
     wrong(1, 36, "current == 1", "a function of an element", "not current == 1")),
    ("R10", "order_flow_elements = 3", rebound(1, 1, "order_flow_elements")),
    # R11: fail, finish, abort
    ("R11", "fail('x')\nfinish()\nfinish('done')\nabort('all')", FINE),
    ("R11", "def leave(why):\n    finish(why)\nf = lambda: abort('x')\nleave('a')", FINE),
    ("R11", "fail()", wrong(1, 1, "no argument", "fail(message)", "write fail(message)")),
    ("R11", "abort('a', 'b')", wrong(1, 1, "2 arguments", "abort(message)", "write abort(message)")),
    ("R11", "try: pass\nexcept SystemExit: pass",
     Refused(2, 8, "except_too_broad", "SystemExit", "Exception", "write `except Exception`")),
    # R13: StepFailed may be caught
    ("R13", "try:\n    run_task('Restart')\nexcept StepFailed as error:\n    log(str(error))", FINE),
    ("R13", "try:\n    run_task('Restart')\nexcept (StepFailed, KeyError):\n    pass", FINE),
    ("R13", "try: pass\nexcept StepFaild: pass",
     Refused(2, 8, "unknown_name", "StepFaild", "a name", "did you mean 'StepFailed'?")),
    ("R13", "StepFailed = Exception", rebound(1, 1, "StepFailed")),
    # R15 - "in any statement and expression of the script's own body, inside if, for, while, try, with, match"
    ("R15", "x = 1 if run_task('Restart')['ok'] else [run_task('Restart'), {'a': run_task('Restart')}]", FINE),
    ("R15", "if run_task('Restart')['ok']:\n    log('a')\nelif sleep(1):\n    log('b')\nelse:\n    log('c')", FINE),
    ("R15", "for i in run_task('Restart')['data']:\n    log('a')\nelse:\n    log('b')", FINE),
    ("R15", "while run_task('Restart')['ok']:\n    sleep(1)\n    break", FINE),
    ("R15", "try:\n    log('a')\nexcept StepFailed:\n    log('b')\nelse:\n    log('c')\nfinally:\n    log('d')", FINE),
    ("R15", "match run_task('Restart'):\n    case {'ok': True} if sleep(1) is None:\n        log('a')", FINE),
    ("R15", "class C:\n    def __enter__(self): return 1\n    def __exit__(self, *e): pass\nwith C():\n    log('a')",
     FINE),
    ("R15", "assert run_task('Restart')['ok'], str(sleep(1))\nx: int = len(str(log('b')))\nx += len(str(log('c')))",
     FINE),
    # R15 - "and in the first iterable of a comprehension; nowhere else inside ..."
    ("R15", "x = [i for i in run_task('Restart')['data']]\ny = {k: 1 for k in get_context()}", FINE),
    ("R15", "x = [i for i in [j for j in run_task('Restart')['data']]]", FINE),
    ("R15", "def f():\n    run_task('Restart')", misplaced(2, 5, "run_task in a function")),
    ("R15", "def f():\n    def g():\n        sleep(1)", misplaced(3, 9, "sleep in a function")),
    ("R15", "f = lambda e: run_flow('F2')", misplaced(1, 15, "run_flow in a lambda")),
    ("R15", "class C:\n    x = approve('a')", misplaced(2, 9, "approve in a class")),
    ("R15", "x = [set_context('a', i) for i in [1]]", misplaced(1, 6, "set_context in a comprehension")),
    ("R15", "x = [i for i in [1] if log('a')]", misplaced(1, 24, "log in a comprehension")),
    ("R15", "x = [j for i in [1] for j in get_context()]", misplaced(1, 30, "get_context in a comprehension")),
    ("R15", "x = sum(len(log('a')) for i in [1])", misplaced(1, 13, "log in a comprehension")),
    ("R15", "@log('a')\ndef f(): pass", misplaced(1, 2, "log in a decorator")),
    ("R15", "def f(x=sleep(1)): pass", misplaced(1, 9, "sleep in a default value")),
    ("R15", "f = lambda x=sleep(1): x", misplaced(1, 14, "sleep in a default value")),
    ("R15", "def f(*, x=sleep(1)): pass", misplaced(1, 12, "sleep in a default value")),
    ("R15", "def f(x: sleep(1)): pass", misplaced(1, 10, "sleep in a function")),
    ("R15", "class C(log('a')): pass", misplaced(1, 9, "log in a class")),
    # R15 - "a step's name may not be rebound or used as a value"
    ("R15", "run_task = 3", rebound(1, 1, "run_task")),
    ("R15", "run_flow += 3", rebound(1, 1, "run_flow")),
    ("R15", "x: int = 1\nsleep: int = 2", rebound(2, 1, "sleep")),
    ("R15", "for log in [1]: pass", rebound(1, 5, "log")),
    ("R15", "x, (approve, y) = 1, (2, 3)", rebound(1, 5, "approve")),
    ("R15", "if (set_context := 1): pass", rebound(1, 5, "set_context")),
    ("R15", "def get_context(): pass", rebound(1, 1, "get_context")),
    ("R15", "class finish: pass", rebound(1, 1, "finish")),
    ("R15", "def f(abort): pass", rebound(1, 7, "abort")),
    ("R15", "f = lambda fail: 1", rebound(1, 12, "fail")),
    ("R15", "import math as sleep", rebound(1, 8, "sleep")),
    ("R15", "from math import floor as log", rebound(1, 18, "log")),
    ("R15", "try: pass\nexcept KeyError as log: pass", rebound(2, 1, "log")),
    ("R15", "match 1:\n    case sleep: pass", rebound(2, 10, "sleep")),
    ("R15", "match [1]:\n    case [*sleep]: pass", rebound(2, 11, "sleep")),
    ("R15", "match {}:\n    case {**sleep}: pass", rebound(2, 10, "sleep")),
    ("R15", "x = [1 for sleep in [1]]", rebound(1, 12, "sleep")),
    ("R15", "def f():\n    global run_task", rebound(2, 5, "run_task")),
    ("R15", "x = run_task", Refused(1, 5, "step_as_value", "run_task", "run_task(...)", "only be called by its name")),
    ("R15", "x = map(sleep, [1])", Refused(1, 9, "step_as_value", "sleep", "sleep(...)", "not used as a value")),
    ("R15", "run_flow.x", Refused(1, 1, "step_as_value", "run_flow", "run_flow(...)", "not used as a value")),
    ("R15", "match 1:\n    case approve(): pass",
     Refused(2, 10, "step_as_value", "approve", "approve(...)", "not used")),
    ("R15", "f = finish", Refused(1, 5, "step_as_value", "finish", "finish(...)", "not used as a value")),
    # R15 - what hides steps and failures
    ("R15", "exec('log(1)')", Refused(1, 1, "exec_eval", "exec", "plain code", "write the code itself")),
    ("R15", "f = eval", Refused(1, 5, "exec_eval", "eval", "plain code", "write the code itself")),
    ("R15", "eval = len", Refused(1, 1, "exec_eval", "eval", "plain code", "write the code itself")),
    ("R15", "def exec(x): pass", Refused(1, 1, "exec_eval", "exec", "plain code", "write the code itself")),
    ("R15", "try: pass\nexcept: pass",
     Refused(2, 1, "bare_except", "except:", "except Exception:", "`except Exception`")),
    ("R15", "try: pass\nexcept BaseException: pass",
     Refused(2, 8, "except_too_broad", "BaseException", "Exception", "write `except Exception`")),
    ("R15", "try: pass\nexcept (KeyError, SystemExit): pass",
     Refused(2, 19, "except_too_broad", "SystemExit", "Exception", "write `except Exception`")),
    # R15 - "handler types are plain names or tuples of them"
    ("R15", "E = (KeyError, ValueError)\ntry: pass\nexcept E: pass", FINE),
    ("R15", "import json\ntry: pass\nexcept json.JSONDecodeError: pass",
     Refused(3, 8, "except_type", "json.JSONDecodeError", "a plain name or a tuple of them", "write plain names")),
    ("R15", "try: pass\nexcept (KeyError, (ValueError,)): pass",
     Refused(2, 19, "except_type", "(ValueError,)", "a plain name or a tuple of them", "write plain names")),
    ("R15", "E = [KeyError]\ntry: pass\nexcept E[0]: pass",
     Refused(3, 8, "except_type", "E[0]", "a plain name or a tuple of them", "write plain names")),
    # R15 - what may not leave a finally block
    ("R15", "for i in [1]:\n    try: pass\n    finally:\n        if i:\n            break",
     Refused(5, 13, "leaves_finally", "break", "a finally that runs to its end", "would make a failure disappear")),
    ("R15", "while True:\n    try: pass\n    finally: continue",
     Refused(3, 14, "leaves_finally", "continue", "a finally that runs to its end", "would make a failure disappear")),
    ("R15", "def f():\n    try: pass\n    finally:\n        for i in [1]: return i",
     Refused(4, 23, "leaves_finally", "return", "a finally that runs to its end", "would make a failure disappear")),
    ("R15", "for i in [1]:\n    try: pass\n    finally:\n        for j in [1]: pass\n        else: break",
     Refused(5, 15, "leaves_finally", "break", "a finally that runs to its end", "would make a failure disappear")),
    ("R15", "try: pass\nfinally:\n    for i in [1]:\n        break\n    def f():\n        return 1", FINE),
    # R16 - syntax
    ("R16", "run_task('Restart'",
     Refused(1, 9, "syntax", "'(' was never closed", "valid Python 3.11", "not valid Python")),
    ("R16", "x = 1\n  y = 2", Refused(2, 2, "syntax", "unexpected indent", "valid Python 3.11", "unexpected indent")),
    ("R16", "return 3", Refused(1, 1, "syntax", "'return' outside function", "valid Python 3.11", "outside function")),
    # R16 - unknown names
    ("R16", "x = y", Refused(1, 5, "unknown_name", "y", "a name that is known here", "assign it first, or correct it")),
    ("R16", "log(str(lst))", Refused(1, 9, "unknown_name", "lst", "a name that is known here", "did you mean 'list'?")),
    ("R16", "result = 1\nlog(reslt)", Refused(2, 5, "unknown_name", "reslt", "a name", "did you mean 'result'?")),
    ("R16", "class C:\n    a = 1\n    b = a\n    def f(self):\n        return a",
     Refused(5, 16, "unknown_name", "a", "a name that is known here", "assign it first")),
    ("R16", "def f():\n    inner = 1\nlog(inner)", Refused(3, 5, "unknown_name", "inner", "a name", "assign it first")),
    ("R16", "runtask('Restart')", Refused(1, 1, "unknown_name", "runtask", "a name", "did you mean 'run_task'?")),
    ("R16", "aprove('go on?')", Refused(1, 1, "unknown_name", "aprove", "a name", "did you mean 'approve'?")),
    ("R16", "input('go on?')",
     Refused(1, 1, "unknown_name", "input", "a name", "write the flow's inputs: inputs['name']")),
    ("R16", "import subprocess",
     Refused(1, 1, "unknown_module", "subprocess", "one of base64", "write run_task(name)")),
    # R16 - unknown task or flow names given as literals
    ("R16", "run_task('restart')",
     Refused(1, 10, "unknown_task", "'restart'", "the name of a task", "mean 'Restart'?")),
    ("R16", "run_task('Nothing')",
     Refused(1, 10, "unknown_task", "'Nothing'", "the name of a task", "create the task")),
    ("R16", "run_task('Restart' if current else 'Restrt')",
     Refused(1, 36, "unknown_task", "'Restrt'", "the name of a task", "did you mean 'Restart'?")),
    ("R16", "name = 'Nothing'\nrun_task(name)", FINE),
    ("R16", "run_flow('Backup chek')",
     Refused(1, 10, "unknown_flow", "'Backup chek'", "the name of a flow", "did you mean 'Backup check'?")),
    # R16 - unknown keywords (a task declares its inputs)
    ("R16", "run_task('Stop service', service='x')", FINE),
    ("R16", "run_task('Stop service', servce='x')",

         Refused(1, 26, "unknown_keyword", "servce", "colour, force", "did you mean 'service'?")),
    ("R16", "run_task('Restart', chek=False)",
     Refused(1, 21, "unknown_keyword", "chek", "one of its inputs: none", "did you mean 'check'?")),
    ("R16", "run_task('Restart', anything=1)",

         Refused(1, 21, "unknown_keyword", "anything", "one of its inputs: none", "or leave it out")),
    ("R16", "run_flow('F2', sise=1)", Refused(1, 16, "unknown_keyword", "sise", "size", "did you mean 'size'?")),
    ("R16", "run_flow('F2', element='db1')",
     Refused(1, 16, "unknown_keyword", "element", "where", "did you mean 'elements'?")),
    ("R16", "run_task('Health' if current else 'Restart', path='/')",
     Refused(1, 46, "unknown_keyword", "path", "one of its inputs: none", "the task 'Restart' declares no input")),
    ("R16", "approve('a', timout=3)",
     Refused(1, 14, "unknown_keyword", "timout", "approve(message, ...)", "did you mean 'timeout'?")),
    ("R16", "log('a', mesage='b')", Refused(1, 10, "unknown_keyword", "mesage", "log(message)", "mean 'message'?")),
    # R16 - an input of the flow itself
    ("R16", "log(inputs['version'])", FINE),
    ("R16", "log(inputs['verson'])",
     Refused(1, 12, "unknown_input", "'verson'", "service, version", "did you mean 'version'?")),
    ("R16", "def f(inputs):\n    return inputs['x']\nlog(f({'x': 'a'}))", FINE),
    # values of a declared type
    ("R16", "run_flow('F2', size=5, ratio=1, force=True, colour='blue', where='db1', ports=[1], key='long enough')",
     FINE),
    ("R16", "run_flow('F2', size=None, service=element['name'], ports=(1, 2))", FINE),
    ("R16", "run_flow('F2', size='5')", Refused(1, 21, "wrong_input", "'5'", "a whole number", "input 'size' is '5'")),
    ("R16", "run_flow('F2', size=True)", Refused(1, 21, "wrong_input", "True", "a whole number", "'size' is True")),
    ("R16", "run_flow('F2', service=3)",
     Refused(1, 24, "wrong_input", "3", "a string", "the flow 'F2': input 'service'")),
    ("R16", "run_task('Stop service', ratio='x')",
     Refused(1, 32, "wrong_input", "'x'", "a number", "the task 'Stop service': input 'ratio' is 'x'")),
    ("R16", "run_flow('F2', force=1)", Refused(1, 22, "wrong_input", "1", "true or false", "'force' is 1")),
    ("R16", "run_flow('F2', colour='blu')",
     Refused(1, 23, "wrong_input", "'blu'", "one of blue, green", "did you mean 'blue'?")),
    ("R16", "run_flow('F2', where='')", Refused(1, 22, "wrong_input", "''", "the name of an enabled element", "''")),
    ("R16", "run_flow('F2', ports=[1, 'x'])",
     Refused(1, 22, "wrong_input", "[1, 'x']", "a list of whole numbers", "item 2 of the list is 'x'")),
    ("R16", "run_flow('F2', why='x')\nrun_flow('F2', why=16)\nrun_flow('F2', why={'db1': [True, None]})", FINE),
    ("R16", "run_flow('F2', why={1, 2})", Refused(1, 20, "wrong_argument", "{1, 2}", "lists and dicts of them", "why")),
    ("R16", "run_flow('F2', why=b'x')", Refused(1, 20, "wrong_argument", "b'x'", "lists and dicts", "why")),
    ("R16", "run_flow('F2', key='abc')",
     Refused(1, 20, "wrong_input", "a secret", "at least 4", "a text of 3 characters")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "refused"), CHECKED, ids=[f"{r}: {t}" for r, t, _ in CHECKED])
def test_r8_to_r16_what_a_script_may_say_and_what_it_may_not(rule: str, text: str, refused: Refused | None) -> None:
    assert rule
    problems = check_execution(text, CATALOG, OWN)
    if refused is None:
        assert problems == []
        return
    (problem,) = [problem for problem in problems if problem.code == refused.code]
    assert (problem.line, problem.col, problem.found) == (refused.line, refused.col, refused.found)
    assert refused.expected in problem.expected
    assert refused.message in problem.message


def test_the_table_has_a_case_for_each_rule_of_the_check() -> None:
    assert {rule for rule, _, _ in CHECKED} == {"R8", "R9", "R10", "R11", "R13", "R15", "R16"}
    assert len(CHECKED) >= 80


@pytest.mark.parametrize(
    ("text", "line", "col", "message"),
    [
        ("x = 1\nrun_task('A')", 2, 1, "call run_task in the execution script"),
        ("approve('a')", 1, 1, "call approve in the execution script"),
        ("x = set_context", 1, 5, "only be called by its name"),
        ("order_flow_elements(elements)", 1, 1, "write order_flow_elements(elements, key, reverse)"),
        ("filter_flow_elements(elements, 'x')", 1, 32, "filter_flow_elements takes a function of an element, not 'x'"),
        ("finish()", 1, 1, "finish is known in the execution script only"),
        ("elements = elements[current:]", 1, 21, "current is known in the execution script only"),
        ("order_flow_elements(elements, lambda e: e['name'] == inputs['verson'])", 1, 61, "did you mean 'version'?"),
    ],
)
def test_r5_r16_a_processing_script_has_no_steps_no_endings_and_no_current_element(
    text: str, line: int, col: int, message: str
) -> None:
    (problem,) = check_processing(text, OWN)
    assert (problem.line, problem.col) == (line, col)
    assert message in problem.message


@dataclass(frozen=True)
class Does:
    """What a script tells: the messages of its ``log`` steps, and how it ended."""

    logs: Sequence[str]
    end: Verdict | None = None


FLEET = [element(1, role="master"), element(2, role="replica"), element(3, role="replica")]
OK: dict[str, Any] = {"ok": True, "status": "succeeded", "exit_code": 0, "output": "up\n", "data": [1], "attempts": 1}
BAD = OK | {"ok": False, "status": "failed", "exit_code": 3}
CHILD: dict[str, Any] = {
    "ok": False, "status": "partial", "run": 9,
    "elements": {"db1": "failed"}, "failed": ["db1"], "messages": {"db1": "x"},
}  # fmt: skip
REFUSED_BY = {"ok": False, "by": "ops", "comment": "not today"}
RAN: list[tuple[str, str, tuple[Any, ...], Does]] = [
    ("R8", "log(f\"{[e['name'] for e in elements]} {current} {first} {last}\")", (),
     Does(["['db1', 'db2', 'db3'] 0 0 2"])),
    ("R8", "log(str(element == elements[current]))", (), Does(["True"])),
    ("R8", "log(f\"{inputs['version']} {sorted(run)} {run['flow']}\")", (),
     Does(["5 ['flow', 'id', 'started_at'] F"])),
    ("R8", "if current == first:\n    log('once')\nif current == last:\n    log('never')", (), Does(["once"])),
    ("R10", "x = order_flow_elements(elements, lambda e: e['context']['role'] != 'master')\nlog(x[0]['name'])", (),
     Does(["db1"])),
    ("R10", "x = order_flow_elements(elements, lambda e: -e['id'])\nlog(x[0]['name'])\nlog(elements[0]['name'])", (),
     Does(["db3", "db1"])),
    ("R10", "x = order_flow_elements(elements, lambda e: e['name'], reverse=True)\nlog(x[0]['name'])", (),
     Does(["db3"])),
    ("R10", "log(str(len(filter_flow_elements(elements, lambda e: e['context']['role'] == 'replica'))))", (),
     Does(["2"])),
    ("R11", "log('a')\nfail('no')\nlog('b')", (), Does(["a"], Verdict("failed", "no", 2))),
    ("R11", "log('a')\nfinish('enough')\nlog('b')", (), Does(["a"], Verdict("finished", "enough", 2))),
    ("R11", "finish()", (), Does([], Verdict("finished", "", 1))),
    ("R11", "log('a')\nabort('stop')\nlog('b')", (), Does(["a"], Verdict("aborted", "stop", 2))),
    ("R11", "try:\n    finish('a')\nfinally:\n    fail('b')", (), Does([], Verdict("finished", "a", 2))),
    ("R11", "try:\n    fail('a')\nexcept Exception:\n    log('b')", (), Does([], Verdict("failed", "a", 2))),
    ("R11", "def leave(why):\n    abort(why)\nleave('a')", (), Does([], Verdict("aborted", "a", 2))),
    ("R12", "r = run_task('A')\nlog(f\"{r['ok']} {r['status']} {r['exit_code']} {r['output']!r} {r['data'][0]}\")",
     (OK,),
     Does(["True succeeded 0 'up\\n' 1"])),
    ("R12", "r = run_flow('F', check=False)\nlog(f\"{r['failed']} {r['elements']['db1']} {r['messages']['db1']}\")",
     (CHILD,), Does(["['db1'] failed x"])),
    ("R13", "run_task('A')\nlog('never')", (Fails("exit 3"),), Does([], Verdict("failed", "exit 3", 1))),
    ("R13", "try:\n    run_task('A')\nexcept StepFailed as error:\n    log(str(error))", (Fails("exit 3"),),
     Does(["exit 3"])),
    ("R13", "try:\n    run_task('A')\nexcept Exception as error:\n    log(str(error))", (Fails("exit 3"),),
     Does(["exit 3"])),
    ("R13", "try:\n    run_task('A')\nexcept KeyError:\n    log('never')", (Fails("exit 3"),),
     Does([], Verdict("failed", "exit 3", 2))),
    ("R13", "r = run_task('A', check=False)\nlog(str(r['ok']))", (BAD,), Does(["False"])),
    ("R14", "a = approve('go on?')\nlog(f\"{a['ok']} {a['by']} {a['comment']}\")",
     ({"ok": True, "by": "ops", "comment": ""},), Does(["True ops "])),
    ("R14", "a = approve('go on?', check=False)\nif not a['ok']:\n    log(a['comment'])", (REFUSED_BY,),
     Does(["not today"])),
    ("R14", "try:\n    approve('go on?')\nexcept StepFailed:\n    log('never')\nfinally:\n    log('clean')", (Stop(),),
     Does(["clean"])),
    ("R9", "set_context('a', 1)\nlog(str(get_context()['a']))", (None, {"a": 1}), Does(["1"])),
    ("R9", "log(str(sleep(0)))", (None,), Does(["None"])),
    ("R15", "log('outer ' + str(log('inner')))", (None,), Does(["inner", "outer None"])),
    ("R15", "x = [i * 2 for i in run_task('A')['data']]\nlog(str(x))", (OK,), Does(["[2]"])),
    ("R15", "match run_task('A'):\n    case {'ok': True, 'exit_code': code}:\n        log(str(code))",
     (OK,), Does(["0"])),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "answers", "does"), RAN, ids=[f"{r}: {t}" for r, t, *_ in RAN])
async def test_r8_to_r15_what_a_script_does(rule: str, text: str, answers: tuple[Any, ...], does: Does) -> None:
    assert rule
    assert check_execution(text, None, OWN) == []
    given = [Return(answer) if not isinstance(answer, Fails | Stop) else answer for answer in answers]
    played = await run_script(text, *given, elements=FLEET, version=5)
    assert [call.name for call in played.calls if call.step == "log"] == does.logs
    assert played.end == does.end
