"""Names in the order that people expect (R3)."""

from hypothesis import given
from hypothesis import strategies as st

from elements.naturalsort import in_natural_order, natural_key

names = st.text("ab019-٣", max_size=12)


def test_digits_count_as_numbers_so_db2_stands_before_db10() -> None:
    """R3."""
    assert in_natural_order(["db10", "db2", "db1", "app3", "db2b"]) == ["app3", "db1", "db2", "db2b", "db10"]


def test_several_numbers_in_a_name_each_count() -> None:
    assert in_natural_order(["r10u2", "r2u10", "r2u9", "10", "9"]) == ["9", "10", "r2u9", "r2u10", "r10u2"]


def test_a_name_may_hold_more_digits_than_int_reads() -> None:
    longest, longer = "x" + "9" * 5000, "x1" + "0" * 5000
    assert in_natural_order([longer, longest]) == [longest, longer]


@given(st.lists(names))
def test_the_order_does_not_depend_on_the_order_given(given_names: list[str]) -> None:
    assert in_natural_order(given_names) == in_natural_order(reversed(given_names))


@given(names, names)
def test_different_names_never_have_the_same_key(one: str, other: str) -> None:
    assert (natural_key(one) == natural_key(other)) == (one == other)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbered_names_are_ordered_as_their_numbers(one: int, other: int) -> None:
    """R3."""
    assert (natural_key(f"db{one}") < natural_key(f"db{other}")) == (one < other)
