"""What a draft's processing script makes of its elements: order, what is dropped and why, and of which facts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elements.models import Group, Profile, Setting
from flows.models import Flow
from tests.api.conftest import Clients
from tests.factories import AN_INSTANT, make_element, make_elements, make_flow_version, make_group, make_profile

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SEED = """\
sort_function = lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0
order_flow_elements(elements, sort_function, reverse=False)
"""
FOUR_KEYS = """\
def by(x):
    facts = x['context']
    return (facts.get('zone', ''), facts['env'], facts['net']['mtu'], facts['patroni_leader'])
order_flow_elements(elements, by)
"""


@pytest.fixture
def author(client_of: Clients) -> Any:
    return client_of("author")


@pytest.fixture(autouse=True)
def flow() -> Flow:
    """*Roll* over db1 to db4, of which db2 leads, db3 is on stage and db4 has no zone."""
    profile = make_profile("postgres", context={"env": "prod", "net": {"mtu": 1500}})
    zone = make_group("eu", context={"zone": "eu-1"})
    for number in range(1, 5):
        settings = {"patroni_leader": "master" if number == 2 else "replica", "version": number}
        settings |= {"env": "stage"} if number == 3 else {}
        make_element(f"db{number}", profile=profile, groups=[zone] if number < 4 else [], settings=settings)
    for number, setting in enumerate(Setting.objects.filter(key="patroni_leader").order_by("element__name")):
        Setting.objects.filter(pk=setting.pk).update(written_at=AN_INSTANT + timedelta(hours=number))
    return make_flow_version("Roll", target={"profile": "postgres"}).flow


def ask(author: Any, flow: Flow, script: str | None = None, **more: Any) -> Any:
    keys = {} if script is None else {"processing_script": script}
    answer = author.post(f"/api/drafts/{flow.pk}/order", {"keys": {**keys, **more.pop("keys", {})}, **more})
    assert answer.status_code == 200, answer.data
    return answer.data


def names(items: Any) -> list[str]:
    return [item["name"] for item in items]


def test_r4_the_seeds_script_puts_the_leader_last_and_is_told_in_words(author: Any, flow: Flow) -> None:
    answer = ask(author, flow, SEED)
    assert (answer["words"], answer["selected"], answer["kept"]) == ("patroni_leader master last", 4, 4)
    assert names(answer["rows"]) == ["db1", "db3", "db4", "db2"]
    assert answer["rows"][3]["facts"] == {"patroni_leader": "master"}
    assert list(answer["rows"][3]["written_at"]) == ["patroni_leader"]
    assert max(row["written_at"]["patroni_leader"] for row in answer["rows"]) == answer["keys"][0]["newest_at"]
    assert (answer["dropped"], answer["problem"]) == ([], None)


def test_r3_without_a_script_the_elements_are_ordered_by_name(author: Any, flow: Flow) -> None:
    answer = ask(author, flow)
    assert (answer["words"], answer["keys"], names(answer["rows"])) == ("", [], ["db1", "db2", "db3", "db4"])


def test_what_is_dropped_says_by_which_line_and_because_of_which_fact(author: Any, flow: Flow) -> None:
    script = (
        "filter_flow_elements(elements, lambda x: x['context']['env'] == 'prod')\n"
        "filter_flow_elements(elements, lambda x: 'eu' in x['groups'])\nelements = elements[:1]\n"
    )
    answer = ask(author, flow, script)
    assert (answer["words"], names(answer["rows"])) == ("only env prod, only group eu, first 1", ["db1"])
    assert [(item["name"], item["line"], item["why"]) for item in answer["dropped"]] == [
        ("db2", 3, "line 3 keeps the first 1; it was number 2"),
        ("db3", 1, "line 1 keeps only env prod; env is 'stage'"),
        ("db4", 2, "line 2 keeps only group eu; it is in no group"),
    ]
    assert answer["dropped"][1]["facts"] == {"env": "stage"}


def test_every_key_that_is_read_says_who_misses_it_how_old_it_is_and_where_it_comes_from(
    author: Any, flow: Flow
) -> None:
    keys = {key["key"]: key for key in ask(author, flow, FOUR_KEYS)["keys"]}
    assert list(keys) == ["zone", "env", "net.mtu", "patroni_leader"]
    assert (keys["zone"]["missing"], keys["zone"]["missing_total"]) == (["db4"], 1)
    assert {key: list(told["origins"].values()) for key, told in keys.items()} == {
        "zone": [0, 3, 0],
        "env": [1, 0, 3],
        "net.mtu": [0, 0, 4],
        "patroni_leader": [4, 0, 0],
    }
    assert [told["sources"] for told in keys.values()] == [["group eu"], ["profile postgres"], ["profile postgres"], []]
    assert [told["untimed"] for told in keys.values()] == [0, 0, 0, 0]
    ages = [datetime.fromisoformat(keys["patroni_leader"][age]) for age in ("oldest_at", "newest_at")]
    assert ages == [AN_INSTANT.astimezone(UTC), AN_INSTANT + timedelta(hours=3)]


def test_values_of_groups_and_profiles_are_as_old_as_they_were_written_there(author: Any, flow: Flow) -> None:
    """*zone* and *net* have a time, *env* of the profile was written before times were kept, db3 has its own."""
    Group.objects.filter(name="eu").update(context_written_at={"zone": (AN_INSTANT - timedelta(days=3)).isoformat()})
    Profile.objects.update(context_written_at={"net.mtu": AN_INSTANT.isoformat()})
    Setting.objects.filter(key="env").update(written_at=AN_INSTANT)
    keys = {key["key"]: key for key in ask(author, flow, FOUR_KEYS)["keys"]}
    assert datetime.fromisoformat(keys["zone"]["oldest_at"]) == AN_INSTANT - timedelta(days=3)
    assert (keys["zone"]["newest_at"], keys["zone"]["oldest_setting_at"]) == (keys["zone"]["oldest_at"], None)
    assert datetime.fromisoformat(keys["net.mtu"]["oldest_at"]) == AN_INSTANT
    assert (keys["net.mtu"]["untimed"], keys["env"]["untimed"]) == (0, 3)
    assert keys["env"]["oldest_setting_at"] == keys["env"]["oldest_at"] == keys["env"]["newest_at"]


def test_of_two_groups_the_one_that_wins_tells_the_age(author: Any, flow: Flow) -> None:
    make_element(
        "db5", profile=make_profile("postgres"), groups=[make_group("eu"), make_group("it", context={"zone": 1})]
    )
    Group.objects.filter(name="it").update(context_written_at={"zone": AN_INSTANT.isoformat()})
    script = "order_flow_elements(elements, lambda x: x['context']['zone'])"
    [key] = ask(author, flow, script, keys={"target": {"groups": ["it"]}})["keys"]
    assert (key["sources"], datetime.fromisoformat(key["oldest_at"])) == (["group it"], AN_INSTANT)


def test_a_setting_below_or_above_a_key_is_where_it_comes_from(author: Any, flow: Flow) -> None:
    profile = make_profile("other")
    make_element("o1", profile=profile, settings={"net.0.zone": "a"})
    make_element("o2", profile=profile, settings={"net": {"0": {"zone": "b"}}})
    make_element("o3", profile=profile, settings={"net.1.zone": "c"})
    script = "order_flow_elements(elements, lambda x: x['context']['net'].get('0', {}).get('zone', ''))"
    [key] = ask(author, flow, script, keys={"target": {"profile": "other"}})["keys"]
    assert (key["key"], key["origins"], key["missing"]) == (
        "net.0.zone",
        {"setting": 2, "group": 0, "profile": 0},
        ["o3"],
    )


def test_r6_an_error_of_the_script_is_a_problem_with_its_line_beside_what_is_known(author: Any, flow: Flow) -> None:
    answer = ask(author, flow, "# zone\norder_flow_elements(elements, lambda x: x['context']['zone'])")
    assert answer["problem"] == {"line": 2, "message": "line 2: no context key 'zone' in db4"}
    assert (answer["words"], names(answer["rows"])) == ("by zone", ["db1", "db2", "db3", "db4"])
    assert answer["keys"][0]["missing"] == ["db4"]


@pytest.mark.parametrize(
    ("keys", "line", "message"),
    [
        ({"target": None}, 0, "This flow has no target"),
        ({"target": {"profile": "postgre"}}, 0, "did you mean 'postgres'"),
        ({"target": {"filters": ["env =="]}}, 0, "expected a value"),
        ({"target": "all"}, 0, "target"),
        ({"processing_script": "x = 1\nrun_task('A')"}, 2, "run_task"),
        ({"processing_script": "x = ("}, 1, "never closed"),
    ],
)
def test_what_is_wrong_with_target_or_script_is_the_problem(
    author: Any, flow: Flow, keys: Any, line: int, message: str
) -> None:
    answer = ask(author, flow, keys=keys)
    assert answer["problem"]["line"] == line
    assert message in answer["problem"]["message"]


def test_problems_of_other_keys_do_not_matter(author: Any, flow: Flow) -> None:
    answer = ask(author, flow, SEED, keys={"execution_script": "run_task(", "concurrency": 0})
    assert (answer["problem"], answer["kept"]) == (None, 4)


def test_inputs_are_given_or_sampled_and_secrets_are_masked(author: Any, flow: Flow) -> None:
    declared = [{"name": "most", "type": "integer", "required": True}, {"name": "token", "type": "secret"}]
    script = "elements = elements[:inputs['most']]\n"
    assert ask(author, flow, script, keys={"inputs": declared})["kept"] == 1
    assert ask(author, flow, script, keys={"inputs": declared}, inputs={"most": "3"})["kept"] == 3
    wrong = ask(author, flow, script, keys={"inputs": declared}, inputs={"most": "x"})
    assert wrong["problem"]["message"] == "input 'most' is 'x', expected a whole number"
    raises = "raise ValueError('with ' + inputs['token'])"
    said = ask(author, flow, raises, keys={"inputs": declared}, inputs={"token": "hunter2-hunter2"})
    assert "hunter2" not in str(said)


def test_lists_have_as_many_as_were_asked_for(author: Any, flow: Flow) -> None:
    make_elements(30)
    everything = {"target": {"all": True}}
    answer = ask(author, flow, "elements = elements[:20]", keys=everything, rows=5)
    assert (answer["selected"], answer["kept"], len(answer["rows"]), len(answer["dropped"])) == (34, 20, 5, 5)


def test_an_order_takes_the_same_queries_however_many_elements(author: Any, flow: Flow) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(author, flow, SEED, keys={"target": {"all": True, "filters": []}})
        return len(captured)

    few = queries()
    for element in make_elements(20):
        Setting.objects.create(element=element, key="patroni_leader", value="replica")
    assert queries() == few <= 20


def test_a_viewer_may_ask_and_a_stranger_may_not(client_of: Clients, flow: Flow) -> None:
    assert ask(client_of("viewer"), flow)["kept"] == 4
    assert client_of("nobody").post(f"/api/drafts/{flow.pk}/order", {}).status_code == 403
