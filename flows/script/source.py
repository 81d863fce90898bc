"""A script's text and syntax tree: parsed as Python 3.11, positions from 1, slices by UTF-8 bytes, in linear time."""

import ast
from dataclasses import dataclass
from functools import cached_property, lru_cache

from flows.script.fstrings import place_expressions
from flows.script.language import MAX_NESTING, MAX_SCRIPT_BYTES
from flows.script.parsing import parse, refuse
from flows.script.problem import Problem, Unreadable


@dataclass(frozen=True)
class Source:
    """A script that parses. ``text`` has its line ends normalised to one newline."""

    text: str
    tree: ast.Module

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, those above first; what is checked asks for them many times."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines as UTF-8, each without its newline; Python's tree counts columns in these bytes."""
        return self.text.encode().split(b"\n")

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line in the UTF-8 text."""
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line) + 1
        return starts

    def offset(self, line: int, byte_col: int) -> int:
        """Where a position of the tree (line from 1, bytes from 0) stands in the UTF-8 text."""
        return self.starts[line - 1] + byte_col

    def end_offset(self, node: ast.expr) -> int:
        """Where a node ends in the UTF-8 text."""
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def text_before(self, node: ast.expr) -> bytes:
        """The line in which a node ends, up to its end."""
        return self.lines[(node.end_lineno or node.lineno) - 1][: node.end_col_offset]

    def column(self, line: int, byte_col: int) -> int:
        """The column in characters, from 1."""
        return len(self.lines[line - 1][:byte_col].decode(errors="replace")) + 1

    def position(self, node: ast.AST) -> tuple[int, int]:
        """(line, column) of a node's start, both from 1, columns in characters."""
        line, byte_col = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return line, self.column(line, byte_col)

    def end_position(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """(line, column) just after a node."""
        line, byte_col = node.end_lineno or node.lineno, node.end_col_offset or 0
        return line, self.column(line, byte_col)

    def problem(
        self, node: ast.AST, code: str, found: str, expected: str, message: str, meant: str | None = None
    ) -> Problem:
        """A problem at the node."""
        line, col = self.position(node)
        return Problem(line, col, code, found, expected, message, meant)


@lru_cache(maxsize=8)
def read(text: str) -> Source:
    """Parse a script, or raise ``Unreadable`` with the one problem that stands in the way.

    All that ask for the same text share the answer: read it, do not change it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_SCRIPT_BYTES:
        raise Unreadable(_too_large(size))
    try:
        tree = _parse(text)
    except SyntaxError as error:
        raise Unreadable(_syntax(error.lineno or 1, error.offset or 1, error.msg)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(_not_text(error)) from error
    source = Source(text, tree)
    place_expressions(tree, text.encode(), source.starts)
    return source


def _parse(text: str) -> ast.Module:
    tree = parse(text)
    deepest = _too_deep(tree)
    if deepest is not None:
        raise Unreadable(_nested(deepest))
    refuse(tree)
    return tree


def _too_deep(tree: ast.Module) -> int | None:
    """The line at which the tree is deeper than anybody writes, so that walks may recurse."""
    level: list[ast.AST] = [tree]
    for _ in range(MAX_NESTING):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return None
    return next((node.lineno for node in level if isinstance(node, ast.expr | ast.stmt)), 1)


def _too_large(size: int) -> Problem:
    found, expected = f"{size} bytes", f"at most {MAX_SCRIPT_BYTES} bytes"
    return Problem(1, 1, "too_large", found, expected, f"the script has {found}, {expected}: move parts to child flows")


def _nested(line: int) -> Problem:
    expected = f"at most {MAX_NESTING} levels"
    message = "this is nested too deeply: give parts of it a name of their own, or turn a long chain into a table"
    return Problem(line, 1, "too_deep", f"more than {MAX_NESTING} levels of syntax", expected, message)


def _syntax(line: int, col: int, text: str) -> Problem:
    return Problem(max(line, 1), max(col, 1), "syntax", text, "valid Python 3.11", f"not valid Python 3.11: {text}")


def _not_text(error: Exception) -> Problem:
    if isinstance(error, RecursionError | MemoryError):
        return _nested(1)
    return _syntax(1, 1, "the text contains characters that cannot stand in a script")
