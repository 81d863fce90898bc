"""Elements in the browser: the list, the page of one, and the forms of the inventory."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from elements.models import Credential, Element, Group, Profile
from elements.operations import set_settings
from elements.secrets import reveal
from flowsite.kernel.access import SYSTEM
from flowsite.kernel.models import AuditEntry
from tests.factories import (
    make_credential,
    make_element,
    make_elements,
    make_flow_version,
    make_group,
    make_profile,
    make_run,
)
from tests.web.people import client_of, main_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def db1() -> Element:
    """An element with a value of each layer."""
    prod = make_group("prod", context={"env": "prod", "net": {"zone": "eu"}})
    profile = make_profile("postgres", context={"env": "none", "port": 5432})
    return make_element("db1", profile=profile, groups=[prod], settings={"role": "replica", "net.0.hostname": "db1"})


PAGES = ("/elements/", "/elements/{db1}/", "/groups/", "/profiles/")
FORMS = ("/elements/new/", "/elements/{db1}/edit/", "/groups/new/", "/profiles/new/")


@pytest.mark.parametrize("page", [*PAGES, *FORMS, "/credentials/", "/credentials/new/"])
def test_the_parts_of_the_inventory_say_where_one_is(page: str, db1: Element) -> None:
    address = page.format(db1=db1.pk)
    part = f"/{address.split('/')[1]}/"
    parts = client_of("administrator").get(address).text.split('<nav class="sub-nav"')[1].split("</nav>")[0]
    here = re.findall(r'<a href="([^"]+)" aria-current="(page|true)"', parts)
    assert here == [(part, "page" if address == part else "true")]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["viewer", "operator", "author", "administrator"])
def test_everybody_with_a_role_sees_the_inventory(page: str, role: str, db1: Element) -> None:
    assert client_of(role).get(page.format(db1=db1.pk)).status_code == 200


@pytest.mark.parametrize("page", [*PAGES, *FORMS, "/credentials/"])
def test_who_is_not_signed_in_is_asked_to(page: str, db1: Element) -> None:
    answer = Client().get(page.format(db1=db1.pk))
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 403), ("author", 200)])
@pytest.mark.parametrize("page", FORMS)
def test_forms_are_for_authors(page: str, role: str, status: int, db1: Element) -> None:
    assert client_of(role).get(page.format(db1=db1.pk)).status_code == status


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("author", 403), ("administrator", 200)])
@pytest.mark.parametrize("page", ["/credentials/", "/credentials/new/"])
def test_credentials_are_for_administrators(page: str, role: str, status: int) -> None:
    assert client_of(role).get(page).status_code == status


def test_viewers_see_no_button_that_would_refuse_them(db1: Element) -> None:
    viewer = client_of("viewer")
    for page in PAGES:
        text = main_text(viewer.get(page.format(db1=db1.pk)))
        assert "/new/" not in text
        assert "/edit/" not in text
        assert "<button" not in text.replace('<button class="btn" type="submit"><svg', "")


def test_an_empty_list_says_what_comes_first() -> None:
    text = main_text(client_of("author").get("/elements/"))
    assert "First add a profile" in text
    make_profile()
    assert "/elements/new/" in main_text(client_of("author").get("/elements/"))


def test_elements_stand_in_the_order_in_which_people_read_names() -> None:
    make_elements(12)
    names = [row.name for row in client_of("viewer").get("/elements/").context["rows"]]
    assert names == [f"e{number}" for number in range(1, 13)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=DB", ["db1"]),
        ("search=10.0.0.9", ["web1"]),
        ("profile=postgres", ["db1"]),
        ("group=prod", ["db1"]),
        ("enabled=no", ["web1"]),
        ("enabled=yes&search=web", []),
        ("order=-name", ["web1", "db1"]),
        ("order=enabled", ["db1", "web1"]),
        ("order=nonsense&page=99", ["db1", "web1"]),
    ],
)
def test_the_address_says_what_the_list_shows(query: str, names: list[str], db1: Element) -> None:
    make_element("web1", address="10.0.0.9", enabled=False)
    assert [row.name for row in client_of("viewer").get(f"/elements/?{query}").context["rows"]] == names


def test_a_long_list_comes_in_pages_that_keep_the_filters() -> None:
    make_elements(120)
    answer = client_of("viewer").get("/elements/?search=e&page=2")
    assert [row.name for row in answer.context["rows"]] == [f"e{number}" for number in range(51, 101)]
    assert answer.context["pages"]["later"] == "?search=e&page=3"
    assert 'aria-sort="ascending"' in main_text(answer)


@pytest.mark.slow
def test_a_list_of_ten_thousand_costs_the_queries_of_a_short_one(db1: Element) -> None:
    viewer = client_of("author")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert viewer.get("/elements/?order=-profile").status_code == 200
        return len(captured)

    few = queries()
    make_elements(10_000)
    assert queries() == few <= 9


def test_checked_rows_are_disabled_together_and_it_is_recorded() -> None:
    make_elements(3)
    author = client_of("author")
    answer = author.post("/elements/?search=e", {"element": ["e1", "e3"], "do": "disable"})
    assert (answer.status_code, answer["Location"]) == (302, "/elements/?search=e")
    assert list(Element.objects.filter(enabled=True).values_list("name", flat=True)) == ["e2"]
    assert AuditEntry.objects.filter(kind="element", name="e3", action="updated").count() == 1
    assert "2 elements disabled." in main_text(author.get("/elements/"))
    assert client_of("operator").post("/elements/", {"element": ["e1"], "do": "enable"}).status_code == 403
    assert author.post("/elements/", {"element": ["nobody"], "do": "enable"}).status_code == 404


def test_a_page_tells_every_value_with_where_it_comes_from(db1: Element) -> None:
    context = client_of("viewer").get(f"/elements/{db1.pk}/").context["context"]
    assert {item["key"]: (item["value"], item["origin"]) for item in context} == {
        "env": ("prod", "group prod"),
        "net.zone": ("eu", "group prod"),
        "net.0.hostname": ("db1", "own setting"),
        "port": ("5432", "profile postgres"),
        "role": ("replica", "own setting"),
    }


def test_a_page_tells_the_runs_that_touched_the_element(db1: Element) -> None:
    run = make_run(make_flow_version("Restart"))
    run.elements.create(position=0, element=db1, name="db1", state="failed")
    for page in (f"/elements/{db1.pk}/", "/elements/"):
        text = main_text(client_of("viewer").get(page))
        assert f"/runs/{run.pk}/" in text
        assert 'data-state="failed"' in text


def test_there_is_a_page_for_an_element_that_is_gone() -> None:
    answer = client_of("viewer").get("/elements/4711/")
    assert (answer.status_code, "deleted" in answer.text) == (404, True)


def test_settings_are_written_changed_and_removed_in_one_step(db1: Element) -> None:
    answer = client_of("operator").post(
        f"/elements/{db1.pk}/",
        {
            "setting-key": ["net.0.hostname", "role", "ports", "label", ""],
            "setting-value": ["db1", "primary", "[1, 2]", "15 disks", ""],
            "setting-remove": ["net.0.hostname"],
        },
    )
    assert answer.status_code == 302
    assert dict(db1.settings.values_list("key", "value")) == {"role": "primary", "ports": [1, 2], "label": "15 disks"}


def test_a_value_goes_into_the_form_and_back_unchanged(db1: Element) -> None:
    values = {"a": "15", "b": 15, "c": " x", "d": None, "e": {"f": [True]}, "g": "two\nlines", "h": '"'}
    db1.settings.all().delete()
    for key, value in values.items():
        db1.settings.create(key=key, value=value)
    operator, address = client_of("operator"), f"/elements/{db1.pk}/"
    rows = [row for row in operator.get(address).context["settings"].rows if row.key]
    sent = {"setting-key": [row.key for row in rows], "setting-value": [row.text for row in rows]}
    assert operator.post(address, sent).status_code == 302
    assert dict(db1.settings.values_list("key", "value")) == values
    assert not db1.settings.exclude(written_by="").exists()


def test_a_row_that_nobody_touched_is_not_written_over_what_a_task_wrote_meanwhile(db1: Element) -> None:
    db1.settings.filter(key="role").update(value="primary", written_by="a task")
    sent = {
        "setting-key": ["role", "net.0.hostname"],
        "setting-value": ["replica", "db1.example"],
        "setting-shown": ["replica", "db1"],
    }
    assert client_of("operator").post(f"/elements/{db1.pk}/", sent).status_code == 302
    assert dict(db1.settings.values_list("key", "value")) == {"role": "primary", "net.0.hostname": "db1.example"}


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("role.x", "1", "cannot stand below it"),
        ("a..b", "1", "has an empty part"),
        ("", "1", "the key is missing"),
        ("role", "x", "given twice"),
        ("nul", '"\\u0000"', "NUL"),
        ("half", '"\\ud800"', "surrogate"),
        ("deep", "[" * 60 + "]" * 60, "levels deep"),
    ],
)
def test_a_setting_that_cannot_be_stored_stays_in_its_row(key: str, value: str, problem: str, db1: Element) -> None:
    answer = client_of("operator").post(
        f"/elements/{db1.pk}/", {"setting-key": ["role", key], "setting-value": ["primary", value]}
    )
    assert answer.status_code == 422
    text = main_text(answer)
    assert problem in text
    assert "primary" in text
    assert db1.settings.get(key="role").value == "replica"


def test_viewers_may_not_write_settings(db1: Element) -> None:
    sent = {"setting-key": ["role"], "setting-value": ["primary"]}
    assert client_of("viewer").post(f"/elements/{db1.pk}/", sent).status_code == 403


def test_an_element_is_made_with_groups_and_settings(db1: Element) -> None:
    sent = {
        "name": "db2",
        "profile": "postgres",
        "address": "",
        "enabled": "on",
        "groups": ["prod"],
        "setting-key": ["role"],
        "setting-value": ["primary"],
    }
    answer = client_of("author").post("/elements/new/", sent)
    db2 = Element.objects.get(name="db2")
    assert (answer.status_code, answer["Location"]) == (302, f"/elements/{db2.pk}/")
    assert (db2.profile.name, db2.enabled, [group.name for group in db2.groups.all()]) == ("postgres", True, ["prod"])
    assert dict(db2.settings.values_list("key", "value")) == {"role": "primary"}


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"name": ""}, "name", "is missing"),
        ({"name": "a,b"}, "name", "expected a name without"),
        ({"name": "db1"}, "name", "is taken"),
        ({"profile": ""}, "profile", "is missing"),
        ({"profile": "none such"}, "profile", "there is no profile"),
        ({"profile": "ssh", "address": ""}, "address", "connects by ssh"),
        ({"groups": ["none such"]}, "groups", "none such"),
        ({"setting-value": ['"\\ud800"']}, "__all__", "rows below"),
    ],
)
def test_what_is_wrong_with_an_element_stands_at_its_field_and_nothing_is_lost(
    change: dict[str, object], field: str, problem: str, db1: Element
) -> None:
    make_profile("ssh", connection={"type": "ssh", "user": "ops"})
    sent = {
        "name": "db2",
        "profile": "postgres",
        "address": "typed before",
        "setting-key": ["role"],
        "setting-value": ["typed too"],
        **change,
    }
    answer = client_of("author").post("/elements/new/", sent)
    assert answer.status_code == 422
    assert problem in " ".join(answer.context["form"].errors[field])
    kept = ["typed before"] * ("address" not in change) + ["typed too"] * ("setting-value" not in change)
    assert all(text in answer.text for text in kept)
    assert not Element.objects.filter(name="db2").exists()


def test_another_element_begins_with_the_profile_of_the_one_before() -> None:
    make_profile("R&D #1")
    client = client_of("author")
    values = {"name": "db2", "profile": "R&D #1", "address": "10.0.0.2", "enabled": "on", "another": "yes"}
    answer = client.post("/elements/new/", values, follow=True)
    assert answer.context["form"].initial["profile"] == "R&D #1"


def test_an_element_is_edited_and_keeps_name_and_settings(db1: Element) -> None:
    sent = {"name": "renamed", "profile": "postgres", "address": "10.0.0.1", "groups": []}
    assert client_of("author").post(f"/elements/{db1.pk}/edit/", sent).status_code == 302
    db1.refresh_from_db()
    assert (db1.name, db1.address, db1.enabled, db1.groups.count()) == ("db1", "10.0.0.1", False, 0)
    assert db1.settings.count() == 2


def test_a_profile_is_made_and_changed_without_losing_what_only_documents_say() -> None:
    make_credential("ops-key")
    author = client_of("author")
    sent = {
        "name": "linux",
        "type": "ssh",
        "user": "ops",
        "port": "2222",
        "credential": "ops-key",
        "host_key_policy": "accept-new",
        "connect_timeout": "5",
        "context": "package_manager: apt\n",
    }
    assert author.post("/profiles/new/", sent).status_code == 302
    profile = Profile.objects.get(name="linux")
    assert profile.connection == {
        "type": "ssh",
        "user": "ops",
        "port": 2222,
        "host_key_policy": "accept-new",
        "connect_timeout": 5,
    }
    assert (profile.credential and profile.credential.name, profile.context) == ("ops-key", {"package_manager": "apt"})
    Profile.objects.filter(pk=profile.pk).update(connection={**profile.connection, "known_hosts": "/etc/hosts.known"})
    address = f"/profiles/{profile.pk}/edit/"
    assert "package_manager: apt" in author.get(address).text
    assert author.post(address, {**sent, "port": "22", "credential": ""}).status_code == 302
    profile.refresh_from_db()
    assert (profile.connection["port"], profile.connection["known_hosts"], profile.credential) == (
        22,
        "/etc/hosts.known",
        None,
    )


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"user": ""}, "user", "is missing"),
        ({"port": "many"}, "port", "'many'"),
        ({"port": "70000"}, "port", "65535"),
        ({"credential": "none such"}, "credential", "there is no credential"),
        ({"connect_timeout": "-1"}, "connect_timeout", "greater than 0"),
        ({"context": "a: [1"}, "context", "not readable as YAML"),
        ({"context": "- a"}, "context", "a list"),
        ({"context": "a: 1\na.b: 2"}, "context", "stands below"),
        ({"name": "postgres"}, "name", "is taken"),
    ],
)
def test_what_is_wrong_with_a_profile_stands_at_its_field(
    change: dict[str, str], field: str, problem: str, db1: Element
) -> None:
    sent = {"name": "linux", "type": "ssh", "user": "ops", "host_key_policy": "strict", **change}
    answer = client_of("author").post("/profiles/new/", sent)
    assert answer.status_code == 422
    assert problem in " ".join(answer.context["form"].errors[field])
    assert not Profile.objects.filter(name="linux").exists()


def test_a_group_is_made_and_changed(db1: Element) -> None:
    author = client_of("author")
    assert author.post("/groups/new/", {"name": "rack", "priority": "5", "context": "row: 3"}).status_code == 302
    rack = Group.objects.get(name="rack")
    assert (rack.priority, rack.context) == (5, {"row": 3})
    assert author.post(f"/groups/{rack.pk}/edit/", {"priority": "high", "context": "row: 4"}).status_code == 422
    assert author.post(f"/groups/{rack.pk}/edit/", {"priority": "", "context": "row: 4"}).status_code == 302
    rack.refresh_from_db()
    assert (rack.priority, rack.context) == (0, {"row": 4})
    rows = {group.name: group.members for group in author.get("/groups/").context["rows"]}
    assert rows == {"prod": 1, "rack": 0}


@pytest.mark.parametrize("kind", ["profile", "group", "element"])
def test_a_save_over_somebody_elses_newer_save_is_refused_once(db1: Element, kind: str) -> None:
    row = {"profile": db1.profile, "group": Group.objects.get(name="prod"), "element": db1}[kind]
    address = f"/{kind}s/{row.pk}/edit/"
    mine, theirs = client_of("author"), client_of("administrator")
    opened = mine.get(address).context["form"]
    assert f'name="base" value="{opened.base}"' in mine.get(address).text
    sent = {name: value for name, value in opened.initial.items() if value is not None} | {"base": opened.base}
    changed = {"profile": {"context": "a: 1"}, "group": {"priority": "7"}, "element": {"address": "10.0.0.7"}}[kind]
    assert theirs.post(address, {**sent, **changed}).status_code == 302
    mine_changed = {"profile": {"context": "a: 2"}, "group": {"priority": "8"}, "element": {"address": "10.0.0.8"}}[
        kind
    ]
    [(field, typed)] = mine_changed.items()
    refused = mine.post(address, {**sent, **mine_changed})
    [problem] = refused.context["form"].non_field_errors()
    assert (refused.status_code, f"has saved this {kind} since you opened this form" in problem) == (422, True)
    assert problem.startswith(AuditEntry.objects.filter(kind=kind)[0].actor)
    assert typed in refused.text
    assert mine.get(address).context["form"].initial[field] != mine_changed[field]
    base = refused.context["form"].base
    assert mine.post(address, {**sent, **mine_changed, "base": base}).status_code == 302
    assert str(mine.get(address).context["form"].initial[field]).strip() == typed


def test_what_a_task_saves_meanwhile_refuses_nobody_who_edits_the_element(db1: Element) -> None:
    author = client_of("author")
    form = author.get(f"/elements/{db1.pk}/edit/").context["form"]
    set_settings(element=db1.name, settings={"role": "primary"}, by=SYSTEM)
    sent = {**form.initial, "base": form.base, "address": "10.0.0.9"}
    assert author.post(f"/elements/{db1.pk}/edit/", sent).status_code == 302


def test_the_values_of_a_credential_are_never_sent_back() -> None:
    administrator = client_of("administrator")
    sent = {"name": "ops", "type": "basic", "username": "root", "password": "a secret word"}
    wrong = administrator.post("/credentials/new/", {**sent, "name": ""})
    assert (wrong.status_code, "a secret word" in wrong.text) == (422, False)
    key = administrator.post("/credentials/new/", {**sent, "type": "ssh_key", "private_key": "a secret word"})
    assert (key.status_code, "a secret word" in key.text) == (422, False)
    assert "cannot be read" in " ".join(key.context["form"].errors["private_key"])
    assert administrator.post("/credentials/new/", sent).status_code == 302
    stored = Credential.objects.get(name="ops")
    assert reveal(stored) == {"username": "root", "password": "a secret word"}
    for page in ("/credentials/", f"/credentials/{stored.pk}/edit/", "/profiles/new/"):
        assert "a secret word" not in administrator.get(page).text


def test_a_credential_is_replaced_as_a_whole() -> None:
    stored = make_credential("ops")
    administrator, address = client_of("administrator"), f"/credentials/{stored.pk}/edit/"
    missing = administrator.post(address, {"type": "password", "password": ""})
    assert (missing.status_code, missing.context["form"].errors["password"]) == (422, ["password needs it"])
    assert administrator.post(address, {"type": "token", "token": "abc", "password": "left over"}).status_code == 302
    stored.refresh_from_db()
    assert (stored.type, reveal(stored)) == ("token", {"token": "abc"})
