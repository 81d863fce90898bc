"""Effective context and origins (R42)."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements.context import (
    MISSING,
    Layer,
    conflicting_keys,
    context_with_origins,
    effective_context,
    key_problem,
    lookup,
    merged,
    nested,
    values_by_key,
    written_at,
    written_times,
)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.text("xy", max_size=3), st.lists(st.integers(0, 3))
)
keys = st.sampled_from(["a", "b", "0", "a.b", "a.b.c", "b.0", "c"])
contexts = st.recursive(
    st.dictionaries(keys, scalars, max_size=3),
    lambda inner: st.dictionaries(keys, st.one_of(scalars, inner), max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([{"a": 1}, {"a": 2}], {"a": 2}),
        ([{"a": {"x": 1, "y": 1}}, {"a": {"y": 2}}], {"a": {"x": 1, "y": 2}}),
        ([{"a": [1, 2]}, {"a": [3]}], {"a": [3]}),
        ([{"a": {"x": 1}}, {"a": 5}], {"a": 5}),
        ([{"a": 5}, {"a": {"x": 1}}], {"a": {"x": 1}}),
        ([{"a": 5}, {"a.x": 1}], {"a": {"x": 1}}),
        ([{"a": 5}, {"a": None}], {"a": None}),
        ([{"a": {"x": 1}}, {"a": {}}], {"a": {"x": 1}}),
        ([{"net.0.hostname": "db1"}], {"net": {"0": {"hostname": "db1"}}}),
        ([{"net": {"0": {"mtu": 9000}}}, {"net.0.hostname": "db1"}], {"net": {"0": {"mtu": 9000, "hostname": "db1"}}}),
        ([{"net": {0: "lo"}}], {"net": {"0": "lo"}}),
        ([{"a.b": 1, "a": 2}], {"a": {"b": 1}}),
        ([{"a": 2, "a.b": 1}], {"a": {"b": 1}}),
        ([{"a": {"b.c": 1}}, {"a.b": {"d": 2}}], {"a": {"b": {"c": 1, "d": 2}}}),
        ([], {}),
    ],
)
def test_layers_merge_deeply_and_the_last_wins(layers: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    """R42."""
    assert effective_context(layers) == expected


@given(st.lists(contexts, max_size=4))
def test_origins_tell_exactly_the_values_of_the_effective_context(layers: list[dict[str, Any]]) -> None:
    """R42: each value shown comes from a layer that has it, and no later layer says anything of its key."""
    effective = effective_context(layers)
    shown = context_with_origins(Layer(str(index), layer) for index, layer in enumerate(layers))
    assert effective_context([{value.key: value.value for value in shown}]) == _without_empty(effective)
    for value in shown:
        origin = int(value.origin)
        assert lookup(nested(layers[origin]), value.key) == value.value
        assert all(lookup(nested(layer), value.key) is MISSING for layer in layers[origin + 1 :])


@given(st.lists(contexts, max_size=4))
def test_merging_changes_no_layer(layers: list[dict[str, Any]]) -> None:
    before = deepcopy(layers)
    effective_context(layers)
    assert layers == before


@given(contexts)
def test_nesting_twice_is_nesting_once(context: dict[str, Any]) -> None:
    assert nested(nested(context)) == nested(context)


@given(contexts, contexts)
def test_every_value_of_the_stronger_layer_is_there_in_the_end(weak: dict[str, Any], strong: dict[str, Any]) -> None:
    """R42."""
    result = effective_context([weak, strong])
    for value in context_with_origins([Layer("strong", strong)]):
        assert lookup(result, value.key) == value.value


@given(contexts)
def test_an_empty_layer_changes_nothing(context: dict[str, Any]) -> None:
    assert merged(nested(context), {}) == merged({}, nested(context)) == nested(context)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a", {"b": [10, {"c": 1}]}),
        ("a.b.1.c", 1),
        ("a.b.0", 10),
        ("a.b.2", MISSING),
        ("a.b.x", MISSING),
        ("z", MISSING),
    ],
)
def test_dotted_keys_reach_into_mappings_and_lists(key: str, expected: Any) -> None:
    assert lookup({"a": {"b": [10, {"c": 1}]}}, key) == expected


@pytest.mark.parametrize("key", ["", ".", "a..b", ".a", "a.", " a", "a ", "a\nb", "x" * 201])
def test_a_key_that_cannot_be_nested_is_named_as_a_problem(key: str) -> None:
    assert "expected" in key_problem(key)


@pytest.mark.parametrize("key", ["a", "net.0.hostname", "with-dash", "schlüssel", "a b"])
def test_a_usable_key_has_no_problem(key: str) -> None:
    assert key_problem(key) == ""


def test_a_plain_value_above_another_key_is_a_conflict_and_a_mapping_is_none() -> None:
    assert conflicting_keys({"a": 1, "a.b.c": 2, "d": {}, "d.e": 1}) == [("a", "a.b.c")]


def _without_empty(tree: dict[str, Any]) -> dict[str, Any]:
    pruned = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in tree.items()}
    return {key: value for key, value in pruned.items() if value != {}}


THEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOW = THEN + timedelta(days=3)


@given(contexts, contexts)
def test_a_value_that_changed_has_the_new_time_and_one_that_stayed_keeps_its_own(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Every value has a time and nothing else has; the same context once more changes nothing."""
    first = written_times({}, {}, before, THEN)
    second = written_times(before, first, after, NOW)
    old, new = values_by_key(before), values_by_key(after)
    assert first == dict.fromkeys(old, THEN.isoformat())
    assert second == {
        key: (THEN if key in old and old[key] == value else NOW).isoformat() for key, value in new.items()
    }
    assert written_times(after, second, after, NOW + timedelta(days=1)) == second


@given(contexts, contexts)
def test_what_was_there_before_times_were_kept_has_none_until_it_changes(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    old = values_by_key(before)
    changed = {key for key, value in values_by_key(after).items() if key not in old or old[key] != value}
    assert written_times(before, {}, after, NOW).keys() == changed


@given(contexts)
def test_every_key_that_can_be_looked_up_has_the_time_of_its_newest_part(values: dict[str, Any]) -> None:
    times = written_times({}, {}, values, THEN)
    for key in values_by_key(values):
        assert written_at(times, key) == written_at(times, key.split(".")[0]) == THEN


def test_an_age_is_that_of_the_newest_part_also_inside_a_list() -> None:
    times = {"net.mtu": NOW.isoformat(), "net.zone": THEN.isoformat(), "disks": THEN.isoformat()}
    found = [written_at(times, key) for key in ("net", "net.mtu", "net.zone", "disks.0.size", "disk")]
    assert found == [NOW, NOW, THEN, THEN, None]
