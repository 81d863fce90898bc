"""Random scripts keep their tree and all their comments through blocks and back, touched or not.

``BLOCKS_EXAMPLES=2000`` asks for more of them than the fast tests have time for.
"""

import ast
import os
from collections import Counter

from hypothesis import HealthCheck, assume, given, settings

from flows.script.blocks.codec import to_text, to_workspace
from flows.script.blocks.layout import comments_of
from flows.script.problem import Unreadable
from flows.script.source import read
from tests.script.blocks.grammar import TEXTS_OF_SCRIPTS
from tests.script.blocks.test_stable import forgotten, plain, through_json

EXAMPLES = int(os.environ.get("BLOCKS_EXAMPLES", "100"))
random_scripts = settings(
    max_examples=EXAMPLES, deadline=None, derandomize="BLOCKS_EXAMPLES" not in os.environ, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip


def assume_valid(text: str) -> None:
    try:
        read(text)
    except Unreadable:
        assume(False)


@random_scripts
@given(TEXTS_OF_SCRIPTS)
def test_an_untouched_random_script_comes_back_byte_for_byte(text: str) -> None:
    assume_valid(text)
    assert to_text(through_json(to_workspace(text)), text) == text


@random_scripts
@given(TEXTS_OF_SCRIPTS)
def test_a_random_script_printed_anew_keeps_its_tree_and_all_its_comments(text: str) -> None:
    assume_valid(text)
    printed = to_text(forgotten(to_workspace(text)), "")
    assert ast.dump(plain(printed)) == ast.dump(plain(text))
    assert Counter(comments_of(printed)) == Counter(comments_of(text))
    assert to_text(to_workspace(printed), printed) == printed
