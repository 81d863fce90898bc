"""Random scripts over the whole catalog, written as people do: comments, blank lines, and code of other kinds."""

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "x", "result", "é"])
TEXTS = st.sampled_from(["'a'", '"b"', "'it\\'s'", "'''t\n  u'''", "'#no'", "r'\\d'", "u'u'", "''", "'c' 'd'"])
NUMBERS = st.sampled_from(["0", "5", "-1", "0x1F", "1_0", "2.50", "1e3", "-1j"])
WORDS = st.sampled_from(["True", "False", "None", "current", "first", "last", "element", "elements", "inputs"])
CONTEXT = st.sampled_from(["element['context']['a']", "x['context']['net']['0']", "inputs['v']", "x['context']"])
OTHER = st.sampled_from(
    ["{'a': 1}", "f'{a} b'", "a.b(c)", "(a, b)", "[*a]", "a[1:]", "[i for i in a]", "(y := 1)", "a < b < c", "~a", "()"]
)
LEAVES = st.one_of(NAMES, TEXTS, NUMBERS, WORDS, CONTEXT, OTHER)
SIGNS = st.sampled_from(
    ["==", "!=", "<", ">=", "in", "not in", "is", "is not", "and", "or", "+", "-", "*", "/", "//", "%", "**", "|"]
)
CALLS = st.sampled_from(
    [
        "len({0})", "str({0})", "run_task('A', check=False, host={0})", "run_task({0})", "run_flow('F', elements={0})",
        "filter_flow_elements({0}, lambda x: {1})", "order_flow_elements({0}, lambda x: {1}, reverse=True)",
        "order_flow_elements({0}, {1})", "[{0}, {1}]", "({0})[{1}]", "not ({0})", "({0}) if ({1}) else ({0})",
        "lambda q: {0}", "({0},)",
        "get_context()[{0}]", "approve({0}, check=False)", "run_task('A', element={0})",
        "[\n  {0},  # one\n  {1}\n]", "(  # two\n  {0}\n)",
    ]
)  # fmt: skip


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds(lambda a, sign, b: f"({a}) {sign} ({b})", inner, SIGNS, inner)
    loose = st.builds(lambda a, sign, b: f"{a} {sign} {b}", LEAVES, SIGNS, LEAVES)
    return st.one_of(joined, loose, st.builds(str.format, CALLS, inner, inner))


VALUES = st.recursive(LEAVES, larger, max_leaves=5)
TRAILING = st.sampled_from(["", "", "", "  # why", " #x", "# "])
SIMPLE = st.one_of(
    st.builds(
        str.format,
        st.sampled_from(
            [
                "run_task('A', n={0})", "run_task({0})", "run_flow('F', elements={0}, check=False)", "sleep({0})",
                "log({0})", "fail({0})", "finish({0})", "finish()", "abort({0})", "approve({0}, timeout=5)",
                "set_context('a.b', {0})", "set_context({0}, {0})",
                "x = {0}", "a, b = ({0})", "x += {0}", "x: int = {0}", "x[0] = {0}",
                "order_flow_elements(elements, lambda x: {0}, reverse=False)", "filter_flow_elements({0}, keep)",
                "{0}", "x = 1; y = {0}", "log('a') ;", "x = {0};log('b'); sleep(1)", "import math", "pass",
                "if {0}: log('a'); log('b')", "while {0}: break", "x = \\\n  {0}",
            ]
        ),
        VALUES,
    ),
)  # fmt: skip
COMMENTS = st.sampled_from(["# one", "# two\n# three", "#", "#four", "   # odd place", "#  # five"])
RAW = st.sampled_from(
    [
        "def f(x):\n    '''d\n  e'''\n    # in\n    return x", "with a as b:\n    log('w')  # w",
        "@d\nclass A:\n\n    x = 1", "match a:\n    case [1, b]:\n        run_task('B')\n    case _: pass",
        "try:\n    log('t')\nexcept* ValueError: pass", "for a, (b, c) in x:\n  pass",
    ]
)  # fmt: skip
FRAMES = st.sampled_from(
    [
        ["if {0}:"], ["if {0}:", "else:"], ["if {0}:", "elif {1}:", "else:"], ["if {0}:", "elif {1}:", "elif {0}:"],
        ["for x in {0}:"], ["for a, b in {0}:", "else:"], ["for i in range({0}):"], ["while {0}:", "else :"],
        ["try:", "except StepFailed as error:"], ["try :", "except (A, B):", "else:", "finally:"], ["try:", "finally:"],
    ]
)  # fmt: skip
INDENTS = st.sampled_from(["    ", "    ", "  ", "\t"])


def with_comment(statement: str, comment: str) -> str:
    return statement + comment


LINES = st.one_of(st.builds(with_comment, SIMPLE, TRAILING), COMMENTS, RAW, st.just(""))


def shifted(text: str, by: str) -> str:
    """Indented, but for lines inside a triple-quoted string of this grammar, which begin with two spaces and a word."""
    return "\n".join(line if line == "  u'''" or line.startswith("  e'''") else by + line for line in text.split("\n"))


def framed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def frame(
        headers: list[str], bodies: list[list[str]], values: tuple[str, str], by: str, comments: list[str]
    ) -> str:
        lines = []
        for header, body, comment in zip(headers, bodies, comments, strict=False):
            lines.append(header.format(*values) + comment)
            lines.extend(shifted(line, by) for line in [*body, "log('z')"])
        return "\n".join(lines)

    bodies = st.lists(st.lists(inner, max_size=2), min_size=4, max_size=4)
    comments = st.lists(TRAILING, min_size=4, max_size=4)
    return st.builds(frame, FRAMES, bodies, st.tuples(VALUES, VALUES), INDENTS, comments)


STATEMENTS = st.recursive(LINES, framed, max_leaves=6)
TEXTS_OF_SCRIPTS = st.builds(
    lambda lines, end: "\n".join(lines) + end, st.lists(STATEMENTS, max_size=5), st.sampled_from(["", "\n", "\n\n"])
)
