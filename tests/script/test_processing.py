"""Processing scripts in the real sandbox (R4, R5, R6)."""

import pytest

from flows.script.calls import FlowScripts, ScriptProblem
from flows.script.host import SandboxHost
from tests.script.scripts import THREE, element, process

SEED = (
    "sort_function = lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0\n"
    "order_flow_elements(elements, sort_function, reverse=False)"
)


async def test_r4_the_seeds_script_puts_the_leader_last() -> None:
    fleet = [element(n, patroni_leader="master" if n == 2 else "replica") for n in (1, 2, 3, 10)]
    assert await process(SEED, fleet) == ["db1", "db3", "db10", "db2"]


async def test_r6_an_error_names_line_cause_and_every_element() -> None:
    fleet = [element(n, **({} if n in (3, 9) else {"patroni_leader": "replica"})) for n in (1, 3, 4, 9)]
    with pytest.raises(ScriptProblem) as problem:
        await process(SEED, fleet)
    assert str(problem.value) == "line 1: no context key 'patroni_leader' in db3, db9"


KEEPS_ORDER = [
    ("", ["db1", "db2", "db3"]),
    ("order_flow_elements(elements, lambda e: e['id'], reverse=True)", ["db3", "db2", "db1"]),
    ("order_flow_elements(elements, lambda e: 0, True)", ["db1", "db2", "db3"]),
    ("filter_flow_elements(elements, lambda e: e['id'] != 2)", ["db1", "db3"]),
    ("x = filter_flow_elements(elements, lambda e: e['id'] > 1)\nx.reverse()", ["db3", "db2"]),
    ("elements = order_flow_elements(elements, lambda e: -e['id'])[:2]", ["db3", "db2"]),
    ("elements = tuple(e for e in elements if e['name'] in inputs['keep'])", ["db1", "db3"]),
    ("elements = [elements[2], elements[0], elements[2], elements[0]]", ["db3", "db1"]),
    ("elements = elements + [dict(elements[0])]", ["db1", "db2", "db3"]),
    ("elements.clear()", []),
    ("for e in elements:\n    e['name'] = 'x'\n    e['context']['y'] = 1", ["db1", "db2", "db3"]),
    ("len = sorted = list = None\norder_flow_elements(elements, lambda e: -e['id'])", ["db3", "db2", "db1"]),
    ("try:\n    x = elements[9]\nexcept IndexError:\n    elements = elements[:1]\nfinally:\n    y = 1", ["db1"]),
]


@pytest.mark.parametrize(("text", "names"), KEEPS_ORDER)
async def test_r4_r5_what_elements_holds_in_the_end_is_what_runs(text: str, names: list[str]) -> None:
    assert await process(text, THREE, keep=["db1", "db3"]) == names


async def test_r1_a_script_changes_its_own_copies_only() -> None:
    host = SandboxHost({"F": FlowScripts("elements[0]['context']['a'] = 2\nelements.reverse()", "")})
    given = [element(1, a=1), element(2)]
    chosen = await host.process("F", given, {})
    await host.close()
    assert chosen[1] is given[0]
    assert given[0]["context"] == {"a": 1}


REFUSED = [
    ("x = 1\nelements.append({'id': 99})", "line 2: `elements` holds what was not selected: {'id': 99}"),
    ("elements = ['db1']", "was not selected: db1"),
    ("elements = [True]", "was not selected: True"),
    ("elements = 3", "line 1: `elements` must stay a list of elements"),
    ("x = (", "line 1: not valid Python"),
    ("\nrun_task('A')", "line 2: NameError: run_task is a step"),
    ("fail('x')", "line 1: NameError: name 'fail' is not defined"),
    ("x = 1\nfilter_flow_elements(elements, lambda e: e['nme'])", "line 2: no key 'nme' in db1, db2, db3"),
    ("f = lambda e: e['id'] / 0\n\norder_flow_elements(elements, f)", "line 1: ZeroDivisionError: division by zero in"),
    (
        "order_flow_elements(elements, lambda e: None if e['id'] == 2 else 1)",
        "instances of 'NoneType' and 'int' in db2",
    ),
    ("elements.sort(key=lambda e: e['context']['a']['b'])", "line 1: no context key 'a' in db1, db2, db3"),
    ("for e in elements:\n    x = e['context']['b']", "line 2: no context key 'b' in db1, db2, db3"),
    ("x = {}\ny = x[3]", "line 2: no key 3"),
    ("import random\nrandom.random()", "line 2: RuntimeError: scripts cannot use os.urandom"),
    ("import datetime\ndatetime.datetime.now()", "line 2: RuntimeError: scripts cannot use datetime.now"),
    ("import os\nos.environ", "scripts cannot use os.environ"),
    ("open('/etc/passwd')", "scripts cannot use open"),
    ("import socket", "scripts cannot use import"),
    ("while True:\n    try: foo()\n    except NameError: pass", "more than 100 times"),
]


@pytest.mark.parametrize(("text", "cause"), REFUSED)
async def test_r6_each_error_names_its_cause(text: str, cause: str) -> None:
    with pytest.raises(ScriptProblem) as problem:
        await process(text, THREE)
    assert cause in str(problem.value)


async def test_r6_long_lists_of_elements_are_cut() -> None:
    with pytest.raises(ScriptProblem, match=r"in db0, db1, .*, db9 and 20 more$"):
        await process("filter_flow_elements(elements, lambda e: e['context']['a'])", [element(n) for n in range(30)])


async def test_an_error_that_was_caught_blames_nobody_later() -> None:
    text = "try: filter_flow_elements(elements, lambda e: e['context']['a'])\nexcept KeyError: pass\n{}['b']"
    with pytest.raises(ScriptProblem, match=r"^line 3: no key 'b'$"):
        await process(text, THREE)
