"""Changing the inventory: idempotent, by the policy, with an audit trail and no secret anywhere."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User

from elements.models import Credential, Element, Group, Profile, Setting
from elements.operations import (
    Change,
    SettingRefused,
    UnknownName,
    remove_settings,
    save_credential,
    save_element,
    save_group,
    save_profile,
    set_settings,
)
from elements.queries import element_dicts
from elements.secrets import CredentialIncomplete, reveal
from flowsite.kernel.access import SYSTEM, AccessDenied
from flowsite.kernel.errors import InvalidRequest
from flowsite.kernel.models import AuditEntry
from tests.factories import AN_INSTANT, make_element, make_group, make_profile, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_credential_is_stored_encrypted_and_never_recorded() -> None:
    assert save_credential(name="ops", type="password", secret={"password": "hunter2"}, by=SYSTEM) is Change.CREATED
    credential = Credential.objects.get()
    assert b"hunter2" not in bytes(credential.secret)
    assert reveal(credential) == {"password": "hunter2"}
    assert "hunter2" not in str([entry.details for entry in AuditEntry.objects.all()]) + repr(credential)


def test_giving_the_same_again_changes_and_records_nothing() -> None:
    def give_all() -> list[Change]:
        return [
            save_credential(name="ops", type="password", secret={"password": "x"}, by=SYSTEM),
            save_profile(name="linux", connection={"type": "ssh", "user": "ops", "credential": "ops"}, by=SYSTEM),
            save_group(name="prod", priority=3, context={"env": "prod"}, by=SYSTEM),
            save_element(name="db1", profile="linux", groups=["prod"], settings={"a.b": [1]}, by=SYSTEM),
        ]

    assert give_all() == [Change.CREATED] * 4
    entries = AuditEntry.objects.count()
    assert give_all() == [Change.UNCHANGED] * 4
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    "changed",
    [{"address": "10.0.0.9"}, {"enabled": False}, {"groups": []}, {"settings": {"a": 2}}, {"settings": {"b": None}}],
)
def test_any_difference_is_an_update_and_is_recorded(changed: dict[str, Any]) -> None:
    make_profile()
    make_group("prod")
    first: dict[str, Any] = {"name": "db1", "profile": "linux", "groups": ["prod"], "settings": {"a": 1}}
    save_element(**first, by=SYSTEM)
    entries = AuditEntry.objects.count()
    assert save_element(**{**first, **changed}, by=SYSTEM) is Change.UPDATED
    assert AuditEntry.objects.count() == entries + 1


def test_settings_that_are_not_named_stay() -> None:
    make_element("db1", settings={"fact": "read by a task"})
    save_element(name="db1", profile="linux", settings={"a": 1}, by=SYSTEM)
    assert element_dicts(["db1"])["db1"]["context"] == {"fact": "read by a task", "a": 1}


def test_a_setting_knows_who_wrote_it_and_an_unchanged_one_keeps_its_author() -> None:
    make_element("db1")
    set_settings(element="db1", settings={"a": 1, "b": 1}, by=SYSTEM)
    author = make_user("operator", "ann")
    assert set_settings(element="db1", settings={"a": 1, "b": 2}, by=author) is Change.UPDATED
    assert dict(Setting.objects.values_list("key", "written_by")) == {"a": "[system]", "b": "ann"}
    assert remove_settings(element="db1", keys=["b", "z"], by=author) is Change.UPDATED
    assert remove_settings(element="db1", keys=["b"], by=author) is Change.UNCHANGED


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"": 1}, "expected 1 to 200"),
        ({"a..b": 1}, "joined by dots"),
        ({"x": 1, "x.y": 2}, "'x' is a plain value, so 'x.y' cannot stand below it"),
        ({"old.below": 2}, "'old' is a plain value, so 'old.below' cannot"),
    ],
)
def test_a_setting_that_could_not_be_seen_is_refused_and_nothing_is_written(
    settings: dict[str, Any], message: str
) -> None:
    """R42."""
    make_element("db1", settings={"old": 1})
    with pytest.raises(SettingRefused, match=message):
        set_settings(element="db1", settings={"good": 1, **settings}, by=SYSTEM)
    assert Setting.objects.count() == 1


def test_unknown_names_are_told_and_nothing_is_half_done() -> None:
    make_profile()
    with pytest.raises(UnknownName, match="no group 'nope'"):
        save_element(name="db1", profile="linux", groups=["nope"], by=SYSTEM)
    with pytest.raises(UnknownName, match="no profile 'nope'"):
        save_element(name="db1", profile="nope", by=SYSTEM)
    with pytest.raises(UnknownName, match="no credential 'nope'"):
        save_profile(name="other", connection={}, credential="nope", by=SYSTEM)
    with pytest.raises(UnknownName, match="no element 'nope'"):
        set_settings(element="nope", settings={}, by=SYSTEM)
    assert (Element.objects.count(), Profile.objects.count(), AuditEntry.objects.count()) == (0, 1, 0)


@pytest.mark.parametrize("name", ["", " db1", "a,b", "a\nb", "x" * 201])
def test_an_element_name_that_could_not_be_given_on_the_command_line_is_refused(name: str) -> None:
    make_profile()
    with pytest.raises(InvalidRequest, match="expected 1 to 200 visible characters"):
        save_element(name=name, profile="linux", by=SYSTEM)


@pytest.mark.parametrize(
    ("kind", "secret", "message"),
    [
        ("password", {}, "password: password needs it"),
        ("password", {"password": ""}, "password: password needs it"),
        ("basic", {"username": "u"}, "password: basic needs it"),
        ("token", {"token": "hunter2", "password": "hunter2"}, "password: token has none"),
        ("pin", {"pin": "hunter2"}, "the type is 'pin', expected one of ssh_key"),
    ],
)
def test_a_credential_needs_the_values_of_its_type(kind: str, secret: dict[str, str], message: str) -> None:
    with pytest.raises(CredentialIncomplete, match=message) as caught:
        save_credential(name="c", type=kind, secret=secret, by=SYSTEM)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", set()),
        ("operator", {"set"}),
        ("author", {"set", "group"}),
        ("administrator", {"set", "group", "secret"}),
    ],
)
def test_each_change_needs_its_role(role: str, allowed: set[str]) -> None:
    make_element("db1")
    user: User = make_user(role)
    acts: dict[str, Callable[[], Change]] = {
        "set": lambda: set_settings(element="db1", settings={"a": 1}, by=user),
        "group": lambda: save_group(name="g", by=user),
        "secret": lambda: save_credential(name="c", type="token", secret={"token": "t"}, by=user),
    }
    done = set()
    for name, act in acts.items():
        try:
            act()
        except AccessDenied:
            continue
        done.add(name)
    assert done == allowed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the clock is a minute later."""
    minutes = count()
    monkeypatch.setattr("elements.models.timezone.now", lambda: AN_INSTANT + timedelta(minutes=next(minutes)))


