"""Random scripts over the whole catalog, written as people do: comments, blank lines, and code of other kinds."""

from hypothesis import strategies as st

from flows.script.blocks.catalog import ROWS
from flows.script.blocks.holes import HOLE, Kind
from flows.script.blocks.pattern import Pattern

NAMES = ["a", "x", "result", "é"]
TEXTS = ["'a'", '"b"', "'it\\'s'", "'''t\n  u'''", "'#no'", "r'\\d'", "u'u'", "''", "'c' 'd'"]
NUMBERS = ["0", "5", "-1", "0x1F", "1_0", "2.50", "1e3", "-1j"]
WORDS = ["True", "False", "None", "current", "first", "last", "element", "elements", "inputs", "get_context()"]
KNOWN = [
    "element['context']['a']", "x['context']['net']['0']", "inputs['v']", "x['context']", "element['name']",
    "x['output']", "run['id']", "run['started_at']", "current == first", "current != last", "first == current",
]  # fmt: skip
OTHER = [
    "{1: 2}", "{**a}", "f'{a!r} b'", "f'{a:>{b}}'", "a.b(c)", "(a, b)", "[*a]", "a[1:2, 3]", "{i for i in a}",
    "(y := 1)", "a < b < c", "~a", "()", "b'a'", "...", "lambda: 1", "f'{f\"{a}\"}'", "+a", "a[::2]", "x.y", "f(*a)",
    "[i for i in a if b if c]", "f(a=1)", "f'''{a}\n  e'''", "{'a': 1, **b}", "x['']['context']", "a[1:][:1]",
]  # fmt: skip
LEAVES = st.one_of([st.sampled_from(leaves) for leaves in (NAMES, TEXTS, NUMBERS, WORDS, KNOWN, OTHER)])
SIGNS = [
    "==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "and", "or", "+", "-", "*", "/", "//", "%",
    "**", "|",
]  # fmt: skip
STEP_VALUES = [
    "run_task('A')", "run_task('A', check=False, host={0})", "run_task('A', element={0})", "run_task({0})",
    "run_flow('F')", "run_flow('F', elements={0})", "run_flow({0}, a={1})", "approve({0}, check=False)",
    "get_context()[{0}]",
]  # fmt: skip
ELEMENT_VALUES = [
    "filter_flow_elements({0}, lambda x: {1})", "order_flow_elements({0}, lambda x: {1}, reverse=True)",
    "order_flow_elements({0}, lambda x: ({1}, {0}), reverse=False)", "order_flow_elements({0}, lambda q: {1})",
    "order_flow_elements({0}, {1})", "filter_flow_elements({0}, {1})", "order_flow_elements({0}, {1}, reverse=True)",
    "lambda q: {0}", "({0})['context']['a']['b']", "({0})['address']", "({0})['ok']",
]  # fmt: skip
PLAIN_VALUES = [
    "len({0})", "str({0})", "int({0})", "float({0})", "round({0})", "abs({0})", "round({0}, {1})", "-({0})",
    "not ({0})", "({0}).upper()", "({0}).lower()", "({0}).strip()", "({0}).replace({1}, {0})", "({0}).startswith({1})",
    "({0}).endswith({1})", "({0}).join({1})", "({0}).split({1})", "({0}).split()", "({0}).splitlines()",
    "[{0}, {1}]", "({0})[{1}]", "({0})[-({1}):]", "({0})[:{1}]", "({0})[{1}:]", "({0})[{1}:{0}]", "({0})[::-1]",
    "{{'a': {0}, \"b c\": {1}}}", "{{}}", "({0}).get({1})", "({0}).get({1}, {0})", "({0}).keys()", "({0}).values()",
    "({0}).items()", "({0}) if ({1}) else ({0})", "({0},)", "sum({0})", "min({0})", "max({0})", "min({0}, {1})",
    "max({0}, {1}, 3)", "sorted({0})", "sorted({0}, reverse=False)", "sorted({0}, reverse=True)",
    "sorted({0}, key=lambda q: {1})", "sorted({0}, key=lambda q: {1}, reverse=True)", "[{0} for q in ({1})]",
    "[{0} for p, q in ({1}) if ({0})]", "any({0} for q in ({1}))", "all({0} for q in ({1}))",
    "sum({0} for q in ({1}))", "{{{0}: {1} for q in ({0})}}", "range({0})", "range({0}, {1})", "enumerate({0})",
    "list({0})", "f({0})", "zip({0}, {1})", "[\n  {0},  # one\n  {1}\n]", "(  # two\n  {0}\n)",
    "{{\n 'a': {0}, # c\n}}",
]  # fmt: skip


