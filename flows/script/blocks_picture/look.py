"""How lines look: the colours of their categories and the shapes of their icons.

The colours stand as attributes, for a picture that is shown by itself; a page's style sheet lays its own over them, by
the classes. Those of ``INK`` are read on white: contrast at least 4.5. Those of ``MID`` are for bars without words, on
a light or a dark ground: contrast at least 3 on both.
"""

from collections.abc import Mapping
from typing import Final

from flows.script.blocks.rows import Category

GROUND: Final = ("#ffffff", "#191a1c")
WORD: Final = ("#1d273b", "#dce3ec")
GREY: Final = ("#5b6674", "#a9b4c2")
INK: Final[Mapping[Category, tuple[str, str]]] = {
    "do": ("#0a5bb5", "#7db8ff"),
    "wait": ("#8a5300", "#f2b554"),
    "decide": ("#7a3e9d", "#d5a6f2"),
    "elements": ("#2f6460", "#76aeaa"),
    "data": ("#46586c", "#8ea6c0"),
    "raw": ("#5b6066", "#a0a7af"),
}
"""In a light and in a dark picture."""

MID: Final[Mapping[Category, str]] = {
    "do": "#2f7fd6",
    "wait": "#b5761a",
    "decide": "#a066c4",
    "elements": "#4b8d87",
    "data": "#71849b",
    "raw": "#84898f",
}

_SHAPES: Final = {
    "play": "M3 1.5v9l7-4.5z",
    "flow": "M1.5 1.5h4v3h-4z M6.5 7.5h4v3h-4z M3.5 4.5V9h3",
    "clock": "M6 1a5 5 0 1 0 .01 0z M6 3.5V6l2 1.5",
    "ask": "M1.5 1.5h9v6.5h-5L3 10.5V8H1.5z M6 3v1.5 M6 6v.1",
    "store": "M2 2.5c0-1.4 8-1.4 8 0v7c0 1.4-8 1.4-8 0z M2 2.5c0 1.4 8 1.4 8 0",
    "text": "M1.5 3h9 M1.5 6h9 M1.5 9h5",
    "flag": "M2.5 11V1.5h7L8 4l1.5 2.5h-7",
    "stop": "M4 1h4l3 3v4l-3 3H4L1 8V4z",
    "branch": "M6 1l5 5-5 5-5-5z",
    "loop": "M10.5 6A4.5 4.5 0 1 1 8.5 2.3 M8.5.5v2.2H6.3",
    "shield": "M6 1l4.5 1.5v3C10.5 8.5 8.5 10.4 6 11 3.5 10.4 1.5 8.5 1.5 5.5v-3z",
    "dot": "M6 5a1 1 0 1 0 .01 0z",
    "funnel": "M1 1.5h10L7.5 6v4.5l-3-1.5V6z",
    "sort": "M3.5 10.5v-9L1.5 4 M3.5 1.5L5.5 4 M8.5 1.5v9L6.5 8 M8.5 10.5L10.5 8",
    "equals": "M1.5 4.5h9 M1.5 7.5h9",
    "hash": "M4.5 1.5l-1 9 M8.5 1.5l-1 9 M1.5 4.5h9 M1.5 7.5h9",
    "braces": "M4.5 1.5C2 1.5 4 6 1.5 6 4 6 2 10.5 4.5 10.5 M7.5 1.5C10 1.5 8 6 10.5 6 8 6 10 10.5 7.5 10.5",
}
"""Strokes on a ground of 12 by 12."""

_BY_KIND: Final = {
    "run_flow": "flow",
    "run_flow_result": "flow",
    "run_named_flow": "flow",
    "run_named_flow_result": "flow",
    "approve": "ask",
    "approve_result": "ask",
    "set_context": "store",
    "log": "text",
    "fail": "stop",
    "abort": "stop",
    "finish": "flag",
    "finish_with": "flag",
    "for": "loop",
    "repeat": "loop",
    "while": "loop",
    "try": "shield",
    "except": "shield",
    "except_as": "shield",
    "finally": "shield",
    "else": "dot",
    "break": "dot",
    "continue": "dot",
    "pass": "dot",
    "sort_elements": "sort",
    "sort_elements_then": "sort",
    "sort_elements_with": "sort",
    "reverse_elements": "sort",
    "comment": "hash",
    "note": "text",
}

_BY_TINT: Final[Mapping[Category, str]] = {
    "do": "play",
    "wait": "clock",
    "decide": "branch",
    "elements": "funnel",
    "data": "equals",
    "raw": "braces",
}


def shape_of(kind: str, tint: Category) -> str:
    """The strokes of a line's icon: of its kind, else of its category."""
    return _SHAPES[_BY_KIND.get(kind, _BY_TINT[tint])]
