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
    "get_context": ["x = get_context()", "log(get_context()['a'])"],
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
    "filter_elements": ["filter_flow_elements(elements, lambda x: x['context']['a'])"],
    "sort_elements": [
        "order_flow_elements(elements, lambda x: x['name'])",
        "order_flow_elements(elements, lambda x: x['name'], reverse=False)",
        "order_flow_elements(elements, lambda x: x['name'], reverse=True)",
    ],
    "filter_elements_with": ["filter_flow_elements(elements, keep)"],
    "sort_elements_with": [
        "order_flow_elements(elements, f)",
        "order_flow_elements(elements, f, reverse=False)",
        "order_flow_elements(elements, f, reverse=True)",
    ],
    "set_variable": ["x = 1", "x, y = z"],
    "change_variable": ["x += 1", "x -= 1", "x *= 2", "x /= 2"],
    "comment": ["# why", "# two\n# lines", "#no space", "#"],
    "raw_statement": ["import math", "def f():\n    return 1", "x.append(1)"],
    "position": ["x = current", "x = first", "x = last"],
    "element": ["x = element"],
    "elements": ["x = elements"],
    "inputs": ["x = inputs"],
    "input": ["x = inputs['a']"],
    "context": ["x = element['context']['a']", "x = elements[0]['context']['net']['0']['hostname']"],
    "filtered_elements": ["x = filter_flow_elements(elements, lambda x: x['context']['a'])"],
    "sorted_elements": [
        "x = order_flow_elements(elements, lambda x: x['name'])",
        "x = order_flow_elements(elements, lambda x: x['name'], reverse=False)",
        "x = order_flow_elements(elements, lambda x: x['name'], reverse=True)",
    ],
    "filtered_elements_with": ["x = filter_flow_elements(elements, keep)"],
    "sorted_elements_with": [
        "x = order_flow_elements(elements, f)",
        "x = order_flow_elements(elements, f, reverse=False)",
        "x = order_flow_elements(elements, f, reverse=True)",
    ],
    "function": ["f = lambda x: x['context']['a']['b']"],
    "compare": [f"x = a {sign} b" for sign in ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")],
    "all_hold": ["x = a and b", "x = a or b or c"],
    "not": ["x = not a"],
    "choose": ["x = a if b else c"],
    "arithmetic": [f"x = a {sign} b" for sign in ("+", "-", "*", "/", "//", "%")],
    "boolean": ["x = True", "x = False"],
    "none": ["x = None"],
    "length": ["x = len(elements)"],
    "as_text": ["x = str(error)"],
    "item": ["x = result['ok']", "x = elements[current]"],
    "list": ["x = []", "x = [a, 'b', [1]]"],
    "text": ["x = 'a'", 'x = "it\'s"'],
    "number": ["x = 5", "x = -0x1F", "x = 1.50"],
    "variable": ["x = y"],
    "raw_value": ["x = {'a': 1}", "x = f'{y}'", "x = y.z()", "x = a < b < c"],
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