FILLED = {
    Kind.VALUE: "({0})", Kind.ITEMS: "{0}, {1}", Kind.KEYWORDS: "k={0}", Kind.ENTRIES: "'k': {0}", Kind.PIECES: "a",
    Kind.NAME: "q", Kind.CALLEE: "f", Kind.TARGET: "p, q", Kind.TEXT: "'a'", Kind.PATH: "'a'", Kind.NUMBER: "7",
    Kind.CODE: "{0}",
}  # fmt: skip


def template(pattern: Pattern) -> str:
    """A pattern of the catalog to be filled with two values: what is added to the table is tried at once."""
    parts, at = [], 0
    for hole in HOLE.finditer(pattern.text):
        parts += [pattern.text[at : hole.start()].replace("{", "{{").replace("}", "}}"), hole.group(1) or ""]
        kind = pattern.kinds[hole.group(3)]
        between = " and ({1}) and " if " and " in pattern.text else " or ({1}) or "
        parts.append(f"({{0}}){between}({{0}})" if kind is Kind.ITEMS and not hole.group(2) else FILLED[kind])
        at = hole.end()
    return "".join(parts) + pattern.text[at:].replace("{", "{{").replace("}", "}}")


def templates(shape: str) -> list[str]:
    others = ("raw", "comment", "break", "continue", "return")
    rows = [row for row in ROWS if row.shape == shape and not row.has_body and not row.type.startswith(others)]
    return [template(pattern) for row in rows for pattern in row.patterns.values()]


CALLS = st.sampled_from([*STEP_VALUES, *ELEMENT_VALUES, *PLAIN_VALUES, *templates("value")])
PIECES = [
    "a", "x + 1", "element['name']", "result['output'].strip()", "len(elements)", "(a, b)", "{'b': 1}['b']", "-1",
    "a if b else c", "x != y", "(lambda q: q)(1)", "run_task('A')['ok']", "str(a)", "a['b c']", "[1][0]", "'t'",
]  # fmt: skip
PIECE_TEXTS = ["", "a ", " of ", "{{}}", "\\n", "it's ", "é☃", "# no", ": "]


def f_string(parts: list[tuple[str, str]], quote: str) -> str:
    said = "".join(f"{text}{{{' ' if piece[0] == '{' else ''}{piece}}}" for text, piece in parts)
    return f"f{quote}{said}{quote}"


