"""Every block that the toolbox offers does in the sandbox what it says: no row stands for what scripts cannot do."""

from textwrap import indent

import pytest

from flows.script.blocks.catalog import ROWS
from flows.script.blocks.rows import Row
from flows.script.check import check_execution, check_processing
from tests.script.scripts import element, process, run_script

CONTEXT = {"env": "prod", "patroni_leader": "master", "cluster": "a", "role": "master", "weight": 2}
ELEMENTS = [element(number, **CONTEXT) for number in (1, 2, 3)]
GIVEN = """\
result = {'ok': True, 'output': ' 3 ', 'status': 'succeeded', 'data': None}
names, failed, counts, count, name, error = ['b', 'a', 'a'], [], {'failed': 0}, 0, 'A', ValueError('a')
sort_function = lambda x: x['id']
keep = lambda x: True

def is_master(x):
    return x['context']['role'] == 'master'
def check(x):
    return None
"""
ENDS = {"fail": "failed", "finish": "finished", "finish_with": "finished", "abort": "aborted", "raise_error": "error",
        "raise_value": "error", "raise": "error"}  # fmt: skip
COMPOUND = {"break": "while True:\n", "continue": "for one in names:\n", "return": "def f():\n",
            "return_nothing": "def f():\n", "raise": "try:\n    int('a')\nexcept ValueError:\n"}  # fmt: skip
STATEMENTS = [row for row in ROWS if row.shape == "statement"]
VALUES = [row for row in ROWS if row.shape == "value"]
PROCESSING_ALONE = {row.type for row in ROWS if row.scripts == ("processing",)} | {"filter_elements_with"}


def type_of(row: Row) -> str:
    return row.type


def placed(row: Row) -> str:
    """A statement's example where it may stand, below what it may name."""
    around = COMPOUND.get(row.type)
    return GIVEN + (around + indent(row.example, "    ") if around else row.example) + "\n"


INSTEAD = {"check(element": "check(elements", "(element)": "(elements[0])", "element[": "elements[0][", "current": "0",
           "first": "0", "run_task('Health')": "1"}  # fmt: skip


def fitted(text: str) -> str:
    """What a processing script is offered: this element and steps are to be filled in by something else."""
    for word, other in INSTEAD.items():
        text = text.replace(word, other)
    return text


@pytest.mark.parametrize("row", [one for one in STATEMENTS if one.type not in PROCESSING_ALONE], ids=type_of)
async def test_each_statement_is_a_script_that_the_sandbox_runs(row: Row) -> None:
    text = placed(row)
    assert check_execution(text, inputs=["version"]) == []
    played = await run_script(text, elements=ELEMENTS, version=2)
    assert (played.end.kind if played.end else None) == ENDS.get(row.type), played.end


async def test_all_values_can_be_had_in_the_sandbox() -> None:
    text = GIVEN + "".join(f"x = {row.example}\n" for row in VALUES)
    assert check_execution(text, inputs=["version"]) == []
    assert (await run_script(text, elements=ELEMENTS, version=2)).end is None


@pytest.mark.parametrize("row", [one for one in STATEMENTS if "processing" in one.scripts], ids=type_of)
async def test_each_statement_that_processing_offers_is_a_processing_script(row: Row) -> None:
    text = fitted(placed(row))
    assert check_processing(text, inputs=["version"]) == []
    if row.type not in ENDS:
        assert len(await process(text, ELEMENTS, version=2)) == 3


