"""The rewritten script does what the author's does, and tells of errors before any ``finally`` (R15, R29).

Random scripts run twice in plain Python: as written, and rewritten with stand-ins for what the host answers.
"""

import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.script.analysis import sites_of
from flows.script.rewrite import Rewritten, rewrite
from flows.script.source import read

ERRORS = ["ValueError", "KeyError", "StepFailed", "ArithmeticError"]


class StepFailed(Exception):
    """Stands for the sandbox's."""


def rewritten(text: str) -> Rewritten:
    source = read(text)
    return rewrite(source, sites_of(source))


def block(*parts: str) -> str:
    return "\n".join(parts)


def indented(text: str) -> str:
    return textwrap.indent(text, "    ")


SIMPLE = st.sampled_from(["log('a')", "x = log('é'); log('b')", "log('''m\n  n''')", "pass  # finally"])
RAISING = st.sampled_from([f"raise {error}('r')" for error in ERRORS] + ["if flip(): raise KeyError('k')"])
QUIET = st.lists(SIMPLE, min_size=1, max_size=2).map("\n".join)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map("\n".join).map(indented)
    handled = st.builds(
        lambda tried, error, handler, last: block(
            "try:", tried, f"except {error}:", handler, *(["finally:", last] if last else [])
        ),
        body,
        st.sampled_from([*ERRORS, "Exception", "(KeyError, StepFailed)"]),
        body,
        st.none() | QUIET.map(indented),
    )
    unhandled = st.builds(lambda tried, last: block("try:", tried, "finally:", last), body, QUIET.map(indented))
    branch = st.builds(lambda a, b: block("if flip():", a, "elif flip():", b), body, body)
    loop = st.builds(lambda a: block("for i in range(2):", a), body)
    return st.one_of(handled, unhandled, branch, loop, inner)


SCRIPTS = st.recursive(SIMPLE | RAISING, compound, max_leaves=12)


def play(text: str, steps: dict[str, Callable[..., Any]], flips: list[bool]) -> str:
    """How the script ended: the name of the exception, or ''."""
    left = list(flips)
    names = {"StepFailed": StepFailed, "flip": lambda: left.pop() if left else False, **steps}
    try:
        exec(compile(text, "<script>", "exec"), names)
    except (ValueError, KeyError, ArithmeticError, StepFailed) as error:
        return type(error).__name__
    return ""


@given(SCRIPTS, st.lists(st.booleans(), max_size=8))
def test_r29_a_rewritten_script_does_the_same_and_tells_of_errors_in_time(text: str, flips: list[bool]) -> None:
    plain: list[Any] = []
    end = play(text, {"log": plain.append}, flips)

    traced: list[Any] = []
    told: list[tuple[int, str]] = []
    changed = rewritten(text)
    source = read(text)
    steps: dict[str, Any] = {f"log__{site.number}": traced.append for site in sites_of(source)}
    keep = {"__isinstance": isinstance, "__type": type, "__str": str}
    steps |= keep | {"__uncaught": lambda line, kind, message: told.append((line, kind)), "__at": 0}

    assert play(changed.text, steps, flips) == end
    assert traced == plain
    assert {kind for _, kind in told} <= {end}
    assert len(changed.lines) == changed.text.count("\n") + 1
    assert list(changed.lines) == sorted(changed.lines)
    # Only the first telling counts: a later one comes from further out, after a `finally`.
    assert all("raise" in source.text.split("\n")[line - 1] for line, _ in told[:1])


@pytest.mark.parametrize(
    "text",
    [
        "try:\n\tlog('a')\nexcept KeyError:\n\tlog('b')\nfinally:\n\tif x:\n\t\tlog('c')",
        "if x:\n    try: log('a')\n    except KeyError: log('b')\n    finally: log('c')\nelse: log('d')",
        "try:\n    x = [\n1,\n  2]\n    # note\n\n    y = '''\nz'''\nexcept KeyError as e:\n    1\nfinally:\n    z = 1",
        "@log\ndef f(a,\n  b): return a\nclass C: pass\nwith x as y: log('a')\nmatch x:\n    case 1: log('b')",
        "try:\n    try:\n        pass\n    except E: pass\n    finally: pass\nexcept F: pass\nfinally:\n    pass",
    ],
)
def test_rewritten_scripts_parse_and_every_line_knows_its_own(text: str) -> None:
    changed = rewritten(text)
    compile(changed.text, "<script>", "exec")
    original = text.split("\n")
    for line, number in zip(changed.text.split("\n"), changed.lines, strict=True):
        assert original[number - 1].strip() in line or "__" in line or line.strip() == "try:"