F_STRINGS = st.builds(
    f_string,
    st.lists(st.tuples(st.sampled_from(PIECE_TEXTS), st.sampled_from(PIECES)), max_size=3),
    st.sampled_from(['"', '"""']),
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds(lambda a, sign, b: f"({a}) {sign} ({b})", inner, st.sampled_from(SIGNS), inner)
    loose = st.builds(lambda a, sign, b: f"{a} {sign} {b}", LEAVES, st.sampled_from(SIGNS), LEAVES)
    called = st.builds(str.format, CALLS, inner, inner)
    return st.one_of(joined, loose, called, called)


VALUES = st.recursive(st.one_of(LEAVES, LEAVES, F_STRINGS), larger, max_leaves=5)
TRAILING = st.sampled_from(["", "", "", "  # why", " #x", "# "])
STEP_STATEMENTS = [
    "run_task('A', n={0})", "run_task({0})", "run_flow('F', elements={0}, check=False)", "run_flow({0})", "sleep({0})",
    "log({0})", "fail({0})", "finish({0})", "finish()", "abort({0})", "approve({0}, timeout=5)",
    "set_context('a.b', {0})", "set_context({0}, {0})",
]  # fmt: skip
ORDER_STATEMENTS = [
    "order_flow_elements(elements, lambda x: {0}, reverse=False)", "order_flow_elements(elements, lambda é: {0})",
    "order_flow_elements(elements, lambda x: ({0}, {0}), reverse=True)", "filter_flow_elements({0}, keep)",
    "filter_flow_elements(elements, lambda x: {0})", "order_flow_elements({0}, f, reverse=True)",
    "elements = elements[:{0}]", "elements.reverse()",
]  # fmt: skip
PLAIN_STATEMENTS = [
    "x = {0}", "a, b = ({0})", "x += {0}", "x **= {0}", "x[{0}] = {0}", "x['a'] //= {0}", "x['a']['b'] = {0}",
    "x.append({0})", "x.extend({0})", "x.remove({0})", "f({0})", "g()", "assert {0}", "assert {0}, {0}", "pass",
    "raise ValueError({0})", "raise ({0})",
]  # fmt: skip
UNKNOWN_STATEMENTS = [
    "x: int = {0}", "x = y = {0}", "x.y = {0}", "{0}", "x = 1; y = {0}", "log('a') ;", "x = {0};log('b'); sleep(1)",
    "import math", "if {0}: log('a'); log('b')", "while {0}: break", "x = \\\n  {0}", "x |= {0}", "sleep(seconds={0})",
    "x.y({0})", "def f(): return {0}",
]  # fmt: skip
SIMPLE = st.builds(
    str.format,
    st.sampled_from(
        [*STEP_STATEMENTS, *ORDER_STATEMENTS, *PLAIN_STATEMENTS, *UNKNOWN_STATEMENTS, *templates("statement")]
    ),
    VALUES,
    VALUES,
)
COMMENT_LINES = ["# one", "# two\n# three", "#", "#four", "   # odd place", "#  # five"]
RAW = st.sampled_from(
    [
        "def f(x, y=1):\n    '''d\n  e'''\n    # in\n    return x", "with a as b:\n    log('w')  # w",
        "@d\nclass A:\n\n    x = 1", "match a:\n    case [1, b]:\n        run_task('B')\n    case _: pass",
        "try:\n    log('t')\nexcept* ValueError: pass", "for a, (b, c) in x:\n  pass",
    ]
)  # fmt: skip
FRAME_LISTS = [
    ["if {0}:"], ["if {0}:", "else:"], ["if {0}:", "elif {1}:", "else:"], ["if {0}:", "elif {1}:", "elif {0}:"],
    ["for x in {0}:"], ["for a, b in {0}:", "else:"], ["for i in range({0}):"], ["for i in range({0}):", "else:"],
    ["while {0}:", "else :"], ["try:", "except StepFailed as error:"], ["try :", "except (A, B):", "else:", "finally:"],
    ["try:", "finally:"], ["def f():"], ["def f( x, y ) :"],
]  # fmt: skip
FRAMES = st.sampled_from(FRAME_LISTS)
LEAVING = {"for": ["break", "continue"], "while": ["continue", "break"], "def": ["return", "return x", "return (1, 2)"],
           "except": ["raise", "raise error"]}  # fmt: skip
INDENTS = st.sampled_from(["    ", "    ", "  ", "\t"])


def with_comment(statement: str, comment: str) -> str:
    return statement + comment


LINES = st.one_of(st.builds(with_comment, SIMPLE, TRAILING), st.sampled_from(COMMENT_LINES), RAW, st.just(""))


def shifted(text: str, by: str) -> str:
    """Indented, but for lines inside a triple-quoted string of this grammar, which begin with two spaces and a word."""
    return "\n".join(line if line == "  u'''" or line.startswith("  e'''") else by + line for line in text.split("\n"))


def framed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def frame(
        headers: list[str], bodies: list[list[str]], values: tuple[str, str], by: str, comments: list[str], last: int
    ) -> str:
        lines = []
        for header, body, comment in zip(headers, bodies, comments, strict=False):
            lines.append(header.format(*values) + comment)
            ends = ["log('z')", *LEAVING.get(header.split()[0].rstrip(":"), [])]
            lines.extend(shifted(line, by) for line in [*body, ends[last % len(ends)]])
        return "\n".join(lines)

    bodies = st.lists(st.lists(inner, max_size=2), min_size=4, max_size=4)
    comments = st.lists(TRAILING, min_size=4, max_size=4)
    return st.builds(frame, FRAMES, bodies, st.tuples(VALUES, VALUES), INDENTS, comments, st.integers(0, 5))


STATEMENTS = st.recursive(LINES, framed, max_leaves=6)
TEXTS_OF_SCRIPTS = st.builds(
    lambda lines, end: "\n".join(lines) + end, st.lists(STATEMENTS, max_size=5), st.sampled_from(["", "\n", "\n\n"])
)
