"""A flow's script made ready for the sandbox: its text with the prelude, its sites, and the way back to its lines."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.script import prelude
from flows.script.analysis import Site, sites_of
from flows.script.language import ORDERING
from flows.script.mentions import Reads, reads_elements, whole_mentions
from flows.script.rewrite import rewrite
from flows.script.source import Source, read


@dataclass(frozen=True, slots=True)
class Program:
    """``elements`` says when the script must be given the list of all elements."""

    code: str
    sites: tuple[Site, ...]
    elements: Reads
    source: Source
    prelude_lines: int
    lines: tuple[int, ...]

    def source_line(self, lines: Sequence[int]) -> int | None:
        """The author's innermost line among the lines of a traceback, whose innermost is last."""
        own = [line - self.prelude_lines for line in lines if line > self.prelude_lines]
        return self.lines[own[-1] - 1] if own and own[-1] <= len(self.lines) else None

    def line_at(self, offset: int) -> int | None:
        """The author's line at an offset of the code, in bytes."""
        return self.source_line([self.code.encode()[:offset].count(b"\n") + 1])

    def last_line_of(self, name: str) -> int:
        """The author's last line that mentions a name, or the first line."""
        mentions = (node for node in self.source.nodes if isinstance(node, ast.Name) and node.id == name)
        return max((node.lineno for node in mentions), default=1)

    def keys_at(self, line: int | None) -> Mapping[str, tuple[object, ...]]:
        """The plain keys that a line looks up: key as text -> the keys from the one after 'context' to it, or ()."""
        found: dict[str, tuple[object, ...]] = {}
        for node in self.source.nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and _covers(node, line):
                path = _plain_path(node)
                inside = path[path.index("context") + 1 :] if "context" in path[:-1] else ()
                found.setdefault(str(node.slice.value), inside)
        return found


def execution_program(text: str) -> Program:
    """An execution script made ready. Raises ``Unreadable``."""
    source = read(text)
    sites = sites_of(source)
    names = {node.id for node in source.nodes if isinstance(node, ast.Name)}
    before = prelude.EXECUTION_WITH_ORDERING if names & ORDERING else prelude.EXECUTION
    return _program(source, sites, whole_mentions(source), before)


def processing_program(text: str) -> Program:
    """A processing script made ready; it has no sites. Raises ``Unreadable``."""
    return _program(read(text), (), (), prelude.PROCESSING)


def _program(source: Source, sites: tuple[Site, ...], whole: Sequence[ast.Name], before: str) -> Program:
    rewritten = rewrite(source, sites, whole)
    return Program(
        code=before + rewritten.text,
        sites=sites,
        elements=reads_elements(source.tree, whole),
        source=source,
        prelude_lines=before.count("\n"),
        lines=rewritten.lines,
    )


def _covers(node: ast.Subscript, line: int | None) -> bool:
    return line is not None and node.lineno <= line <= (node.end_lineno or node.lineno)


def _plain_path(node: ast.expr) -> tuple[object, ...]:
    """``x['a'][0]`` -> ('a', 0): the plain keys of a chain of lookups, outermost last."""
    path: list[object] = []
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        path.append(node.slice.value)
        node = node.value
    return tuple(reversed(path))