async def test_all_values_that_processing_offers_can_be_had_there() -> None:
    text = GIVEN + "".join(fitted(f"x = {row.example}\n") for row in VALUES if "processing" in row.scripts)
    assert check_processing(text, inputs=["version"]) == []
    assert len(await process(text, ELEMENTS, version=2)) == 3


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("order_flow_elements(elements, lambda x: (x['context']['n'], x['name']))", "db2 db4 db1 db3"),
        ("order_flow_elements(elements, lambda x: (x['context']['n'], -x['id']), reverse=True)", "db1 db3 db2 db4"),
        ("filter_flow_elements(elements, lambda x: x['context']['n'] == 1)", "db1 db3"),
        ("elements = elements[:inputs['count']]", "db1 db2 db3"),
        ("elements.reverse()", "db4 db3 db2 db1"),
        ("elements = elements[:3]\nelements.reverse()\nelements = elements[:1]", "db3"),
    ],
)
async def test_r4_r5_the_blocks_of_the_order_do_what_they_say(code: str, names: str) -> None:
    fleet = [element(number, n=number % 2) for number in (1, 2, 3, 4)]
    assert check_processing(code, inputs=["count"]) == []
    assert " ".join(await process(code, fleet, count=3)) == names


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("f\"{element['name']} of {len(elements)}, {'a' if current else 'b'}\"", "db1 of 3, b"),
        ("'aB'.upper() + 'aB'.lower() + ' a '.strip() + 'a-a'.replace('a', 'b')", "ABaba" + "b-b"),
        ("[' '.join(['a', 'b']), 'a,b'.split(','), ' a  b '.split(), 'a\\nb'.splitlines()]",
         "['a b', ['a', 'b'], ['a', 'b'], ['a', 'b']]"),
        ("['ab'.startswith('a'), 'ab'.endswith('a'), 'a' in 'ab', 'a' not in ['b']]", "[True, False, True, True]"),
        ("[2 ** 3, 7 // 2, 7 % 2, -current, int('3'), float('1.5'), round(2.6), abs(-2), round(1.25, 1)]",
         "[8, 3, 1, 0, 3, 1.5, 3, 2, 1.2]"),
        ("[names[0], names[:1], names[-1:], names[1:], names[0:2], names[::-1]]",
         "['b', ['b'], ['a'], ['a', 'a'], ['b', 'a'], ['a', 'a', 'b']]"),
        ("[sum([1, 2]), min([2, 1]), max([1, 2]), min(2, 1), max(1, 2, 3), sum(x['id'] for x in elements)]",
         "[3, 1, 2, 1, 3, 6]"),
        ("[sorted(names), sorted(names, reverse=True), sorted(names, key=lambda x: x == 'b')]",
         "[['a', 'a', 'b'], ['b', 'a', 'a'], ['a', 'a', 'b']]"),
        ("[[x['id'] for x in elements], [x['id'] for x in elements if x['id'] > 1], {x['name']: 1 for x in elements}]",
         "[[1, 2, 3], [2, 3], {'db1': 1, 'db2': 1, 'db3': 1}]"),
        ("[any(x['id'] > 2 for x in elements), all(x['id'] > 2 for x in elements)]", "[True, False]"),
        ("[counts.get('a'), counts.get('a', 5), list(counts.keys()), list(counts.values()), list(counts.items())]",
         "[None, 5, ['failed'], [0], [('failed', 0)]]"),
        ("[list(range(3)), list(range(1, 3)), list(enumerate(['a']))]", "[[0, 1, 2], [1, 2], [(0, 'a')]]"),
        ("[run['id'], run['flow'], run['started_at']]", "[7, 'F', '2026-11-23']"),
        ("[current == first, current != first, current == last, current != last]", "[True, False, False, True]"),
    ],
)  # fmt: skip
async def test_the_values_of_blocks_are_what_they_say(code: str, value: str) -> None:
    played = await run_script(f"{GIVEN}log(str({code}))\n", elements=ELEMENTS)
    assert played.names == [value]


async def test_statements_that_change_lists_and_dicts_do_so() -> None:
    code = (
        "x = {'a': [1]}\nx['b'] = 2\nx['b'] **= 3\nx['a'].append(2)\nx['a'].extend([3])\nx['a'].remove(1)\nlog(str(x))"
    )
    assert (await run_script(code)).names == ["{'a': [2, 3], 'b': 8}"]
