"""Every rule of the semantics has a test that names it, in its name, its docstring or a comment."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
#: The rules of the semantics, R1 to R44, but those that are not built yet: drain, terminating for a cancel, continuing,
#: re-running and locks.
NOT_BUILT = frozenset({33, 34, 38, 39, 41})
RULES = tuple(f"R{number}" for number in range(1, 45) if number not in NOT_BUILT)
#: A rule (R7, or r7 in a name), or all from one to another (R22-R24).
NAMED = re.compile(r"(?<![A-Za-z0-9])[Rr](\d+)(?:-[Rr](\d+))?(?![A-Za-z0-9])")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def rules_in(text: str) -> set[str]:
    """The rules that a text names."""
    found = set()
    for first, last in NAMED.findall(text.replace("_", " ")):
        found |= {f"R{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def words_of(function: Function, lines: list[str]) -> str:
    """A function's name, docstring and comments, those directly above it too: what a test says of itself."""
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    above = takewhile(lambda line: line.startswith("#"), (line.lstrip() for line in reversed(lines[: first - 1])))
    own = "\n".join(lines[first - 1 : function.end_lineno]) + "\n"
    return "\n".join([function.name, ast.get_docstring(function) or "", *above, *comments(own)])


def comments(text: str) -> Iterator[str]:
    """The comments of Python text that may begin indented."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.string
    except (IndentationError, tokenize.TokenError):
        return


def read_tests(text: str) -> Iterator[tuple[str, set[str]]]:
    """Each test function of a module with the rules that it names."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and node.name.startswith("test_"):
            yield node.name, rules_in(words_of(node, lines))


def test_every_rule_has_a_test_that_names_it() -> None:
    named: set[str] = set()
    for path in sorted(TESTS.rglob("test_*.py")):
        if path != Path(__file__):
            named |= {rule for _, rules in read_tests(path.read_text()) for rule in rules}
    missing = [rule for rule in RULES if rule not in named]
    assert not missing, f"no test names {', '.join(missing)}: prove it, and name it in the test's name or docstring"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("def test_r7_a_run() -> None: ...", {"R7"}),
        ("def test_r10_r12_a_run() -> None: ...", {"R10", "R12"}),
        ('async def test_a_run() -> None:\n    """R2, R4-R6: so it is."""', {"R2", "R4", "R5", "R6"}),
        ("# R3\n@mark\ndef test_a_run() -> None:\n    go()  # as R9 says", {"R3", "R9"}),
        ("class Tests:\n    def test_it(self) -> None:\n        # R8\n        go()", {"R8"}),
        ("# R3\n\ndef test_a_run() -> None: ...", set()),
        ("def test_a_run() -> None:\n    assert go() == 'A1 R2 B1'", set()),
    ],
)
def test_a_test_names_rules_in_its_name_docstring_and_comments_not_in_its_values(text: str, rules: set[str]) -> None:
    assert [named for _, named in read_tests(text)] == [rules]


def test_only_tests_count() -> None:
    assert not list(read_tests('def a_referee() -> None:\n    """R7."""'))
