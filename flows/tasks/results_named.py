"""Of which tasks a template reads the results of earlier steps: ``steps['Check disk'].output`` (R43)."""

from jinja2 import TemplateSyntaxError, nodes

from flows.tasks.sandbox import TEMPLATES


def results_named(text: str) -> dict[str, int]:
    """The names of the tasks, each with the first line that names it; none for what is no template."""
    try:
        tree = TEMPLATES.parse_as_written(text)
    except TemplateSyntaxError:
        return {}
    found: dict[str, int] = {}
    for node in tree.find_all((nodes.Getitem, nodes.Getattr)):
        match node:
            case nodes.Getitem(node=nodes.Name(name="steps"), arg=nodes.Const(value=str(name))):
                found.setdefault(name, node.lineno)
            case nodes.Getattr(node=nodes.Name(name="steps"), attr=name):
                found.setdefault(name, node.lineno)
    return found
