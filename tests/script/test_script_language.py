"""docs/script-language.md is true: each example is run, and comes to what the page says (R4-R16, R19, R29, R44)."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.engine.status import Mode
from flows.script.language import BUILTINS, ENDINGS, EXECUTION_NAMES, MODULES, ORDERING, STEPS
from flows.script.problem import Problem
from flows.script.refusals import UNSUPPORTED
from tests.script.examples import order_of, problems_of, told

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "script-language.md").read_text()
FENCES = re.compile(r"^```python *([a-z ]*)\n(.*?)^```\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A script of the page, the words behind its fence, and the lines that it comes to."""

    words: frozenset[str]
    text: str
    outcome: list[str]
    line: int


EXAMPLES = [
    Example(
        frozenset(found[1].split()), found[2].rstrip("\n"), found[3].splitlines(), PAGE.count("\n", 0, found.start())
    )
    for found in FENCES.finditer(PAGE)
]


def parameter(example: Example) -> object:
    marks = [pytest.mark.slow] if "slow" in example.words else []
    return pytest.param(example, id=f"line {example.line + 1}", marks=marks)


@pytest.mark.parametrize("example", [parameter(example) for example in EXAMPLES])
async def test_an_example_comes_to_what_the_page_says(example: Example) -> None:
    assert await outcome_of(example) == example.outcome


async def outcome_of(example: Example) -> list[str]:
    problems = problems_in(example)
    if "refused" in example.words:
        return [f"{problem.line}:{problem.col} {problem.message}" for problem in problems]
    assert problems == []
    if "processing" in example.words:
        return await order_of(example.text)
    mode = Mode.SERIAL if "serial" in example.words else Mode.PARALLEL
    return await told(example.text, mode, 0 if "strict" in example.words else "100%")


def problems_in(example: Example) -> list[Problem]:
    return problems_of(example.text, processing="processing" in example.words)


def test_every_code_block_is_an_example_that_is_run() -> None:
    assert len(EXAMPLES) == PAGE.count("```python") >= 50
    assert PAGE.count("```") == 4 * len(EXAMPLES)
    assert {word for example in EXAMPLES for word in example.words} == {
        "processing", "refused", "serial", "slow", "strict",
    }  # fmt: skip


@pytest.mark.parametrize("word", sorted(STEPS | ENDINGS | ORDERING | EXECUTION_NAMES))
def test_every_word_of_the_language_has_its_place_and_an_example(word: str) -> None:
    used = re.compile(rf"\b{word}\b")
    assert any(used.search(example.text) for example in EXAMPLES if "refused" not in example.words)
    assert re.search(rf"^\| (?:`\w+`, )?`{word}[`(]", PAGE, re.MULTILINE), f"{word} is in no table"


def test_every_built_in_name_and_module_is_told() -> None:
    told_words = set(re.findall(r"`(\w+)`", FENCES.sub("", PAGE)))
    assert told_words >= BUILTINS | MODULES


@pytest.mark.parametrize("word", sorted({word for word, _ in UNSUPPORTED.values()}))
def test_everything_that_is_not_there_is_told(word: str) -> None:
    assert f"| `{word}` |" in PAGE


def codes() -> set[str]:
    """Every code that the check's modules give to a problem."""
    sources = "".join(path.read_text() for path in (ROOT / "flows" / "script").glob("*.py"))
    given = re.findall(r"""problem\(\s*[\w.\[\]]+(?:\([^)]*\))?,\s*f?"([a-z_{}]+)",""", sources)
    made = re.findall(r"""Problem\((?:max\(\w+, 1\)|\w+), (?:max\(\w+, 1\)|\w+), "([a-z_]+)",""", sources)
    return {code.replace("{kind}", kind) for code in given + made for kind in ("task", "flow")}


def test_every_code_of_a_problem_is_told() -> None:
    found = codes()
    assert len(found) >= 24
    assert {code for code in found if f"`{code}`" not in PAGE} == set()
    shown = {problem.code for example in EXAMPLES for problem in problems_in(example)}
    assert found - shown == {"too_large", "too_deep", "step_unplaced"}, "these need scripts that nobody wants to read"
