"""Makes a script tell its host what it does: which step it calls, where it is, and that nothing will catch an error.

Only text is inserted, so that everything the author wrote stays as it is, and every line knows its line in the source:

- a step's name carries its site: ``run_task('A')`` is called as ``run_task__3('A')``;
- ``elements`` becomes ``__elements``, a range of that length, where only its length or all of it is meant;
- ``__at=7`` before a statement of the script's own body says that line 7 has begun;
- a ``try`` with a ``finally`` tells of an exception that nothing around it will catch *before* the ``finally`` runs
  (R29), because its steps are waited for while the element has already failed. The sandbox would also give such an
  error the line of the ``finally``.
"""

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.script.analysis import Site, handler_names
from flows.script.source import Source

NEWLINE = b"\n"
UNMARKED = ast.Try | ast.TryStar | ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith
HEADED = ast.If | ast.For | ast.While | ast.With | ast.Match | ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A script as it runs. ``lines[i]`` is the source line of line ``i + 1``."""

    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Insertion:
    """Text put in front of an offset of the UTF-8 source; ``rank`` orders those at the same offset."""

    offset: int
    rank: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Guard:
    """A ``try`` with a ``finally``, and the types that handlers around it catch. ``finally_line`` is its keyword's."""

    statement: ast.Try
    caught_around: tuple[str, ...]
    finally_line: int

    @property
    def is_wrapped(self) -> bool:
        """Errors of its own handlers count too, so all up to the ``finally`` goes into a ``try`` of its own."""
        return bool(self.statement.handlers)


def rewrite(source: Source, sites: Sequence[Site], whole: Sequence[ast.Name] = ()) -> Rewritten:
    """The script with all that the host needs to be told. Linear in its size.

    ``whole`` are the mentions of ``elements`` that need no list.
    """
    guards = guarded_tries(source)
    shifts = _shifts(source, guards)
    insertions = [Insertion(site.offset, 2, f"__{site.number}".encode()) for site in sites]
    insertions += [Insertion(source.offset(name.lineno, name.col_offset), 2, b"__") for name in whole]
    insertions += _markers(source, shifts)
    insertions += _guarding(source, guards, shifts)
    return _apply(source, sorted(insertions))


# --- where the script is ------------------------------------------------------------------------------------------


def _markers(source: Source, shifts: dict[int, int]) -> Iterator[Insertion]:
    for statement in _own_statements(source.tree.body):
        line, offset = statement.lineno, source.offset(statement.lineno, statement.col_offset)
        marker = f"__at={line}".encode()
        if isinstance(statement, UNMARKED):
            continue
        if not isinstance(statement, HEADED):
            yield Insertion(offset, 1, marker + b";")
        elif not is_elif(source, statement) and not getattr(statement, "decorator_list", ()):
            yield Insertion(offset, 1, marker + NEWLINE + _indent(source, line) + b" " * shifts.get(line, 0))


def _own_statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of the script's own body, also inside ``if``, loops, ``try``, ``with``, ``match``."""
    waiting = list(body)
    while waiting:
        statement = waiting.pop()
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting.extend(_inner(statement))


def _inner(statement: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body


def is_elif(source: Source, statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and source.lines[statement.lineno - 1].startswith(
        b"elif", statement.col_offset
    )


# --- errors on their way through a finally ------------------------------------------------------------------------


def guarded_tries(source: Source) -> list[Guard]:
    """The ``try`` statements to guard: those of the script's own body whose errors something may let through."""
    found: list[Guard] = []
    finally_lines: list[int] | None = None
    waiting: list[tuple[ast.stmt, tuple[str, ...]]] = [(statement, ()) for statement in source.tree.body]
    while waiting:
        statement, caught = waiting.pop()
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(statement, ast.Try):
            if statement.finalbody and "Exception" not in caught:
                finally_lines = finally_lines or [line for line, word in _logical_lines(source) if word == "finally"]
                keyword = max(line for line in finally_lines if line <= statement.finalbody[0].lineno)
                found.append(Guard(statement, caught, keyword))
            names = tuple(name for handler in statement.handlers for name in handler_names(handler))
            waiting.extend((child, (*caught, *names)) for child in statement.body)
        in_body = set(statement.body) if isinstance(statement, ast.Try) else set()
        waiting.extend((child, caught) for child in _inner(statement) if child not in in_body)
    return found


def _shifts(source: Source, guards: Sequence[Guard]) -> dict[int, int]:
    """By how many columns each logical line moves to the right."""
    wrapped = [(guard.statement.lineno, guard.finally_line) for guard in guards if guard.is_wrapped]
    if not wrapped:
        return {}
    changes = [0] * (len(source.lines) + 2)
    for first, after in wrapped:
        changes[first] += 1
        changes[after] -= 1
    depth, depths = 0, []
    for change in changes:
        depth += change
        depths.append(depth)
    return {line: depths[line] for line, _ in _logical_lines(source) if depths[line]}


def _guarding(source: Source, guards: Sequence[Guard], shifts: dict[int, int]) -> Iterator[Insertion]:
    opened = {guard.statement.lineno for guard in guards if guard.is_wrapped}
    for line, shift in shifts.items():
        indent = _indent(source, line)
        opening = b" " * (shift - 1) + b"try:" + NEWLINE + indent if line in opened else b""
        yield Insertion(source.offset(line, len(indent)), 0, opening + b" " * shift)
    for guard in guards:
        indent = _indent(source, guard.finally_line) + b" " * shifts.get(guard.finally_line, 0)
        yield Insertion(source.offset(guard.finally_line, 0), -1, indent + _telling(guard.caught_around) + NEWLINE)


def _telling(caught_around: tuple[str, ...]) -> bytes:
    known = f"__isinstance(__error,({','.join(caught_around)},)) or " if caught_around else ""
    told = "__uncaught(__at,__type(__error).__name__,__str(__error))"
    return f"except Exception as __error: {known}{told}; raise".encode()


def _logical_lines(source: Source) -> Iterator[tuple[int, str]]:
    """(line, first word) of every logical line: those that count for indentation."""
    at_start = True
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.NEWLINE:
            at_start = True
        elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
            if at_start:
                yield token.start[0], token.string
            at_start = False


def _indent(source: Source, line: int) -> bytes:
    text = source.lines[line - 1]
    return text[: len(text) - len(text.lstrip(b" \t\f"))]


# --- putting it together ------------------------------------------------------------------------------------------


def _apply(source: Source, insertions: Sequence[Insertion]) -> Rewritten:
    utf8 = source.text.encode()
    parts: list[bytes] = []
    lines, line, at = [1], 1, 0
    for insertion in insertions:
        original = utf8[at : insertion.offset]
        for _ in range(original.count(NEWLINE)):
            line += 1
            lines.append(line)
        lines.extend([line] * insertion.text.count(NEWLINE))
        parts += [original, insertion.text]
        at = insertion.offset
    rest = utf8[at:]
    lines.extend(range(line + 1, line + 1 + rest.count(NEWLINE)))
    return Rewritten(b"".join([*parts, rest]).decode(), tuple(lines))
