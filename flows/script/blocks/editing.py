"""One turn of the editor: a script's text or its blocks in; text, blocks, step sites and problems out.

Whatever is wrong is a problem of the answer, never an exception: the editor keeps what it has and shows why.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

from flows.script.analysis import sites_of
from flows.script.blocks.calls import CallPlace, call_places
from flows.script.blocks.codec import write_over
from flows.script.blocks.meaning import body_of, meaning_of
from flows.script.blocks.parse import Opened, open_text, open_uncompiled
from flows.script.blocks.places import Statements, holders, shared_places, with_names
from flows.script.blocks.tree import same_body, tree_of
from flows.script.blocks.workspace import NotFaithful, Workspace
from flows.script.language import MAX_SCRIPT_BYTES
from flows.script.problem import Problem, Unreadable
from flows.script.source import read

Check = Callable[[str], Sequence[Problem]]
"""The problems of a text as a script of its kind; it takes any text."""

MOST_TEXT: Final = 2 * MAX_SCRIPT_BYTES
"""Bytes in the fields of all blocks: above what a script may have, for what is not printed as it stands."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem with the block to mark. Line and column count from 1; both are 0 where it has no place in a text.

    ``meant`` is the known name that is near to an unknown one.
    """

    line: int
    col: int
    code: str
    message: str
    block: str | None = None
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class SitePlace:
    """One step site: its number, what it calls, its lines, the block that holds it, and its place in the text."""

    site: int
    step: str
    name: str | None
    line: int
    end_line: int
    block: str | None
    call: CallPlace

    def to_json(self) -> dict[str, Any]:
        """As the browser reads it."""
        told = {"site": self.site, "step": self.step, "name": self.name, "line": self.line, "end_line": self.end_line}
        statement = self.call.statement.to_json()
        return {**told, "block": self.block, "call": self.call.to_json(), "statement": statement}


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer. The side that cannot be made is None; ``workspace`` is the JSON of ``Workspace``."""

    text: str | None
    workspace: dict[str, Any] | None
    sites: Sequence[SitePlace]
    problems: Sequence[Fault]

    def to_json(self) -> dict[str, Any]:
        """As the browser reads it."""
        return {
            "text": self.text,
            "workspace": self.workspace,
            "sites": [site.to_json() for site in self.sites],
            "problems": [asdict(problem) for problem in self.problems],
        }


def edit_text(text: str, check: Check) -> Turn:
    """The blocks of a text."""
    problems = list(check(text))
    try:
        opened = _opened(text)
        _refuse_unfit(opened.workspace)
        _compare(opened.workspace, text)
    except Unreadable as refusal:
        found = sorted({*problems, refusal.problem})
        return Turn(text, None, (), [_fault(problem, None) for problem in found])
    except NotFaithful as refusal:
        message = f"this script cannot be shown as blocks, edit it as text: {refusal.message}"
        faults = [_fault(problem, None) for problem in problems]
        return Turn(text, None, _sites(text, Workspace(None, {}), {}), [*faults, Fault(0, 0, "not_faithful", message)])
    names = {name: name for name in opened.workspace.blocks}
    sites = _sites(text, opened.workspace, names)
    return Turn(text, opened.workspace.to_json(), sites, _faults(problems, opened, names))


def edit_blocks(sent: dict[str, Any], base_text: str, check: Check) -> Turn:
    """The text of blocks, over the text that they were opened from, and what that text is as blocks.

    Where a block of the answer stands in the place of a sent one it has that one's id, so that the browser knows
    it. The blocks of sites and problems are always sent ones. Where the answer has no other blocks it has the sent.
    """
    try:
        workspace = Workspace.from_json(sent)
        _refuse_large(workspace)
        text = write_over(workspace, _opened(base_text))
    except NotFaithful as refusal:
        return Turn(None, sent, (), [Fault(0, 0, "not_faithful", refusal.message, refusal.block)])
    except Unreadable as refusal:
        message = f"the text that these blocks were opened from is no script: {refusal}"
        return Turn(None, sent, (), [Fault(0, 0, "base_text", message)])
    problems = list(check(text))
    try:
        opened, answered = _opened(text), True
    except Unreadable as refusal:
        problems = sorted({*problems, refusal.problem})
        if refusal.problem.code != "syntax":
            return Turn(text, sent, (), [_fault(problem, None) for problem in problems])
        opened, answered = open_uncompiled(text), False
    names = shared_places(workspace, opened.workspace)
    faults = _faults(problems, opened, names)
    if not answered:
        return Turn(text, sent, (), faults)
    named = with_names(opened.workspace, names, workspace.blocks)
    return Turn(text, named.to_json(), _sites(text, opened.workspace, names), faults)


@lru_cache(maxsize=8)
def _opened(text: str) -> Opened:
    """Shared by all that ask for the same text: read, do not change."""
    return open_text(text)


def _compare(workspace: Workspace, text: str) -> None:
    """Raise ``NotFaithful`` unless the blocks mean what the text means."""
    if not same_body(body_of(workspace, meaning_of(workspace), workspace.first), tree_of(text).body):
        raise NotFaithful("the blocks would not mean what the text says")


def _refuse_unfit(workspace: Workspace) -> None:
    """Refuse texts that JSON over HTTP cannot carry there and back."""
    for block in workspace.blocks.values():
        for text in block.fields.values():
            if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
                raise NotFaithful("a text holds a NUL character or half of a surrogate pair", block.id)


def _refuse_large(workspace: Workspace) -> None:
    size = sum(len(text.encode()) for block in workspace.blocks.values() for text in block.fields.values())
    if size > MOST_TEXT:
        raise NotFaithful(f"the blocks hold {size} bytes of text, a script at most {MAX_SCRIPT_BYTES}: use child flows")


def _sites(text: str, workspace: Workspace, names: dict[str, str]) -> list[SitePlace]:
    above = _Above(workspace, names)
    blocks: Sequence[str | None] = workspace.sites
    source = read(text)
    sites = sites_of(source)
    return [
        SitePlace(site.number, site.step, site.literal, site.line, site.end_line, above.named(block), call)
        for site, block, call in zip(sites, blocks or [None] * len(sites), call_places(source, text), strict=True)
    ]


def _faults(problems: Sequence[Problem], opened: Opened, names: dict[str, str]) -> list[Fault]:
    if not problems:
        return []
    statements, above = Statements(opened), _Above(opened.workspace, names)
    return [_fault(item, above.named(statements.block_at(item.line, item.col))) for item in problems]


def _fault(problem: Problem, block: str | None) -> Fault:
    return Fault(problem.line, problem.col, problem.code, problem.message, block, problem.meant)


class _Above:
    """Finds the named block that is, holds, or stands before a block."""

    def __init__(self, workspace: Workspace, names: dict[str, str]) -> None:
        self._names = names
        self._holders = holders(workspace) if len(names) < len(workspace.blocks) else {}

    def named(self, block: str | None) -> str | None:
        while block is not None and block not in self._names:
            block = self._holders.get(block)
        return None if block is None else self._names[block]
