"""What the browser's canvas holds: a flat list of blocks that name each other, and its JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

DEEPEST: Final = 400
"""Levels of blocks, each in an input of the one before: more than a script that can be read has."""


class NotFaithful(Exception):
    """Blocks and text would not say the same: nothing was changed. ``block`` is the id of the block to look at."""

    def __init__(self, message: str, block: str | None = None) -> None:
        super().__init__(f"{message} (block {block})" if block else message)
        self.message = message
        self.block = block


@dataclass(frozen=True, slots=True)
class Span:
    """Where a statement, or one clause of it, stands in the base text: first and last line, from 1, and its place
    among the statements that share these lines, from 0. Of a compound statement only the line with the colon."""

    first: int
    last: int
    nth: int = 0


@dataclass(slots=True)
class Block:
    """One block. Its type is a row of the catalog.

    ``fields`` and ``inputs`` have the names of the row's holes. Those of the n-th clause (``clauses[n - 1]``, a kind
    such as ``elif``) carry n: ``TEST1``, ``BODY1``; those that repeat are counted in ``counts`` and numbered from 0
    after a dot: ``ITEMS.0``; a repeated keyword is a field (its name) and an input (its value).
    ``spans`` and ``comments`` have one entry for the block itself and one for each clause; a block that is not in
    the base text has no spans. ``sources`` is how a text field was written, where that is not Python's own way.
    ``why`` says of a raw block why it is one; what the browser gives back of it is not read.
    """

    id: str
    type: str
    fields: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    next: str | None = None
    clauses: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    spans: list[Span | None] = field(default_factory=list)
    comments: list[list[str]] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(slots=True)
class Workspace:
    """The blocks of one script. ``sites[n - 1]`` is the id of the block that holds step site n.

    The JSON is flat, so that no depth of nesting is an error::

        {"first": "b1" | null, "sites": ["s1"],
         "blocks": [{"id": "b1", "type": "if", "fields": {}, "inputs": {"TEST": "b2", "BODY": "s1"}, "next": null,
                     "extra": {"clauses": ["else"], "spans": [[1, 1, 0], [3, 3, 0]], "comments": [["# why"], []]}},
                    {"id": "s1", "type": "run_task", "fields": {"NAME": "A", "INPUTS.0": "host"},
                     "inputs": {"INPUTS.0": "b3"}, "next": null,
                     "extra": {"counts": {"INPUTS": 1}, "spans": [[2, 2, 0]], "comments": [[]],
                               "sources": {"NAME": "\\"A\\""}}},
                    {"id": "b3", "type": "raw_value", "fields": {"CODE": "x.y()"}, "inputs": {}, "next": null,
                     "extra": {"why": "this call has no block: x.y()"}}, ...]}

    What is empty in ``extra`` is left out.

    Blockly's state of a block is the same with each id in ``inputs`` and ``next`` replaced by ``{"block": state}``
    and ``extra`` as its ``extraState``, which is to be given back as it came, and copied with the block. Only a
    clause, an item or a keyword that comes or goes changes it: ``clauses`` and ``counts``, and the entry of the clause
    in ``spans`` (null for a new one) and ``comments`` (``[]``). Comments may be edited. A new block has no ``extra``
    but these. Every block but ``first`` is named by exactly one other.
    """

    first: str | None
    blocks: dict[str, Block]
    sites: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The document for the browser; each block comes before those that it names."""
        return {"first": self.first, "sites": self.sites, "blocks": [_block_json(b) for b in self.blocks.values()]}

    @classmethod
    def from_json(cls, data: object) -> "Workspace":
        """The workspace of a document. Raises ``NotFaithful`` where its shape is wrong."""
        document = _mapping(data, "the workspace")
        listed = document.get("blocks")
        if not isinstance(listed, list):
            raise NotFaithful("the workspace has no list of blocks")
        blocks: dict[str, Block] = {}
        for entry in listed:
            block = _block(_mapping(entry, "a block"))
            if block.id in blocks:
                raise NotFaithful("two blocks have the same id", block.id)
            blocks[block.id] = block
        sites = document.get("sites") or []
        return cls(_optional_text(document.get("first"), "first"), blocks, _texts(sites, "sites"))

    def chain(self, first: str | None) -> Iterator[Block]:
        """A block and those that follow it. Of a workspace that is a tree."""
        while first is not None:
            block = self.blocks[first]
            yield block
            first = block.next

    def in_order(self) -> list[tuple[Block, int]]:
        """Every block with its depth, each before what it holds and what follows it.

        Raises ``NotFaithful`` where a block is missing, named twice, named by none, or too deep.
        """
        found: dict[str, tuple[Block, int]] = {}
        waiting = [(self.first, 0)] if self.first is not None else []
        while waiting:
            name, depth = waiting.pop()
            block = self.blocks.get(name)
            if block is None:
                raise NotFaithful("a block is named that is not there", name)
            if name in found:
                raise NotFaithful("a block stands in two places", name)
            if depth > DEEPEST:
                raise NotFaithful(f"blocks are nested in more than {DEEPEST} levels", name)
            found[name] = (block, depth)
            if block.next is not None:
                waiting.append((block.next, depth))
            waiting.extend((child, depth + 1) for child in reversed(block.inputs.values()))
        loose = next((name for name in self.blocks if name not in found), None)
        if loose is not None:
            raise NotFaithful("this block is not connected to the script: connect it or delete it", loose)
        return list(found.values())


