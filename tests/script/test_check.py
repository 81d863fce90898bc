"""What is refused on save, where, and with which way out (R10, R15, R16)."""

import pytest

from flows.script.check import Catalog, Problem, check_execution, check_processing, find_cycle
from flows.script.references import References, references_of

CATALOG = Catalog(flows={"F2": ["size"]}, tasks={"A": [], "Stop service": ["service"]})

REFUSED = [
    # syntax
    ("x = (", 1, 5, "syntax", "never closed"),
    ("return 3", 1, 1, "syntax", "outside function"),
    ("x = 1\nbreak", 2, 1, "syntax", "outside loop"),
    ("type X = int", 1, 6, "syntax", "not valid Python 3.11"),
    # where steps may stand (R15)
    ("def f():\n    log('a')", 2, 5, "step_misplaced", "child flow"),
    ("f = lambda: sleep(1)", 1, 13, "step_misplaced", "child flow"),
    ("class C:\n    log('a')", 2, 5, "step_misplaced", "a class"),
    ("x = [log('a') for i in [1]]", 1, 6, "step_misplaced", "a comprehension"),
    ("x = [i for i in [1] for j in log('a')]", 1, 30, "step_misplaced", "a comprehension"),
    ("def f(x=log('a')): pass", 1, 9, "step_misplaced", "a default value"),
    ("@log('a')\ndef f(): pass", 1, 2, "step_misplaced", "a decorator"),
    ("x: log('a') = 1", 1, 4, "step_misplaced", "an annotation"),
    # a step's name (R15)
    ("sleep = 3", 1, 1, "step_rebound", "choose another name"),
    ("def run_task(): pass", 1, 1, "step_rebound", "another meaning"),
    ("for log in [1]: pass", 1, 5, "step_rebound", "another meaning"),
    ("import json as run_flow", 1, 8, "step_rebound", "another meaning"),
    ("def f(sleep): pass", 1, 7, "step_rebound", "another meaning"),
    ("Exception = KeyError", 1, 1, "step_rebound", "another meaning"),
    ("x = run_task", 1, 5, "step_as_value", "write run_task(...)"),
    ("x = fail", 1, 5, "step_as_value", "write fail(...)"),
    ("__at = 3", 1, 1, "reserved_name", "without '__'"),
    ("log__1('a')", 1, 1, "reserved_name", "without '__'"),
    # what hides failures (R15)
    ("exec('1')", 1, 1, "exec_eval", "write the code itself"),
    ("x = eval('1')", 1, 5, "exec_eval", "write the code itself"),
    ("try: pass\nexcept: pass", 2, 1, "bare_except", "`except Exception`"),
    ("try: pass\nexcept BaseException: pass", 2, 8, "except_too_broad", "`except Exception`"),
    ("try: pass\nexcept (KeyError, SystemExit): pass", 2, 19, "except_too_broad", "`except Exception`"),
    ("import json\ntry: pass\nexcept json.JSONDecodeError: pass", 3, 8, "except_type", "plain names"),
    ("for i in [1]:\n    try: pass\n    finally:\n        break", 4, 9, "leaves_finally", "break in finally"),
    ("for i in [1]:\n    try: pass\n    finally:\n        continue", 4, 9, "leaves_finally", "continue in finally"),
    ("def f():\n    try: pass\n    finally: return 1", 3, 14, "leaves_finally", "return in finally"),
    # R16: names that nothing binds, tasks, flows, inputs
    ("x = elemnts", 1, 5, "unknown_name", "did you mean 'elements'?"),
    ("log('a')\nif curent == first: pass", 2, 4, "unknown_name", "did you mean 'current'?"),
    ("def f(a):\n    return b", 2, 12, "unknown_name", "assign it first"),
    ("x = [y for y in [1]]\nlog(y)", 2, 5, "unknown_name", "assign it first"),
    ("print('a')", 1, 1, "unknown_name", "write log(message)"),
    ("x = id(elements)", 1, 5, "unknown_name", "element['id']"),
    ("raise SystemExit", 1, 7, "unknown_name", "write fail(message)"),
    ("run_task('Stop servce')", 1, 10, "unknown_task", "did you mean 'Stop service'?"),
    ("run_task('A' if current else 'B')", 1, 30, "unknown_task", "there is no task 'B'"),
    ("run_flow('f2')", 1, 10, "unknown_flow", "did you mean 'F2'?"),
    ("run_task('Stop service', servce=1)", 1, 26, "unknown_keyword", "did you mean 'service'?"),
    ("run_flow('F2', timeout=3)", 1, 16, "unknown_keyword", "declares no input 'timeout'"),
    ("sleep(1, check=False)", 1, 10, "unknown_keyword", "write sleep(seconds)"),
    # R9: how steps are called
    ("run_task()", 1, 1, "wrong_argument", "the task's name"),
    ("run_task('A', 'B')", 1, 1, "wrong_argument", "one argument"),
    ("run_task(3)", 1, 10, "wrong_argument", "not 3"),
    ("sleep('5')", 1, 7, "wrong_argument", "a number of seconds"),
    ("sleep()", 1, 1, "wrong_argument", "write sleep(seconds)"),
    ("fail()", 1, 1, "wrong_argument", "write fail(message)"),
    # a result that nobody uses (R10)
    ("filter_flow_elements(elements, bool)", 1, 1, "unused_result", "chosen = filter_flow_elements(...)"),
    ("order_flow_elements(elements, str)", 1, 1, "unused_result", "chosen = order_flow_elements(...)"),
    # what the sandbox does not know
    ("def f():\n    yield 1", 2, 5, "unsupported", "build a list"),
    ("def f():\n    yield from [1]", 2, 5, "unsupported", "build a list"),
    ("x = {}\ndel x['a']", 2, 1, "unsupported", "without it"),
    ("class E(Exception): pass", 1, 1, "unsupported", "a class of its own"),
    ("class C:\n    @staticmethod\n    def f(): pass", 2, 6, "unsupported", "a plain method"),
    ("async def f(): pass", 1, 1, "unsupported", "a plain def"),
    ("try: pass\nexcept* ValueError: pass", 1, 1, "unsupported", "a plain except"),
    ("from math import *", 1, 1, "unsupported", "the names that you need"),
    ("import time", 1, 1, "unknown_module", "write sleep(seconds)"),
    ("import jsom", 1, 1, "unknown_module", "did you mean 'json'?"),
    ("from os.path import join", 1, 1, "unknown_module", "write a task"),
    # R9, R11, R14: the other words
    ("approve()", 1, 1, "wrong_argument", "write approve(message, ...)"),
    ("approve('go on?', timout=60)", 1, 19, "unknown_keyword", "did you mean 'timeout'?"),
    ("set_context('a')", 1, 1, "wrong_argument", "write set_context(key, value)"),
    ("set_context(3, 1)", 1, 13, "wrong_argument", "the setting's key, not 3"),
    ("x = get_context('a')", 1, 5, "wrong_argument", "write get_context()"),
    ("finish('a', 'b')", 1, 1, "wrong_argument", "write finish(message)"),
    ("abort()", 1, 1, "wrong_argument", "write abort(message)"),
    ("def f():\n    approve('a')", 2, 5, "step_misplaced", "child flow"),
    ("finish = 3", 1, 1, "step_rebound", "another meaning"),
    ("x = abort", 1, 5, "step_as_value", "write abort(...)"),
]


