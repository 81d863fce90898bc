"""The names that a template reads from outside: inputs, and keys of the context (R43)."""

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, meta, nodes

from flows.tasks.sandbox import TEMPLATES

#: What every template sees beside the context.
GIVEN = frozenset({"element", "inputs", "run", "steps"})


def names_read(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Its inputs and its other names, but for those that it asks for or gives a default; none for what is no template.

    ``inputs.service`` and ``inputs['service']`` name an input. What the template sets itself is none of its names, and
    neither is what every template has.
    """
    try:
        tree = TEMPLATES.parse_as_written(text)
        names = meta.find_undeclared_variables(tree)
    except TemplateSyntaxError:
        return frozenset(), frozenset()
    inputs = {name for node in tree.find_all((nodes.Getattr, nodes.Getitem)) if (name := _input(node))}
    spared = list(_spared(tree))
    inputs -= {_input(node) for node in spared}
    names -= {node.name for node in spared if isinstance(node, nodes.Name)}
    return frozenset(inputs), frozenset(names - GIVEN - TEMPLATES.globals.keys())


def _spared(tree: nodes.Template) -> Iterator[nodes.Node]:
    """What may be missing, and methods: ``inputs.items()``."""
    for node in tree.find_all((nodes.Filter, nodes.Test, nodes.Call)):
        match node:
            case nodes.Filter(name="default" | "d", node=nodes.Expr() as spared):
                yield spared
            case nodes.Test(name="defined" | "undefined", node=spared) | nodes.Call(node=spared):
                yield spared


def _input(node: nodes.Node) -> str:
    match node:
        case nodes.Getattr(node=nodes.Name(name="inputs"), attr=str(name)):
            return name
        case nodes.Getitem(node=nodes.Name(name="inputs"), arg=nodes.Const(value=str(name))):
            return name
    return ""
