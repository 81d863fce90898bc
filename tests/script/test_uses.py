"""Where scripts name a task or a flow, and how they are rewritten for another name."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.script.problem import Unreadable
from flows.script.uses import Given, NotRewritable, Use, given_in, uses_in, with_other_name

SCRIPT = """\
# Stop is not 'Stop' here
run_task('Stop')  # run_task('Stop')
note = 'Stop'
if run_task("Stop" if current == last else 'Start')['ok']:
    run_flow('Stop')
    log(f"said {run_task('Stop')['output']}")
"""


def test_uses_are_told_with_their_lines_and_step_numbers() -> None:
    assert uses_in(SCRIPT, "run_task", "Stop") == [Use(2, 1), Use(4, 2), Use(6, 4)]
    assert uses_in(SCRIPT, "run_flow", "Stop") == [Use(5, 3)]
    assert uses_in(SCRIPT, "run_task", "Start") == [Use(4, 2)]
    assert uses_in("", "run_task", "Stop") == []
    with pytest.raises(Unreadable):
        uses_in("run_task('Stop'", "run_task", "Stop")


def test_what_a_call_gives_is_known_as_far_as_it_is_plain() -> None:
    text = "run_flow('A', check=False, a=1, b=[x])\nrun_flow('A', **more)\nrun_flow('A' if x else 'B', c='d')\n"
    assert given_in(text, "run_flow", "A") == [
        Given(1, {"a": 1}, frozenset({"b"})),
        Given(3, {"c": "d"}, frozenset()),
    ]


def test_a_name_is_replaced_where_it_is_called_and_nowhere_else() -> None:
    assert with_other_name(SCRIPT, "run_task", "Stop", "Halt it") == (
        "# Stop is not 'Stop' here\n"
        "run_task('Halt it')  # run_task('Stop')\n"
        "note = 'Stop'\n"
        "if run_task(\"Halt it\" if current == last else 'Start')['ok']:\n"
        "    run_flow('Stop')\n"
        "    log(f\"said {run_task('Halt it')['output']}\")\n"
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("run_task('Stop')\r\nlog('ä')\r\nrun_task( 'Stop' )\r", "run_task('New')\r\nlog('ä')\r\nrun_task( 'New' )\r"),
        ("ü = 'é'; run_task('Stop', x='Stop')", "ü = 'é'; run_task('New', x='Stop')"),
        ("run_task('St' 'op')", "run_task('New')"),
        ("run_task('''Stop''')", "run_task('New')"),
        ("run_task(r'Stop')", "run_task('New')"),
        ("run_task(u'Stop')", "run_task('New')"),
        ('run_task("S\\x74op")', 'run_task("New")'),
        ("run_task('Other')", "run_task('Other')"),
        ("run_task(name)\nrun_task('Stop' + x)", "run_task(name)\nrun_task('Stop' + x)"),
    ],
)
def test_every_way_to_write_a_text_is_found_and_the_rest_keeps_its_bytes(script: str, expected: str) -> None:
    assert with_other_name(script, "run_task", "Stop", "New") == expected


def test_a_script_that_cannot_be_read_is_left_alone() -> None:
    with pytest.raises(NotRewritable):
        with_other_name("run_task('Stop'", "run_task", "Stop", "New")


def test_a_name_that_cannot_stand_in_an_f_string_is_refused() -> None:
    with pytest.raises(NotRewritable):
        with_other_name("log(f\"{run_task('Stop')}\")", "run_task", "Stop", "It's \\ new")


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(old=NAMES, new=NAMES, quote=st.sampled_from("'\""), before=st.sampled_from(["", "# ä\n", "x = 'ö'\r\n"]))
def test_any_name_becomes_any_other_and_comes_back(old: str, new: str, quote: str, before: str) -> None:
    def literal(name: str) -> str:
        return quote + name.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote

    script = f"{before}run_task({literal(old)}, a=1)\n"
    changed = with_other_name(script, "run_task", old, new)
    assert changed == f"{before}run_task({literal(new)}, a=1)\n"
    assert with_other_name(changed, "run_task", new, old) == script
    ast.parse(changed)
