"""The inventory over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from elements.models import Credential, Element, Group, Profile
from elements.secrets import reveal
from tests.api.conftest import Clients

pytestmark = pytest.mark.usefixtures("fleet")


def test_elements_are_listed_with_profile_groups_and_settings(client_of: Clients) -> None:
    answer = client_of("viewer").get("/api/elements/")
    assert answer.status_code == 200
    assert answer.data["count"] == 2
    assert answer.data["results"][0] == {
        "id": Element.objects.get(name="db1").pk,
        "name": "db1",
        "profile": "linux",
        "address": "127.0.0.1",
        "enabled": True,
        "groups": ["patroni"],
        "settings": {"net.0.hostname": "db1", "patroni_leader": "replica"},
    }


def test_one_element_comes_with_its_context_and_the_origin_of_each_value(client_of: Clients) -> None:
    """R42: profile < groups < own settings."""
    answer = client_of("viewer").get(f"/api/elements/{Element.objects.get(name='db1').pk}/")
    assert {value["key"]: (value["value"], value["origin"]) for value in answer.data["context"]} == {
        "env": ("prod", "profile linux"),
        "cluster": ("main", "group patroni"),
        "patroni_leader": ("replica", "own setting"),
        "net.0.hostname": ("db1", "own setting"),
    }


def test_a_list_of_elements_costs_the_same_queries_whatever_its_length(client_of: Clients) -> None:
    client, here, patroni = client_of("viewer"), Profile.objects.get(name="here"), Group.objects.get(name="patroni")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/api/elements/?page_size=500").status_code == 200
        return len(captured)

    few = queries()
    for element in Element.objects.bulk_create(Element(name=f"x{index}", profile=here) for index in range(30)):
        element.groups.add(patroni)
    assert queries() == few <= 6


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("profile=linux", ["db1"]),
        ("group=patroni", ["db1", "db2"]),
        ("search=b2", ["db2"]),
        ("ordering=-name", ["db2", "db1"]),
        ("enabled=false", []),
        ("page_size=1&page=2", ["db2"]),
    ],
)
def test_lists_are_filtered_searched_ordered_and_paged(client_of: Clients, query: str, names: list[str]) -> None:
    answer = client_of("viewer").get(f"/api/elements/?{query}")
    assert [element["name"] for element in answer.data["results"]] == names


def test_an_element_is_created_changed_and_keeps_its_name(client_of: Clients) -> None:
    client = client_of("author")
    created = client.post("/api/elements/", {"name": "db3", "profile": "here", "settings": {"a.b": [1]}})
    assert (created.status_code, created.data["settings"], created.data["enabled"]) == (201, {"a.b": [1]}, True)
    address = f"/api/elements/{created.data['id']}"
    changed = client.put(address, {"profile": "linux", "groups": ["patroni"], "address": "127.0.0.3", "enabled": False})
    assert changed.status_code == 200
    assert (changed.data["profile"], changed.data["groups"], changed.data["enabled"]) == ("linux", ["patroni"], False)
    assert changed.data["settings"] == {"a.b": [1]}
    renamed = client.put(address, {"name": "db4", "profile": "linux"})
    assert (renamed.status_code, renamed.data["code"]) == (400, "name_fixed")


def test_what_was_read_can_be_written_back(client_of: Clients) -> None:
    client = client_of("administrator")
    for kind in ("elements", "groups", "profiles"):
        for item in client.get(f"/api/{kind}/").data["results"]:
            answer = client.put(f"/api/{kind}/{item['id']}/", item)
            assert (answer.status_code, answer.data) == (200, item)


@pytest.mark.parametrize(
    ("kind", "body", "code", "field"),
    [
        ("elements", {"name": "db1", "profile": "linux"}, "name_taken", "name"),
        ("elements", {"name": "x", "profile": "linx"}, "invalid", "profile"),
        ("elements", {"name": "a,b", "profile": "here"}, "invalid", "name"),
        ("elements", {"name": "x", "profile": "here", "settings": {"a": 1, "a.b": 2}}, "setting", "a.b"),
        ("elements", {"name": "x", "profile": "here", "settings": [1]}, "invalid", "settings"),
        ("elements", {"name": "x", "profile": "here", "adress": "y"}, "invalid", "adress"),
        ("groups", {"name": "g", "rule": ["a == b"]}, "invalid", "rule"),
        ("profiles", {"name": "p", "connection": {"type": "ssh"}}, "definition", "connection.user"),
        (
            "profiles",
            {"name": "p", "connection": {"type": "ssh", "user": "u", "sudo": True}},
            "definition",
            "connection.sudo",
        ),
        ("credentials", {"name": "k", "type": "token", "secret": {"tken": "x"}}, "credential_incomplete", "token"),
    ],
)
def test_every_refusal_has_code_message_and_fields(
    client_of: Clients, kind: str, body: dict[str, object], code: str, field: str
) -> None:
    answer = client_of("administrator").post(f"/api/{kind}/", body)
    assert answer.status_code in (400, 409)
    assert (answer.data["code"], field in answer.data["fields"]) == (code, True)
    assert set(answer.data) == {"code", "message", "fields"}


def test_a_profile_gets_the_defaults_of_a_document(client_of: Clients) -> None:
    body = {"name": "p", "connection": {"type": "ssh", "user": "ops"}, "credential": "ops-key"}
    answer = client_of("author").post("/api/profiles/", body)
    assert answer.status_code == 201
    assert (answer.data["connection"]["port"], answer.data["credential"]) == (22, "ops-key")
    assert "credential" not in answer.data["connection"]


def test_secrets_go_in_and_never_come_out(client_of: Clients) -> None:
    client = client_of("administrator")
    created = client.post("/api/credentials/", {"name": "k", "type": "token", "secret": {"token": "5ecret"}})
    assert created.status_code == 201
    texts = [created, client.get("/api/credentials/"), client.get(f"/api/credentials/{created.data['id']}/")]
    assert all(b"5ecret" not in answer.content and b'"secret"' not in answer.content for answer in texts)
    assert reveal(Credential.objects.get(name="k")) == {"token": "5ecret"}
    wrong = client.post(
        "/api/credentials/", {"name": "l", "type": "token", "secret": {"token": "5ecret", "x": "5ecret"}}
    )
    assert wrong.status_code == 400
    assert b"5ecret" not in wrong.content


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("profile=linux", ["db1"]),
        ("groups=patroni", ["db1", "db2"]),
        ("all=true", ["db1", "db2"]),
        ("groups=patroni&filter=env+%3D%3D+prod&filter=name+!%3D+db9", ["db1"]),
    ],
)
def test_targets_tell_count_and_names(client_of: Clients, query: str, names: list[str]) -> None:
    """R3, and the live count of matching elements."""
    assert client_of("viewer").get(f"/api/targets?{query}").data == {"count": len(names), "names": names}


@pytest.mark.parametrize("query", ["", "profile=linx", "filter=env+%3D+prod"])
def test_a_target_that_selects_nothing_that_could_be_meant_is_refused(client_of: Clients, query: str) -> None:
    answer = client_of("viewer").get(f"/api/targets?{query}")
    assert (answer.status_code, answer.data["code"]) == (400, "target")


def test_a_target_that_is_still_written_tells_what_each_filter_leaves(client_of: Clients) -> None:
    """R3, with the elements found by a part of a name."""
    target = {"groups": ["patroni"], "filters": ["env == prod", "env ="]}
    body = {"target": target, "search": "DB", "rows": 1}
    answer = client_of("viewer").post("/api/targets/effect", body, format="json")
    assert answer.status_code == 200
    assert (answer.data["count"], answer.data["base"], answer.data["found"]) == (None, 2, 1)
    assert answer.data["rows"] == [{"name": "db1", "profile": "linux", "groups": ["patroni"]}]
    assert [one["left"] for one in answer.data["filters"]] == [1, None]
    assert answer.data["filters"][1]["position"] == 4
    refused = client_of("viewer").post("/api/targets/effect", {"target": {"groop": "x"}}, format="json")
    assert (refused.status_code, "target" in str(refused.data["fields"])) == (400, True)


def test_nobody_gets_in_without_a_token() -> None:
    answer = APIClient().get("/api/elements/")
    assert (answer.status_code, answer.data["code"], answer.data["fields"]) == (401, "not_authenticated", {})


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        ("nobody", "elements", 403),
        ("viewer", "elements", 403),
        ("operator", "groups", 403),
        ("author", "groups", 400),
        ("author", "credentials", 403),
        ("administrator", "credentials", 400),
    ],
)
def test_the_role_is_asked_before_anything_of_the_request_is(
    client_of: Clients, role: str, kind: str, status: int
) -> None:
    answer = client_of(role).post(f"/api/{kind}/", {"nonsense": 1})
    assert answer.status_code == status
    assert status != 403 or answer.data["code"] == "access_denied"


def test_what_is_no_json_is_refused_in_the_same_shape(client_of: Clients) -> None:
    client = client_of("author")
    for body in ("{", "[1]"):
        answer = client.post("/api/groups/", body, content_type="application/json")
        assert answer.status_code == 400
        assert set(answer.data) == {"code", "message", "fields"}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/api/elements/?profle=linux", "profle is no known key of the query, expected one of"),
        ("/api/elements/?ordering=-colour", "ordering is '-colour', expected one of id, name"),
        ("/api/runs/?flwo=x", "flwo is no known key of the query"),
        ("/api/targets/?all=true&profle=x", "profle is no known key of the query"),
    ],
)
def test_a_query_that_nobody_reads_is_refused(client_of: Clients, address: str, told: str) -> None:
    answer = client_of("viewer").get(address)
    assert answer.status_code == 400
    assert told in answer.data["message"]
    assert answer.data["fields"]


@pytest.mark.parametrize("resource", ["groups", "profiles"])
def test_r42_a_context_that_cannot_be_merged_is_refused(client_of: Clients, resource: str) -> None:
    body = {"name": "new", "context": {"a": 1, "a.b": 2}, "connection": {"type": "local"}}
    body = body if resource == "profiles" else {key: body[key] for key in ("name", "context")}
    answer = client_of("administrator").post(f"/api/{resource}/", body, format="json")
    assert answer.status_code == 400
    assert "'a.b' stands below 'a', which has a plain value" in str(answer.data["fields"])


def test_a_key_that_no_connection_could_use_is_refused_and_not_shown(client_of: Clients) -> None:
    body = {"name": "k", "type": "ssh_key", "secret": {"private_key": "hunter2 is no key"}}
    answer = client_of("administrator").post("/api/credentials/", body, format="json")
    assert answer.status_code == 400
    assert answer.data["fields"]["private_key"][0].startswith("cannot be read: expected a whole private key")
    assert "hunter2" not in str(answer.data)
    assert not Credential.objects.filter(name="k").exists()
