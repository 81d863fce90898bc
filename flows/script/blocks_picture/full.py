"""The whole picture: a line for each block, with number, icon and words.

It has its natural width as an attribute and no view box: a page that makes it wider or narrower scales nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flows.script.blocks_picture.lines import Line
from flows.script.blocks_picture.look import GREY, GROUND, INK, WORD, shape_of
from flows.script.blocks_picture.markup import SVG, element, words
from flows.script.blocks_picture.words import ELLIPSIS, MOST_LINE, plain, sentence, shortened, spaced

MOST_LINES: Final = 300
ROW: Final = 24
INDENT: Final = 16
NUMBERS: Final = 40
"""Pixels to the left of the bars, for the numbers of sites."""
MOST_INDENT: Final = 16
"""Levels that are indented; deeper ones stay there."""

_FONT: Final = "system-ui, -apple-system, 'Segoe UI', sans-serif"
_NARROWEST, _WIDEST, _CHARACTER = 320, 960, 7


@dataclass(frozen=True, slots=True)
class Part:
    """One script of the picture: its heading and its lines."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Links:
    """Where the steps of a picture lead: addresses by the path of sites, ``(2, 1)`` is site 1 of site 2's child."""

    by_place: Mapping[tuple[int, ...], str] = field(default_factory=dict)

    def of(self, line: Line) -> str | None:
        """The address of a line's first step that has one."""
        return next((found for site in line.sites if (found := self.by_place.get((*line.path, site)))), None)


def draw(parts: Sequence[Part], title: str, links: Links | None = None) -> str:
    """The picture of these scripts, those without a line left out; each a list for who hears it. Linear."""
    title = shortened(title, MOST_LINE)
    shown = [part for part in parts if part.lines] or [Part("", [Line(0, "raw", "note", plain("No steps yet."))])]
    has_heads = len(shown) > 1
    drawn, y = [], 0
    for part in shown:
        lines = cut(part.lines)
        if has_heads:
            drawn.append(_head(part.title, y))
            y += ROW
        drawn.append(_list(part.title or title, lines, y, links or Links()))
        y += ROW * len(lines)
    sizes = {"width": _width(shown), "height": y}
    return element(
        "svg",
        *drawn,
        xmlns=SVG,
        class_="pic pic-full",
        **sizes,
        role="group",
        aria_label=title,
        font_family=_FONT,
        font_size=13,
    )


def alone(picture: str) -> str:
    """The same picture for a place without a style sheet: with a ground, and in the colours of the reader's theme."""
    dark = {f".pic-{tint}": f"--pic:{ink[1]}" for tint, ink in INK.items()}
    rules = "".join(
        (
            f".pic-ground{{fill:{GROUND[1]}}}.pic-word,.pic-name{{fill:{WORD[1]}}}.pic-value,.pic-site,.pic-head{{fill:{GREY[1]}}}",
            *(f"{name}{{{rule}}}" for name, rule in dark.items()),
            ".pic-bar{fill:var(--pic)}.pic-icon{stroke:var(--pic)}",
        )
    )
    style = element("style", words(f"@media (prefers-color-scheme:dark){{{rules}}}"))
    ground = element("rect", class_="pic-ground", width="100%", height="100%", fill=GROUND[0])
    start, rest = picture.split(">", 1)
    return f"{start}>{style}{ground}{rest}"


