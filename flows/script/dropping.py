"""Where a processing script leaves elements out: it is run once more with a note behind each statement.

The order itself is found without notes (``processing``); nothing of this decides anything.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flows.script.calls import ElementDict
from flows.script.instance import Limits
from flows.script.problem import Unreadable
from flows.script.program import processing_program
from flows.script.sandbox import Finished, Sandbox, SandboxError
from flows.script.source import Source, read
from flows.script.values import plain

MOST_NOTES: Final = 200
"""Each looks at all elements once; of a loop that drops one at a time only the first are told apart."""

_NOTING: Final = f"""\
__notes=[];__count=0;__known=[e['id'] for e in elements]
def __note(line,now):
    global __count,__known
    __count+=1
    if __count>{MOST_NOTES} and line:
        return
    try:
        left=[e['id'] for e in now]
    except Exception:
        return
    if left!=__known:
        held=dict.fromkeys(left)
        for place in range(len(__known)):
            if __known[place] not in held:
                __notes.append([__known[place],line,place+1])
        __known=left
"""


@dataclass(frozen=True, slots=True)
class Dropped:
    """``line`` from 1; ``place`` is the element's among those that were left before it, from 1."""

    line: int
    place: int


async def dropped_by(
    sandbox: Sandbox, limits: Limits, text: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
) -> dict[Any, Dropped]:
    """By the id of each element that the script drops, the line that drops it for good. Empty where nobody can tell."""
    try:
        program = processing_program(_noted(read(text)))
    except Unreadable:  # the notes made it too long
        return {}
    machine = await sandbox.machine(memory_bytes=limits.memory_for(len(elements)))
    try:
        await machine.run(_NOTING + program.code, {"elements": plain(elements), "inputs": plain(inputs)})
        if not isinstance(machine.state, Finished):
            return {}
        notes = await machine.evaluate("__notes")
    except SandboxError:
        return {}
    finally:
        await machine.close()
    return {identity: Dropped(line, place) for identity, line, place in notes}


def _noted(source: Source) -> str:
    """The script with a note behind each statement of its own body that can change a list; lines stay as they are."""
    utf8 = source.text.encode()
    parts: list[bytes] = []
    at = 0
    for node in sorted(_changing(source.tree.body), key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)):
        end = source.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        parts += [utf8[at:end], f";__note({node.lineno},elements)".encode()]
        at = end
    return b"".join([*parts, utf8[at:]]).decode()


def _changing(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    yield from _changing([child])
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from _changing(child.body)
