"""Step sites, their loops, and what happens when they fail (R15, R19, R29)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.script.analysis import Site, analyse
from flows.script.problem import Unreadable


def sites(text: str) -> tuple[Site, ...]:
    return analyse(text).sites


def test_r15_sites_are_numbered_by_where_their_calls_end() -> None:
    text = "x = run_task('outer', a=run_task('inner')) if run_task('test') else run_task('other')\nlog('é'); sleep(1)\n"
    found = sites(text)
    assert [site.number for site in found] == [1, 2, 3, 4, 5, 6]
    assert [site.literal for site in found] == ["inner", "outer", "test", "other", "é", None]
    assert [(site.line, site.col, site.end_line, site.end_col) for site in found[4:]] == [(2, 1, 2, 9), (2, 11, 2, 19)]


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        (
            "for x in run_task('i'):\n    run_task('a')\n    run_task('b')\nelse:\n    run_task('e')",
            [(), (2,), (2,), ()],
        ),
        ("while run_task('t'):\n    run_task('a')\nelse:\n    run_task('e')", [(1,), (1,), ()]),
        ("for x in y:\n    while z:\n        run_task('a')\n    run_task('b')", [(1, 1), (1,)]),
        ("for x in y:\n    run_task('a')\n    for z in run_task('b'):\n        run_task('c')", [(1,), (1,), (1, 3)]),
        ("y = [x for x in run_task('a')]", [()]),
    ],
)
def test_r19_loops_are_named_by_their_first_site(text: str, loops: list[tuple[int, ...]]) -> None:
    assert [site.loops for site in sites(text)] == loops


@pytest.mark.parametrize("caught", ["StepFailed", "Exception", "(KeyError, StepFailed)"])
def test_r29_only_the_body_of_a_try_is_caught_by_it(caught: str) -> None:
    text = (
        f"try:\n    run_task('body')\nexcept {caught}:\n    run_task('handler')\nelse:\n    run_task('else')\n"
        "finally:\n    run_task('finally')"
    )
    assert [(site.caught, site.in_finally) for site in sites(text)] == [
        (True, False),
        (False, False),
        (False, False),
        (False, True),
    ]


def test_r29_any_enclosing_try_catches_and_others_do_not() -> None:
    text = (
        "try:\n    try:\n        run_task('a')\n    except KeyError:\n        run_task('b')\n    finally:\n"
        "        run_task('c')\nexcept StepFailed:\n    pass\ntry:\n    run_task('d')\nexcept ValueError:\n    pass"
    )
    assert [site.caught for site in sites(text)] == [True, True, True, False]
    assert [site.in_finally for site in sites(text)] == [False, False, True, False]


def test_r29_a_handler_that_names_a_variable_may_catch_a_step() -> None:
    text = "E = (KeyError, StepFailed)\ntry:\n    run_task('a')\nexcept E:\n    pass"
    assert [site.caught for site in sites(text)] == [True]


def test_a_result_is_used_unless_the_call_is_a_statement() -> None:
    assert [site.uses_result for site in sites("run_task('a')\nx = run_task('b')\nrun_task('c')['ok']")] == [
        False,
        True,
        True,
    ]


def test_sites_in_f_strings_stand_where_they_are_written() -> None:
    text = """print(f"é {run_task('A')} {{run_task}} {run_task('A')!r:>{run_task('B')}} "
  f'''{
   run_task("é", x=f"{run_task('Q')}") }''' 'x{run_task')"""
    found = [(site.line, site.col, site.end_line, site.end_col, site.literal) for site in sites(text)]
    assert found == [
        (1, 12, 1, 25, "A"),
        (1, 41, 1, 54, "A"),
        (1, 59, 1, 72, "B"),
        (3, 23, 3, 36, "Q"),
        (3, 4, 3, 39, "é"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'f\'{run_task("a") != 3} {run_task("b")=} {run_task("c")=!r}\'',
        "rf'\\N{run_task(\"a\")}' f'\\N{BULLET}{run_task(\"b\")}' F\"{ {'k': run_task('c')}['k'] }\"",
        "f'{3:{\"}\"}>10}{run_task(\"a\")}' f\"{2:{'{'}>1{run_task('b')}}{run_task('c')}\"",
        "f'{x:%Y {run_task(\"a\")}}' '{no}' f\"{run_task('b')}\" f'''{run_task('c')\n}'''",
        'f\'{(lambda: 1)()} {run_task("a"):{3}} {[run_task("b")][0]}{run_task("c")}\'',
    ],
)
def test_hard_f_strings_are_read_right(text: str) -> None:
    lines = text.encode().split(b"\n")
    assert [site.literal for site in sites(text)] == ["a", "b", "c"]
    for site in sites(text):
        assert lines[site.line - 1].decode()[site.col - 1 :].startswith("run_task(")


def test_misplaced_steps_are_no_sites() -> None:
    text = (
        "def f(x=run_task('a')):\n    run_task('b')\ng = lambda: run_task('c')\n"
        "h = [run_task('d') for i in run_task('first') if run_task('e')]\nclass C:\n    run_task('f')"
    )
    assert [site.literal for site in sites(text)] == ["first"]


def test_line_ends_of_other_systems_count_once() -> None:
    assert [site.line for site in sites("log('a')\r\nlog('b')\rlog('c')")] == [1, 2, 3]


def test_a_text_that_is_no_script_says_why() -> None:
    with pytest.raises(Unreadable, match=r"line 1: not valid Python 3\.11: '\(' was never closed"):
        analyse("x = (")


def test_the_largest_script_is_analysed_in_linear_time() -> None:
    text = "log('é')\n" * 6000
    started_at = time.process_time()
    assert len(sites(text)) == 6000
    assert time.process_time() - started_at < 2


@given(st.lists(st.sampled_from(["log('a')", "x = sleep(1)", "if x: log('é')", "for y in x: log(f'{log(1)}é')"])))
def test_every_site_can_be_cut_out_of_the_text(statements: list[str]) -> None:
    text = "\n".join(statements)
    lines = text.split("\n")
    for number, site in enumerate(sites(text), start=1):
        assert site.number == number
        assert lines[site.line - 1][site.col - 1 : site.end_col - 1].startswith(site.step + "(")
        assert lines[site.end_line - 1][site.end_col - 2] == ")"
