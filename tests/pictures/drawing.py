"""A plan as an SVG picture: elements are rows, waves are columns, from left to right in the order in which they run.

Readable in light and dark pages alike: the picture has a ground of its own, and follows what the reader prefers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from flows.plan import Plan, PlanWave
from tests.pictures.words import label, told

ROW, CELL, LEFT, PAD = 30, 22, 52, 12
LETTER = 7.2
SOAK, BREAK, STOP = 58, 16, 150

STYLE = """
text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #1d2433; }
.quiet { fill: #5b6475; font-size: 11px; }
.ground { fill: #ffffff; stroke: #d5dae3; }
.row { stroke: #e6e9ef; }
.child { fill: #5b6475; fill-opacity: 0.09; }
.edge { stroke: #5b6475; stroke-dasharray: 3 3; }
.soak { fill: #5b6475; fill-opacity: 0.14; }
.flow { fill: none; stroke: #5b6475; stroke-dasharray: 4 2; }
.t0 { fill: #d7e5ff; stroke: #3b6fd4; } .t1 { fill: #d3f2df; stroke: #2c8a57; } .t2 { fill: #ffe7c7; stroke: #b9770e; }
.t3 { fill: #f3dcff; stroke: #8b46c2; } .t4 { fill: #ffdcdc; stroke: #c2484a; } .t5 { fill: #d2f1f4; stroke: #23838d; }
@media (prefers-color-scheme: dark) {
text { fill: #e6e9f0; } .quiet { fill: #a2abbd; } .ground { fill: #161b26; stroke: #333c4d; } .row { stroke: #283040; }
.child { fill: #a2abbd; fill-opacity: 0.12; } .edge { stroke: #a2abbd; } .soak { fill: #a2abbd; fill-opacity: 0.18; }
.flow { stroke: #a2abbd; }
.t0 { fill: #213a6b; stroke: #7ba4f5; } .t1 { fill: #1c4a33; stroke: #63c794; } .t2 { fill: #553a0d; stroke: #e2ab4f; }
.t3 { fill: #44265e; stroke: #c18bf0; } .t4 { fill: #5c2527; stroke: #f08d8f; } .t5 { fill: #174a50; stroke: #5fc6d1; }
}
"""


@dataclass(slots=True)
class _Column:
    """One wave with its place. Steps on the same target stand beside each other: they run one at a time (R27)."""

    wave: PlanWave
    x: float
    cell: float
    places: dict[str, int]

    @property
    def width(self) -> float:
        return self.cell * (max(self.places.values()) + 1)


@dataclass(slots=True)
class _Picture:
    plan: Plan
    tasks: Sequence[str]
    soak_s: float
    rows: list[str] = field(default_factory=list)
    columns: list[_Column] = field(default_factory=list)
    breaks: list[tuple[float, int]] = field(default_factory=list)
    width: float = 0
    top: int = PAD - 4

    def __post_init__(self) -> None:
        self.rows = list(dict.fromkeys([*self.plan.elements, *(e for wave in self.plan.waves for e in wave.elements)]))
        x, batch = float(LEFT), 1
        for wave in self.plan.waves:
            if wave.depth == 0 and wave.batch != batch:
                self.breaks.append((x, batch))
                x += SOAK if self.soak_s else BREAK
                batch = wave.batch
            column = _Column(wave, x, len(_words(wave)) * LETTER + 14, _places(wave))
            self.columns.append(column)
            x += column.width + 4
        self.width = x + PAD + (STOP if self.plan.stops_at else 0)
        self.top += (18 if self.breaks else 0) + (18 if self.soak_s or self._has_children else 0)

    @property
    def _has_children(self) -> bool:
        return any(wave.depth for wave in self.plan.waves)

    @property
    def bottom(self) -> int:
        return self.top + ROW * len(self.rows)

    def colour(self, wave: PlanWave) -> str:
        """Each task of the page's flows has its own, whether it runs or not."""
        return f"t{self.tasks.index(label(wave)) % 6}"

    def y(self, element: str) -> int:
        return self.top + ROW * self.rows.index(element) + (ROW - CELL) // 2


def draw(plan: Plan, tasks: Sequence[str], soak_s: float = 0.0) -> str:
    """The picture, ``tasks`` in the order of their colours. The same plan gives the same text."""
    picture = _Picture(plan, tasks, soak_s)
    width, height = round(picture.width), picture.bottom + PAD - 4
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(told(plan))}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        *_rows(picture),
        *_children(picture),
        *_batches(picture),
        *(part for column in picture.columns for part in _column(picture, column)),
        *_stop(picture),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _places(wave: PlanWave) -> dict[str, int]:
    """In which part of its column each element's step stands: one after another on the same target."""
    places: dict[str, int] = {}
    stood: dict[str, int] = {}
    for element in wave.elements:
        target = wave.target or (wave.targets or {}).get(element)
        places[element] = stood.get(target, 0) if target else 0
        if target:
            stood[target] = places[element] + 1
    return places


def _words(wave: PlanWave) -> str:
    return f"{label(wave)}{f' on {wave.target}' if wave.target else ''}"


def _rows(picture: _Picture) -> Iterator[str]:
    for element in picture.rows:
        middle = picture.y(element) + CELL / 2
        yield f'<line class="row" x1="{LEFT}" x2="{_n(picture.width - PAD)}" y1="{_n(middle)}" y2="{_n(middle)}"/>'
        yield _text(element, PAD, middle + 4)


def _children(picture: _Picture) -> Iterator[str]:
    """A ground for the waves of each child run, with its name."""
    for first, last, depth in _bands(picture.columns):
        x, right = first.x - 2, last.x + last.width + 2
        top = picture.top - 18 + 4 * (depth - 1)
        yield _box("child", x, top, right - x, picture.bottom - top)
        name = first.wave.path[depth]
        if len(name) * 6.2 < right - x:
            yield _text(name, x + 5, picture.top - 6, "quiet")


def _bands(columns: Sequence[_Column]) -> Iterator[tuple[_Column, _Column, int]]:
    deepest = max((column.wave.depth for column in columns), default=0)
    for depth in range(1, deepest + 1):
        first = last = None
        for column in columns:
            if column.wave.depth >= depth:
                first, last = first or column, column
            elif first is not None and last is not None:
                yield first, last, depth
                first = last = None
        if first is not None and last is not None:
            yield first, last, depth


def _batches(picture: _Picture) -> Iterator[str]:
    if not picture.breaks:
        return
    yield _text("batch 1", LEFT + 4, 20, "quiet")
    for x, batch in picture.breaks:
        if picture.soak_s:
            right = x + SOAK - 4
            yield _box("soak", x, picture.top, SOAK - 8, picture.bottom - picture.top)
            yield _text("soak", x + 11, picture.top - 6, "quiet")
        else:
            right = x + BREAK
            middle = x + BREAK / 2 - 2
            yield f'<line class="edge" x1="{_n(middle)}" x2="{_n(middle)}" y1="12" y2="{picture.bottom}"/>'
        yield _text(f"batch {batch + 1}", right + 4, 20, "quiet")


def _column(picture: _Picture, column: _Column) -> Iterator[str]:
    wave = column.wave
    if wave.step == "approve" and wave.name:
        yield from _question(picture, column)
        return
    for element, place in column.places.items():
        x, y = column.x + place * column.cell, picture.y(element)
        kind = picture.colour(wave) if wave.step == "run_task" else "flow"
        yield _box(kind, x, y, column.cell - 2, CELL)
        name = (wave.names or {}).get(element) or _words(wave)
        yield _text(name, x + (column.cell - 2) / 2, y + 15, anchor="middle")


def _question(picture: _Picture, column: _Column) -> Iterator[str]:
    """One question for all of the wave (R20)."""
    top = min(picture.y(element) for element in column.places)
    bottom = max(picture.y(element) for element in column.places) + CELL
    yield _box("flow", column.x, top, column.cell - 2, bottom - top)
    yield _text(label(column.wave), column.x + (column.cell - 2) / 2, (top + bottom) / 2 + 4, anchor="middle")


def _stop(picture: _Picture) -> Iterator[str]:
    stops = picture.plan.stops_at
    if stops is None:
        return
    x = picture.width - STOP - PAD + 4
    yield f'<line class="edge" x1="{_n(x)}" x2="{_n(x)}" y1="{picture.top}" y2="{picture.bottom}"/>'
    yield _text(f"line {stops.line} decides;", x + 10, picture.top + 18, "quiet")
    yield _text(f"steps {', '.join(map(str, stops.may_run))} may run", x + 10, picture.top + 34, "quiet")


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{_n(width)}" height="{_n(height)}"'
    return f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" {size} rx="5"/>'


def _text(words: str, x: float, y: float, kind: str = "", *, anchor: str = "") -> str:
    of = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text{of} x="{_n(x)}" y="{_n(y)}">{escape(words)}</text>'


def _n(number: float) -> str:
    """A coordinate, the same on every machine."""
    return f"{number:.1f}".rstrip("0").rstrip(".")
