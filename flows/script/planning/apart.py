"""Which scripts may run for many elements in one session of a plan, one after another.

They share the elements and the inputs: a script that might change those in place, by whatever name, has a session for
each element. Told from the text, in doubt apart: that is slower and never wrong.
"""

import ast
from typing import Final

from flows.script.names import bindings
from flows.script.planning.taint import root_name
from flows.script.source import Source

_CHANGING_WORDS: Final = """
    add append appendleft clear difference_update discard extend extendleft insert intersection_update move_to_end pop
    popitem popleft remove reverse rotate setdefault sort subtract symmetric_difference_update update
"""
_CHANGING: Final = frozenset(_CHANGING_WORDS.split())
_MAKER_WORDS: Final = """
    bool bytes dict float frozenset int len list range repr set sorted str tuple order_flow_elements
    filter_flow_elements
"""
_MAKERS: Final = frozenset(_MAKER_WORDS.split())
_OWN: Final = (
    ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp, ast.JoinedStr,
    ast.Compare,
)  # fmt: skip
_WORLDLY: Final = frozenset({"datetime"})
"""Modules that ask the host for something."""


def may_share(source: Source) -> bool:
    """True when nothing that the script does to its values can be seen by another element."""
    own = _own_names(source)
    return all(_keeps_to_itself(node, own) for node in source.nodes)


def _own_names(source: Source) -> frozenset[str]:
    """Names that are only ever bound to values made anew at that place; what those hold may be shared."""
    made = {
        id(target)
        for node in source.nodes
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_new(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    made |= {id(node.target) for node in source.nodes if isinstance(node, ast.AugAssign)}
    bound: dict[str, bool] = {}
    for node in source.nodes:
        for name, _ in bindings(node):
            bound[name] = bound.get(name, True) and id(node) in made
    return frozenset(name for name, is_own in bound.items() if is_own)


def _is_new(node: ast.expr) -> bool:
    return isinstance(node, _OWN) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS
    )


def _keeps_to_itself(node: ast.AST, own: frozenset[str]) -> bool:
    match node:
        case ast.Import(names=names):
            return not any(alias.name.partition(".")[0] in _WORLDLY for alias in names)
        case ast.ImportFrom(module=module):
            return module not in _WORLDLY
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            return isinstance(value, ast.Name) and value.id in own
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            return False
        case ast.AugAssign(target=target):
            return root_name(target) in own
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _CHANGING:
            return isinstance(value, ast.Name) and value.id in own
        case ast.Call(func=ast.Name(id="setattr")):
            return False
        case ast.Name(id=name, ctx=ast.Load()) if name == "setattr":
            return False
        case _:
            return True