def ages_of(row: Group | Profile) -> dict[str, int]:
    """The minute in which each value was written."""
    row.refresh_from_db()
    return {
        key: (datetime.fromisoformat(at) - AN_INSTANT) // timedelta(minutes=1)
        for key, at in row.context_written_at.items()
    }


@pytest.mark.usefixtures("clock")
def test_a_value_of_a_group_is_as_old_as_its_last_change() -> None:
    context = {"env": "prod", "net": {"mtu": 1500, "zone": "a"}}
    save_group(name="eu", context=context, by=SYSTEM)
    eu = Group.objects.get()
    assert ages_of(eu) == {"env": 0, "net.mtu": 0, "net.zone": 0}
    save_group(name="eu", context=context, by=SYSTEM)
    save_group(name="eu", context=context, priority=3, by=SYSTEM)
    assert ages_of(eu) == {"env": 0, "net.mtu": 0, "net.zone": 0}
    save_group(name="eu", context={"env": "prod", "net.mtu": 9000, "net.zone": "a", "rack": None}, by=SYSTEM)
    assert ages_of(eu) == {"env": 0, "net.mtu": 1, "net.zone": 0, "rack": 1}


@pytest.mark.usefixtures("clock")
def test_whoever_saves_a_profile_tells_the_time_of_what_changed_and_no_other() -> None:
    save_profile(name="linux", connection={"type": "local"}, context={"port": 80, "pace": 1}, by=SYSTEM)
    linux = Profile.objects.get()
    linux.context["port"] = 8080
    linux.save()
    assert ages_of(linux) == {"port": 1, "pace": 0}
    linux.save(update_fields=["connection"])
    Profile.objects.update_or_create(name="linux", defaults={"context": {"pace": 1}})
    assert ages_of(linux) == {"pace": 0}


@pytest.mark.usefixtures("clock")
def test_what_was_written_before_times_were_kept_has_none_until_it_changes() -> None:
    make_group("eu", context={"env": "prod", "zone": "a"})
    Group.objects.update(context_written_at={})
    save_group(name="eu", context={"env": "prod", "zone": "b"}, by=SYSTEM)
    assert ages_of(Group.objects.get()).keys() == {"zone"}
