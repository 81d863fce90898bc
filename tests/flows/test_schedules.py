"""Schedules as people make them: in the admin, by operations; and what they are told about their starts."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flows.models import Schedule, ScheduledStart
from flows.operations.schedules import Change, ScheduleRefused, UnknownSchedule, save_schedule, set_enabled
from flows.queries.schedules import calendar_of, next_start_by_flow, next_starts, schedules_with_last_start
from flows.schedule.words import away_in_words, instant_in_words, starts_in_words, when_in_words
from flowsite.kernel.access import SYSTEM, AccessDenied
from flowsite.kernel.models import AuditEntry
from tests.factories import AN_INSTANT, make_element, make_flow_version, make_run, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

#: A Thursday.
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "name": "Sunday restart", "flow": "F1", "days": ["sun"], "times": ["02:00"], "cron": "",
    "timezone": "Europe/Madrid", "overlap": "skip", "missed": "skip", "inputs": {}, "elements": [], "version": "latest",
    "run_as": "", "start": None, "end": None, "blackout": [], "owner": "", "note": "", "enabled": True,
}  # fmt: skip


def save(by: Any = SYSTEM, **changes: Any) -> Change:
    return save_schedule(values={**VALUES, **changes}, by=by, now=NOW)


# --- operations ----------------------------------------------------------------------------------------------------


def test_saving_plans_the_next_start_and_saving_the_same_again_changes_nothing() -> None:
    make_flow_version()
    assert save() == Change.CREATED
    assert Schedule.objects.get().next_at == datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
    assert save() == Change.UNCHANGED
    assert save(start="2026-12-24", end="2026-12-31", version=1) == Change.UPDATED
    schedule = Schedule.objects.get()
    assert (schedule.start, schedule.next_at) == (date(2026, 12, 24), datetime(2026, 12, 27, 1, 0, tzinfo=UTC))
    assert save(enabled=False) == Change.UPDATED
    assert Schedule.objects.get().next_at is None
    entries = AuditEntry.objects.filter(kind="schedule").order_by("pk")
    assert [entry.action for entry in entries] == ["created", "updated", "updated"]
    assert entries[1].details == {"fields": ["end", "start", "version"]}


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"times": ["25:00"]}, "times", "found ['25:00']"),
        ({"overlap": "never"}, "overlap", "not a valid choice"),
        ({"version": 7}, "version", "F1 has no version 7, expected one from 1 to 1"),
        ({"inputs": {"sevice": "x"}}, "inputs", "'sevice' is not declared"),
        ({"elements": ["db9"]}, "elements", "db9"),
        ({"run_as": "nobody"}, "run_as", "is nobody's user name"),
        ({"run_as": "vera"}, "run_as", "needs the role operator"),
        ({"owner": "the DBA team"}, "run_as", "the owner 'the DBA team' is nobody's user name"),
        ({"start": "2026-12-31", "end": "2026-12-24"}, "end", "expected a date that is not before start, 2026-12-31"),
    ],
)
def test_an_enabled_schedule_that_could_not_start_is_refused(changes: dict[str, Any], field: str, told: str) -> None:
    make_user("viewer", "vera")
    make_element("db1")
    make_flow_version()
    with pytest.raises(ScheduleRefused) as refused:
        save(**changes)
    assert told in refused.value.fields[field][0]
    assert not Schedule.objects.exists()


def test_a_disabled_schedule_may_be_prepared_before_it_could_start() -> None:
    make_flow_version()
    save(enabled=False, run_as="somebody who comes later")
    with pytest.raises(ScheduleRefused, match="is nobody's user name"):
        set_enabled(schedule=Schedule.objects.get().pk, enabled=True, by=SYSTEM)
    with pytest.raises(UnknownSchedule):
        set_enabled(schedule=0, enabled=True, by=SYSTEM)


def test_schedules_are_changed_by_administrators_and_owned_by_who_stores_them() -> None:
    make_flow_version()
    with pytest.raises(AccessDenied):
        save(by=make_user("author"))
    save(by=make_user("administrator", "anna"))
    assert Schedule.objects.get().owner == "anna"


# --- what starts next ----------------------------------------------------------------------------------------------


def test_the_starts_of_all_schedules_in_a_week_come_in_order(django_assert_num_queries: Any) -> None:
    first, second = make_flow_version("F1"), make_flow_version("F2")
    save()
    save(name="Hourly", flow="F2", days=[], times=[], cron="0 * * * *", timezone="UTC")
    save(name="Off", enabled=False)
    with django_assert_num_queries(1):
        found = calendar_of(Schedule.objects.select_related("flow"), now=NOW, days=7)["starts"]
    assert found[0] == {
        "schedule": Schedule.objects.get(name="Hourly").pk, "name": "Hourly", "flow": "F2", "flow_id": second.flow_id,
        "at": NOW + timedelta(hours=1),
    }  # fmt: skip
    assert [start["at"] for start in found] == sorted(start["at"] for start in found)
    assert [start["name"] for start in found].count("Sunday restart") == 1
    assert len(found) == 7 * 24 + 1
    assert next_start_by_flow() == {
        first.flow_id: datetime(2026, 11, 29, 1, 0, tzinfo=UTC), second.flow_id: NOW + timedelta(hours=1),
    }  # fmt: skip
    assert next_starts(Schedule.objects.get(name="Off"), now=NOW, limit=3) == []


def test_the_list_of_schedules_tells_what_became_of_the_last_start(django_assert_num_queries: Any) -> None:
    version = make_flow_version()
    save()
    schedule = Schedule.objects.get()
    run = make_run(version, state="failed", ended_at=AN_INSTANT)
    note = {"schedule": schedule, "at": AN_INSTANT}
    ScheduledStart.objects.create(**note, intended_at=AN_INSTANT, outcome="failed", reason="no such flow")
    ScheduledStart.objects.create(**note, intended_at=AN_INSTANT + timedelta(days=7), outcome="started", run=run)
    with django_assert_num_queries(1):
        [found] = schedules_with_last_start()
        assert (found.last_outcome, found.last_run, found.last_run_state) == ("started", run.pk, "failed")
        assert found.flow.name == "F1"


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "times", "cron", "expected"),
    [
        (["sun"], ["02:00"], "", "Sunday at 02:00, UTC"),
        (["fri", "mon", "tue", "wed", "thu"], ["14:30", "02:00"], "", "Monday to Friday at 02:00 and 14:30, UTC"),
        (["mon", "wed", "fri"], ["02:00"], "", "Monday, Wednesday and Friday at 02:00, UTC"),
        (["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ["02:00"], "", "Every day at 02:00, UTC"),
        ([], [], "0 2 * * sun", "cron 0 2 * * sun, UTC"),
    ],
)
def test_when_a_schedule_starts_is_said_in_words(days: list[str], times: list[str], cron: str, expected: str) -> None:
    assert when_in_words(days=days, times=times, cron=cron, timezone="UTC") == expected


def test_a_list_of_starts_says_where_the_clock_has_changed() -> None:
    starts = [datetime(2027, 3, day, hour, 0, tzinfo=UTC) for day, hour in ((27, 1), (28, 1), (29, 0))]
    now = datetime(2027, 3, 27, 0, 30, tzinfo=UTC)
    assert starts_in_words(starts, "Europe/Madrid", now) == [
        "Sat 27 Mar 2027, 02:00 +01:00 (in 30 minutes)",
        "Sun 28 Mar 2027, 03:00 +02:00 (in 1 day; the clock has changed)",
        "Mon 29 Mar 2027, 02:00 +02:00 (in 1 day)",
    ]


def test_instants_are_said_by_the_clock_of_the_zone_and_by_how_far_they_are() -> None:
    assert instant_in_words(NOW, "Europe/Madrid") == "Thu 26 Nov 2026, 03:00 +01:00"
    away = {
        10: "in less than a minute",
        0: "now",
        60: "in 1 minute",
        3599: "in 59 minutes",
        3600: "in 1 hour",
        200_000: "in 2 days",
        -5: "now",
    }
    assert {seconds: away_in_words(NOW + timedelta(seconds=seconds), NOW) for seconds in away} == away


# --- the admin -----------------------------------------------------------------------------------------------------


@pytest.fixture
def anna(client: Client) -> User:
    """An administrator who is signed in."""
    anna = make_user("administrator", "anna")
    anna.is_staff = True
    anna.save()
    client.force_login(anna)
    return anna


def page(what: str, *args: Any) -> str:
    return reverse(f"admin:flows_schedule_{what}", args=args)


def form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Sunday restart", "flow": make_flow_version().flow.pk, "version": "latest", "enabled": "on",
        "days": ["sat", "sun"], "times": "2:00, 14:30", "cron": "", "timezone": "Europe/Madrid", "start": "", "end": "",
        "overlap": "skip", "missed_policy": "skip", "missed_minutes": "30", "inputs": "", "narrowed": "",
        "blackout": "", "run_as": "", "owner": "", "note": "", **changes,
    }  # fmt: skip


@pytest.mark.usefixtures("anna")
def test_a_schedule_is_made_by_ticking_days_and_says_when_it_starts_next(client: Client) -> None:
    for name in ("db1", "db2"):
        make_element(name)
    answer = client.post(page("add"), form(narrowed="db1, db2\ndb1", missed_policy="late", blackout="[]"), follow=True)
    told = [str(message) for message in answer.context["messages"]]
    assert any("Sunday restart starts next on S" in message for message in told), told
    schedule = Schedule.objects.get()
    assert (schedule.days, schedule.times, schedule.elements) == (["sat", "sun"], ["02:00", "14:30"], ["db1", "db2"])
    assert (schedule.missed, schedule.owner, schedule.inputs) == ({"within_minutes": 30}, "anna", {})
    assert schedule.next_at is not None
    assert schedule.next_at > timezone.now()
    assert [entry.action for entry in AuditEntry.objects.filter(kind="schedule")] == ["created"]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"times": "26:00"}, "times", "found 26:00, expected times such as 02:00, 14:30"),
        ({"times": ""}, "times", "days and times go together"),
        ({"days": [], "times": ""}, "days", "nothing says when"),
        ({"cron": "0 2 * * *"}, "cron", "use either those or cron"),
        ({"days": [], "times": "", "cron": "daily"}, "cron", "expected five fields"),
        ({"timezone": "Mars/Olympus"}, "timezone", "not one of the available choices"),
        ({"missed_policy": "late", "missed_minutes": ""}, "missed_minutes", "how many minutes"),
        ({"inputs": "{"}, "inputs", "valid JSON"),
        ({"inputs": "[1]"}, "inputs", "expected the inputs by name"),
        ({"inputs": '{"a": 1}'}, "inputs", "'a' is not declared"),
        ({"narrowed": "db9"}, "narrowed", "db9"),
        ({"version": "9"}, "version", "has no version 9"),
        ({"owner": "the DBA team"}, "run_as", "is nobody's user name"),
        ({"blackout": '[{"calendar": "holidays"}]'}, "blackout", "not available in this release"),
        ({"blackout": "[" * 100_000}, "blackout", "nested too deep"),
        ({"name": "Sunday\nrestart"}, "name", "expected a name without"),
        ({"start": "2026-12-31", "end": "2026-12-24"}, "end", "not before start, 2026-12-31"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(client: Client, changes: dict[str, Any], field: str, told: str) -> None:
    answer = client.post(page("add"), form(**changes))
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert told in unescape(str(errors[field]))
    assert list(errors) == [field], "one problem is told once"
    assert not Schedule.objects.exists()


@pytest.mark.usefixtures("anna")
def test_the_page_of_a_schedule_shows_its_next_and_its_last_starts(client: Client) -> None:
    client.post(page("add"), form())
    schedule = Schedule.objects.get()
    run = make_run(make_flow_version(), state="partial", ended_at=AN_INSTANT)
    note = {"schedule": schedule, "at": AN_INSTANT}
    ScheduledStart.objects.create(**note, intended_at=AN_INSTANT, outcome="started", run=run)
    earlier = AN_INSTANT - timedelta(days=1)
    ScheduledStart.objects.create(**note, intended_at=earlier, outcome="failed", reason="<b> was wrong")
    shown = client.get(page("change", schedule.pk)).content.decode()
    assert shown.count("<li>S") == 20
    assert f'<a href="/runs/{run.pk}/">run {run.pk}: partial</a>' in shown
    assert "could not start: &lt;b&gt; was wrong" in shown
    assert 'value="02:00, 14:30"' in shown
    listed = client.get(page("changelist")).content.decode()
    assert "Saturday and Sunday at 02:00 and 14:30, Europe/Madrid" in listed
    assert f'<a href="/runs/{run.pk}/">run {run.pk}: partial</a>' in listed


@pytest.mark.usefixtures("anna")
def test_the_form_shows_when_it_would_start_before_anything_is_stored(client: Client) -> None:
    def preview(**fields: Any) -> Any:
        return client.get(page("preview"), fields).json()

    weekly = preview(days=["sun"], times="2:00", timezone="Europe/Madrid", missed_policy="skip")
    assert (len(weekly["starts"]), weekly["problems"]) == (20, [])
    assert all(start.startswith("Sun ") for start in weekly["starts"])
    assert preview(cron="0 2 * * *", timezone="UTC", end="2020-01-01") == {"starts": [], "problems": []}
    assert "nothing says when" in preview(timezone="UTC")["problems"][0]
    assert "found 26:00" in preview(days=["sun"], times="26:00", timezone="UTC")["problems"][0]
    assert "not one of the available choices" in preview(cron="0 2 * * *", timezone="Mars/X")["problems"][0]
    assert "valid date" in preview(cron="0 2 * * *", timezone="UTC", start="soon")["problems"][0]
    assert not Schedule.objects.exists()


@pytest.mark.usefixtures("anna")
def test_a_schedule_is_changed_and_what_was_stored_stays_choosable(client: Client) -> None:
    client.post(page("add"), form(missed_policy="late", missed_minutes="45"))
    schedule = Schedule.objects.get()
    Schedule.objects.filter(pk=schedule.pk).update(run_as="gone", timezone="Etc/GMT+5")
    changing = client.get(page("change", schedule.pk)).context["adminform"].form
    assert (changing["missed_minutes"].value(), changing["missed_policy"].value()) == (45, "late")
    assert ("gone", "gone") in changing.fields["run_as"].choices
    changed = form(timezone="Etc/GMT+5", run_as="gone")
    refused = client.post(page("change", schedule.pk), changed)
    told = unescape(str(refused.context["adminform"].form.errors["run_as"]))
    assert "the account 'gone' is nobody's user name" in told
    assert client.post(page("change", schedule.pk), {**changed, "run_as": ""}).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.missed, schedule.run_as, schedule.timezone) == ("skip", "", "Etc/GMT+5")


def _archive(schedule: Schedule) -> None:
    type(schedule.flow).objects.update(archived=True)


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(("spoil", "enabled"), [(None, True), (_archive, False)])
def test_schedules_are_enabled_and_disabled_together(
    client: Client, spoil: Callable[[Schedule], None] | None, enabled: bool
) -> None:
    client.post(page("add"), form())
    schedule = Schedule.objects.get()
    chosen = {"_selected_action": [schedule.pk]}
    client.post(page("changelist"), {**chosen, "action": "disable"})
    schedule.refresh_from_db()
    assert (schedule.enabled, schedule.next_at) == (False, None)
    if spoil:
        spoil(schedule)
    answer = client.post(page("changelist"), {**chosen, "action": "enable"}, follow=True)
    schedule.refresh_from_db()
    assert schedule.enabled is enabled
    told = [str(message) for message in answer.context["messages"]]
    assert any("there is no flow" in message for message in told) is not enabled


def test_whoever_may_only_see_schedules_can_neither_change_nor_enable_them(client: Client) -> None:
    make_flow_version()
    save()
    viewer = make_user("viewer")
    viewer.is_staff = True
    viewer.save()
    client.force_login(viewer)
    schedule = Schedule.objects.get()
    assert "<li>Sun" in client.get(page("change", schedule.pk)).content.decode()
    assert client.post(page("change", schedule.pk), form()).status_code == 403
    assert client.get(page("preview"), {"cron": "0 2 * * *", "timezone": "UTC"}).status_code == 403
    client.post(page("changelist"), {"_selected_action": [schedule.pk], "action": "disable"})
    assert Schedule.objects.get().enabled