@pytest.mark.parametrize(("text", "line", "col", "code", "way_out"), REFUSED)
def test_r15_r16_each_refusal_says_where_and_the_way_out(
    text: str, line: int, col: int, code: str, way_out: str
) -> None:
    found = [problem for problem in check_execution(text, CATALOG) if problem.code == code]
    assert [(problem.line, problem.col) for problem in found] == [(line, col)]
    assert way_out in found[0].message
    assert found[0].found
    assert found[0].expected


@pytest.mark.parametrize(
    ("text", "meant"),
    [("run_task('Stop servce')", "Stop service"), ("run_flow('f2')", "F2"), ("run_task('Quite another')", None)],
)
def test_r16_the_name_that_was_meant_is_told_by_itself(text: str, meant: str | None) -> None:
    [problem] = check_execution(text, CATALOG)
    assert problem.meant == meant


EXAMPLES = [
    (
        "if current == last:\n    run_task('A')\nfor attempt in range(30):\n    if run_task('A', check=False)['ok']:\n"
        "        break\n    sleep(5)\nelse:\n    fail('not healthy')"
    ),
    "try:\n    run_task('A', retries=3, timeout=5)\nexcept StepFailed as error:\n    fail('no: ' + str(error))",
    (
        "if current == first:\n    r = run_flow('F2', elements=elements, check=False, size=len(elements))\n"
        "    log(f\"{r['failed']!r:>10}\")"
    ),
    "bad = filter_flow_elements(elements, lambda e: e['context'].get('bad'))\nrun_flow('F2', elements=bad, size=1)",
    (
        "import json\nfrom math import floor as down\ndef f(x, *a, y=1, **k):\n    global z\n    z = down(x)\n"
        "    return [i for i in a if i] or k\nf(2)\nlog(json.dumps(z))"
    ),
    "match inputs:\n    case {'a': [x, *y], **rest} if x:\n        log(str((x, y, rest)))",
    "if (n := len(elements)) > 2 and [m := i for i in [1]]:\n    log(f'{n} {m}')",
    "try:\n    log('a')\nfinally:\n    for i in range(3):\n        if run_task('A', check=False):\n            break",
    "name = 'A'\nrun_task(name, **{'x': 1})\nrun_task(*[name])",
    (
        "def leave(why):\n    finish(why)\nif not approve('go on?', timeout=60, check=False)['ok']:\n    leave('no')\n"
        "set_context('net.0.hostname', get_context()['name'])\nrun_task('A', element=elements[0])\nabort(message='x')"
    ),
    "y: bool = run_task('A')['ok']",
    "finish()\nfinish(message='done')\nset_context(key='a', value=[1])\nset_context(*['a'], value=1)",
    "class Point:\n    def __init__(self, x):\n        self.x = x\nlog(str(Point(1).x))",
    "",
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_people_write_has_no_problem(text: str) -> None:
    assert check_execution(text, CATALOG) == []


def test_problems_come_in_the_order_of_the_text() -> None:
    found = check_execution("x = a\nrun_task('?')\nsleep('3')", CATALOG)
    assert [problem.line for problem in found] == [1, 2, 3]


def test_without_a_catalog_no_name_is_looked_up() -> None:
    assert check_execution("run_task('anything', at='all')\nrun_flow('x', y=1)") == []


def test_r44_a_script_of_more_than_64_kib_is_refused() -> None:
    fits = "x = 1\n" * 10_922
    assert check_execution(fits) == []
    assert check_execution(fits + "#" * 5) == [
        Problem(
            1,
            1,
            "too_large",
            "65537 bytes",
            "at most 65536 bytes",
            "the script has 65537 bytes, at most 65536 bytes: move parts to child flows",
        )
    ]


@pytest.mark.parametrize(
    "text", ["x = " + "(" * 150 + ")" * 150, "x = " + "+".join("1" * 5000), "x = " + "-" * 9000 + "1"]
)
def test_deep_nesting_is_refused_and_not_a_crash(text: str) -> None:
    problems = check_execution(text)
    assert all(problem.code in {"too_deep", "syntax"} for problem in problems)
    assert text.startswith("x = (") or problems


@pytest.mark.parametrize(
    "text", ["x = '\0'", "x = '\ud800'", "\ufeffx = 1", "\x0cx = 1", "# -*- coding: latin-1 -*-\nx = 1"]
)
def test_odd_characters_are_a_problem_or_none_but_no_crash(text: str) -> None:
    assert {problem.code for problem in check_execution(text)} <= {"syntax"}


SEED = (
    "sort_function = lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0\n"
    "order_flow_elements(elements, sort_function, reverse=False)"
)


def test_r4_the_seeds_processing_script_has_no_problem() -> None:
    assert check_processing(SEED) == []
    assert check_processing("elements.reverse()\nelements = [e for e in elements if inputs['x']]") == []


@pytest.mark.parametrize(
    ("text", "line", "col", "code"),
    [
        ("x = 1\nrun_task('A')", 2, 1, "step_in_processing"),
        ("f = lambda e: sleep(1)", 1, 15, "step_in_processing"),
        ("log(current)", 1, 5, "unknown_name"),
        ("fail('x')", 1, 1, "unknown_name"),
        ("try: pass\nexcept: pass", 2, 1, "bare_except"),
        ("import os", 1, 1, "unknown_module"),
        ("x = (", 1, 5, "syntax"),
    ],
)
def test_r5_processing_scripts_are_checked_too(text: str, line: int, col: int, code: str) -> None:
    assert (line, col, code) in [(problem.line, problem.col, problem.code) for problem in check_processing(text)]


def test_r16_the_flows_that_a_script_calls_are_found() -> None:
    found = references_of("run_flow('A' if current else 'B')\nfor x in [1]: run_flow('C', a=1)\nrun_flow(name)")
    assert found == References(flows=frozenset({"A", "B", "C"}), computes_flows=True)
    assert references_of("run_flow(") == References()


@pytest.mark.parametrize(
    ("graph", "cycle"),
    [
        ({}, None),
        ({"a": ["b", "c"], "b": ["c"], "c": []}, None),
        ({"a": ["a"]}, ("a", "a")),
        ({"a": ["b"], "b": ["c", "d"], "d": ["b"]}, ("b", "d", "b")),
        ({"x": [], "a": ["x", "b"], "b": ["c"], "c": ["a"]}, ("a", "b", "c", "a")),
        ({str(n): [str(n + 1)] for n in range(5000)}, None),
    ],
)
def test_r16_cycles_of_child_flows_are_found(graph: dict[str, list[str]], cycle: tuple[str, ...] | None) -> None:
    assert find_cycle(graph) == cycle
