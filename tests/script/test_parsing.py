"""Scripts are parsed by many threads of a web process at once."""

import gc
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.script.parsing import literal, parse, parse_expression

ROOT = Path(__file__).parents[2]
LONG = "x = f(1, [2, {3: 4}])\n" * 300
DEEP = "x = " + "(" * 40 + "1" + " + 1)" * 40 + "\n"


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Garbage is collected again and again, and each time the other threads go on."""

    def let_others_go_on(phase: str, _: object) -> None:
        if phase == "start":
            time.sleep(0)

    before = gc.get_threshold()
    gc.callbacks.append(let_others_go_on)
    gc.set_threshold(50)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(let_others_go_on)


@pytest.mark.usefixtures("interrupted")
def test_threads_that_parse_at_the_same_time_get_their_trees() -> None:
    with ThreadPoolExecutor(4) as pool:
        trees = list(pool.map(parse, [LONG, DEEP] * 20))
    assert [len(tree.body) for tree in trees] == [300, 1] * 20


def test_a_literal_and_an_expression_are_read_as_python_does() -> None:
    assert literal(" 'a' 'b'") == "ab"
    with pytest.raises(ValueError, match="malformed"):
        literal("a")
    with pytest.raises(SyntaxError):
        parse_expression("a = 1")


def test_nothing_else_parses() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("flows", "elements", "flowsite")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "parsing.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bast\.parse\(|(?<![.\w])compile\(|literal_eval\((?!node)", line)
    ]
    assert found == []
