"""Which of its elements' context a flow's scripts look at, told from their texts (R40).

Keys where they are plain, everything where they are not: ``element['context']['role']`` reads ``role``.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from flows.script.calls import FlowScripts
from flows.script.problem import Unreadable
from flows.script.source import Source, read


@dataclass(frozen=True, slots=True)
class ContextReads:
    """Top-level keys with the first line that reads each; ``anything`` is the line that may read any, or None."""

    keys: Mapping[str, int]
    anything: int | None = None

    def line_of(self, written: frozenset[str] | None) -> tuple[str | None, int] | None:
        """The first of these keys that is read, and where; None stands for keys that nobody can name."""
        if written is None:
            lines = sorted((line, key) for key, line in self.keys.items())
            return (lines[0][1], lines[0][0]) if lines else self._any()
        found = sorted((line, key) for key, line in self.keys.items() if key in written)
        return (found[0][1], found[0][0]) if found else (self._any() if written else None)

    def _any(self) -> tuple[None, int] | None:
        return None if self.anything is None else (None, self.anything)


def context_reads(scripts: FlowScripts) -> ContextReads:
    """What the processing and the execution script of a flow read of contexts. A text that cannot be read reads
    nothing: its run fails before."""
    keys: dict[str, int] = {}
    anything: int | None = None
    for text in (scripts.processing, scripts.execution):
        found = _reads(text)
        keys = {**found.keys, **keys}
        anything = found.anything if anything is None else anything
    return ContextReads(keys, anything)


@lru_cache(maxsize=256)
def _reads(text: str) -> ContextReads:
    try:
        source = read(text)
    except Unreadable:
        return ContextReads({})
    parents = {child: node for node in source.nodes for child in ast.iter_child_nodes(node)}
    keys: dict[str, int] = {}
    lines: list[int] = []
    for node in source.nodes:
        if isinstance(node, ast.Constant) and node.value == "context":
            key = _key(node, parents)
            if key is None:
                lines.append(node.lineno)
            else:
                keys[key] = min(node.lineno, keys.get(key, node.lineno))
        elif _takes_all(node, source):
            lines.append(getattr(node, "lineno", 1))
    return ContextReads(keys, min(lines, default=None))


def _key(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> str | None:
    """``k`` where this is the ``'context'`` of ``x['context']['k']`` or of ``x['context'].get('k')``."""
    whole = parents.get(node)
    if not isinstance(whole, ast.Subscript) or whole.slice is not node:
        return None
    match parents.get(whole):
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))) if value is whole:
            return key
        case ast.Attribute(value=value, attr="get") as get if value is whole:
            match parents.get(get):
                case ast.Call(func=func, args=[ast.Constant(value=str(key)), *_]) if func is get:
                    return key
        case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()], comparators=[value]):
            return key if value is whole else None
    return None


def _takes_all(node: ast.AST, source: Source) -> bool:
    """True for what looks at a whole element without naming its context."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="items" | "values")):
            return name == "element" or name in _walked(source)
        case ast.Call(func=ast.Name(id="str" | "repr" | "list"), args=[ast.Name(id="element" | "elements")]):
            return True
        case ast.FormattedValue(value=ast.Name(id="element" | "elements")):
            return True
        case ast.Subscript(value=ast.Name(id="element"), slice=key):
            return not isinstance(key, ast.Constant)
        case _:
            return False


def _walked(source: Source) -> set[str]:
    """Names that loops and functions give to elements."""
    targets = [
        part
        for node in source.nodes
        if isinstance(node, ast.For | ast.comprehension)
        for part in ast.walk(node.target)
        if isinstance(part, ast.Name)
    ]
    return {name.id for name in targets} | {node.arg for node in source.nodes if isinstance(node, ast.arg)}
