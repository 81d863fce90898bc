"""Selecting elements (R1, R2, R3) and their effective context from the database (R42)."""

import pytest
from pytest_django import DjangoAssertNumQueries

from elements.models import Element, Group, Setting
from elements.queries import (
    NotInTarget,
    TargetProblem,
    element_dicts,
    origins_of,
    reached_elements,
    select_elements,
    selected_names,
)
from tests.factories import make_credential, make_element, make_elements, make_group, make_profile

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def fleet() -> None:
    """Three databases of one profile in two groups, a web server of another, and one that is disabled."""
    linux = make_profile("linux", context={"pm": "apt", "net": {"mtu": 1500}})
    patroni = make_group("patroni", priority=10, context={"cluster": "main", "net": {"mtu": 9000}})
    prod = make_group("prod", priority=5, context={"env": "prod", "cluster": "lost"})
    make_element("db10", profile=linux, groups=[patroni, prod], settings={"role": "replica", "version": 15})
    make_element("db2", profile=linux, groups=[patroni], settings={"role": "leader", "net.0.hostname": "db2.example"})
    make_element("db1", profile=linux, groups=[prod], address="10.0.0.1")
    make_element("web1", profile=make_profile("web"), groups=[prod])
    make_element("db3", profile=linux, groups=[patroni], enabled=False)


def names(target: dict[str, object] | None, narrowed: list[str] | None = None) -> list[str]:
    return [item["name"] for item in select_elements(target, narrowed)]


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"all": True}, ["db1", "db2", "db10", "web1"]),
        ({"profile": "linux"}, ["db1", "db2", "db10"]),
        ({"groups": ["prod"]}, ["db1", "db10", "web1"]),
        ({"groups": ["patroni", "prod"]}, ["db1", "db2", "db10", "web1"]),
        ({"profile": "linux", "groups": ["patroni"]}, ["db2", "db10"]),
        ({"filters": ["role exists"]}, ["db2", "db10"]),
        ({"filters": ["role != leader", "env == prod"]}, ["db1", "db10", "web1"]),
        ({"profile": "linux", "groups": ["prod"], "filters": ["version >= 9"]}, ["db10"]),
        ({"profile": None, "groups": [], "filters": ["name matches web.*"]}, ["web1"]),
        ({"filters": ["env == dev"]}, []),
    ],
)
def test_a_target_selects_enabled_elements_by_profile_groups_and_filters_in_natural_order(
    target: dict[str, object], expected: list[str]
) -> None:
    """R3."""
    assert names(target) == selected_names(target) == expected


@pytest.mark.usefixtures("fleet")
def test_names_alone_are_told_without_reading_contexts(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(3):
        assert selected_names({"profile": "linux", "groups": ["patroni"]}) == ["db2", "db10"]
    for target in (None, {"groups": ["prodd"]}, {"profile": "linx"}, {"filters": ["env =="]}):
        with pytest.raises(TargetProblem) as refused:
            select_elements(target)
        with pytest.raises(TargetProblem) as also:
            selected_names(target)
        assert also.value.message == refused.value.message


@pytest.mark.usefixtures("fleet")
def test_an_element_is_a_plain_dict_with_its_effective_context() -> None:
    """R1, R42: the higher priority wins, the element's own settings win over all."""
    found = {item["name"]: item for item in select_elements({"all": True})}
    assert found["db10"] == {
        "id": Element.objects.get(name="db10").pk,
        "name": "db10",
        "address": "",
        "profile": "linux",
        "groups": ["patroni", "prod"],
        "context": {
            "pm": "apt", "net": {"mtu": 9000}, "cluster": "main", "env": "prod", "role": "replica", "version": 15,
        },
    }  # fmt: skip
    assert found["db2"]["context"]["net"] == {"mtu": 9000, "0": {"hostname": "db2.example"}}
    assert found["db1"]["context"] == {"pm": "apt", "net": {"mtu": 1500}, "env": "prod", "cluster": "lost"}


def test_groups_of_one_priority_are_merged_by_name() -> None:
    """R42."""
    make_element("e", groups=[make_group("b", context={"x": "b"}), make_group("a", context={"x": "a", "y": "a"})])
    assert element_dicts(["e"])["e"]["context"] == {"x": "b", "y": "a"}


@pytest.mark.usefixtures("fleet")
def test_a_start_may_narrow_the_target_and_a_name_outside_it_is_an_error() -> None:
    """R3."""
    assert names({"profile": "linux"}, ["db10", "db1"]) == ["db1", "db10"]
    for outside, why in [
        ("web1", r"^Not selected by the target: web1\. Leave"),
        ("db3", r"^Not enabled: db3\. Enable"),
        ("nobody", r"^There is no element nobody: correct the name"),
        ("wbe1", r"^There is no element wbe1; did you mean 'web1'\?$"),
    ]:
        with pytest.raises(NotInTarget, match=why) as caught:
            names({"profile": "linux"}, ["db1", outside])
        assert caught.value.fields == {"elements": [outside]}


@pytest.mark.usefixtures("fleet")
def test_each_name_outside_the_target_is_told_with_its_own_reason() -> None:
    """R3."""
    unknown = [f"e{number}" for number in range(12)]
    with pytest.raises(NotInTarget) as caught:
        names({"profile": "linux"}, ["db3", "web1", *unknown, "db1"])
    assert caught.value.message == (
        "There are no elements e0, e1, e2, e3, e4, e5, e6, e7, e8, e9 and 2 more: "
        "correct the names. "
        "Not enabled: db3. Enable what is to run, or leave these names out. "
        "Not selected by the target: web1. Leave these names out, or change the target."
    )


@pytest.mark.usefixtures("fleet")
def test_a_flow_without_a_target_takes_the_named_elements_alone() -> None:
    """4.3."""
    assert names(None, ["web1", "db2"]) == ["db2", "web1"]
    with pytest.raises(TargetProblem, match="no target: name the elements"):
        names(None)


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"profile": "linus"}, "no profile 'linus'; did you mean 'linux'"),
        ({"groups": ["prod", "patron"]}, "no group 'patron'; did you mean 'patroni'"),
        ({"filters": ["env = prod"]}, "filter 'env = prod', character 5: found '=', expected"),
    ],
)
def test_a_target_that_cannot_be_meant_is_told(target: dict[str, object], message: str) -> None:
    with pytest.raises(TargetProblem, match=message):
        names(target)


