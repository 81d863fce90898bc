"""The pictures of docs/execution.md are those of the plans of the flows that stand beside them (R40)."""

import xml.etree.ElementTree as ET

import pytest

from flows.script.check import check_execution
from tests.pictures.figures import Figure
from tests.pictures.pages import PICTURES, drawn, figures, plan_of
from tests.pictures.words import told

FIGURES = list(figures())


@pytest.mark.parametrize("figure", FIGURES, ids=str)
def test_a_picture_and_its_words_are_those_of_its_plan(figure: Figure) -> None:
    """``make pictures`` draws them anew."""
    assert told(plan_of(figure)) == figure.told
    assert (PICTURES / f"{figure.name}.svg").read_text() == drawn(figure)


def test_every_picture_is_on_the_page_once() -> None:
    names = [figure.name for figure in FIGURES]
    assert sorted(names) == sorted(path.stem for path in PICTURES.glob("*.svg"))
    assert len(names) >= 12


@pytest.mark.parametrize("figure", FIGURES, ids=str)
def test_the_flows_of_the_page_can_be_saved(figure: Figure) -> None:
    for flow in (figure.case.top, *figure.case.children.values()):
        assert not [str(problem) for problem in check_execution(flow.script)]


@pytest.mark.parametrize("figure", FIGURES, ids=str)
def test_a_picture_shows_each_step_of_its_plan_within_its_frame(figure: Figure) -> None:
    """Nothing is drawn outside, and no step stands upon another."""
    root = ET.fromstring(drawn(figure))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [
        tuple(float(box.attrib[key]) for key in ("x", "y", "width", "height"))
        for box in root.iter("{http://www.w3.org/2000/svg}rect")
        if box.attrib["class"] == "flow" or box.attrib["class"].startswith("t")
    ]
    waves = plan_of(figure).waves
    assert len(boxes) == sum(1 if wave.step == "approve" else len(wave.elements) for wave in waves)
    for x, y, wide, high in boxes:
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + high <= height
    for number, (x, y, wide, high) in enumerate(boxes):
        for other_x, other_y, other_wide, other_high in boxes[:number]:
            apart = x >= other_x + other_wide or other_x >= x + wide or y >= other_y + other_high or other_y >= y + high
            assert apart
