"""How a script reads `elements`, so that not every instance must be given all of them (3.6).

The list of 1,000 elements costs 10 ms and 0.7 MB in each instance that holds it (2026-11-23). ``len(elements)`` and
``run_flow(..., elements=elements)`` need no list, and most others are reached by one instance only.
"""

import ast
from collections.abc import Collection, Sequence
from typing import Literal

from flows.script.analysis import Comprehension, Function
from flows.script.language import ORDERING
from flows.script.names import all_bindings
from flows.script.source import Source

_CHANGING = "add append clear discard extend insert pop popitem remove reverse setdefault sort update"
CHANGING_METHODS = frozenset(_CHANGING.split())

Reads = Literal["never", "when_reached", "from_the_start"]


def whole_mentions(source: Source) -> list[ast.Name]:
    """The places that only count the elements, or pass all of them to a child flow as they are.

    None where the script can have changed the list before: in place, by another meaning of the name, or by another
    name for it.
    """
    bound = {name for name, _ in all_bindings(source)}
    if bound & {"elements", "len"} or any(_changes_elements(node) for node in source.nodes):
        return []
    found = _counted_or_passed(source)
    looked_into = {id(name) for node in source.nodes for name in _looked_into(node)} | {id(n) for n in found}
    mentions = [node for node in source.nodes if isinstance(node, ast.Name) and node.id == "elements"]
    return found if all(id(name) in looked_into for name in mentions) else []


def _changes_elements(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
            return _root(node) == "elements"
        case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in CHANGING_METHODS:
            return _root(value) == "elements"
        case _:
            return False


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _looked_into(node: ast.AST) -> Sequence[ast.AST]:
    """What this node only looks into: nothing keeps it, so nothing can change it by another name."""
    match node:
        case ast.Subscript(value=value) | ast.Attribute(value=value):
            return [value]
        case ast.For(iter=iterable) | ast.comprehension(iter=iterable):
            return [iterable]
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in ORDERING:
            return [first]
        case ast.Compare(comparators=others):
            return others
        case _:
            return []


def _counted_or_passed(source: Source) -> list[ast.Name]:
    found = []
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id="elements") as name], keywords=[]):
                found.append(name)
            case ast.Call(func=ast.Name(id="run_flow"), keywords=keywords):
                found += [
                    keyword.value
                    for keyword in keywords
                    if keyword.arg == "elements"
                    and isinstance(keyword.value, ast.Name)
                    and keyword.value.id == "elements"
                ]
    return found


def reads_elements(tree: ast.Module, whole: Collection[ast.Name]) -> Reads:
    """When the list must be there. A name that is looked up late costs nothing where it is not reached, but cannot be
    looked up in a callback (6-facts), and a script that assigns it may read it before."""
    reads: Reads = "never"
    ignored = set(whole)
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, in_callback = waiting.pop()
        if isinstance(node, ast.Name) and node.id == "elements" and node not in ignored:
            if in_callback or not isinstance(node.ctx, ast.Load):
                return "from_the_start"
            reads = "when_reached"
        waiting.extend(_inside(node, in_callback))
    return reads


def _inside(node: ast.AST, in_callback: bool) -> list[tuple[ast.AST, bool]]:
    if isinstance(node, Comprehension):
        first = node.generators[0]
        parts: list[ast.AST] = [first.target, *first.ifs, *node.generators[1:]]
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [(first.iter, in_callback), *((part, True) for part in (*parts, *values))]
    inner = in_callback or isinstance(node, Function | ast.ClassDef)
    return [(child, inner) for child in ast.iter_child_nodes(node)]
