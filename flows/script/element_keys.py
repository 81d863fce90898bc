"""Which facts of elements a piece of a script reads, told from its syntax: dotted context keys, and their own keys.

``x['context']['net']['0']`` reads ``net.0``, ``x['context'].get('role')`` and ``'role' in x['context']`` read ``role``,
``x['groups']`` reads ``groups``. A name that a context was given to counts as that context. What is computed is not
told.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

OWN_KEYS: Final = ("name", "address", "profile", "groups")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A dotted context key, or with ``is_own`` one of the element's own."""

    name: str
    is_own: bool = False


def keys_read(nodes: Iterable[ast.AST], contexts: frozenset[str] = frozenset()) -> list[Key]:
    """The keys that these nodes read, each once, in the order of the text. ``contexts``: see ``context_names``."""
    found = sorted(_found(nodes, contexts), key=lambda item: item[0])
    return list(dict.fromkeys(key for _, key in found))


def context_names(tree: ast.AST) -> frozenset[str]:
    """The names to which the script gives an element's context."""
    return frozenset(
        node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_context(node.value)
    )


def key_of(node: ast.AST, contexts: frozenset[str] = frozenset()) -> Key | None:
    """The key whose value this expression is."""
    path = _path(node, contexts)
    if path:
        return Key(".".join(path))
    match node:
        case ast.Subscript(value=ast.Name(), slice=ast.Constant(value=str(own))) if own in OWN_KEYS:
            return Key(own, is_own=True)
    return None


def _found(nodes: Iterable[ast.AST], contexts: frozenset[str]) -> Iterator[tuple[tuple[int, int], Key]]:
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        key = _asked_for(node, contexts) or key_of(node, contexts)
        if key is not None:
            yield (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)), key
            waiting += _indexes(node)
        else:
            waiting += ast.iter_child_nodes(node)


def _asked_for(node: ast.AST, contexts: frozenset[str]) -> Key | None:
    """``'role' in x['context']``."""
    match node:
        case ast.Compare(left=ast.Constant(value=str(word)), ops=[ast.In() | ast.NotIn()], comparators=[where]):
            path = _path(where, contexts)
            return None if path is None else Key(".".join((*path, word)))
    return None


def _indexes(node: ast.AST) -> list[ast.AST]:
    """What a chain of lookups is given beside plain keys: the default of ``get``."""
    return [part for call in ast.walk(node) if isinstance(call, ast.Call) for part in call.args[1:]]


def _path(node: ast.AST, contexts: frozenset[str]) -> tuple[str, ...] | None:
    """The plain keys from a context on to this expression, or None where it is nothing of a context."""
    if _is_context(node) or (isinstance(node, ast.Name) and node.id in contexts):
        return ()
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str() | int() as key)) if not isinstance(key, bool):
            above = _path(value, contexts)
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=str(key)), *_]):
            above = _path(value, contexts)
        case _:
            return None
    return None if above is None else (*above, str(key))


def _is_context(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == "context"
