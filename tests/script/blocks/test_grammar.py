"""The random scripts are over the whole catalog: every row, each of its forms, and every clause."""

from itertools import chain

from flows.script.blocks.catalog import ROWS
from flows.script.blocks.codec import to_workspace
from flows.script.blocks.rows import CHOICE
from tests.script.blocks import grammar


def test_every_row_and_every_clause_stands_in_the_random_scripts() -> None:
    blocks = list(chain.from_iterable(to_workspace(text).blocks.values() for text in written()))
    forms = {(row.type, option) for row in ROWS for option in row.forms}
    assert forms - {(block.type, block.fields.get(CHOICE, "")) for block in blocks} == set()
    clauses = {(row.type, clause.kind) for row in ROWS for clause in row.clauses}
    assert clauses - {(block.type, kind) for block in blocks for kind in block.clauses} == set()


def written() -> list[str]:
    """Every template of the grammar, filled with plain names."""
    leaves = [*grammar.NAMES, *grammar.TEXTS, *grammar.NUMBERS, *grammar.WORDS, *grammar.KNOWN, *grammar.OTHER]
    values = [*grammar.STEP_VALUES, *grammar.ELEMENT_VALUES, *grammar.PLAIN_VALUES, *grammar.templates("value")]
    statements = [*grammar.STEP_STATEMENTS, *grammar.ORDER_STATEMENTS, *grammar.PLAIN_STATEMENTS]
    simple = [*statements, *grammar.UNKNOWN_STATEMENTS, *grammar.templates("statement")]
    return [
        *(f"x = {leaf}\n" for leaf in leaves),
        *(f"x = {value.format('a', 'b')}\n" for value in values),
        *(f"x = f'{{{piece}}}'\n" for piece in grammar.PIECES if "'" not in piece),
        *(statement.format("a", "b") + "\n" for statement in simple),
        *(framed(headers) for headers in grammar.FRAME_LISTS),
        *grammar.COMMENT_LINES,
    ]


def framed(headers: list[str]) -> str:
    filled = [header.format("a", "b") for header in headers]
    ends = [grammar.LEAVING.get(header.split()[0].rstrip(":"), ["pass"]) for header in headers]
    most = max(len(one) for one in ends)
    return "".join(
        f"{header}\n    {one[min(turn, len(one) - 1)]}\n"
        for turn in range(most)
        for header, one in zip(filled, ends, strict=True)
    )
