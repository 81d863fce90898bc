"""The picture for lists: a bar for each line, as long as what it says; no words but its title."""

from collections.abc import Sequence
from typing import Final

from flows.script.blocks_picture.lines import Line
from flows.script.blocks_picture.look import MID
from flows.script.blocks_picture.markup import SVG, element, words
from flows.script.blocks_picture.words import sentence, shortened

WIDTH: Final = 96
MOST_BARS: Final = 14
"""With these it is 70 pixels high."""
NAMED_STEPS: Final = 8
"""Steps that the title names."""

_PITCH, _BAR, _INDENT, _MOST_INDENT, _CHARACTERS, _NAMED = 5, 3, 6, 6, 60, 40


def draw_small(lines: Sequence[Line]) -> str:
    """The thumbnail of these lines. Its colours are read on a light and on a dark ground."""
    shown = lines if len(lines) <= MOST_BARS else lines[: MOST_BARS - 1]
    bars = [_bar(line, at) for at, line in enumerate(shown)]
    if len(shown) < len(lines):
        bars.append(_more(len(shown)))
    height = max(len(bars), 1) * _PITCH
    title = element("title", words(title_of(lines)))
    return element(
        "svg",
        title,
        *bars,
        xmlns=SVG,
        class_="pic pic-small",
        width=WIDTH,
        height=height,
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
    )


def title_of(lines: Sequence[Line]) -> str:
    """``3 steps: 1 run Stop, 2 wait 5 seconds, 3 run Start``."""
    steps = [line for line in lines if line.sites]
    if not steps:
        return sentence(lines[0].words) if [line.kind for line in lines] == ["note"] else "No steps"
    count = sum(len(line.sites) for line in steps)
    named = [f"{line.sites[0]} {shortened(sentence(line.words), _NAMED)}" for line in steps[:NAMED_STEPS]]
    more = [f"and {len(steps) - NAMED_STEPS} more"] if len(steps) > NAMED_STEPS else []
    return f"{count} {'step' if count == 1 else 'steps'}: {', '.join([*named, *more])}"


def _bar(line: Line, at: int) -> str:
    x = _INDENT * min(line.depth, _MOST_INDENT)
    length = min(len(sentence(line.words)), _CHARACTERS) / _CHARACTERS
    width = round(8 + (WIDTH - x - 8) * length, 1)
    return element(
        "rect",
        class_=f"pic-bar pic-{line.tint}",
        x=x,
        y=at * _PITCH + 1,
        width=width,
        height=_BAR,
        rx=1.5,
        fill=MID[line.tint],
    )


def _more(at: int) -> str:
    dots = [element("circle", cx=2 + 5 * number, cy=at * _PITCH + 2.5, r=1.5, fill=MID["raw"]) for number in range(3)]
    return element("g", *dots, class_="pic-more")
