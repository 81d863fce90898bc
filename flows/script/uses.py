"""Where a script calls one task or flow by its name, what it gives there, and the same script with another name.

A name counts where it stands as a plain text in the call, also as a branch of ``x if a else y``: the texts that
``references_of`` finds.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from flows.script.analysis import sites_of
from flows.script.calling import NotPlain, literal_value
from flows.script.catalog import literals
from flows.script.problem import Unreadable
from flows.script.signatures import SIGNATURES
from flows.script.source import Source, read

Word = Literal["run_task", "run_flow"]

_LINE_END = re.compile(rb"\r\n|\r|\n")
_PLAIN_LITERAL = re.compile(r"""[uU]?(['"])(?!\1\1)""")


class NotRewritable(Exception):
    """A script would not mean the same with the new name: it cannot be read, or the name cannot stand there."""


@dataclass(frozen=True, slots=True)
class Use:
    """One call. ``line`` counts from 1; ``site`` is the step's number, None where the call is no step (R15)."""

    line: int
    site: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """What one call gives by keyword: the values of literals, and the names of what only a run computes."""

    line: int
    literal: Mapping[str, Any]
    computed: frozenset[str]


def uses_in(text: str, word: Word, name: str) -> list[Use]:
    """The calls of ``word`` with this name, in source order. Raises ``Unreadable``."""
    source = read(text)
    numbers = {site.offset: site.number for site in sites_of(source)}
    return [Use(call.lineno, numbers.get(source.end_offset(call.func))) for call, _ in _found(source, word, name)]


def given_in(text: str, word: Word, name: str) -> list[Given]:
    """The inputs that each call of ``word`` with this name gives; calls with ``**`` are left out. ``Unreadable``."""
    calls = [call for call, _ in _found(read(text), word, name)]
    return [_given(call, word) for call in calls if all(keyword.arg for keyword in call.keywords)]


def may_mention(text: str, name: str) -> bool:
    """Whether the name stands anywhere in a text that cannot be read."""
    return name in text


def with_other_name(text: str, word: Word, old: str, new: str) -> str:
    """The script with ``new`` wherever ``uses_in`` finds ``old``; every other byte stays. Raises ``NotRewritable``."""
    try:
        source = read(text)
        constants = [constant for _, found in _found(source, word, old) for constant in found]
        changed = _replaced(text, constants, new)
        is_same = _shape(read(changed).tree, word, old, new) == _shape(source.tree, word, old, new)
    except Unreadable as unreadable:
        raise NotRewritable(str(unreadable)) from unreadable
    if not is_same:
        raise NotRewritable(f"the name {new!r} cannot stand where {old!r} stands")
    return changed


def _found(source: Source, word: Word, name: str) -> Iterator[tuple[ast.Call, list[ast.Constant]]]:
    """In source order, each call with the texts in it that are the name."""
    calls = [
        node
        for node in source.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == word
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        found = [constant for constant in literals(call) if constant.value == name]
        if found:
            yield call, found


def _given(call: ast.Call, word: Word) -> Given:
    literal: dict[str, Any] = {}
    computed: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in SIGNATURES[word].options:
            continue
        try:
            literal[keyword.arg] = literal_value(keyword.value)
        except NotPlain:
            computed.add(keyword.arg)
    return Given(call.lineno, literal, frozenset(computed))


def _replaced(text: str, constants: list[ast.Constant], new: str) -> str:
    """Positions count lines of any ending, and bytes of UTF-8 in them: the text keeps the endings that it has."""
    utf8 = text.encode()
    starts = [0, *(end.end() for end in _LINE_END.finditer(utf8))]
    spans = [
        (
            starts[node.lineno - 1] + node.col_offset,
            starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0),
        )
        for node in constants
    ]
    for start, end in sorted(spans, reverse=True):
        utf8 = utf8[:start] + _spelled(utf8[start:end].decode(), new).encode() + utf8[end:]
    return utf8.decode()


def _spelled(old: str, new: str) -> str:
    """The new text in the quotes of the old one, where that is a plain literal."""
    plain = _PLAIN_LITERAL.match(old)
    quote = plain[1] if plain else "'"
    return quote + new.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


def _shape(tree: ast.Module, word: Word, old: str, new: str) -> str:
    """The tree without positions; the two names are one."""
    copied = deepcopy(tree)
    for node in ast.walk(copied):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == word:
            for constant in literals(node):
                constant.value = new if constant.value == old else constant.value
                constant.kind = None
    return ast.dump(copied)
