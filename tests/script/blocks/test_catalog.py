"""The catalog: one row, one Python pattern, one block, both ways; the browser's copy is what the table gives."""

import json
import re
from pathlib import Path

import pytest

from flows.script.blocks.catalog import BY_TYPE, ROWS
from flows.script.blocks.codec import Workspace, catalog_json, catalog_text, to_text, to_workspace
from flows.script.blocks.pattern import Slot
from flows.script.blocks.rows import CHOICE, Row
from flows.script.blocks.workspace import Block

CATALOG = Path(__file__).parents[3] / "frontend" / "src" / "editor" / "catalog.json"


def reverses(call: str) -> list[str]:
    return [f"{call})", f"{call}, reverse=False)", f"{call}, reverse=True)"]


CHANGES = ("+", "-", "*", "/", "//", "%", "**")
FACTS = ("ok", "status", "exit_code", "status_code", "output", "data", "settings", "attempts", "failed", "messages")
GOLDEN: dict[str, list[str]] = {
    "run_task": ["run_task('A')", "run_task('A', check=False, host=x)"],
    "run_named_task": ["run_task(name)", "run_task(x['task'], timeout=5)"],
    "run_task_result": ["x = run_task('A')", "x = run_task('A', element='ca1')"],
    "run_named_task_result": ["x = run_task(name)"],
    "run_flow": ["run_flow('F')", "run_flow('F', elements=[element], check=False, a=1)"],
    "run_named_flow": ["run_flow(name, elements=elements)"],
    "run_flow_result": ["x = run_flow('F', elements=elements)"],
    "run_named_flow_result": ["x = run_flow(name)"],
    "sleep": ["sleep(5)", "sleep(inputs['pause'])"],
    "approve": ["approve('a')", "approve('a', timeout=60, check=False)"],
    "approve_result": ["x = approve('a', check=False)"],
    "set_context": ["set_context('a.b', 1)"],
    "log": ["log('a')"],
    "fail": ["fail('a')"],
    "finish": ["finish()"],
    "finish_with": ["finish('a')"],
    "abort": ["abort('a')"],
    "if": ["if a:\n    pass", "if a:\n    pass\nelif b:\n    pass\nelif c:\n    pass\nelse:\n    pass"],
    "repeat": ["for i in range(3):\n    pass", "for i in range(len(elements)):\n    pass\nelse:\n    pass"],
    "for": ["for x in elements:\n    pass", "for a, b in c:\n    pass\nelse:\n    pass"],
    "while": ["while a:\n    pass", "while a:\n    pass\nelse:\n    pass"],
    "try": [
        "try:\n    pass\nfinally:\n    pass",
        "try:\n    pass\nexcept A:\n    pass\nexcept (B, C) as e:\n    pass\nelse:\n    pass\nfinally:\n    pass",
    ],
    "break": ["while a:\n    break"],
    "continue": ["while a:\n    continue"],
    "pass": ["pass"],
    "assert": ["assert a", "assert (a, b)"],
    "assert_with": ["assert a, 'b'", "assert a or b, f'{c}'"],
    "raise": ["try:\n    pass\nexcept A:\n    raise"],
    "raise_error": ["raise ValueError('a')", "raise StepFailed(str(error))"],
    "raise_value": ["raise error", "raise ValueError()"],
    "sort_elements_then": reverses("order_flow_elements(elements, lambda x: (x['name'], x['context']['a'], -y)"),
    "sort_elements": [
        *reverses("order_flow_elements(elements, lambda x: x['name']"),
        "order_flow_elements(elements, lambda e: (e['name'],))",
    ],
    "filter_elements": ["filter_flow_elements(elements, lambda x: x['context']['a'])"],
    "keep_first": ["elements = elements[:10]", "elements = elements[:inputs['count']]"],
    "reverse_elements": ["elements.reverse()"],
    "sort_elements_with": [
        *reverses("order_flow_elements(elements, f"),
        "order_flow_elements(others, lambda x: x['name'])",
    ],
    "filter_elements_with": ["filter_flow_elements(elements, keep)", "filter_flow_elements(others, lambda x: True)"],
    "set_variable": ["x = 1", "x, y = z"],
    "change_variable": [f"x {sign}= 1" for sign in CHANGES],
    "set_item": ["x['a'] = 1", "x[0]['b'] = y['c']", "element['name'] = 1", "x[(a, b)] = 1"],
    "change_item": [f"x['a'] {sign}= 1" for sign in CHANGES],
    "append": ["x.append(1)", "x['a'].append((a, b))"],
    "extend": ["x.extend([1])"],
    "remove": ["x.remove(1)"],
    "define": ["def f():\n    return", "def f():\n    fail('a')"],
    "define_with": ["def f(x):\n    return x", "def f(x, y):\n    x += y\n    return (x, y)"],
    "return": ["def f():\n    return 1"],
    "return_nothing": ["def f():\n    return"],
    "call_statement": ["f()", "f(a, [1])"],
    "comment": ["# why", "# two\n# lines", "#no space", "#"],
    "raw_statement": ["import math", "with a:\n    pass", "x.y(1)", "def f(x=1):\n    return x"],
    "place": [f"x = current {sign} {place}" for sign in ("==", "!=") for place in ("first", "last")],
    "element": ["x = element"],
    "run": ["x = run['id']", "x = run['flow']", "x = run['started_at']"],
    "inputs": ["x = inputs"],
    "input": ["x = inputs['a']", "x = inputs['name']"],
    "context": ["x = element['context']['a']", "x = elements[0]['context']['net']['0']['hostname']"],
    "element_fact": [f"x = element['{fact}']" for fact in ("name", "address", "profile", "groups", "id", "context")],
    "get_context": ["x = get_context()", "log(get_context()['a'])"],
    "elements": ["x = elements"],
    "position": ["x = current", "x = first", "x = last"],
    "filtered_elements": ["x = filter_flow_elements(elements, lambda x: x['context']['a'])"],
    "sorted_elements_then": reverses("x = order_flow_elements(y, lambda x: (x['name'], x['id'])"),
    "sorted_elements": reverses("x = order_flow_elements(elements, lambda x: x['name']"),
    "filtered_elements_with": ["x = filter_flow_elements(elements, keep)"],
    "sorted_elements_with": reverses("x = order_flow_elements(elements, f"),
    "function": ["f = lambda x: x['context']['a']['b']"],
    "compare": [
        *(f"x = a {sign} b" for sign in ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")),
        "x = first == current",
    ],
    "all_hold": ["x = a and b", "x = a or b or c"],
    "not": ["x = not a"],
    "choose": ["x = a if b else c"],
    "boolean": ["x = True", "x = False"],
    "none": ["x = None"],
    "text": ["x = 'a'", 'x = "it\'s"'],
    "text_with": [
        "x = f'{a}'",
        "x = f''",
        "x = f'a'",
        "x = f'a {b} {{c}} {d + e}\\n'",
        "x = f'''{element['name']} \"é\" {a}'''",
        "x = f'''{element['name']} \"it\\'s\" {a}'''",
        "x = f'{ {1: 2}[1]}'",
        "x = f'{(lambda: 1)}{(a, b)}{(a if b else c)}'",
        "x = f'''{a['b']}{c[\"it's\"]}'''",
        "x = f\"{', '.join(a)}'s\"",
    ],
    "changed_text": ["x = a.upper()", "x = a.lower()", "x = a.strip()"],
    "replaced": ["x = a.replace('b', c)"],
    "text_test": ["x = a.startswith('b')", "x = a.endswith(b)"],
    "join": ["x = ', '.join(a)", "x = (a + b).join([c])", "x = (5).join(a)"],
    "split": ["x = a.split(',')"],
    "parts_of_text": ["x = a.split()", "x = a.splitlines()"],
    "as_text": ["x = str(error)"],
    "number": ["x = 5", "x = -0x1F", "x = 1.50", "x = (-5) ** 2"],
    "arithmetic": [f"x = a {sign} b" for sign in CHANGES],
    "negative": ["x = -a", "x = --5", "x = -a ** 2", "x = (-a) ** -b", "x = -5 ** 2"],
    "as_number": ["x = int(a)", "x = float(a)"],
    "rounded": ["x = round(a)", "x = abs(a)"],
    "rounded_to": ["x = round(a, 2)"],
    "result_fact": [f"x = y['{fact}']" for fact in (*FACTS, "elements", "run", "by", "comment")],
    "item": ["x = result['other']", "x = elements[current]", "x = y[-1]", "x = y[(a, b)]"],
    "dict": ["x = {}", "x = {'a': 1, 'it is': [y]}", "x = {'a': {'b': 1}}"],
    "get": ["x = a.get('b')"],
    "get_else": ["x = a.get('b', {})"],
    "parts_of_dict": ["x = a.keys()", "x = a.values()", "for k, v in a.items():\n    pass"],
    "dict_of_each": ["x = {a: b for a, b in c}"],
    "list": ["x = []", "x = [a, 'b', [1]]"],
    "length": ["x = len(elements)"],
    "last_items": ["x = a[-2:]", "x = a[-(b + c):]"],
    "first_items": ["x = a[:2]", "x = elements[:-1]"],
    "later_items": ["x = a[1:]"],
    "some_items": ["x = a[1:-1]"],
    "backwards": ["x = a[::-1]"],
    "sum_of_each": ["x = sum(a['b'] for a in c)"],
    "sum_of": ["x = sum(a)", "x = min(a)", "x = max([b])"],
    "one_of": ["x = min(a, b)", "x = max(a, b, 3)"],
    "sorted_by": reverses("x = sorted(a, key=lambda b: b['c']"),
    "sorted": reverses("x = sorted(a"),
    "each": ["x = [a for a in b]", "x = [(a, b) for a, b in (c if d else e)]"],
    "each_if": ["x = [a for a in b if a > 1]", "x = [a for a in b if (a if c else d)]"],
    "any_holds": ["x = any(a > 1 for a in b)", "x = all(a for a, b in c)"],
    "numbers_below": ["x = range(3)"],
    "numbers_from": ["x = range(1, 3)"],
    "numbered": ["for i, x in enumerate(elements):\n    pass"],
    "as_list": ["x = list(a)"],
    "call": ["x = f()", "x = zip(a, b)", "x = isinstance(a, str)"],
    "variable": ["x = y"],
    "raw_value": ["x = {1: 2}", "x = f'{y!r}'", "x = y.z()", "x = a < b < c", "x = run_task(*a)", "x = -~a"],
}


def anew(workspace: Workspace) -> str:
    """The text that the rows print, knowing nothing of the text the blocks came from."""
    for block in workspace.blocks.values():
        block.spans = []
    return to_text(workspace)


def test_every_row_has_golden_texts_for_each_of_its_forms() -> None:
    assert set(GOLDEN) == set(BY_TYPE)
    for kind, texts in GOLDEN.items():
        found = {block.fields.get(CHOICE, "") for text in texts for block in blocks_of(text, kind)}
        assert found == set(BY_TYPE[kind].forms), kind


def test_every_clause_of_every_row_has_a_golden_text() -> None:
    for row in ROWS:
        found = {kind for text in GOLDEN[row.type] for block in blocks_of(text, row.type) for kind in block.clauses}
        assert found == set(row.clause), row.type


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in GOLDEN.items() for text in texts])
def test_a_rows_text_is_read_as_its_block_and_printed_as_it_was(kind: str, text: str) -> None:
    workspace = to_workspace(text + "\n")
    assert blocks_of(text, kind)
    assert anew(workspace) == text + "\n"


