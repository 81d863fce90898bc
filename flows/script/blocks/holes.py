"""The holes of a pattern: words in capitals that stand for another block, or for a field's text."""

import ast
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a hole takes."""

    VALUE = "value"
    ITEMS = "items"
    PIECES = "pieces"
    KEYWORDS = "keywords"
    ENTRIES = "entries"
    NAME = "name"
    CALLEE = "callee"
    TARGET = "target"
    TEXT = "text"
    PATH = "path"
    NUMBER = "number"
    CODE = "code"


FIELDS: Final = frozenset({Kind.NAME, Kind.CALLEE, Kind.TARGET, Kind.TEXT, Kind.PATH, Kind.NUMBER, Kind.CODE})
"""Kinds whose text is a field of the block; the others take blocks."""

SEVERAL: Final = frozenset({Kind.ITEMS, Kind.PIECES})
"""Kinds that take any number of values."""

NAMED: Final = frozenset({Kind.KEYWORDS, Kind.ENTRIES})
"""Kinds that take any number of values, each with a name that is a field."""

SHOWN_AS: Final = {Kind.PIECES: Kind.ITEMS, Kind.ENTRIES: Kind.KEYWORDS, Kind.CALLEE: Kind.NAME}
"""Kinds that differ in Python alone: a canvas treats them as another."""

HOLE: Final = re.compile(r"(, )?(\*{0,2})\b([A-Z][A-Z_]*)\b")
AT_LEAST_ONE: Final = "MORE"
"""The hole of this name takes one or more, where others that repeat take none too."""

BODIES: Final = frozenset({"body", "orelse", "handlers", "finalbody"})
UNSAID: Final = frozenset({"ctx", "type_comment", "kind", "type_ignores"})
"""Fields of the tree in which two scripts that mean the same may differ."""

Filling = ast.AST | str | list[ast.expr | ast.keyword]
"""What a hole was filled with: a node or a field's text; several nodes where it repeats; a path as dotted text."""


def is_hole(node: ast.AST) -> bool:
    """True for the name that stands for a hole."""
    return isinstance(node, ast.Name) and HOLE.fullmatch(node.id) is not None


def repeated(node: ast.AST, kinds: Mapping[str, Kind]) -> str | None:
    """The hole at the end of a list that takes all the rest of it."""
    if isinstance(node, ast.Starred | ast.keyword):
        node = node.value if not isinstance(node, ast.keyword) or node.arg is None else node
    if isinstance(node, ast.Name) and kinds.get(node.id) in SEVERAL | NAMED:
        return node.id
    return None