@pytest.mark.usefixtures("fleet")
def test_names_that_are_no_enabled_elements_are_left_out() -> None:
    """R22."""
    assert set(element_dicts(["db1", "db3", "nobody"])) == {"db1"}
    assert element_dicts([]) == {}


def test_what_one_element_gets_is_never_seen_by_another() -> None:
    """R1: settings of one element do not change the context that others share."""
    group = make_group("g", context={"net": {"mtu": 1500}})
    make_element("a", groups=[group], settings={"net.mtu": 9000})
    make_element("b", groups=[group])
    found = element_dicts(["a", "b"])
    assert [found[name]["context"]["net"]["mtu"] for name in "ab"] == [9000, 1500]


@pytest.mark.usefixtures("fleet")
def test_origins_name_the_layer_of_each_value() -> None:
    """R42."""
    shown = {value.key: (value.value, value.origin) for value in origins_of(Element.objects.get(name="db10"))}
    assert shown == {
        "pm": ("apt", "profile linux"),
        "net.mtu": (9000, "group patroni"),
        "cluster": ("main", "group patroni"),
        "env": ("prod", "group prod"),
        "role": ("replica", "own setting"),
        "version": (15, "own setting"),
    }


def test_a_reached_element_has_its_connection_and_opened_credential() -> None:
    make_profile("ssh", connection={"type": "ssh", "user": "ops"}, credential=make_credential(password="hunter2"))
    make_element("a", profile=make_profile("ssh"))
    make_element("b")
    found = reached_elements(["a", "b"])
    assert (found["a"].connection["user"], found["a"].credential_type, found["a"].secret) == (
        "ops", "password", {"password": "hunter2"},
    )  # fmt: skip
    assert (found["b"].credential, found["b"].secret) == (None, {})
    assert "hunter2" not in repr(found["a"])


@pytest.mark.slow
def test_ten_thousand_elements_are_selected_in_seven_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    elements = make_elements(10_000)
    groups = [make_group(f"g{number}", priority=number, context={"n": {str(number): number}}) for number in range(5)]
    through = Element.groups.through
    through.objects.bulk_create(
        through(element=element, group=groups[index % 5]) for index, element in enumerate(elements)
    )
    Setting.objects.bulk_create(Setting(element=element, key="net.0.ip", value=element.name) for element in elements)
    with django_assert_max_num_queries(7):
        found = select_elements({"profile": "linux", "groups": ["g1", "g3"], "filters": ["net.0.ip contains e"]})
    assert len(found) == 4_000
    with django_assert_max_num_queries(5):
        assert len(element_dicts(element.name for element in elements)) == 10_000
    assert Group.objects.count() == 5
