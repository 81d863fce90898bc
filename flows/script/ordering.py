"""A processing script in a few words: ``patroni_leader master last, only env prod, first 3``.

Words are found for what people write and blocks make; a script with anything else is called one of so many lines.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flows.script.element_keys import Key, context_names, key_of, keys_read
from flows.script.problem import Unreadable
from flows.script.source import read

_SIGNS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Eq: "", ast.NotEq: "not ", ast.Lt: "< ", ast.LtE: "<= ", ast.Gt: "> ", ast.GtE: ">= ", ast.In: "",
    ast.NotIn: "not ", ast.Is: "", ast.IsNot: "not ",
}  # fmt: skip
_OPPOSITE: Final[Mapping[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
#: Functions whose result is ordered as what they are given.
_SAME_ORDER: Final = frozenset({"int", "float", "str", "round", "tuple"})
_MOST_WORD: Final = 40


class _NoWords(Exception):
    """The syntax has no words of its own."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the script's own body. ``words`` is empty where it changes no order, None where there are none;
    ``drops`` says in words what stays: ``keeps only env prod``. ``keys`` are those that it reads, in functions too."""

    line: int
    end_line: int
    words: str | None
    drops: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Processing:
    """What is told of a processing script. ``keys`` in the order of the text.

    ``has_words``: the words tell all of what it does; else they only count its lines.
    """

    words: str
    statements: tuple[Statement, ...]
    keys: tuple[Key, ...]
    has_words: bool

    def at(self, line: int) -> Statement | None:
        """The statement that holds a line."""
        return next((one for one in self.statements if one.line <= line <= one.end_line), None)


def words_of(text: str) -> str:
    """What the script does in a few words; nothing where it does nothing."""
    return told(text).words


def told(text: str) -> Processing:
    """What the script does, in words; one that cannot be read has only its number of lines."""
    if not text.strip():
        return Processing("", (), (), has_words=True)
    try:
        tree = read(text).tree
    except Unreadable:
        return Processing(_by_lines(text), (), (), has_words=False)
    reader = _Reader(context_names(tree))
    statements = tuple([reader.statement(node) for node in tree.body])
    words = [one.words for one in statements]
    known = [word for word in words if word is not None]
    has_words = len(known) == len(words)
    told_words = ", ".join(word for word in known if word) if has_words else _by_lines(text)
    return Processing(told_words, statements, tuple(keys_read([tree], reader.contexts)), has_words)


def _by_lines(text: str) -> str:
    count = sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))
    return f"by a script of {count} line{'' if count == 1 else 's'}"


@dataclass(slots=True)
class _Reader:
    """Goes through the statements in order; ``functions`` are those that names stand for: argument and result."""

    contexts: frozenset[str]
    functions: dict[str, tuple[str, ast.expr]] = field(default_factory=dict)
    bodies: dict[str, ast.AST] = field(default_factory=dict)

    def statement(self, node: ast.stmt) -> Statement:
        try:
            words, drops = self._words(node)
        except _NoWords:
            words, drops = None, ""
        keys = tuple(keys_read([node, *self._called(node)], self.contexts))
        return Statement(node.lineno, node.end_lineno or node.lineno, words, drops, keys)

    def _called(self, node: ast.AST) -> list[ast.AST]:
        """The functions of the script that a statement names, and those that these name."""
        found: dict[str, ast.AST] = {}
        waiting: list[ast.AST] = [node]
        while waiting:
            for part in ast.walk(waiting.pop()):
                if isinstance(part, ast.Name) and part.id in self.bodies and part.id not in found:
                    found[part.id] = self.bodies[part.id]
                    waiting.append(self.bodies[part.id])
        return list(found.values())

    def _words(self, node: ast.stmt) -> tuple[str, str]:
        match node:
            case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                return "", ""
            case ast.FunctionDef(name=name, args=args):
                self.bodies[name] = node
                body = [part for part in node.body if not isinstance(part, ast.Expr)]
                match (args.args, body):
                    case ([argument], [ast.Return(value=ast.expr() as value)]):
                        self.functions[name] = (argument.arg, value)
                return "", ""
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function) if name != "elements":
                self.bodies[name] = function
                self.functions[name] = self._function(function)
                return "", ""
            case ast.Expr(value=ast.Call() as call):
                return self._call(call)
            case ast.Assign(targets=[target], value=value) if _is_whole(target):
                return self._call(value) if isinstance(value, ast.Call) else self._rebound(value)
        raise _NoWords

    def _call(self, call: ast.Call) -> tuple[str, str]:
        options = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        match call:
            case ast.Call(func=ast.Name(id="order_flow_elements"), args=[ast.Name(id="elements"), *rest]):
                named = dict(zip(("key", "reverse"), rest, strict=False)) | options
                return self._ordered(named.get("key"), named.get("reverse")), ""
            case ast.Call(func=ast.Name(id="filter_flow_elements"), args=[ast.Name(id="elements"), *rest]):
                named = dict(zip(("predicate",), rest, strict=False)) | options
                return self._kept(*self._function(named.get("predicate")))
            case ast.Call(func=ast.Name(id="sorted"), args=[ast.Name(id="elements")]):
                return self._ordered(options.get("key"), options.get("reverse")), ""
            case ast.Call(func=ast.Attribute(value=ast.Name(id="elements"), attr="sort"), args=[]):
                return self._ordered(options.get("key"), options.get("reverse")), ""
            case ast.Call(func=ast.Attribute(value=ast.Name(id="elements"), attr="reverse"), args=[]):
                return "reversed", ""
            case ast.Call(func=ast.Name(id="reversed" | "list"), args=[inner]):
                return self._call(inner) if isinstance(inner, ast.Call) else self._listed(call, inner)
        raise _NoWords

    def _listed(self, call: ast.Call, inner: ast.expr) -> tuple[str, str]:
        match (call.func, inner):
            case (ast.Name(id="reversed"), ast.Name(id="elements")):
                return "reversed", ""
            case (ast.Name(id="list"), _):
                return self._rebound(inner)
        raise _NoWords

    def _rebound(self, value: ast.expr) -> tuple[str, str]:
        match value:
            case ast.Name(id="elements"):
                return "", ""
            case ast.Subscript(value=ast.Name(id="elements"), slice=ast.Slice() as cut):
                return _cut(cut)
            case ast.ListComp(elt=ast.Name(id=name), generators=[ast.comprehension() as each]):
                match each:
                    case ast.comprehension(target=ast.Name(id=same), iter=ast.Name(id="elements"), ifs=[test]):
                        if same == name:
                            return self._kept(name, test)
        raise _NoWords

    def _function(self, node: ast.expr | None) -> tuple[str, ast.expr]:
        match node:
            case ast.Lambda(args=ast.arguments(args=[argument]), body=body):
                return argument.arg, body
            case ast.Name(id=name) if name in self.functions:
                return self.functions[name]
        raise _NoWords

    # --- ordering -------------------------------------------------------------------------------------------------

    def _ordered(self, key: ast.expr | None, reverse: ast.expr | None) -> str:
        is_reversed = False
        if reverse is not None:
            if not isinstance(reverse, ast.Constant):
                raise _NoWords
            is_reversed = bool(reverse.value)
        _, body = self._function(key)
        parts = body.elts if isinstance(body, ast.Tuple) else [body]
        if not parts:
            raise _NoWords
        told_parts = [self._sorted_by(part, is_reversed) for part in parts]
        return ", then ".join(
            word.removeprefix("by ") if place and told_parts[0].startswith("by ") else word
            for place, word in enumerate(told_parts)
        )

    def _sorted_by(self, node: ast.expr, is_reversed: bool) -> str:
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._sorted_by(operand, not is_reversed)
            case ast.IfExp(test=test, body=ast.Constant(value=yes), orelse=ast.Constant(value=no)):
                return f"{self._condition(test)} {'last' if _is_larger(yes, no) is not is_reversed else 'first'}"
            case ast.Compare() | ast.BoolOp():
                return f"{self._condition(node)} {'first' if is_reversed else 'last'}"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"{self._condition(operand)} {'last' if is_reversed else 'first'}"
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return f"{self._condition(inner)} {'first' if is_reversed else 'last'}"
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _SAME_ORDER:
                return self._sorted_by(inner, is_reversed)
            case ast.Call(func=ast.Name(id="len"), args=[inner]):
                return f"by number of {self._key(inner)}" + (", largest first" if is_reversed else "")
        return f"by {self._key(node)}" + (", largest first" if is_reversed else "")

    # --- conditions -----------------------------------------------------------------------------------------------

    def _kept(self, _argument: str, test: ast.expr) -> tuple[str, str]:
        words = self._condition(test)
        return f"only {words}", f"keeps only {words}"

    def _condition(self, node: ast.expr, *, is_not: bool = False) -> str:
        match node:
            case ast.BoolOp(op=op, values=values):
                joint = "and" if isinstance(op, ast.And) is not is_not else "or"
                if any(isinstance(value, ast.BoolOp) for value in values):
                    raise _NoWords
                return f" {joint} ".join(self._condition(value, is_not=is_not) for value in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._condition(operand, is_not=not is_not)
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return self._condition(inner, is_not=is_not)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._comparison(left, _OPPOSITE[type(op)] if is_not else type(op), right)
        return f"{'not ' if is_not else ''}{self._key(node)}"

    def _comparison(self, left: ast.expr, op: type[ast.cmpop], right: ast.expr) -> str:
        """``env prod``, ``version >= 15``, ``group patroni``, ``with role``."""
        if op in (ast.In, ast.NotIn) and (inside := self._inside(left, op, right)):
            return inside
        own = key_of(left, self.contexts)
        name = self._key(left)
        if own is not None and own == Key("name", is_own=True) and op in (ast.Eq, ast.NotEq):
            return f"{_SIGNS[op]}{_value(right)}"
        return f"{name} {_SIGNS[op]}{_value(right)}"

    def _inside(self, left: ast.expr, op: type[ast.cmpop], right: ast.expr) -> str:
        """A condition on a list or mapping of the element's."""
        if key_of(right, self.contexts) == Key("groups", is_own=True):
            return f"{_SIGNS[op]}group {_value(left)}"
        asked = keys_read([ast.Compare(left, [op()], [right])], self.contexts)
        if isinstance(left, ast.Constant) and asked and key_of(right, self.contexts) is None:
            return f"{'without' if op is ast.NotIn else 'with'} {asked[0].name}"
        if isinstance(left, ast.Constant) and key_of(right, self.contexts):
            return f"{self._key(right)} {'without' if op is ast.NotIn else 'with'} {_value(left)}"
        return ""

    def _key(self, node: ast.expr) -> str:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _SAME_ORDER:
                return self._key(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr="lower" | "upper" | "strip"), args=[]):
                return self._key(inner)
        key = key_of(node, self.contexts)
        if key is None:
            raise _NoWords
        return key.name


