"""Text to blocks: every statement and comment of a script, each as the first row that matches it."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.script.blocks.catalog import COMMENT, RAW_STATEMENT, STATEMENT_INDEX
from flows.script.blocks.expressions import Expressions, site_offsets
from flows.script.blocks.holes import Filling
from flows.script.blocks.layout import CommentLine, Layout, Logical, lay_out
from flows.script.blocks.parts import COMPOUND, IsElif, Part, take_apart
from flows.script.blocks.reasons import why_statement
from flows.script.blocks.rows import CHOICE, Clause, Row
from flows.script.blocks.tree import parse_code
from flows.script.blocks.workspace import Block, Span, Workspace
from flows.script.source import Source, read

Filled = tuple[Clause, Mapping[str, Filling]]


@dataclass(slots=True)
class Body:
    """A run of statements at one indentation; that of one that shares its header's line is None."""

    indent: str | None
    parent: "Body | None" = None
    chain: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement or clause in the text: whose it is, and the indentation around it.

    ``code`` is what it is without its comments, where that is on one line with others.
    """

    block: str
    part: int
    indent: str | None
    code: str


@dataclass(slots=True)
class Opened:
    """A script as blocks, and where each of their parts stands in the text.

    ``shared`` are the spans that stand on one line, by its number; ``bodies`` the indentation of each part's body.
    """

    workspace: Workspace
    layout: Layout
    pieces: dict[Span, Piece] = field(default_factory=dict)
    shared: dict[int, list[Span]] = field(default_factory=dict)
    bodies: dict[tuple[str, int], str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """A part of a compound statement that is to be walked: its block, number, and the body it stands in."""

    block: Block
    part: Part
    number: int
    around: Body


def open_text(text: str, *, with_sites: bool = True) -> Opened:
    """The blocks of a script. Raises ``Unreadable`` for a text that is no valid script."""
    source = read(text)
    return _Reader(source, lay_out(text), site_offsets(source) if with_sites else {}).read_all()


def open_uncompiled(text: str) -> Opened:
    """The blocks of a text that is Python but that the compiler refuses, such as a ``break`` outside a loop."""
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    return _Reader(Source(normal, parse_code(normal)), lay_out(text), {}).read_all()


class _Reader:
    """Walks a script once, in the order of its text, without recursion."""

    def __init__(self, source: Source, layout: Layout, site_at: Mapping[int, int]) -> None:
        self.source, self.layout = source, layout
        self.expressions = Expressions(source, layout, site_at)
        self.opened = Opened(Workspace(None, self.expressions.blocks), layout)
        self.is_elif = IsElif(source.lines)
        self.waiting: list[tuple[ast.stmt, Body] | Opening] = []
        self.chains: list[tuple[Body, Block | None, str]] = []
        self.last_bodies: dict[str, Body] = {}
        self.comments = list(reversed(layout.comments))
        self.root = self._new_body("", None, None, "")
        self.at = self.root

    def read_all(self) -> Opened:
        self._walk_later(self.source.tree.body, self.root)
        while self.waiting:
            entry = self.waiting.pop()
            if isinstance(entry, Opening):
                self._open(entry)
            else:
                self._statement(*entry)
        self._comments_before(len(self.layout.lines) + 1, self.root)
        self._link()
        for line, spans in self.opened.shared.items():
            piece = self.opened.pieces[spans[-1]]
            self.opened.workspace.blocks[piece.block].comments[piece.part] = list(self.layout.logical[line].comments)
        holders = self.expressions.holders
        self.opened.workspace.sites = [holders[number] for number in sorted(holders)]
        return self.opened

    def _walk_later(self, statements: Sequence[ast.stmt], body: Body) -> None:
        self.waiting.extend((statement, body) for statement in reversed(statements))

    def _new_body(self, indent: str | None, parent: Body | None, owner: Block | None, name: str) -> Body:
        body = Body(indent, parent)
        self.chains.append((body, owner, name))
        return body

    def _statement(self, statement: ast.stmt, body: Body) -> None:
        line = first_line(statement)
        self._comments_before(line, body)
        self.at = body
        parts = take_apart(statement, self.is_elif)
        for row, option, found in STATEMENT_INDEX.find(statement):
            clauses = _clauses(row, parts)
            if clauses is not None:
                block = self._block(row, option, found, statement)
                for number, (clause, filled) in enumerate(clauses, start=1):
                    block.clauses.append(clause.kind)
                    self.expressions.fill(block, clause.pattern, filled, str(number))
                break
        else:
            block = self._raw(statement, body)
        body.chain.append(block.id)
        if block.type == RAW_STATEMENT or parts[0].body is None:
            return
        self.waiting.extend(Opening(block, part, n, body) for n, part in reversed(list(enumerate(parts))))

    def _block(self, row: Row, option: str, found: Mapping[str, Filling], statement: ast.stmt) -> Block:
        block = self.expressions.new_block(row.type, statement)
        if len(row.forms) > 1:
            block.fields[CHOICE] = option
        self.expressions.fill(block, row.patterns[option], found)
        if not isinstance(statement, COMPOUND):
            logical = self.layout.logical_at(statement.lineno)
            self._piece(block, 0, logical, self.at, self.expressions.text_of(statement))
        return block

    def _open(self, opening: Opening) -> None:
        """Walk into a part: its header is a piece, its body comes next."""
        part, block, body = opening.part, opening.block, opening.part.body
        assert body
        start = self.expressions.place(body[0])
        line = part.node.lineno if part.node is not None else self.layout.clause_before(*start)[0]
        if opening.number:
            self._comments_before(line, self.last_bodies[block.id])
        header, first = self.layout.logical_at(line), self.layout.logical_at(first_line(body[0]))
        is_inline = header is first
        code = self._header_code(line, start[1]) if is_inline else ""
        self._piece(block, opening.number, header, opening.around, code)
        indent = None if is_inline else first.indent
        self.opened.bodies[block.id, opening.number] = indent
        self.at = self._new_body(indent, opening.around, block, f"BODY{opening.number or ''}")
        self.last_bodies[block.id] = self.at
        self._walk_later(body, self.at)

    def _header_code(self, line: int, until: int) -> str:
        logical = self.layout.logical_at(line)
        one_line = logical.first == logical.last
        return self.layout.lines[line - 1][len(logical.indent) : until].rstrip() if one_line else "\n"

    def _piece(self, block: Block, part: int, logical: Logical, body: Body, code: str) -> None:
        spans = self.opened.shared.setdefault(logical.first, [])
        span = Span(logical.first, logical.last, len(spans))
        spans.append(span)
        block.spans.append(span)
        block.comments.append([])
        self.opened.pieces[span] = Piece(block.id, part, body.indent, code)

    def _raw(self, statement: ast.stmt, body: Body) -> Block:
        block = self.expressions.new_block(RAW_STATEMENT, statement)
        block.why = why_statement(statement)
        start = self.source.offset(first_line(statement), 0)
        end = self.source.offset(statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
        self.expressions.hold_sites(block, start if is_compound(statement) else self._offset(statement), end)
        first, last = self.layout.logical_at(first_line(statement)), self.layout.logical_at(statement.end_lineno or 1)
        if not self._is_alone(statement, first):
            block.fields["CODE"] = self.expressions.text_of(statement)
            self._piece(block, 0, first, body, block.fields["CODE"])
            return block
        while self.comments and self.comments[-1].line <= last.last:
            self.comments.pop()
        span = Span(first.first, last.last)
        block.fields["CODE"] = "\n".join(self._dedented(span, body.indent or ""))
        block.spans, block.comments = [span], [[]]
        self.opened.pieces[span] = Piece(block.id, 0, body.indent, "")
        return block

    def _offset(self, statement: ast.stmt) -> int:
        return self.source.offset(statement.lineno, statement.col_offset)

    def _is_alone(self, statement: ast.stmt, logical: Logical) -> bool:
        """True for a statement that shares its lines with nothing but a comment."""
        if is_compound(statement):
            return True
        end = (statement.end_lineno or statement.lineno) - 1
        rest = self.source.lines[end][statement.end_col_offset or 0 :].strip()
        is_first = self.expressions.place(statement) == (logical.first, len(logical.indent))
        return is_first and (not rest or rest.startswith(b"#")) and end + 1 == logical.last

    def _dedented(self, span: Span, indent: str) -> list[str]:
        lines = self.layout.lines[span.first - 1 : span.last]
        inside = self.layout.strings
        return [
            line if number in inside else line.removeprefix(indent)
            for number, line in enumerate(lines, start=span.first)
        ]

    def _comments_before(self, line: int, floor: Body) -> None:
        """Give the comments above a line to the innermost body that their indentation allows."""
        at = self.at
        run: list[CommentLine] = []
        while self.comments and self.comments[-1].line < line:
            comment = self.comments.pop()
            while at is not floor and at.parent and (at.indent is None or len(at.indent) > comment.col):
                self._comment(run, at)
                run, at = [], at.parent
            if run and (run[-1].line + 1 != comment.line or run[-1].col != comment.col):
                self._comment(run, at)
                run = []
            run.append(comment)
        self._comment(run, at)

    def _comment(self, run: Sequence[CommentLine], body: Body) -> None:
        if not run:
            return
        block = self.expressions.new_block(COMMENT, None)
        block.fields["TEXT"] = "\n".join(_said(comment.text) for comment in run)
        span = Span(run[0].line, run[-1].line)
        block.spans, block.comments = [span], [[]]
        body.chain.append(block.id)
        self.opened.pieces[span] = Piece(block.id, 0, body.indent, "")

    def _link(self) -> None:
        blocks = self.expressions.blocks
        for body, owner, name in self.chains:
            for block, following in zip(body.chain, body.chain[1:], strict=False):
                blocks[block].next = following
            first = body.chain[0] if body.chain else None
            if owner is None:
                self.opened.workspace.first = first
            elif first is not None:
                owner.inputs[name] = first


def is_compound(statement: ast.stmt) -> bool:
    """True for a statement that may have others in it, so that it never shares its line with one before it."""
    return hasattr(statement, "body") or hasattr(statement, "cases")


def first_line(statement: ast.stmt) -> int:
    """Where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return decorators[0].lineno if decorators else statement.lineno


def _clauses(row: Row, parts: Sequence[Part]) -> list[Filled] | None:
    """The clauses that the further parts are examples of; None where one is of none."""
    filled = []
    for part in parts[1:]:
        one = next(iter(_matching(row, part)), None)
        if one is None:
            return None
        filled.append(one)
    return filled


def _matching(row: Row, part: Part) -> list[Filled]:
    tried = [(c, c.pattern.match(part.node)) for c in row.clauses if c.kind in (part.kind, f"{part.kind}_as")]
    return [(clause, found) for clause, found in tried if found is not None]


def _said(text: str) -> str:
    """A comment without its sign, where that can be put back as it was."""
    said = text[2:]
    return said if written_comment(said) == text else text


def written_comment(line: str) -> str:
    """One line of a comment as it is written."""
    return line if line.startswith("#") else f"# {line}" if line else "#"
