"""Raw blocks say why they are raw, each in one plain sentence."""

import json

import pytest

from flows.script.blocks.codec import Workspace, to_text, to_workspace
from tests.script.blocks.handwritten import SCRIPTS

STATEMENTS = {
    "import math": "imports have no block",
    "from math import ceil": "imports have no block",
    "class A:\n    x = 1": "a class has no block",
    "def f(x=1): pass": "a function with defaults, types or any number of values has no block: f",
    "@a\ndef f(): pass": "a function with a decorator has no block: f",
    "with a: pass": "with has no block",
    "match a:\n    case 1: pass": "match has no block: if and else if say the same",
    "x = y = 1": "several names set at once have no block: write a line for each",
    "x.y = 1": "a value set on an attribute has no block: x.y",
    "x: int = 1": "a variable with a type has no block: leave the type out",
    "for a, (b, c) in x:\n    pass": "a loop over this has no block: (a, (b, c)); name each value by one word",
    "try:\n    pass\nexcept:\n    pass": "a bare except has no block: write except Exception",
    "text.casefold()": "this call has no block: text.casefold()",
    "sleep(seconds=5)": "sleep has no block when it is called like this: sleep(seconds=5)",
    "x[0]": "a value that nothing uses has no block: x[0]",
    "async def f(): pass": "scripts do not know async def: write a plain def: steps already wait",
}
VALUES = {
    "text.casefold()": "this call has no block: text.casefold()",
    "1 < x < 3": "a chain of comparisons has no block: 1 < x < 3; join two by and",
    "f'{x:>5}'": "a text with formats has no block: f'{x:>5}'",
    "{i for i in x}": "a comprehension has no block: {i for i in x}",
    "lambda: 1": "a function of no or several values has no block: lambda: 1",
    "(y := 1)": "a name given inside an expression has no block: (y := 1)",
    "x.y": "an attribute has no block: x.y",
    "{1, 2}": "a set has no block: {1, 2}",
    "{1: 2}": "a dict whose names are not all texts has no block: {1: 2}",
    "~x": "this calculation has no block: ~x",
}


@pytest.mark.parametrize(("code", "why"), STATEMENTS.items())
def test_a_raw_statement_says_why(code: str, why: str) -> None:
    assert reasons(code) == [why]


@pytest.mark.parametrize(("code", "why"), VALUES.items())
def test_a_raw_value_says_why(code: str, why: str) -> None:
    assert reasons(f"z = {code}") == [why]


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_every_raw_block_has_one_short_line_of_reason_and_no_other_block_has_one(text: str) -> None:
    for block in to_workspace(text).blocks.values():
        assert bool(block.why) == block.type.startswith("raw_")
        assert "\n" not in block.why
        assert len(block.why) < 160


def test_the_reason_of_a_long_piece_is_cut_off() -> None:
    [why] = reasons("z = text.casefold(" + ", ".join(["'long'"] * 100) + ")")
    assert why.endswith("…")


def test_what_the_browser_gives_back_of_a_reason_is_not_read() -> None:
    text = "import math\n"
    sent = json.loads(json.dumps(to_workspace(text).to_json()))
    sent["blocks"][0]["extra"]["why"] = {"any": "thing"}
    assert to_text(Workspace.from_json(sent), text) == text


def reasons(text: str) -> list[str]:
    return [block.why for block in to_workspace(text + "\n").blocks.values() if block.why]
