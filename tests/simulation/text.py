"""A program as the script that a person would write."""

from collections.abc import Iterator

from tests.simulation.program import (
    Approve,
    Child,
    Condition,
    ContextAbove,
    Decide,
    For,
    GetContext,
    If,
    Log,
    NameIn,
    Node,
    Not,
    Ok,
    Place,
    Program,
    Returned,
    SetContext,
    Sleep,
    Step,
    Task,
    Try,
    While,
    variables_of,
)

INDENT = "    "


def script_of(program: Program) -> str:
    """The execution script."""
    names = [f"{name} = None" for name in variables_of(program)]
    return "\n".join([*names, *_block(program, "")]) + "\n"


def _block(program: Program, indent: str) -> Iterator[str]:
    for number, node in enumerate(program):
        yield from _node(node, indent, f"{len(indent)}{number}")
    if not program:
        yield f"{indent}pass"


def _node(node: Node, indent: str, label: str) -> Iterator[str]:
    inner = indent + INDENT
    match node:
        case If():
            yield f"{indent}if {_condition(node.condition)}:"
            yield from _block(node.then, inner)
            if node.otherwise:
                yield f"{indent}else:"
                yield from _block(node.otherwise, inner)
        case For():
            rounds = node.rounds if isinstance(node.rounds, int) else f"element['context'][{node.rounds!r}]"
            yield f"{indent}for _ in range({rounds}):"
            yield from _block(node.body, inner)
            if node.leave_if is not None:
                yield f"{inner}if {_condition(node.leave_if)}:"
                yield f"{inner}{INDENT}break"
        case While():
            yield f"{indent}rounds_{label} = 0"
            yield f"{indent}while rounds_{label} < {node.limit}:"
            yield f"{inner}rounds_{label} += 1"
            yield from _block(node.body, inner)
            yield f"{inner}if {_condition(node.until)}:"
            yield f"{inner}{INDENT}break"
        case Try():
            yield from _try(node, indent)
        case Decide():
            yield from _decide(node, indent)
        case _:
            yield f"{indent}{_step(node)}"


def _try(node: Try, indent: str) -> Iterator[str]:
    inner = indent + INDENT
    yield f"{indent}try:"
    yield from _block(node.body, inner)
    if node.catches is not None:
        yield f"{indent}except {node.catches}:"
        yield from _block(node.handler, inner)
        if node.raises_again:
            yield f"{inner}raise"
        if node.otherwise:
            yield f"{indent}else:"
            yield from _block(node.otherwise, inner)
    if node.final or node.catches is None:
        yield f"{indent}finally:"
        yield from _block(node.final, inner)


def _decide(node: Decide, indent: str) -> Iterator[str]:
    if node.condition is not None:
        yield f"{indent}if {_condition(node.condition)}:"
        indent += INDENT
    yield f"{indent}{_verdict(node)}"


def _verdict(node: Decide) -> str:
    if node.kind == "raise":
        return f"raise ValueError({node.message!r})"
    return f"{node.kind}({node.message!r})"


def _condition(condition: Condition) -> str:
    match condition:
        case NameIn(names):
            return f"element['name'] in {list(names)!r}"
        case Place(which):
            return f"current == {which}"
        case Ok(variable):
            return f"({variable} and {variable}.get('ok'))"
        case Returned(variable, key, value):
            return f"({variable} and {variable}.get({key!r}) == {value!r})"
        case ContextAbove(key, than):
            return f"element['context'][{key!r}] > {than}"
        case Not(inner):
            return f"not {_condition(inner)}"


def _step(node: Step) -> str:
    into = getattr(node, "into", None)
    return f"{into} = {_call(node)}" if into else _call(node)


def _call(node: Step) -> str:
    match node:
        case Task():
            options: dict[str, object] = {"timeout": node.timeout, "retries": node.retries, "element": node.target}
            told = [f"{name}={value!r}" for name, value in {**options, **node.inputs}.items() if value is not None]
            return f"run_task({', '.join([repr(node.name), *_unchecked(node.check), *told])})"
        case Child():
            return f"run_flow({', '.join([repr(node.flow), *_unchecked(node.check), *_passed(node)])})"
        case Sleep():
            return f"sleep({node.seconds})"
        case Approve():
            message = f"{node.message!r} + ' ' + str(current % 2)" if node.split else repr(node.message)
            return f"approve({', '.join([message, f'timeout={node.timeout}', *_unchecked(node.check)])})"
        case SetContext():
            return f"set_context({node.key!r}, {node.value})"
        case GetContext():
            return "get_context()"
        case Log():
            return f"log({node.message!r})"


def _unchecked(check: bool) -> list[str]:
    return [] if check else ["check=False"]


def _passed(node: Child) -> Iterator[str]:
    if node.elements == "all":
        yield "elements=elements"
    elif node.elements is not None:
        yield f"elements={list(node.elements)!r}"
    if node.split:
        yield "part=current % 2"
