"""Which line of a processing script leaves an element out."""

from typing import Any

import pytest

from flows.script.dropping import MOST_NOTES, Dropped, dropped_by
from flows.script.instance import Limits
from flows.script.sandbox import Sandbox


async def dropped(script: str, count: int = 5, inputs: Any = None) -> dict[str, tuple[int, int]]:
    """By name: line and place."""
    elements = [
        {"id": n, "name": f"E{n}", "address": "", "profile": "p", "groups": [], "context": {"n": n}}
        for n in range(1, count + 1)
    ]
    sandbox = Sandbox(max_processes=1, turn_s=1.0)
    try:
        found = await dropped_by(sandbox, Limits(), script, elements, inputs or {})
    finally:
        await sandbox.close()
    return {f"E{identity}": (one.line, one.place) for identity, one in found.items()}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("filter_flow_elements(elements, lambda x: x['context']['n'] != 2)", {"E2": (1, 2)}),
        (
            "# why\nfilter_flow_elements(\n    elements,\n    lambda x: x['id'] > 1)\nelements = elements[:2]",
            {"E1": (2, 1), "E4": (5, 3), "E5": (5, 4)},
        ),
        ("elements.reverse(); elements = elements[:4]", {"E1": (1, 5)}),
        ("for x in list(elements):\n    if x['name'] == 'E3':\n        elements.remove(x)  # gone", {"E3": (3, 3)}),
        ("if len(elements) > 3:\n    elements = elements[:inputs['most']]\nelse:\n    pass", {"E5": (2, 5)}),
        ("try:\n    elements.pop()\nexcept Exception:\n    pass", {"E5": (2, 5)}),
        ("kept = elements[1:]\nelements = kept;", {"E1": (2, 1)}),
        ("gone = elements.pop(0)\nelements.append(gone)\nelements.pop()", {"E1": (3, 5)}),
        ("def cut(count):\n    elements[:] = elements[:count]\ncut(4)", {"E5": (3, 5)}),
        ("order_flow_elements(elements, lambda x: -x['context']['n'])", {}),
        ("elements = 7", {}),
        ("elements = elements[:2]\n1 / 0", {}),
        ("elements = (", {}),
    ],
)
async def test_each_dropped_element_has_the_line_that_dropped_it(script: str, expected: Any) -> None:
    assert await dropped(script, inputs={"most": 4}) == expected


async def test_a_long_loop_is_told_as_far_as_notes_go() -> None:
    script = "for x in list(elements):\n    elements.remove(x)"
    found = await dropped(script, count=MOST_NOTES + 50)
    assert len(found) == MOST_NOTES
    assert set(found.values()) == {(2, 1)}


def test_a_drop_is_a_line_and_a_place() -> None:
    assert Dropped(1, 2) == Dropped(line=1, place=2)
