"""Python's parser, for one thread at a time.

CPython 3.11.7 and older counts how deep a tree is in one place for all threads (python/cpython#106905): if another
thread parses while garbage is collected, one of them fails with ``SystemError: AST constructor recursion depth
mismatch``. The filters of warnings, too, are one for all threads.
"""

import ast
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: The version whose syntax scripts have.
PYTHON: Final = (3, 11)


class _Turn:
    """Whose turn it is; a forked process begins with nobody's."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self.lock = threading.RLock()


_TURN: Final = _Turn()


@contextmanager
def _alone() -> Iterator[None]:
    with _TURN.lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse(text: str) -> ast.Module:
    """The tree of a script; raises as ``ast.parse`` does."""
    with _alone():
        return ast.parse(text, feature_version=PYTHON)


def parse_expression(text: str) -> ast.expr:
    """The tree of one expression; raises as ``ast.parse`` does."""
    with _alone():
        return ast.parse(text, mode="eval", feature_version=PYTHON).body


def literal(text: str) -> object:
    """The value that a literal has; raises as ``ast.literal_eval`` does."""
    return ast.literal_eval(parse_expression(text.lstrip(" \t")))


def refuse(tree: ast.Module) -> None:
    """Raise ``SyntaxError`` for what only the compiler refuses: ``return`` outside a function, ..."""
    with _alone():
        compile(tree, "<script>", "exec", dont_inherit=True)