def _block_json(block: Block) -> dict[str, Any]:
    extra = {
        "clauses": block.clauses,
        "counts": block.counts,
        "spans": [[span.first, span.last, span.nth] if span else None for span in block.spans],
        "comments": block.comments,
        "sources": block.sources,
        "why": block.why,
    }
    named = {"id": block.id, "type": block.type, "fields": block.fields, "inputs": block.inputs, "next": block.next}
    return {**named, "extra": {name: value for name, value in extra.items() if value}}


def _block(data: Mapping[str, Any]) -> Block:
    extra = _mapping(data.get("extra") or {}, "extra")
    comments, spans = extra.get("comments") or [], extra.get("spans") or []
    if not isinstance(comments, list) or not isinstance(spans, list):
        raise NotFaithful("extra: spans and comments are lists")
    fields = _named_texts(data.get("fields") or {}, "fields")
    if "CODE" in fields:
        # A browser's text field may end lines in its own way; in a text of the script the same would be a value.
        fields["CODE"] = fields["CODE"].replace("\r\n", "\n").replace("\r", "\n")
    return Block(
        id=_text(data.get("id"), "a block's id"),
        type=_text(data.get("type"), "a block's type"),
        fields=fields,
        inputs=_named_texts(data.get("inputs") or {}, "inputs"),
        next=_optional_text(data.get("next"), "next"),
        clauses=_texts(extra.get("clauses") or [], "clauses"),
        counts={name: _number(count, name) for name, count in _mapping(extra.get("counts") or {}, "counts").items()},
        spans=[None if span is None else _span(span) for span in spans],
        comments=[_texts(part, "comments") for part in comments],
        sources=_named_texts(extra.get("sources") or {}, "sources"),
    )


def _span(value: object) -> Span:
    numbers = value if isinstance(value, list) else []
    if len(numbers) != 3:
        raise NotFaithful(f"a span is [first line, last line, n], found {value!r}")
    return Span(*(_number(number, "a span") for number in numbers))


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise NotFaithful(f"{what} is not an object")
    return value


def _named_texts(value: object, what: str) -> dict[str, str]:
    return {name: _text(text, f"{what}.{name}") for name, text in _mapping(value, what).items()}


def _texts(value: object, what: str) -> list[str]:
    if not isinstance(value, list):
        raise NotFaithful(f"{what} is not a list")
    return [_text(text, what) for text in value]


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise NotFaithful(f"{what} is not a text but {value!r}")
    return value


def _optional_text(value: object, what: str) -> str | None:
    return None if value is None else _text(value, what)


def _number(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10**6:
        raise NotFaithful(f"{what}: expected a small whole number, found {value!r}")
    return value