@pytest.mark.parametrize("row", [row for row in ROWS if row.type != "comment"], ids=lambda row: str(row.type))
def test_a_rows_label_names_its_holes(row: Row) -> None:
    for pattern in row.patterns.values():
        holes = {slot.name for slot in pattern.segments if isinstance(slot, Slot)}
        named = set(re.findall(r"{([A-Z_]+)}", row.label))
        assert named == holes | ({CHOICE} if len(row.forms) > 1 else set())


def test_the_browsers_catalog_is_what_the_table_gives() -> None:
    """After a change of a row: python -m flows.script.blocks > frontend/src/editor/catalog.json."""
    assert CATALOG.read_text() == catalog_text()


def test_each_example_in_the_catalog_is_its_rows_own_block_and_can_be_put_on_the_canvas() -> None:
    for row in catalog_json()["blocks"]:
        example = Workspace.from_json(json.loads(json.dumps(row["example"])))
        assert example.blocks[example.first or ""].type == row["type"]
        if row["shape"] == "value":
            example.blocks["set"] = Block("set", "set_variable", {"NAME": "x"}, {"VALUE": example.first or ""})
            example.first = "set"
        printed = BY_TYPE[row["type"]].example
        # The tree alone is compared: `break` alone is a tree and no script.
        assert anew(example) == (f"x = {printed}\n" if row["shape"] == "value" else f"{printed}\n")


def blocks_of(text: str, kind: str) -> list[Block]:
    return [block for block in to_workspace(text).blocks.values() if block.type == kind]
