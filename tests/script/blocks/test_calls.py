"""Where calls stand in a text: each offset cuts out what it says, in UTF-16 units, whatever stands around it."""

import ast

import pytest
from hypothesis import given

from flows.script.analysis import analyse
from flows.script.blocks.calls import CallPlace, Range, call_places
from flows.script.source import read
from tests.script.blocks.grammar import TEXTS_OF_SCRIPTS
from tests.script.blocks.handwritten import SCRIPTS
from tests.script.blocks.test_random import assume_valid, random_scripts
from tests.script.blocks.test_stable import plain


def places(text: str) -> list[CallPlace]:
    return call_places(read(text), text)


def cut(text: str, start: int, end: int) -> str:
    """``text.slice(start, end)`` as a browser does it."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def told(text: str) -> list[tuple[str, list[str], str]]:
    """Of each call: itself, its arguments from their keywords on, its statement."""
    return [
        (
            cut(text, place.whole.start, place.whole.end),
            [cut(text, one.value.start if one.begins is None else one.begins, one.value.end) for one in place.args],
            cut(text, place.statement.start, place.statement.end),
        )
        for place in places(text)
    ]


def test_a_call_is_told_with_its_arguments_and_its_statement() -> None:
    text = "x = 1\nif x:\n    ready = run_task('A', check=False, n = 1)['ok']\n"
    [place] = places(text)
    assert told(text) == [
        (
            "run_task('A', check=False, n = 1)",
            ["'A'", "check=False", "n = 1"],
            "ready = run_task('A', check=False, n = 1)['ok']",
        )
    ]
    assert [(one.name, one.code) for one in place.args] == [(None, "'A'"), ("check", "False"), ("n", "1")]
    assert place.to_json()["close"] == place.whole.end - 1
    assert "from" not in place.args[0].to_json()


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("run_task('A')", ["'A'"]),
        ("get_context()", []),
        ("run_task('A',)", ["'A'"]),
        ("run_task ('A', x=1 , )", ["'A'", "x=1"]),
        ("run_task(('A'), x=(1, 2), y=(((3))))", ["('A')", "x=(1, 2)", "y=(((3)))"]),
        ("run_task(*names, **inputs)", ["*names", "**inputs"]),
        ("run_task(\n  'A',  # which, (one)\n  x=[  # two\n   1],\n)", ["'A'", "x=[  # two\n   1]"]),
        ("run_task('A', x = # why\n 1)", ["'A'", "x = # why\n 1"]),
        ("run_task('A', \\\n  x=1)", ["'A'", "x=1"]),
        ("run_task('a' 'b', x=lambda y, z: (y, z), w={1: 2})", ["'a' 'b'", "x=lambda y, z: (y, z)", "w={1: 2}"]),
        ("(run_task)('A')", ["'A'"]),
        ("run_task('😀é', x='☃')", ["'😀é'", "x='☃'"]),
    ],
)
@pytest.mark.parametrize("before", ["", "y = '😀'; ", "# é\r\n\r\n", "if a:\r  "])
def test_every_way_of_calling_is_told(call: str, arguments: list[str], before: str) -> None:
    text = f"{before}{call}\n"
    assert told(text) == [(call, arguments, call)]


def test_windows_line_ends_count_as_two() -> None:
    text = "log('a')\r\nrun_task(\r\n  'B',\r\n  x=1)\r\n"
    assert told(text) == [
        ("log('a')", ["'a'"], "log('a')"),
        ("run_task(\r\n  'B',\r\n  x=1)", ["'B'", "x=1"], "run_task(\r\n  'B',\r\n  x=1)"),
    ]


def test_calls_in_other_calls_and_in_headers_are_told_too() -> None:
    text = "while run_task('A', x=(get_context()['a']))['ok']:\n    log(f\"é{run_task('B', n=(1))['ok']}\")\n"
    whole = text.rstrip()
    inner = whole.split("\n    ")[1]
    assert told(text) == [
        ("get_context()", [], whole),
        ("run_task('A', x=(get_context()['a']))", ["'A'", "x=(get_context()['a'])"], whole),
        ("run_task('B', n=(1))", ["'B'", "n=(1)"], inner),
        (inner, [inner[4:-1]], inner),
    ]


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_each_place_of_a_written_script_is_a_call_of_its_site(text: str) -> None:
    check(text)


@random_scripts
@given(TEXTS_OF_SCRIPTS)
def test_each_place_of_a_random_script_is_a_call_of_its_site(text: str) -> None:
    assume_valid(text)
    check(text)


def check(text: str) -> None:
    found = places(text)
    sites = analyse(text).sites
    assert len(found) == len(sites)
    for place, site in zip(found, sites, strict=True):
        assert cut(text, place.whole.end - 1, place.whole.end) == ")"
        code = cut(text, place.whole.start, place.whole.end)
        call = ast.parse(f"({code})", mode="eval").body
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        assert call.func.id == site.step
        inside(place.whole, place.statement)
        assert again(text, place, site.step) == dumped(code)


def again(text: str, place: CallPlace, step: str) -> str:
    """The call put together from what its arguments are told to be; positional ones first, as Python wants them."""
    arguments = [
        f"{one.name}=({cut(text, one.value.start, one.value.end)}\n)" if one.name else cut(text, *ends(one.value))
        for one in place.args
    ]
    for one in place.args:
        inside(one.value, place.whole)
        assert one.begins is None or cut(text, one.begins, one.value.end).startswith(str(one.name))
        assert one.code == cut(text, *ends(one.value)).replace("\r\n", "\n").replace("\r", "\n")
    return dumped(f"{step}({', '.join(argument + chr(10) for argument in arguments)})")


def inside(inner: Range, outer: Range) -> None:
    assert outer.start <= inner.start <= inner.end <= outer.end


def ends(place: Range) -> tuple[int, int]:
    return place.start, place.end


def dumped(code: str) -> str:
    return ast.dump(plain(f"({code}\n)"))
