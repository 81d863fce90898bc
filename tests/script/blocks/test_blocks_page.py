"""docs/blocks.md is true: it lists every row of the catalog, and what it says of raw code is what raw blocks say."""

import re
from pathlib import Path

import pytest

from flows.script.blocks.catalog import ROWS
from flows.script.blocks.codec import to_workspace
from flows.script.blocks.rows import CHOICE, Row

PAGE = (Path(__file__).parents[3] / "docs" / "blocks.md").read_text()
TITLES = {
    "do": "Steps",
    "wait": "Wait and ask",
    "decide": "Decide",
    "elements": "Elements",
    "data": "Data",
    "raw": "Remarks",
}
RAW = re.findall(r"^\| `(.*)` \| (.* (?:no block|do not know).*) \|$", PAGE, re.MULTILINE)
MOST_FORMS = 3


def line_of(row: Row) -> str:
    """The row of the page's table: its label with the choices, and its patterns."""
    label = re.sub(
        r"{([A-Z_]+)}", lambda hole: words_of(row) if hole[1] == CHOICE else f"*{hole[1].lower()}*", row.label
    )
    forms = list(row.forms.values())
    shown = forms if len(forms) <= MOST_FORMS else [forms[0], forms[-1]]
    between = ", " if len(forms) <= MOST_FORMS else ", …, "
    return f"| {label}{'' if row.scripts else ' ○'} | {between.join(f'`{form}`' for form in shown)} |"


def words_of(row: Row) -> str:
    if "" in row.forms:
        return "(smallest or largest first)"
    return f"({', '.join(row.forms)})"


@pytest.mark.parametrize("row", [row for row in ROWS if not row.type.startswith("raw")], ids=lambda row: str(row.type))
def test_every_block_is_on_the_page_under_its_category(row: Row) -> None:
    _, _, section = PAGE.partition(f"\n## {TITLES[row.category]}\n")
    assert line_of(row) in section.partition("\n## ")[0].split("\n")


def test_the_page_lists_no_block_that_is_gone() -> None:
    listed = [line for line in PAGE.partition("\n## The order")[0].split("\n") if line.startswith("| ")]
    assert set(listed) - {"| block | Python |"} == {line_of(row) for row in ROWS if not row.type.startswith("raw")}


@pytest.mark.parametrize(("code", "why"), RAW)
def test_what_is_shown_as_python_says_what_the_page_says(code: str, why: str) -> None:
    assert [block.why for block in to_workspace(code.replace("⏎", "\n") + "\n").blocks.values() if block.why] == [why]


def test_the_page_tells_of_raw_code() -> None:
    assert len(RAW) > 20
