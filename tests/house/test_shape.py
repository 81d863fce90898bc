"""Modules hold one idea and functions fit on a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 450
LONGEST_FUNCTION = 60


def sources() -> Iterator[Path]:
    for package in ("flowsite", "elements", "flows"):
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_module_holds_two_ideas() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := path.read_text().count("\n")) > LONGEST_MODULE
    }
    assert not long, f"longer than {LONGEST_MODULE} lines; split by idea: {long}"


def test_no_function_hides_a_missing_noun() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long, f"longer than {LONGEST_FUNCTION} lines: {long}"


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "common", "misc"])
def test_no_module_is_named_for_nothing(word: str) -> None:
    assert not [str(path.relative_to(ROOT)) for path in sources() if path.stem == word]


def test_the_engine_reads_no_clock() -> None:
    """import-linter sees modules; ``datetime.now`` and ``utcnow`` are names inside an allowed one."""
    clocks = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "flows" / "engine").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
    ]
    assert not clocks
