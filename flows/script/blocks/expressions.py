"""Fills the holes of a block from the syntax tree: fields as they are written, and expressions as blocks."""

import ast
from bisect import bisect_right
from collections.abc import Mapping

from flows.script.analysis import sites_of
from flows.script.blocks.catalog import RAW_VALUE, VALUE_INDEX
from flows.script.blocks.holes import Filling, Kind
from flows.script.blocks.layout import Layout
from flows.script.blocks.pattern import Pattern, Slot
from flows.script.blocks.reasons import why_value
from flows.script.blocks.rows import CHOICE
from flows.script.blocks.tree import parse_value, same_tree
from flows.script.blocks.workspace import Block
from flows.script.problem import Unreadable
from flows.script.source import Source


class Expressions:
    """Makes blocks, in the order of the text, and knows which of them holds which step site."""

    def __init__(self, source: Source, layout: Layout, site_at: Mapping[int, int]) -> None:
        """``site_at`` are the numbers of the sites by where their steps' names end."""
        self.source, self.layout = source, layout
        self.blocks: dict[str, Block] = {}
        self.holders: dict[int, str] = {}
        self._site_at = site_at
        self._offsets = sorted(site_at)
        self._waiting: list[tuple[ast.expr, Block, str]] = []
        self._made = 0

    def new_block(self, kind: str, node: ast.AST | None) -> Block:
        """A block of this type; the step of site n is ``sn``."""
        call = node.value if isinstance(node, ast.Expr) else node
        site = self._site_at.get(self.source.end_offset(call.func)) if isinstance(call, ast.Call) else None
        self._made += 1
        block = Block(f"s{site}" if site else f"b{self._made}", kind)
        if site:
            self.holders[site] = block.id
        self.blocks[block.id] = block
        return block

    def hold_sites(self, block: Block, start: int, end: int) -> None:
        """Say that the sites between two offsets of the UTF-8 text are in this (raw) block."""
        for offset in self._offsets[bisect_right(self._offsets, start) : bisect_right(self._offsets, end)]:
            self.holders.setdefault(self._site_at[offset], block.id)

    def fill(self, block: Block, pattern: Pattern, found: Mapping[str, Filling], suffix: str = "") -> None:
        """Put what was found into the block's holes, those of a clause with its number; expressions become blocks."""
        for slot in pattern.segments:
            if isinstance(slot, Slot):
                self._fill(block, pattern.kinds[slot.name], slot.name + suffix, found[slot.name])
        self._waiting.reverse()
        while self._waiting:
            node, owner, name = self._waiting.pop()
            start = len(self._waiting)
            owner.inputs[name] = self._value(node)
            self._waiting[start:] = reversed(self._waiting[start:])

    def _value(self, node: ast.expr) -> str:
        matches = VALUE_INDEX.find(node)
        row, option, found = next(matches)
        while isinstance(node, ast.JoinedStr) and not self._can_tell(found):
            row, option, found = next(matches)
        block = self.new_block(row.type, node)
        if row.type == RAW_VALUE:
            block.why = why_value(node)
        if len(row.forms) > 1:
            block.fields[CHOICE] = option
        pattern = row.patterns[option]
        for slot in pattern.segments:
            if isinstance(slot, Slot):
                self._fill(block, pattern.kinds[slot.name], slot.name, found[slot.name])
        return block.id

    def _fill(self, block: Block, kind: Kind, name: str, filling: Filling) -> None:
        if isinstance(filling, list):
            block.counts[name] = len(filling)
            for number, node in enumerate(filling):
                if isinstance(node, ast.keyword):
                    block.fields[f"{name}.{number}"] = node.arg or ""
                    self._waiting.append((node.value, block, f"{name}.{number}"))
                else:
                    self._waiting.append((node, block, f"{name}.{number}"))
        elif isinstance(filling, str):
            block.fields[name] = filling
        elif kind is Kind.VALUE:
            assert isinstance(filling, ast.expr)
            self._waiting.append((filling, block, name))
        else:
            block.fields[name] = self._field(block, kind, name, filling)

    def _field(self, block: Block, kind: Kind, name: str, node: ast.AST) -> str:
        assert isinstance(node, ast.expr)
        match node:
            case ast.Name(id=text) if kind in (Kind.NAME, Kind.TARGET):
                return text
            case ast.Tuple(elts=names) if kind is Kind.TARGET:
                words = [name.id for name in names if isinstance(name, ast.Name)]
                return ", ".join(words) + ("," if len(words) == 1 else "")
            case ast.Constant(value=str(text)) if kind is Kind.TEXT:
                if not hasattr(node, "lineno"):
                    return text
                written = self.text_of(node)
                if written != repr(text) and self._is_one_token(node, written):
                    block.sources[name] = written
                return text
        if kind is Kind.CODE:
            self.hold_sites(block, self.source.offset(node.lineno, node.col_offset), self.source.end_offset(node))
            return self._code(node)
        return self.text_of(node)

    def text_of(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node as it is written, without parentheses around it."""
        lines = self.source.lines
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        if first == last:
            return lines[first][node.col_offset : node.end_col_offset].decode()
        middle = lines[first + 1 : last]
        return b"\n".join([lines[first][node.col_offset :], *middle, lines[last][: node.end_col_offset]]).decode()

    def place(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The line (from 1) and column (characters from 0) where a node starts."""
        line, col = self.source.position(node)
        return line, col - 1

    def _can_tell(self, found: Mapping[str, Filling]) -> bool:
        """False for an f-string with a value whose place in the text is not certain (see ``fstrings``)."""
        pieces = found.get("PARTS")
        return not isinstance(pieces, list) or all(self._is_placed(piece) for piece in pieces)

    def _is_placed(self, piece: ast.AST) -> bool:
        if not isinstance(piece, ast.expr) or not hasattr(piece, "lineno"):
            return True
        code = self.text_of(piece)
        try:
            return "\\" not in code and "\n" not in code and same_tree(parse_value(code), piece)
        except SyntaxError:
            return False

    def _is_one_token(self, node: ast.expr, written: str) -> bool:
        if "\n" not in written:
            return True
        line, col = self.source.end_position(node)
        return self.layout.tokens.get(self.place(node)) == (line, col - 1)

    def _code(self, node: ast.expr) -> str:
        """The text of an expression; a comment in it belongs to its statement, so it is written anew without."""
        written = self.text_of(node)
        if "\n" in written and "#" in written:
            try:
                plain = ast.unparse(node)
                if same_tree(parse_value(plain), node):
                    return plain
            except (ValueError, SyntaxError, RecursionError):
                return written
        return written


def site_offsets(source: Source) -> dict[int, int]:
    """The sites by where their steps' names end; none where a step's place cannot be told (the check says so)."""
    try:
        return {site.offset: site.number for site in sites_of(source)}
    except Unreadable:
        return {}
