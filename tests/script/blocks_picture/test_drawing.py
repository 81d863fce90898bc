"""The drawn pictures: the same bytes each time, valid and harmless whatever a script says, readable by eye and ear."""

import re
import xml.etree.ElementTree as ET
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.script.blocks_picture.full import MOST_LINES, ROW, Part, alone, draw
from flows.script.blocks_picture.lines import Line, lines_of
from flows.script.blocks_picture.look import GREY, GROUND, INK, MID, WORD
from flows.script.blocks_picture.thumbnail import MOST_BARS, draw_small, title_of
from flows.script.blocks_picture.words import Word, plain
from tests.script.blocks_picture.golden import HERE, STEPS, drawings

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</text><script>alert(1)</script>",
    '" onload="alert(1)',
    "]]><!--",
    "&lt;b&gt;",
    "\x07\x1b[31m",
    "\u202eright",
]
DRAWN = {"svg", "g", "rect", "path", "circle", "text", "tspan", "title", "a"}


def texts(picture: str) -> str:
    """The words of a picture."""
    return "".join(ET.fromstring(picture).itertext())


@pytest.mark.parametrize(("name", "picture"), list(drawings()))
def test_a_picture_is_drawn_as_it_was(name: str, picture: str) -> None:
    """``python -m tests.script.blocks_picture.golden`` draws them anew."""
    assert picture + "\n" == (HERE / f"{name}.svg").read_text()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(hostile: str) -> None:
    script = f"run_task({hostile!r}, text={hostile!r})\nx = {hostile!r}\n# {hostile}\n"
    lines = lines_of(script)
    for picture in (draw([Part("<Steps>", lines)], hostile), draw_small(lines)):
        root = ET.fromstring(picture)
        assert {node.tag.removeprefix(SVG) for node in root.iter()} <= DRAWN
        assert not [key for node in root.iter() for key in node.attrib if key.startswith("on") or key == "style"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_makes_a_valid_picture(name: str, code: str) -> None:
    lines = [Line(0, "do", "run_task", plain(name, "name"), sites=(1,)), Line(0, "raw", "comment", plain(code))]
    for picture in (alone(draw([Part("Steps", lines)], "A title")), draw_small(lines)):
        ET.fromstring(picture.encode())


def test_what_is_escaped_is_read_back_whole() -> None:
    lines = lines_of("run_task('A <b> & \"c\"')\n")
    assert 'A <b> & "c"' in texts(draw([Part("", lines)], "x"))
    assert escape("A <b> &", quote=False) in draw([Part("", lines)], "x")


def test_a_long_script_says_how_many_more_lines_it_has() -> None:
    lines = lines_of("log('a')\n" * (MOST_LINES + 50))
    picture = draw([Part("", lines)], "x")
    assert "and 51 more" in texts(picture)
    assert ET.fromstring(picture).get("height") == str(MOST_LINES * ROW)
    small = ET.fromstring(draw_small(lines))
    assert len(small.findall(f"{SVG}rect")) == MOST_BARS - 1
    assert small.find(f"{SVG}g[@class='pic-more']") is not None


def test_an_empty_flow_says_that_it_has_no_steps() -> None:
    assert "No steps yet." in texts(draw([Part("Order", []), Part("Steps", [])], "x"))
    assert title_of([]) == "No steps"


def test_a_script_that_cannot_be_read_is_a_picture_that_says_so() -> None:
    lines = lines_of("if:\n")
    assert "cannot be read" in texts(draw([Part("", lines)], "x"))
    assert "cannot be read" in texts(draw_small(lines))


def test_a_thumbnail_names_its_steps_in_its_title() -> None:
    lines = lines_of("run_task('Stop')\nsleep(5)\n")
    assert title_of(lines) == "2 steps: 1 run Stop, 2 wait 5 seconds"
    many = lines_of("log('a')\n" * 12)
    assert title_of(many).endswith("and 4 more")


def test_both_scripts_are_lists_of_their_own_with_headings_for_the_eye() -> None:
    picture = draw([Part("Order", lines_of("elements.reverse()\n", "processing")), Part("Steps", STEPS)], "Blocks")
    root = ET.fromstring(picture)
    lists = root.findall(f"{SVG}g[@role='list']")
    assert [found.get("aria-label") for found in lists] == ["Order", "Steps"]
    assert all(node in lists or node.get("aria-hidden") == "true" for node in root)
    for found in lists:
        assert {node.get("role") for node in found} == {"listitem"}


def test_the_bar_of_a_block_goes_along_what_it_holds() -> None:
    lines = lines_of("if a:\n    log('b')\n    if c:\n        log('d')\nlog('e')\n")
    bars = re.findall(r'class="pic-bar [^>]* height="(\d+)"', draw([Part("", lines)], "x"))
    assert [int(height) for height in bars] == [4 * ROW - 2, ROW - 2, 2 * ROW - 2, ROW - 2, ROW - 2]


def test_a_shortened_line_tells_the_rest_on_hover() -> None:
    short, long = (
        Line(0, "do", "log", (Word("log"),)),
        Line(0, "do", "log", (Word("log", "label"), Word("x…", "value"))),
    )
    titles = [node.text for node in ET.fromstring(draw([Part("", [short, long])], "x")).iter(f"{SVG}title")]
    assert titles == ["log x…"]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_every_colour_of_words_and_icons_has_a_contrast_of_4_5(theme: int) -> None:
    colours = [WORD[theme], GREY[theme], *(ink[theme] for ink in INK.values())]
    assert min(contrast(colour, GROUND[theme]) for colour in colours) >= 4.5


@pytest.mark.parametrize("ground", ["#ffffff", "#242629"])
def test_the_bars_of_a_thumbnail_have_a_contrast_of_3_on_both_grounds(ground: str) -> None:
    assert min(contrast(colour, ground) for colour in MID.values()) >= 3
