"""How tightly Python's expressions bind: when one inside another needs parentheses (reference manual, 6.17)."""

import ast
from typing import Final

LOOSE: Final = 0
TUPLE: Final = 1
TEST: Final = 2
OR: Final = 3
AND: Final = 4
NOT: Final = 5
COMPARE: Final = 6
BIT_OR: Final = 7
FACTOR: Final = 13
POWER: Final = 14
AWAIT: Final = 15
ATOM: Final = 16
WHOLE: Final = 17
"""An atom that an attribute may follow: all but numbers."""

_OPERATORS: Final[dict[type[ast.AST], int]] = {
    ast.Or: OR,
    ast.And: AND,
    ast.Not: NOT,
    ast.BitOr: BIT_OR,
    ast.BitXor: 8,
    ast.BitAnd: 9,
    ast.LShift: 10,
    ast.RShift: 10,
    ast.Add: 11,
    ast.Sub: 11,
    ast.Mult: 12,
    ast.MatMult: 12,
    ast.Div: 12,
    ast.Mod: 12,
    ast.FloorDiv: 12,
    ast.UAdd: FACTOR,
    ast.USub: FACTOR,
    ast.Invert: FACTOR,
    ast.Pow: POWER,
}
_LEVELS: Final[dict[type[ast.AST], int]] = {
    ast.NamedExpr: LOOSE,
    ast.Yield: LOOSE,
    ast.YieldFrom: LOOSE,
    ast.Starred: LOOSE,
    ast.Tuple: TUPLE,
    ast.Lambda: TEST,
    ast.IfExp: TEST,
    ast.Compare: COMPARE,
    ast.Await: AWAIT,
}


def level(node: ast.AST) -> int:
    """How tightly an expression holds together; an atom most."""
    if isinstance(node, ast.BoolOp | ast.BinOp | ast.UnaryOp):
        return _OPERATORS[type(node.op)]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex):
        return ATOM
    return _LEVELS.get(type(node), WHOLE)


def required(parent: ast.AST, field: str) -> int:
    """How tightly an expression must hold together to stand in this field without parentheses."""
    match parent:
        case ast.Assign() | ast.Expr() | ast.Return() | ast.For():
            return TUPLE
        case ast.IfExp():
            return TEST if field == "orelse" else OR
        case ast.BoolOp() | ast.Compare():
            return level(parent) + 1
        case ast.BinOp(op=ast.Pow()):
            return AWAIT if field == "left" else FACTOR
        case ast.BinOp():
            return level(parent) + (field == "right")
        case ast.UnaryOp():
            return level(parent)
        case ast.Attribute():
            return WHOLE
        case ast.Subscript() | ast.Call() if field in ("value", "func"):
            return ATOM
        case ast.comprehension() | ast.FormattedValue():
            return OR
        case _:
            return TEST
