"""Which variable a name means: the scopes of a script without classes, ``global`` and ``:=``."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from flows.script.names import bindings

Chain = tuple[ast.AST, ...]
"""The scopes around a node, innermost last: the module, functions, lambdas, comprehensions."""

Variable = tuple[ast.AST, str]
"""A name in the scope that binds it."""


@dataclass
class Scopes:
    """The scopes around every node of a script, and the names that each scope binds.

    ``predefined`` are bound by the module before it begins.
    """

    tree: ast.Module
    predefined: frozenset[str]
    chains: dict[ast.AST, Chain] = field(default_factory=dict)
    bound: dict[ast.AST, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bound[self.tree] = set(self.predefined)
        for node, chain in _places(self.tree, (self.tree,)):
            self.chains[node] = chain
            self.bound.setdefault(chain[-1], set()).update(name for name, _ in bindings(node))

    def meant(self, node: ast.Name) -> Variable | None:
        """The variable that a name means where it stands; None for a name of the sandbox."""
        return self.variable(node.id, self.chains[node])

    def variable(self, name: str, chain: Chain) -> Variable | None:
        """The variable that a name means here; None for a name of the sandbox."""
        scope = next((scope for scope in reversed(chain) if name in self.bound.get(scope, ())), None)
        return None if scope is None else (scope, name)


def _places(node: ast.AST, chain: Chain) -> Iterator[tuple[ast.AST, Chain]]:
    """Walks with recursion: ``read`` has limited the depth."""
    if not isinstance(node, ast.Module):
        yield node, chain
    for child, inner in _children(node, chain):
        yield from _places(child, inner)


def _children(node: ast.AST, chain: Chain) -> Iterator[tuple[ast.AST, Chain]]:
    match node:
        case ast.FunctionDef(args=arguments, body=body):
            yield from _arguments(arguments, node, chain)
            yield from ((child, (*chain, node)) for child in body)
        case ast.Lambda(args=arguments, body=value):
            yield from _arguments(arguments, node, chain)
            yield value, (*chain, node)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            first = node.generators[0].iter
            yield first, chain
            for part in ast.iter_child_nodes(node):
                parts = ast.iter_child_nodes(part) if isinstance(part, ast.comprehension) else (part,)
                yield from ((child, (*chain, node)) for child in parts if child is not first)
        case _:
            yield from ((child, chain) for child in ast.iter_child_nodes(node))


def _arguments(arguments: ast.arguments, function: ast.AST, chain: Chain) -> Iterator[tuple[ast.AST, Chain]]:
    yield from ((default, chain) for default in (*arguments.defaults, *arguments.kw_defaults) if default)
    named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
    yield from ((argument, (*chain, function)) for argument in named if argument)
