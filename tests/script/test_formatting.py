"""Formatting lays a script out and changes nothing that it says."""

import ast
from collections import Counter

import pytest
from hypothesis import given

from flows.script.blocks.layout import comments_of
from flows.script.formatting import CannotFormat, formatted
from flows.script.language import MAX_SCRIPT_BYTES
from tests.script.blocks.grammar import TEXTS_OF_SCRIPTS
from tests.script.blocks.handwritten import SCRIPTS
from tests.script.blocks.test_random import assume_valid, random_scripts
from tests.script.blocks.test_stable import plain

UNTIDY = """\
# why
if  current==first :   #only once
  run_task( "Prepare",check = False )

  for x in [1,2]: log( 'a' )



sleep( 5 ) # a breath"""
TIDY = """\
# why
if current == first:  # only once
    run_task("Prepare", check=False)

    for x in [1, 2]:
        log('a')


sleep(5)  # a breath
"""


def test_a_script_is_laid_out_with_its_comments_and_its_own_quotes() -> None:
    assert formatted(UNTIDY) == TIDY
    assert formatted(TIDY) == TIDY


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_a_script_keeps_its_line_ends(end: str) -> None:
    assert formatted(UNTIDY.replace("\n", end)) == TIDY.replace("\n", end)


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n"])
def test_a_script_without_anything_is_empty(text: str) -> None:
    assert formatted(text) == ""


def test_a_long_line_is_broken_at_100_characters() -> None:
    lines = formatted(f"run_task('A', {', '.join(f'input_{number}={number}' for number in range(12))})\n").splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("log('a')\nlog('b'\n", 2, "'(' was never closed"),
        ("log('a')\nbreak\n", 2, "outside loop"),
        ("x = 1\nmatch x:\n    case 1:\n        log('a'\n", 4, "never closed"),
        ("x = " + "(" * 300 + ")" * 300, 1, ""),
        ("# " + "x" * MAX_SCRIPT_BYTES, 1, "at most 65536 bytes"),
        ("'''  a docstring\n      of two lines  '''\n", 0, "would change what this script says"),
    ],
)
def test_a_script_that_cannot_be_formatted_says_why_and_where(text: str, line: int, why: str) -> None:
    with pytest.raises(CannotFormat) as refused:
        formatted(text)
    assert refused.value.line == line
    assert why in refused.value.message


def test_a_script_that_would_grow_too_large_stays_as_it_is() -> None:
    text = "x=[" + "1," * 15_000 + "]\n"
    with pytest.raises(CannotFormat, match="65536 bytes"):
        formatted(text)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_written_script_means_the_same_formatted(text: str) -> None:
    check(text)


@random_scripts
@given(TEXTS_OF_SCRIPTS)
def test_a_random_script_means_the_same_formatted(text: str) -> None:
    assume_valid(text)
    check(text)


def check(text: str) -> None:
    laid_out = attempted(text)
    if laid_out is not None:
        assert ast.dump(plain(laid_out)) == ast.dump(plain(text))
        assert words(laid_out) == words(text)
        assert formatted(laid_out) == laid_out


def attempted(text: str) -> str | None:
    """None for a script with a text in quotes that stands alone: Black would indent its lines anew."""
    try:
        return formatted(text)
    except CannotFormat as refusal:
        if "would change what this script says" in refusal.message and ("'''" in text or '"""' in text):
            return None
        raise


def words(text: str) -> Counter[str]:
    comments = comments_of(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Counter(comment.lstrip("#").strip() for comment in comments)
