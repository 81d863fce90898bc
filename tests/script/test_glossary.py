"""The words of the language as completion and hover tell them."""

import ast
from pathlib import Path

import pytest

from flows.script.glossary import WORDS, Word
from flows.script.language import ENDINGS, EXECUTION_NAMES, PROCESSING_NAMES, STEPS
from flows.script.signatures import SIGNATURES

PAGE = Path(__file__).parents[2] / "docs" / "script-language.md"
CALLED = [word for word in WORDS if word.name in SIGNATURES]


def test_every_word_that_a_script_knows_is_told_once_for_each_kind_of_script() -> None:
    """R4, R8, R9, R10, R11."""
    for script, names in (("execution", EXECUTION_NAMES), ("processing", PROCESSING_NAMES)):
        assert sorted(word.name for word in WORDS if script in word.scripts) == sorted(names)


def test_steps_and_endings_are_told_as_such() -> None:
    assert {word.name for word in WORDS if word.kind == "step"} == STEPS
    assert {word.name for word in WORDS if word.kind == "ending"} == ENDINGS


@pytest.mark.parametrize("word", CALLED, ids=lambda word: f"{word.name} in {word.scripts[0]}")
def test_a_signature_has_the_arguments_that_the_check_knows(word: Word) -> None:
    """R9, R10, R11."""
    [definition] = ast.parse(f"def {word.signature}: ...").body
    assert isinstance(definition, ast.FunctionDef)
    given, signature = definition.args, SIGNATURES[word.name]
    assert [one.arg for one in (*given.posonlyargs, *given.args)] == [one.name for one in signature.parameters]
    assert {one.arg for one in given.kwonlyargs} == set(signature.options)
    assert (given.kwarg is not None) is signature.takes_inputs
    assert bool(given.posonlyargs) is not signature.by_keyword
    assert len(given.defaults) == sum(not one.is_required for one in signature.parameters)


@pytest.mark.parametrize("word", [word for word in CALLED if "execution" in word.scripts], ids=lambda word: word.name)
def test_the_page_about_the_language_has_the_same_signatures(word: Word) -> None:
    assert f"`{word.signature}`" in PAGE.read_text()
