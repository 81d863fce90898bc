"""``demo``: made once, put back, removed, and nobody else's objects touched."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from elements.models import Element, Group, Profile
from elements.operations import save_element, set_settings
from elements.queries import select_elements
from flows.demo.content import Standing, demo_pieces
from flows.demo.making import FIRST_RUNS, is_first_start, make_demo
from flows.demo.removing import remove_demo
from flows.documents.stored import stored_documents
from flows.models import Flow, FlowDraft, FlowVersion, Run, Schedule, ScheduledStart, StartOutcome, Task
from flows.operations.apply import write_documents
from flows.operations.plan import plan_flow
from flows.plan import Plan
from flowsite.kernel.access import POLICY, SYSTEM, Role, allows
from flowsite.management.signing_in import is_loopback, prepare_sign_in
from tests.commands.running import manage
from tests.factories import AN_INSTANT, make_element, make_flow_version, make_roles, make_task_version, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEED = """\
sort_function = lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0
order_flow_elements(elements, sort_function, reverse=False)
"""


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    settings.FLOWSITE_DATA_DIR = tmp_path
    return tmp_path


def standings() -> Counter[Standing]:
    return Counter(piece.standing for piece in demo_pieces())


def end_runs() -> None:
    """As if the workers had done their work."""
    Run.objects.all().delete()


def test_the_demo_makes_a_fleet_of_ten_and_is_safe_to_repeat() -> None:
    first = manage("demo")
    assert first.code == 0
    assert "created Flow 'Hello fleet'" in first.lines
    assert [element.name for element in Element.objects.order_by("name")] == [
        "db1", "db2", "db3", "db4", "db5", "db6", "lb1", "web1", "web2", "web3",
    ]  # fmt: skip
    before = {kind: stored_documents(kind) for kind in ("Profile", "Group", "Element", "Task", "Flow")}
    ages = dict(Group.objects.values_list("name", "context_written_at"))
    assert {name: set(times) for name, times in ages.items()} == {
        name: set(context) for name, context in Group.objects.values_list("name", "context")
    }
    second = manage("demo")
    assert dict(Group.objects.values_list("name", "context_written_at")) == ages
    assert (second.code, second.lines) == (0, ["all of the demo is here already"])
    assert before == {kind: stored_documents(kind) for kind in before}
    assert set(standings()) == {Standing.AS_MADE}
    assert Run.objects.count() == len(FIRST_RUNS)


def test_the_first_runs_are_started_by_the_demo_login_with_a_reason() -> None:
    make_demo()
    runs = Run.objects.order_by("pk")
    assert [run.flow_name for run in runs] == list(FIRST_RUNS)
    assert {(run.started_by, run.run_reason) for run in runs} == {("demo", "First start of the demo")}


def test_the_login_is_an_administrator_and_its_password_is_told_once_and_stored_nowhere() -> None:
    [told] = [line for line in manage("demo").lines if line.startswith("login")]
    password = told.split()[3]
    user = User.objects.get(username="demo")
    assert user.check_password(password)
    assert user.is_staff
    assert not user.is_superuser
    assert all(allows(user, permission) for permission in POLICY)
    assert password not in manage("demo").out
    renewed = manage("demo", "--new-password").out.split()[-1]
    user.refresh_from_db()
    assert user.check_password(renewed)
    assert not user.check_password(password)


def test_a_new_password_needs_a_login_that_the_demo_made() -> None:
    User.objects.create_user("demo")
    ended = manage("demo", "--new-password")
    assert (ended.code, ended.err) == (1, "there is no demo login: make it with `manage.py demo`\n")


def test_the_rolling_restart_has_the_seeds_processing_script() -> None:
    make_demo()
    assert FlowVersion.objects.get(name="Rolling restart, leader last").processing_script == SEED


@pytest.mark.django_db(transaction=True)
def test_every_flow_has_a_complete_plan_and_the_leaders_come_last() -> None:
    make_roles()
    make_demo()
    plans = {flow.name: plan_flow(flow=flow.name, by=SYSTEM) for flow in Flow.objects.all()}
    assert all(plan.complete for plan in plans.values())
    assert list(plans["Rolling restart, leader last"].elements) == ["db1", "db3", "db4", "db6", "db2", "db5"]
    assert _orders(plans["The four combinations"]) == {
        "F1 serial, F2 serial": "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2",
        "F1 serial, F2 parallel": "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2",
        "F1 parallel, F2 serial": "A1·A2 B1 C1 D1 B2 C2 D2 F1·F2",
        "F1 parallel, F2 parallel": "A1·A2 B1·B2 C1·C2 D1·D2 F1·F2",
    }, "R26"


def _orders(plan: Plan) -> dict[str, str]:
    """The waves of tasks by the parent flow that they belong to, in the notation of R26."""
    orders: dict[str, list[str]] = {}
    for wave in plan.waves:
        if wave.step == "run_task":
            who = "·".join(f"{wave.name}{element.removeprefix('web')}" for element in wave.elements)
            orders.setdefault(wave.path[1], []).append(who)
    return {flow: " ".join(order) for flow, order in orders.items()}


def test_two_schedules_start_by_themselves_and_one_says_why_it_does_not() -> None:
    make_demo()
    schedules = {schedule.name: schedule for schedule in Schedule.objects.select_related("flow")}
    assert {name: (schedule.flow.name, schedule.enabled) for name, schedule in schedules.items()} == {
        "Heartbeat every five minutes": ("Heartbeat", True),
        "Sunday restart": ("Rolling restart, leader last", True),
        "Nightly log cleaning": ("Clean logs", False),
    }
    sunday = schedules["Sunday restart"].next_at
    assert sunday is not None
    assert f"{sunday.astimezone(ZoneInfo('Europe/Madrid')):%a %H:%M}" == "Sun 02:00"
    assert schedules["Nightly log cleaning"].note.startswith("Disabled: ")


def test_every_command_stays_in_the_elements_own_directory() -> None:
    make_demo()
    for values in stored_documents("Task"):
        paths = [word for word in values["command"].split() if "/" in word and not word.startswith("+%")]
        assert all(word.startswith("demo/{{") or word == "/dev/null" for word in paths), values["command"]


def test_the_elements_state_lies_in_the_data_directory_alone(data_dir: Path) -> None:
    make_demo()
    assert [path.name for path in data_dir.iterdir()] == ["demo"]
    assert (data_dir / "demo" / "db4" / "disk_used").read_text() == "97\n"
    assert (data_dir / "demo" / "db2" / "patroni_leader").read_text() == "master\n"


def test_what_was_changed_stays_until_a_reset_puts_it_back(data_dir: Path) -> None:
    make_demo()
    set_settings(element="db1", settings={"patroni_leader": "master", "mine": 1}, by=SYSTEM)
    Element.objects.filter(name="web1").delete()
    (data_dir / "demo" / "db4" / "disk_used").write_text("38\n")
    (data_dir / "demo" / "db4" / "backup").write_text("yes\n")
    assert manage("demo").lines == [
        "created Element 'web1'",
        "left as it is: Element 'db1', which was changed; --reset puts it back",
    ]
    assert (data_dir / "demo" / "db4" / "disk_used").read_text() == "38\n"
    assert "updated Element 'db1'" in manage("demo", "--reset").lines
    assert set(standings()) == {Standing.AS_MADE}
    assert (data_dir / "demo" / "db4" / "disk_used").read_text() == "97\n"
    assert not (data_dir / "demo" / "db4" / "backup").exists()


def test_remove_takes_all_of_it_and_keeps_the_runs(data_dir: Path) -> None:
    make_demo()
    run = Run.objects.earliest("pk")
    Run.objects.exclude(pk=run.pk).delete()
    Run.objects.update(state="succeeded", ended_at=run.created_at)
    heartbeat = Schedule.objects.get(name="Heartbeat every five minutes")
    ScheduledStart.objects.create(
        schedule=heartbeat, intended_at=run.created_at, at=run.created_at, run=run, outcome=StartOutcome.STARTED
    )
    ended = manage("demo", "--remove")
    assert ended.code == 0
    assert {line.split()[0] for line in ended.lines} == {"removed"}
    assert not Element.objects.exists()
    assert not Profile.objects.exists()
    assert not Group.objects.exists()
    assert not Flow.objects.filter(archived=False).exists()
    assert not Task.objects.filter(archived=False).exists()
    assert not Schedule.objects.exists()
    assert not User.objects.exists()
    assert not list(data_dir.iterdir())
    assert Run.objects.count() == 1
    assert manage("demo", "--remove").lines == ["nothing of the demo is here"]
    assert manage("demo").code == 0
    assert set(standings()) == {Standing.AS_MADE}


def test_remove_waits_for_the_runs_of_the_demo() -> None:
    make_demo()
    ended = manage("demo", "--remove")
    assert ended.code == 1
    assert "is queued: wait for its end or cancel it" in ended.err
    assert set(standings()) == {Standing.AS_MADE}


def test_remove_keeps_what_was_changed_and_what_others_need() -> None:
    make_demo()
    end_runs()
    set_settings(element="web1", settings={"mine": 1}, by=SYSTEM)
    make_flow_version(
        "My own",
        execution_script="run_task('Back up')\nrun_flow('F1 serial, F2 serial')\n",
        target={"groups": ["cluster-a"]},
    )
    kept = {line for line in remove_demo() if line.startswith("kept")}
    assert kept == {
        "kept Element 'web1': it was changed",
        "kept Task 'Back up': the flow 'My own' calls it",
        "kept Flow 'F1 serial, F2 serial': the flow 'My own' calls it",
        "kept Flow 'F2 serial': the flow 'F1 serial, F2 serial' calls it",
        *(f"kept Task '{name}': the flow 'F1 serial, F2 serial' calls it" for name in "AF"),
        *(f"kept Task '{name}': the flow 'F2 serial' calls it" for name in "BCD"),
        "kept Profile 'demo': the flow 'F1 serial, F2 serial' selects by it",
        "kept Group 'cluster-a': the flow 'My own' selects by it",
        *(f"kept Element 'db{number}': the flow 'F1 serial, F2 serial' selects it" for number in range(1, 7)),
        *(f"kept Element '{name}': the flow 'F1 serial, F2 serial' selects it" for name in ("lb1", "web2", "web3")),
        *(f"kept Group '{name}': the element 'db1' is in it" for name in ("patroni", "prod")),
        "kept Group 'cluster-b': the element 'db4' is in it",
        "kept Group 'web': the element 'web1' is in it",
    }
    assert {element["name"] for element in select_elements({"groups": ["cluster-a"]})} == {"db1", "db2", "db3"}


def test_a_schedule_of_somebody_keeps_its_flow() -> None:
    make_demo()
    end_runs()
    flow = Flow.objects.get(name="Clean logs")
    Schedule.objects.create(name="Mine", flow=flow, days=["sun"], times=["02:00"])
    lines = remove_demo()
    assert "kept Flow 'Clean logs': the schedule 'Mine' starts it" in lines
    assert "kept Task 'Clean logs': the flow 'Clean logs' calls it" in lines
    assert not Flow.objects.get(name="Clean logs").archived


def test_a_draft_keeps_its_flow_and_what_it_calls() -> None:
    make_demo()
    end_runs()
    flow = Flow.objects.get(name="Heartbeat")
    written: dict[str, Any] = {"written_by": "ann", "written_at": AN_INSTANT}
    FlowDraft.objects.create(flow=flow, execution_script="run_task('Say hello')\n", **written)
    lines = remove_demo()
    assert "kept Flow 'Heartbeat': ann works on a draft of it" in lines
    assert {line for line in lines if line.startswith("kept Task")} == {
        "kept Task 'Beat': the flow 'Heartbeat' calls it",
        "kept Task 'Say hello': the flow 'Heartbeat' calls it",
    }


@pytest.mark.parametrize("taken", ["element", "task", "flow", "user"])
def test_names_of_somebody_else_are_refused_and_nothing_is_made(taken: str) -> None:
    names = {"element": "db1", "task": "A", "flow": "Hello fleet", "user": "demo"}
    make: dict[str, Callable[[str], object]] = {
        "element": make_element,
        "task": make_task_version,
        "flow": make_flow_version,
        "user": User.objects.create_user,
    }
    make[taken](names[taken])
    ended = manage("demo")
    assert ended.code == 1
    assert f"{taken.capitalize()} {names[taken]!r}" in ended.err
    assert Element.objects.count() == (taken == "element")
    assert User.objects.count() == (taken == "user")
    assert "nothing of the demo is here" in manage("demo", "--remove").out


def test_an_object_that_somebody_made_under_an_old_name_is_not_the_demos() -> None:
    make_demo()
    end_runs()
    remove_demo()
    write_documents(
        documents=[("Profile", {"name": "mine", "connection": {"type": "local"}, "context": {}})], by=SYSTEM
    )
    save_element(name="db1", profile="mine", by=SYSTEM)
    assert manage("demo").code == 1
    assert manage("demo", "--reset").code == 1
    assert Element.objects.get(name="db1").profile.name == "mine"
    assert remove_demo() == []


# --- what `up` says about signing in --------------------------------------------------------------------------------


def test_a_first_start_is_over_once_anything_was_done() -> None:
    assert is_first_start()
    [said] = prepare_sign_in("127.0.0.1", with_demo=True)
    assert said.startswith("sign in as demo with the password ")
    assert not is_first_start()
    [again] = prepare_sign_in("127.0.0.1", with_demo=True)
    assert again.startswith("sign in as demo; a new password: ")
    assert again.endswith("demo --new-password")


def test_a_removed_demo_is_not_made_again_by_the_next_start() -> None:
    make_demo()
    end_runs()
    remove_demo()
    assert "createsuperuser" in prepare_sign_in("127.0.0.1", with_demo=True)[0]
    assert not Element.objects.exists()


def test_without_the_local_connection_no_demo_is_made(settings: Any) -> None:
    settings.FLOWSITE_ALLOW_LOCAL = False
    said = prepare_sign_in("127.0.0.1", with_demo=True)
    assert said[0] == "no demo was made: its steps need FLOWSITE_ALLOW_LOCAL=1"
    assert is_first_start()


def test_where_others_can_come_no_demo_is_made_and_its_login_is_off() -> None:
    assert "createsuperuser" in prepare_sign_in("0.0.0.0", with_demo=True)[0]
    assert is_first_start()
    make_demo()
    assert prepare_sign_in("0.0.0.0", with_demo=True)[0].startswith("the demo login is off")
    assert not User.objects.get(username="demo").is_active
    assert prepare_sign_in("127.0.0.1", with_demo=True)[0].startswith("sign in as demo")
    assert User.objects.get(username="demo").is_active


def test_a_login_that_a_person_switched_off_stays_off() -> None:
    make_demo()
    User.objects.filter(username="demo").update(is_active=False)
    make_user(Role.VIEWER)
    assert prepare_sign_in("127.0.0.1", with_demo=True) == []
    assert not User.objects.get(username="demo").is_active


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_a_loopback_address_is_ones_own(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "flow.example.org"])
def test_any_other_address_is_not(host: str) -> None:
    assert not is_loopback(host)
