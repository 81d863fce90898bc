"""Scripts come back from blocks as they were: untouched byte for byte, and printed anew with the same meaning."""

import ast
import json
from collections import Counter

import pytest

from flows.script.analysis import analyse
from flows.script.blocks.codec import Workspace, to_text, to_workspace
from flows.script.blocks.layout import comments_of
from flows.script.problem import Unreadable
from tests.script.blocks.handwritten import SCRIPTS

each_script = pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())


def through_json(workspace: Workspace) -> Workspace:
    return Workspace.from_json(json.loads(json.dumps(workspace.to_json())))


def forgotten(workspace: Workspace) -> Workspace:
    """The same blocks as if they were all new: nothing of the text they came from is known."""
    for block in workspace.blocks.values():
        block.spans = []
    return workspace


@each_script
def test_an_untouched_script_comes_back_byte_for_byte(text: str) -> None:
    assert to_text(through_json(to_workspace(text)), text) == text


@each_script
def test_a_script_printed_anew_keeps_its_tree_and_all_its_comments(text: str) -> None:
    printed = to_text(forgotten(to_workspace(text)), "")
    assert ast.dump(plain(printed)) == ast.dump(plain(text))
    assert Counter(comments_of(printed)) == Counter(comments_of(text.replace("\r\n", "\n").replace("\r", "\n")))


@each_script
def test_what_was_printed_anew_is_stable(text: str) -> None:
    printed = to_text(forgotten(to_workspace(text)), "")
    assert to_text(to_workspace(printed), printed) == printed
    assert to_text(forgotten(to_workspace(printed)), "").split() == printed.split()


@each_script
def test_every_step_site_is_held_by_a_block_and_a_steps_block_is_named_by_its_site(text: str) -> None:
    """R15: sites are numbered by where their calls end."""
    workspace = to_workspace(text)
    assert len(workspace.sites) == len(analyse(text).sites)
    for number, holder in enumerate(workspace.sites, start=1):
        block = workspace.blocks[holder]
        assert block.id == f"s{number}" or block.type.startswith("raw")


def plain(text: str) -> ast.Module:
    """The tree without what says nothing: the prefix of u'...'."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None
    return tree


@pytest.mark.parametrize("text", ["if", "log('a'", "\x00", "break", "x = " + "(" * 300])
def test_a_text_that_is_no_script_is_unreadable_and_stays_text(text: str) -> None:
    with pytest.raises(Unreadable):
        to_workspace(text)
