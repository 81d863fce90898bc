"""The admin: every page opens, the policy decides, secrets never show, and what is recorded stays as it is."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from elements.models import Credential, Element, Profile, Setting
from elements.secrets import reveal
from flows.models import (
    ElementLock,
    Flow,
    FlowDraft,
    RunElement,
    RunEvent,
    RunPlan,
    RunSignal,
    Schedule,
    ScheduledStart,
    StepOutput,
    StepRun,
    StoredPlan,
    TriedFlow,
)
from flowsite.kernel.access import SYSTEM
from flowsite.kernel.audit import record
from flowsite.kernel.models import AuditEntry
from flowsite.kernel.preferences import Preference
from tests.factories import (
    AN_INSTANT,
    make_credential,
    make_element,
    make_flow_version,
    make_group,
    make_profile,
    make_run,
    make_task_version,
    make_user,
)

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model._meta.app_label in ("kernel", "elements", "flows")]
READ_ONLY = ("auditentry", "flowdraft", "flowversion", "taskversion", "run", "runelement", "runevent", "steprun",
             "stepoutput", "runsignal", "elementlock", "scheduledstart", "storedplan", "runplan",
             "triedflow")  # fmt: skip


@pytest.fixture
def everything() -> None:
    """A row of every table."""
    profile = make_profile(credential=make_credential(password="hunter2"), context={"pm": "apt"})
    element = make_element("db1", profile=profile, groups=[make_group("prod")], settings={"a.b": "<i>"})
    version = make_flow_version()
    make_task_version()
    run = make_run(version)
    RunElement.objects.create(run=run, position=0, element=element, name="db1")
    key: dict[str, Any] = {"run": run, "element_name": "db1", "site": 1, "turn": 1, "attempt": 1}
    StepRun.objects.create(**key, step="log", line=1, status="succeeded", finished_at=AN_INSTANT)
    StepOutput.objects.create(**key, root=run, stream="stdout", offset=0, content=b"x")
    RunEvent.objects.create(root=run, run=run, seq=1, type="run_started", at=AN_INSTANT)
    RunSignal.objects.create(root=run, kind="pause", by="x", at=AN_INSTANT)
    ElementLock.objects.create(element=element, root=run, kind="exclusive")
    plan = StoredPlan.objects.create(hash="0" * 64, flow_name="f", made_at=AN_INSTANT, waves=0, content=b"x")
    RunPlan.objects.create(run=run, plan=plan)
    schedule = Schedule.objects.create(
        name="s", flow=version.flow, days=["sun"], times=["02:00"], start=date(2026, 1, 1)
    )
    ScheduledStart.objects.create(schedule=schedule, intended_at=AN_INSTANT, at=AN_INSTANT, outcome="started", run=run)
    FlowDraft.objects.create(flow=version.flow, written_by="x", written_at=AN_INSTANT)
    TriedFlow.objects.create(run=make_run(is_try=True), flow=version.flow, revision=1)
    record(SYSTEM, "made", "row", "all")


def staff(client: Client, role: str) -> User:
    user = make_user(role)
    user.is_staff = True
    user.save()
    client.force_login(user)
    return user


def page(model: type[models.Model], what: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def test_every_table_of_ours_stands_in_the_admin() -> None:
    from django.apps import apps

    labels = ("kernel", "elements", "flows")
    tables = {model for label in labels for model in apps.get_app_config(label).get_models()}
    shown_elsewhere = {Setting, Preference}  # inside its element; on the pages of the person whose choice it is
    assert set(OURS) == tables - shown_elsewhere


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_list_search_and_page_of_every_table_open_and_show_no_secret(
    model: type[models.Model], admin_client: Client
) -> None:
    row = model._default_manager.all()[0]
    for address in (page(model, "changelist"), page(model, "changelist") + "?q=1", page(model, "change", row.pk)):
        answer = admin_client.get(address)
        assert answer.status_code == 200, address
        assert "hunter2" not in answer.content.decode()


@pytest.mark.usefixtures("everything")
def test_what_runs_and_publishing_wrote_can_be_read_and_not_changed(admin_client: Client) -> None:
    shown = [model for model in OURS if model._meta.model_name in READ_ONLY]
    assert len(shown) == len(READ_ONLY)
    for model in shown:
        row = model._default_manager.all()[0]
        assert admin_client.get(page(model, "add")).status_code == 403
        assert admin_client.post(page(model, "change", row.pk), {}).status_code == 403
        assert admin_client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize(
    ("role", "changeable"),
    [
        ("viewer", set()),
        ("operator", set()),
        ("author", {"profile", "group", "element", "task", "flow"}),
        ("administrator", {"profile", "group", "element", "task", "flow", "credential", "schedule"}),
    ],
)
def test_the_policy_decides_what_a_role_may_change(role: str, changeable: set[str], client: Client) -> None:
    staff(client, role)
    found = set()
    for model in OURS:
        row = model._default_manager.all()[0]
        answer = client.get(page(model, "change", row.pk))
        assert answer.status_code == (403 if model is AuditEntry and role != "administrator" else 200)
        if answer.status_code == 200 and answer.context["has_change_permission"]:
            found.add(model._meta.model_name)
    assert found == changeable


def credential_form(**values: str) -> dict[str, str]:
    return {"name": "ops", "type": "password", "private_key": "", "passphrase": "", "username": "", "password": "",
            "token": "", **values}  # fmt: skip


def test_a_credential_is_entered_kept_when_left_empty_and_replaced(client: Client) -> None:
    user = staff(client, "administrator")
    assert client.post(page(Credential, "add"), credential_form(password="hunter2")).status_code == 302
    credential = Credential.objects.get()
    assert (reveal(credential), credential.written_by) == ({"password": "hunter2"}, user.get_username())
    client.post(page(Credential, "change", credential.pk), credential_form(name="renamed"))
    assert reveal(Credential.objects.get(name="ops")) == {"password": "hunter2"}  # names stay: others refer to them
    client.post(page(Credential, "change", credential.pk), credential_form(password="other"))
    assert reveal(Credential.objects.get(name="ops")) == {"password": "other"}
    assert "hunter2" not in json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))


def test_a_credential_without_the_values_of_its_type_is_refused_and_not_echoed(client: Client) -> None:
    staff(client, "administrator")
    answer = client.post(page(Credential, "add"), credential_form(token="hunter2"))
    assert "password needs it" in answer.content.decode()
    assert "hunter2" not in answer.content.decode()
    assert not Credential.objects.exists()


@pytest.mark.usefixtures("everything")
def test_an_element_shows_where_each_value_of_its_context_comes_from(admin_client: Client) -> None:
    """R42."""
    text = admin_client.get(page(Element, "change", Element.objects.get().pk)).content.decode()
    assert "<td>pm</td><td><code>&quot;apt&quot;</code></td><td>profile linux</td>" in text
    assert "<td>a.b</td><td><code>&quot;&lt;i&gt;&quot;</code></td><td>own setting</td>" in text


def settings_form(*rows: tuple[str, str], name: str = "db1") -> dict[str, Any]:
    form: dict[str, Any] = {"name": name, "profile": make_profile().pk, "enabled": "on", "address": ""}
    form |= {"settings-TOTAL_FORMS": len(rows), "settings-INITIAL_FORMS": 0}
    for index, (key, value) in enumerate(rows):
        form |= {f"settings-{index}-key": key, f"settings-{index}-value": value}
    return form


def test_a_setting_written_in_the_admin_has_its_author_and_an_audit_entry(client: Client) -> None:
    user = staff(client, "author")
    assert client.post(page(Element, "add"), settings_form(("net.0.ip", '"10.0.0.1"'))).status_code == 302
    setting = Setting.objects.get()
    assert (setting.key, setting.value, setting.written_by) == ("net.0.ip", "10.0.0.1", user.get_username())
    assert {"settings": ["net.0.ip"]} in AuditEntry.objects.values_list("details", flat=True)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (lambda: settings_form(("a..b", "1")), "names joined by dots"),
        (lambda: settings_form(("a", "1"), ("a.b", "2")), "cannot stand below it"),
        (lambda: settings_form(name="a,b"), "without a comma"),
    ],
)
def test_what_the_operations_refuse_the_admin_refuses_too(
    form: Callable[[], dict[str, Any]], message: str, client: Client
) -> None:
    staff(client, "author")
    assert message in client.post(page(Element, "add"), form()).content.decode()
    assert not Element.objects.exists()


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ({"type": "ssh"}, "user: is missing"),
        ({"type": "ssh", "user": "ops", "sudo": True}, "sudo: True is not available in this release"),
        ({"type": "ssh", "user": "ops", "prt": 2}, "prt: is no known key"),
        ({"type": "ssh", "user": "ops", "credential": "ops"}, "choose it in the field below"),
    ],
)
def test_a_connection_is_checked_in_the_admin_as_in_a_document(
    connection: dict[str, Any], message: str, client: Client
) -> None:
    """4.3: nothing is stored and ignored."""
    staff(client, "author")
    form = {"name": "p", "connection": json.dumps(connection), "context": "{}"}
    assert message in client.post(page(Profile, "add"), form).content.decode()
    assert not Profile.objects.exists()
    sound = {**form, "connection": '{"type": "ssh", "user": "ops"}'}
    assert (
        "stands below" in client.post(page(Profile, "add"), {**sound, "context": '{"a": 1, "a.b": 2}'}).content.decode()
    )
    assert client.post(page(Profile, "add"), sound).status_code == 302


def test_an_element_that_nobody_could_reach_is_refused(client: Client) -> None:
    staff(client, "author")
    form = settings_form() | {"profile": make_profile("remote", connection={"type": "ssh", "user": "ops"}).pk}
    assert "connects by ssh" in client.post(page(Element, "add"), form).content.decode()
    assert client.post(page(Element, "add"), {**form, "address": "10.0.0.1"}).status_code == 302


@pytest.mark.usefixtures("everything")
def test_add_pages_open_for_an_administrator(client: Client) -> None:
    staff(client, "administrator")
    for model in OURS:
        is_made_here = model._meta.model_name not in (*READ_ONLY, "task", "flow")
        assert client.get(page(model, "add")).status_code == (200 if is_made_here else 403), model


def test_a_flow_is_archived_and_never_deleted(admin_client: Client) -> None:
    flow = make_flow_version().flow
    admin_client.post(page(Flow, "change", flow.pk), {"archived": "on"})
    assert Flow.objects.get().archived
    assert admin_client.post(page(Flow, "delete", flow.pk), {"post": "yes"}).status_code == 403
