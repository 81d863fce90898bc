"""The door of the codec: a script's text to blocks, blocks back to text, and the catalog for the browser."""

import json
from collections import Counter
from typing import Any

from flows.script.blocks.catalog import COMMENT, RAW_STATEMENT, ROWS, row_json
from flows.script.blocks.layout import all_comments, comments_of, lay_out
from flows.script.blocks.meaning import body_of, meaning_of
from flows.script.blocks.parse import Opened, open_text, open_uncompiled
from flows.script.blocks.print import comment_lines, comments_at, print_workspace
from flows.script.blocks.rows import Row
from flows.script.blocks.tree import same_body, tree_of
from flows.script.blocks.workspace import NotFaithful, Workspace

__all__ = ["NotFaithful", "Workspace", "catalog_json", "catalog_text", "to_text", "to_workspace", "write_over"]


def to_workspace(text: str) -> Workspace:
    """The blocks of a script, of either kind. Raises ``Unreadable`` for a text that is no valid script."""
    return open_text(text).workspace


def to_text(workspace: Workspace, base_text: str = "") -> str:
    """The text that blocks stand for, over the text that they were opened from.

    Raises ``NotFaithful`` where blocks say nothing or the text would not say the same, and ``Unreadable`` for a base
    text that is no valid script. Statements that were not changed keep their bytes; in linear time.
    """
    return write_over(workspace, open_text(base_text, with_sites=False))


def write_over(workspace: Workspace, base: Opened) -> str:
    """As ``to_text``, over a base text that was opened already."""
    meaning = meaning_of(workspace)
    said = body_of(workspace, meaning, workspace.first)
    text = print_workspace(workspace, meaning, base)
    try:
        printed = tree_of(text)
    except SyntaxError as error:
        raise NotFaithful(f"the blocks do not make a valid script: line {error.lineno}: {error.msg}") from error
    if not same_body(said, printed.body):
        raise NotFaithful("the text would not mean what the blocks say: nothing was changed")
    if Counter(all_comments(lay_out(text))) != Counter(_comments(workspace)):
        raise NotFaithful("a comment would be lost: nothing was changed")
    return text


def catalog_json() -> dict[str, Any]:
    """The table of blocks for the browser; each with the workspace of its example, for the toolbox."""
    return {"blocks": [{**row_json(row), "example": _example(row).to_json()} for row in ROWS]}


def catalog_text() -> str:
    """The catalog as the front end keeps it in a file."""
    return json.dumps(catalog_json(), indent=2, sort_keys=True) + "\n"


def _example(row: Row) -> Workspace:
    """The blocks of a row's example, as new ones: the first is of the row."""
    code = f"x = {row.example}" if row.shape == "value" else row.example
    # The compiler refuses a `break` or a `return` by itself; nothing else does.
    opened = open_uncompiled(code + "\n").workspace
    if row.shape == "value":
        around = opened.blocks.pop(opened.first or "")
        opened.first = around.inputs["VALUE"]
    for block in opened.blocks.values():
        block.spans, block.why = [], ""
    return Workspace(opened.first, opened.blocks)


def _comments(workspace: Workspace) -> list[str]:
    found = []
    for block in workspace.blocks.values():
        if block.type == COMMENT:
            found += comment_lines(block.fields.get("TEXT", ""))
        elif block.type == RAW_STATEMENT:
            found += comments_of(block.fields.get("CODE", "") + "\n")
        for part in range(len(block.clauses) + 1):
            found += comments_at(block, part)
    return found
