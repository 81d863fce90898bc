"""What each filter of a target leaves, while somebody is still writing it (R3)."""

import pytest

from elements.effects import FilterEffect, target_effect
from tests.factories import make_element, make_group, make_profile

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _fleet() -> None:
    """Three databases in a group, and a switch."""
    prod = make_group("prod")
    for number in (1, 2, 10):
        make_element(f"db{number}", groups=[prod], settings={"version": number})
    make_element("sw1", profile=make_profile("switch"))


def test_r3_each_filter_tells_how_many_elements_it_leaves() -> None:
    effect = target_effect({"profile": "linux", "filters": ["version > 1", "name != db2"]})
    assert (effect.base, effect.count) == (3, 1)
    assert [one.left for one in effect.filters] == [2, 1]
    assert [item["name"] for item in effect.elements] == ["db10"]


def test_filters_alone_begin_with_every_element() -> None:
    effect = target_effect({"filters": ["name matches sw.*"]})
    assert (effect.base, effect.count) == (4, 1)


def test_a_broken_filter_says_where_and_leaves_the_others_their_effect() -> None:
    effect = target_effect({"groups": ["prod"], "filters": ["version = 1", "version >= 2"]})
    broken, other = effect.filters
    assert (broken.left, broken.position) == (None, 8)
    assert "did you mean ==?" in broken.problem
    assert other == FilterEffect(2)
    assert effect.count is None


def test_an_unknown_group_is_told_and_filters_are_read_all_the_same() -> None:
    effect = target_effect({"groups": ["prd"], "filters": ["version", "version == 1"]})
    assert "did you mean 'prod'?" in effect.problem
    assert (effect.base, effect.count, effect.elements) == (None, None, ())
    assert [one.position for one in effect.filters] == [7, None]


def test_a_target_that_chooses_nothing_says_so() -> None:
    assert "chooses nothing" in target_effect({"profile": None, "groups": [], "filters": []}).problem


def test_a_value_that_is_too_long_to_be_matched_is_no_problem_of_the_text() -> None:
    make_element("long", settings={"version": "9" * 300})
    [effect] = target_effect({"profile": "linux", "filters": ["version matches 9+"]}).filters
    assert "version of long has 300 characters" in effect.problem
    assert effect.position is None