def cut(lines: Sequence[Line], most: int = MOST_LINES) -> Sequence[Line]:
    """At most so many lines, the last of which says how many more there are."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], Line(0, "raw", "note", plain(f"and {len(lines) - most + 1} more"))]


def _head(title: str, y: int) -> str:
    return element(
        "text", words(title), class_="pic-head", x=8, y=y + 16, fill=GREY[0], font_size=11, aria_hidden="true"
    )


def _list(title: str, lines: Sequence[Line], top: int, links: Links) -> str:
    """The lines, and over them the bars: those of the lines around each go on along it."""
    rows = [_row(line, top + ROW * at, links.of(line)) for at, line in enumerate(lines)]
    ends = _ends(lines)
    bars = [_bar(line, top + ROW * at, ends[at] - at) for at, line in enumerate(lines)]
    listed = element("g", *rows, role="list", aria_label=title)
    return listed + element("g", *bars, class_="pic-bars", aria_hidden="true", pointer_events="none")


def _ends(lines: Sequence[Line]) -> list[int]:
    """For each line the one after its body: the bar of a block goes on along what it holds."""
    ends = [len(lines)] * len(lines)
    open_lines: list[int] = []
    for at, line in enumerate(lines):
        while open_lines and lines[open_lines[-1]].depth >= line.depth:
            ends[open_lines.pop()] = at
        open_lines.append(at)
    return ends


def _bar(line: Line, y: int, rows: int) -> str:
    ink = INK[line.tint][0]
    height = ROW * rows - 2
    return element("rect", class_=f"pic-bar pic-{line.tint}", x=_left(line), y=y + 1, width=3, height=height, fill=ink)


def _row(line: Line, y: int, address: str | None) -> str:
    x = _left(line)
    ink = INK[line.tint][0]
    icon = element(
        "path", class_="pic-icon", d=shape_of(line.kind, line.tint), transform=f"translate({x + 10} 6)",
        fill="none", stroke=ink, stroke_width=1.5, stroke_linecap="round", stroke_linejoin="round",
    )  # fmt: skip
    text = element("text", *_words(line), class_="pic-words", x=x + 30, y=16)
    inside = [_number(line), icon, text]
    if line.sites:
        inside = [
            _step(line, [element("rect", class_="pic-lit", width="100%", height=ROW, fill="none"), *inside], address)
        ]
    place = ".".join(map(str, line.path)) or None
    hint = element("title", words(_said(line))) if ELLIPSIS in _said(line) else ""
    return element(
        "g", hint, *inside, class_=f"pic-line pic-{line.tint}", role="listitem",
        transform=f"translate(0 {y})", data_line=line.line or None, data_path=place,
        data_sites=" ".join(map(str, line.sites)) or None,
        data_said=_said(line) if line.sites else None,
    )  # fmt: skip


def _left(line: Line) -> int:
    return NUMBERS + INDENT * min(line.depth, MOST_INDENT)


def _step(line: Line, inside: Sequence[str], address: str | None) -> str:
    """What a page makes a button or a link of."""
    label = _said(line)
    if address is None:
        return element("g", *inside, class_="pic-step")
    return element("a", *inside, class_="pic-step", href=address, aria_label=label)


def _said(line: Line) -> str:
    """The line as one sentence."""
    return f"Step {_numbers(line)}: {sentence(line.words)}" if line.sites else sentence(line.words)


def _numbers(line: Line) -> str:
    """``3``, ``3–4`` for several, ``2.3`` in the child that step 2 calls."""
    first, last = line.sites[0], line.sites[-1]
    return ".".join(map(str, (*line.path, first))) + ("" if first == last else f"–{last}")


def _number(line: Line) -> str:
    if not line.sites:
        return ""
    told = f"{_numbers(line)} "  # apart from the words, for who hears them
    return element("text", told, class_="pic-site", x=NUMBERS - 8, y=16, text_anchor="end", fill=GREY[0], font_size=12)


def _words(line: Line) -> list[str]:
    return [
        element(
            "tspan",
            words(text),
            class_=f"pic-{'word' if word.role == 'label' else word.role}",
            fill=GREY[0] if word.role == "value" else WORD[0],
            font_weight=600 if word.role == "name" else None,
        )
        for word, text in zip(line.words, spaced(line.words), strict=True)
    ]


def _width(parts: Sequence[Part]) -> int:
    """Enough for the longest line, as far as that can be told without a font."""
    longest = max(
        (
            NUMBERS + INDENT * line.depth + 40 + _CHARACTER * len(sentence(line.words))
            for part in parts
            for line in part.lines
        ),
        default=0,
    )
    return min(max(longest, _NARROWEST), _WIDEST)