def _is_whole(target: ast.expr) -> bool:
    """``elements = ...`` and ``elements[:] = ...``."""
    match target:
        case ast.Name(id="elements"):
            return True
        case ast.Subscript(value=ast.Name(id="elements"), slice=ast.Slice(lower=None, upper=None, step=None)):
            return True
    return False


def _is_larger(yes: object, no: object) -> bool:
    if isinstance(yes, int | float) and isinstance(no, int | float) and yes != no:
        return yes > no
    raise _NoWords


def _cut(cut: ast.Slice) -> tuple[str, str]:
    match (cut.lower, cut.upper, cut.step):
        case (None, ast.expr() as upper, None):
            count = _count(upper)
            if count.startswith("-"):
                return f"without the last{_plural(count[1:])}", f"leaves out the last{_plural(count[1:])}"
            return f"first {count}", f"keeps the first {count}"
        case (ast.UnaryOp(op=ast.USub(), operand=lower), None, None):
            return f"last {_count(lower)}", f"keeps the last {_count(lower)}"
        case (ast.expr() as lower, None, None):
            return f"without the first{_plural(_count(lower))}", f"leaves out the first{_plural(_count(lower))}"
        case (None, None, ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1))):
            return "reversed", ""
    raise _NoWords


def _plural(count: str) -> str:
    return "" if count == "1" else f" {count}"


def _count(node: ast.expr) -> str:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_count(operand)}"
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return str(number)
    return _value(node)


def _value(node: ast.expr) -> str:
    """A value as a person writes it."""
    match node:
        case ast.Constant(value=value):
            words = {None: "null", True: "true", False: "false"}
            text = words[value] if value is None or isinstance(value, bool) else str(value)
            return repr(text) if not text or text != text.strip() else _short(text)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return f"-{number}"
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items) if items:
            return _short(" or ".join(_value(item) for item in items))
        case ast.Subscript(value=ast.Name(id="inputs"), slice=ast.Constant(value=str(name))):
            return f"input {name}"
    raise _NoWords


def _short(text: str) -> str:
    return text if len(text) <= _MOST_WORD else f"{text[: _MOST_WORD - 1]}…"
