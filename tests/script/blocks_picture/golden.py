"""Three pictures to be compared byte by byte; ``python -m tests.script.blocks_picture.golden`` draws them anew."""

from collections.abc import Iterator
from pathlib import Path

from flows.script.blocks_picture.full import Links, Part, alone, draw
from flows.script.blocks_picture.lines import Line
from flows.script.blocks_picture.thumbnail import draw_small
from flows.script.blocks_picture.words import Word

HERE = Path(__file__).parent / "drawn"
ORDER = [Line(0, "elements", "sort_elements", (Word("sort"), Word("elements", "value")), line=1)]
STEPS = [
    Line(0, "do", "run_task", (Word("run"), Word("Drain", "name"), Word("timeout=60", "value")), sites=(1,), line=1),
    Line(0, "decide", "if", (Word("if"), Word("current != last", "value")), line=2),
    Line(1, "wait", "sleep", (Word("wait"), Word("5", "value"), Word("seconds")), sites=(2,), line=3),
    Line(0, "decide", "else", (Word("else"),), line=4, is_clause=True),
    Line(1, "do", "run_flow", (Word("run flow"), Word("Switch", "name")), sites=(3,), child="Switch", line=5),
    Line(2, "do", "run_task", (Word("run"), Word("A <b> & \"c\"", "name")), sites=(1, 2), path=(3,), line=1),
    Line(0, "raw", "raw_statement", (Word("with open(x) as f: …", "value"),), line=6),
]  # fmt: skip


def drawings() -> Iterator[tuple[str, str]]:
    """Each with its name."""
    parts = [Part("Order", ORDER), Part("Steps", STEPS)]
    yield "full", draw(parts, "Blocks of Restart, version 2", Links({(1,): "/tasks/7/", (3,): '/flows/8/?a="b"'}))
    yield "alone", alone(draw([Part("Steps", STEPS)], "Blocks of Restart, version 2"))
    yield "small", draw_small([*ORDER, *STEPS])


if __name__ == "__main__":
    for name, text in drawings():
        (HERE / f"{name}.svg").write_text(text + "\n")
