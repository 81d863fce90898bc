"""The frame around every page: who gets in, what is offered to whom, refusals as pages, and nothing from elsewhere."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.web.home import Home
from tests.web.people import client_of, person

pytestmark = pytest.mark.django_db

PAGES = ("/", "/runs/", "/flows/", "/tasks/", "/elements/", "/schedules/", "/password/")
ADMIN = ("/admin/", "/admin/flows/schedule/", "/admin/flows/run/", "/admin/auth/user/")
PASSWORD = "correct horse battery staple"
ADDRESSES = re.compile(r'(?:src|href|action|srcset|poster)="([^"]*)"')


@pytest.fixture
def administrator() -> Client:
    """One who may sign in to the admin too."""
    client = client_of("administrator")
    User.objects.update(is_staff=True)
    return client


def signed_up(name: str = "alice", role: str = "") -> User:
    user = person(role) if role else User.objects.create_user(name)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_led_over_the_sign_in_to_the_page(client: Client, path: str) -> None:
    answer: Any = client.get(path)
    assert (answer.status_code, answer.url) == (302, f"/login/?next={path}")
    user = signed_up(role="administrator")
    answer = client.post("/login/", {"username": user.username, "password": PASSWORD, "next": path})
    assert (answer.status_code, answer.url) == (302, path)


def test_a_wrong_password_says_what_to_do_and_not_which_part_was_wrong(client: Client) -> None:
    signed_up()
    told = {
        re.sub(r'value="[^"]*"', "", client.post("/login/", form).text)
        for form in ({"username": "alice", "password": "x"}, {"username": "nobody", "password": "x"})
    }
    assert len(told) == 1
    assert "do not match" in told.pop()
    assert "_auth_user_id" not in client.session


def test_signing_in_leads_to_no_other_host(client: Client) -> None:
    user = signed_up(role="viewer")
    form = {"username": user.username, "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/login/", form)["Location"] == "/"


def test_signing_out_ends_the_session_and_is_not_a_link() -> None:
    client = client_of("viewer")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"] == "/login/?next=/"


def test_one_changes_one_s_own_password(client: Client) -> None:
    user = signed_up(role="viewer")
    client.force_login(user)
    fresh = "another horse and staple"
    form = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    assert client.post("/password/", form).status_code == 302
    assert "Your password is changed." in client.get("/").text
    user.refresh_from_db()
    assert user.check_password(fresh)


def test_what_a_new_password_must_be_is_told_before_it_is_typed() -> None:
    page = client_of("viewer").get("/password/").text
    told = re.search(r'<small class="form-hint" id="password-rules">(.*?)</small>', page)
    assert told
    assert "at least 8 characters" in told[1]
    described = re.findall(r'<input[^>]* name="(\w+)"[^>]* aria-describedby="password-rules"', page)
    assert described == ["new_password1"]


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("viewer", "run.view", "flow.run"),
        ("operator", "flow.run", "flow.publish"),
        ("author", "flow.publish", "schedule.change"),
        ("administrator", "schedule.change", None),
    ],
)
def test_scripts_are_told_what_this_person_may_do(role: str, may: str, may_not: str | None) -> None:
    found = re.search(r'<body data-may="([^"]*)"', client_of(role).get("/runs/").text)
    assert found
    assert may in found[1].split()
    assert may_not not in found[1].split()


def test_the_bar_offers_the_admin_to_its_staff_alone(administrator: Client) -> None:
    assert 'href="/admin/"' in administrator.get("/runs/").text
    User.objects.update(is_staff=False)
    assert 'href="/admin/"' not in administrator.get("/runs/").text


@pytest.mark.parametrize("path", PAGES[:-1])
def test_the_bar_says_where_one_is(path: str) -> None:
    here = re.findall(r'<a class="nav-link" href="([^"]+)" aria-current="page"', client_of("viewer").get(path).text)
    assert here == [path]


@pytest.mark.parametrize("path", PAGES[:-1])
def test_who_has_no_role_sees_nothing_and_is_told_whom_to_ask(client: Client, path: str) -> None:
    client.force_login(User.objects.create_user("newcomer"))
    answer = client.get(path)
    assert answer.status_code == 403
    assert "newcomer may not do this" in answer.text
    assert "An administrator can give it." in answer.text


@pytest.mark.parametrize("path", [*PAGES, *ADMIN, "/login/", "/api/docs/", "/nowhere/"])
def test_every_page_forbids_scripts_in_it_and_everything_from_elsewhere(administrator: Client, path: str) -> None:
    answer = administrator.get(path)
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy.get("script-src", "'self'") == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")


@pytest.mark.parametrize("path", [*PAGES, *ADMIN, "/login/", "/api/docs/", "/nowhere/"])
def test_every_page_names_its_own_host_alone(administrator: Client, path: str) -> None:
    page = administrator.get(path, follow=True).text
    foreign = [address for address in ADDRESSES.findall(page) if re.match(r"[a-z]+:|//", address)]
    assert foreign == []
    assert not re.search(r"\son[a-z]+=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)


def test_an_address_that_is_not_there_is_a_page_with_a_way_on() -> None:
    answer = client_of("viewer").get("/nowhere/<b>")
    assert answer.status_code == 404
    assert "There is nothing at <code>/nowhere/&lt;b&gt;</code>" in answer.text
    assert '<a class="btn" href="/">' in answer.text


@pytest.mark.database
@pytest.mark.parametrize(
    "path",
    [
        "/runs/?search=%00",
        "/runs/rows/?started_by=%00",
        "/elements/?search=a%00b",
        "/flows/?search=%00",
        "/tasks/?search=%00",
        "/schedules/?flow=%00",
    ],
)
def test_no_address_holds_what_no_database_can_be_asked_for(path: str) -> None:
    answer = client_of("viewer").get(path)
    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()


def test_a_form_without_its_token_is_refused_and_says_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("viewer"))
    answer = client.post("/first-steps/", {"do": "hide"})
    assert answer.status_code == 403
    assert "Nothing was stored. Go back, load the page again" in answer.text


def test_our_own_bug_is_a_page_that_says_that_runs_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr(Home, "get_context_data", fail)
    client = client_of("viewer")
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Nothing that runs is affected" in answer.text
    assert "secret" not in answer.text
