"""Many elements at once are stored as one by one, in a number of queries that does not grow with them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elements.bulk import ElementRefused, save_elements
from elements.models import Element, Setting
from elements.operations import Change, save_element, save_group, save_profile
from flowsite.kernel.access import SYSTEM, AccessDenied
from flowsite.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(db: None) -> None:
    """What elements refer to."""
    for name in ("p", "q"):
        save_profile(name=name, connection={"type": "local"}, by=SYSTEM)
        save_group(name=f"g{name}", by=SYSTEM)


def values(name: str, **changed: Any) -> dict[str, Any]:
    """An element with some values of its own."""
    plain = {"profile": "p", "address": "a", "enabled": True, "groups": ["gp"], "settings": {"k": 1, "l.m": [2]}}
    return {"name": name, **plain, **changed}


def stored() -> list[tuple[Any, ...]]:
    """Every element as it is stored."""
    return [
        (
            element.name,
            element.profile.name,
            element.address,
            element.enabled,
            sorted(group.name for group in element.groups.all()),
            dict(element.settings.values_list("key", "value")),
        )
        for element in Element.objects.select_related("profile").order_by("name")
    ]


CHANGES = [
    values("a"),
    values("b", profile="q"),
    values("c", groups=["gq"]),
    values("d", groups=[]),
    values("e", groups=["gq", "gp"], enabled=False),
    values("f", settings={"k": 2}),
    values("g", settings={"n": None}),
    values("new", address=""),
]


def test_the_result_is_that_of_one_call_per_element() -> None:
    before = [values(name) for name in "abcdefg"]
    for item in before:
        save_element(**item, by=SYSTEM)
    one_by_one = [save_element(**item, by=SYSTEM) for item in CHANGES]
    expected = stored()
    Element.objects.all().delete()
    assert set(save_elements(elements=before, by=SYSTEM)) == {Change.CREATED}
    assert save_elements(elements=CHANGES, by=SYSTEM) == one_by_one
    assert stored() == expected
    assert one_by_one == ["unchanged", "updated", "updated", "updated", "updated", "updated", "updated", "created"]


def test_nothing_new_writes_nothing_and_records_nothing() -> None:
    save_elements(elements=CHANGES, by=SYSTEM)
    entries, written = AuditEntry.objects.count(), list(Setting.objects.values_list("written_at", flat=True))
    assert set(save_elements(elements=CHANGES, by=SYSTEM)) == {Change.UNCHANGED}
    assert AuditEntry.objects.count() == entries
    assert list(Setting.objects.values_list("written_at", flat=True)) == written


def test_each_changed_element_has_one_audit_entry_without_values() -> None:
    save_elements(elements=[values("a", settings={"token": "5ecret"}), values("b")], by=SYSTEM)
    entries = AuditEntry.objects.filter(kind="element").order_by("name")
    assert [(entry.name, entry.action, entry.actor) for entry in entries] == [
        ("a", "created", "[system]"),
        ("b", "created", "[system]"),
    ]
    assert "5ecret" not in str([entry.details for entry in entries])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (values("x", profile="r"), "there is no profile 'r'"),
        (values("x", groups=["gp", "gr"]), "there is no group 'gr'"),
        (values("x,y"), "the element's name is 'x,y'"),
        (values("x", settings={"a": 1, "a.b": 2}), "x: 'a' is a plain value"),
    ],
)
def test_the_first_that_cannot_be_stored_is_named_and_none_is_stored(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ElementRefused) as refused:
        save_elements(elements=[values("a"), wrong, values("b")], by=SYSTEM)
    assert (refused.value.index, refused.value.message.startswith(message)) == (1, True)
    assert not Element.objects.exists()


def test_queries_do_not_grow_with_the_elements() -> None:
    def queries(count: int, first: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            save_elements(elements=[values(f"x{index}") for index in range(first, first + count)], by=SYSTEM)
        return len(captured)

    few = queries(3, 0)
    assert queries(90, 3) == few <= 15


def test_it_needs_the_permission_of_every_change_to_the_inventory() -> None:
    class Nobody:
        def get_username(self) -> str:
            return "nobody"

    with pytest.raises(AccessDenied):
        save_elements(elements=[values("a")], by=Nobody())
