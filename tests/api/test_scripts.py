"""Scripts over REST: text to blocks and back through the address that the editor calls."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elements.models import Element, Profile, Setting
from elements.operations import save_credential
from flows.models import Task
from flows.script.blocks.editing import edit_blocks, edit_text
from flows.script.check import check_execution
from flows.script.language import EXECUTION_NAMES, MAX_SCRIPT_BYTES
from flowsite.kernel.access import SYSTEM
from tests.api.conftest import Clients
from tests.script.blocks.grammar import TEXTS_OF_SCRIPTS

pytestmark = pytest.mark.usefixtures("fleet")

BLOCKS = "/api/scripts/blocks"
SCRIPT = """# leader last
if current == last:  # the last one
    run_task( "Stop service", service = 'x' )
else :
    sleep(5)

for other in elements: log('a'); log("b")
"""


def turned(client: Any, **body: Any) -> Any:
    answer = client.post(BLOCKS, body)
    assert answer.status_code == 200, answer.content
    assert answer.data.keys() == {"text", "workspace", "sites", "problems", "revision"}
    return json.loads(answer.content)


@pytest.fixture
def viewer(client_of: Clients) -> Any:
    return client_of("viewer")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_untouched_script_comes_back_byte_for_byte(viewer: Any, end: str) -> None:
    text = SCRIPT.replace("\n", end)
    opened = turned(viewer, text=text, revision=7)
    assert (opened["text"], opened["problems"], opened["revision"]) == (text, [], 7)
    written = turned(viewer, workspace=opened["workspace"], base_text=text, revision=8)
    assert (written["text"], written["problems"], written["revision"]) == (text, [], 8)
    assert written["workspace"] == opened["workspace"]
    assert written["sites"] == opened["sites"]


def test_sites_name_their_lines_and_blocks(viewer: Any) -> None:
    sites = turned(viewer, text=SCRIPT)["sites"]
    assert [(site["site"], site["step"], site["name"], site["line"], site["block"]) for site in sites] == [
        (1, "run_task", "Stop service", 3, "s1"),
        (2, "sleep", None, 5, "s2"),
        (3, "log", "a", 7, "s3"),
        (4, "log", "b", 7, "s4"),
    ]


def test_a_script_that_names_a_deleted_task_opens_shows_it_and_loses_nothing(viewer: Any) -> None:
    Task.objects.filter(name="Stop service").update(archived=True)
    opened = turned(viewer, text=SCRIPT)
    [problem] = opened["problems"]
    assert (problem["line"], problem["code"], problem["block"]) == (3, "unknown_task", "s1")
    [block] = [block for block in opened["workspace"]["blocks"] if block["id"] == "s1"]
    assert (block["type"], block["fields"]["NAME"]) == ("run_task", "Stop service")
    assert turned(viewer, workspace=opened["workspace"], base_text=SCRIPT)["text"] == SCRIPT


def test_a_near_miss_is_told_the_name_that_was_meant(viewer: Any) -> None:
    [problem] = turned(viewer, text="run_task('Stop servce', service='x')")["problems"]
    assert "did you mean 'Stop service'?" in problem["message"]


def test_a_text_that_is_no_script_keeps_its_text_and_has_no_blocks(viewer: Any) -> None:
    answer = turned(viewer, text="log('a'\n")
    assert (answer["text"], answer["workspace"], answer["sites"]) == ("log('a'\n", None, [])
    assert [(problem["line"], problem["code"], problem["block"]) for problem in answer["problems"]] == [
        (1, "syntax", None)
    ]


@pytest.mark.parametrize("text", ["# " + "x" * MAX_SCRIPT_BYTES, "x = " + "(" * 500 + ")" * 500])
def test_a_text_that_is_too_large_or_too_deep_is_told_so_and_not_lost(viewer: Any, text: str) -> None:
    answer = turned(viewer, text=text)
    assert (answer["text"], answer["workspace"]) == (text, None)
    assert answer["problems"][0]["code"] in ("too_large", "too_deep", "syntax")


def test_a_problem_marks_the_innermost_statement_of_its_line(viewer: Any) -> None:
    text = "if current == last:\n    x = 1; run_task('Nope'); log(y)\ntry:\n    pass\nfinally:\n    z\n"
    problems = turned(viewer, text=text)["problems"]
    assert [(problem["line"], problem["code"], problem["block"]) for problem in problems[:2]] == [
        (2, "unknown_task", "s1"),
        (2, "unknown_name", "s2"),
    ]
    assert problems[2]["line"] == 6


def workspace(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"first": blocks[0]["id"], "blocks": list(blocks)}


def block(name: str, kind: str, following: str | None = None, **fields: str) -> dict[str, Any]:
    return {"id": name, "type": kind, "fields": fields, "inputs": {}, "next": following}


def test_blocks_keep_their_own_names_in_sites_problems_and_the_answer(viewer: Any) -> None:
    sent = workspace(
        block("first!", "comment", "mine", TEXT="one"),
        block("mine", "run_task", "raw", NAME="Stp service"),
        block("raw", "raw_statement", None, CODE="run_task('A')\nlog('b')"),
    )
    answer = turned(viewer, workspace=sent, base_text="")
    assert answer["text"] == "# one\nrun_task('Stp service')\nrun_task('A')\nlog('b')\n"
    assert [site["block"] for site in answer["sites"]] == ["mine", "raw", "raw"]
    assert [problem["block"] for problem in answer["problems"]] == ["mine", "raw"]
    assert answer["workspace"]["first"] == "first!"


def test_an_edit_changes_its_line_alone_and_the_answer_can_be_gone_on_from(viewer: Any) -> None:
    opened = turned(viewer, text=SCRIPT)["workspace"]
    for item in opened["blocks"]:
        if item["type"] == "number" or item["fields"] == {"CODE": "5"}:
            item["fields"] = dict.fromkeys(item["fields"], "9")
    answer = turned(viewer, workspace=opened, base_text=SCRIPT)
    assert answer["text"] == SCRIPT.replace("sleep(5)", "sleep(9)")
    assert {item["id"] for item in answer["workspace"]["blocks"]} == {item["id"] for item in opened["blocks"]}
    again = turned(viewer, workspace=answer["workspace"], base_text=answer["text"])
    assert (again["text"], again["workspace"]) == (answer["text"], answer["workspace"])


def test_a_block_that_says_nothing_is_named_and_the_workspace_is_not_lost(viewer: Any) -> None:
    sent = workspace(block("p", "sleep"))
    answer = turned(viewer, workspace=sent, base_text="log('a')\n")
    assert (answer["text"], answer["workspace"], answer["sites"]) == (None, sent, [])
    [problem] = answer["problems"]
    assert (problem["code"], problem["block"]) == ("not_faithful", "p")
    assert "(block" not in problem["message"]


def test_a_statement_that_only_the_compiler_refuses_is_marked(viewer: Any) -> None:
    sent = workspace(block("a", "raw_statement", "b", CODE="log('x')"), block("b", "raw_statement", None, CODE="break"))
    answer = turned(viewer, workspace=sent)
    assert (answer["text"], answer["workspace"]) == ("log('x')\nbreak\n", sent)
    assert [(problem["code"], problem["block"]) for problem in answer["problems"]] == [("syntax", "b")]


def test_a_base_text_that_is_no_script_is_a_problem(viewer: Any) -> None:
    answer = turned(viewer, workspace=workspace(block("a", "comment", TEXT="x")), base_text="log(")
    assert (answer["text"], answer["problems"][0]["code"]) == (None, "base_text")


@pytest.mark.parametrize(
    "body",
    [{}, {"text": "", "workspace": {}}, {"text": "", "scrpt": "x"}, {"text": "", "script": "other"},
     {"workspace": []}, {"text": "", "revision": -1}],
)  # fmt: skip
def test_a_request_that_is_none_is_refused(viewer: Any, body: dict[str, Any]) -> None:
    assert viewer.post(BLOCKS, body).status_code == 400


@pytest.mark.parametrize(
    "sent",
    [{}, {"blocks": {}}, {"first": "a", "blocks": []}, {"first": "a", "blocks": [{"id": "a"}]},
     {"first": "a", "blocks": [{"id": "a", "type": "no_such"}]}, {"first": 1, "blocks": [1]},
     {"first": "a", "blocks": [{"id": "a", "type": "if", "inputs": {"TEST": "a"}}]},
     {"first": "a", "blocks": [{"id": "a", "type": "comment", "fields": {"TEXT": "x" * 3 * MAX_SCRIPT_BYTES}}]},
     {"first": "a", "blocks": [{"id": "a", "type": "if", "extra": {"clauses": ["elsewhere"]}}]}],
)  # fmt: skip
def test_a_workspace_of_a_wrong_shape_is_a_problem_and_never_an_error(viewer: Any, sent: dict[str, Any]) -> None:
    answer = turned(viewer, workspace=sent)
    assert answer["problems"]
    assert answer["workspace"] == sent
    assert answer["text"] is None


def test_a_processing_script_has_its_own_words_and_no_sites(viewer: Any) -> None:
    text = "order_flow_elements(elements, lambda x: x['context']['leader'])\n"
    answer = turned(viewer, text=text, script="processing")
    assert (answer["problems"], answer["sites"]) == ([], [])
    assert turned(viewer, workspace=answer["workspace"], base_text=text, script="processing")["text"] == text
    [problem] = turned(viewer, text="run_task('Stop service')", script="processing")["problems"]
    assert problem["block"] == "s1"


def test_a_step_that_is_a_value_has_its_site_and_its_block(viewer: Any) -> None:
    text = "x = '😀' + get_context()['a']\n"
    answer = turned(viewer, text=text)
    [site] = answer["sites"]
    [block] = [block for block in answer["workspace"]["blocks"] if block["type"] == "get_context"]
    assert (site["site"], site["step"], site["block"]) == (1, "get_context", block["id"])
    assert site["call"] == {"start": 11, "end": 24, "args": [], "close": 23}
    assert site["statement"] == {"start": 0, "end": 29}


def test_a_site_tells_where_its_arguments_stand(viewer: Any) -> None:
    [site] = turned(viewer, text="run_task( 'Stop service', service = 'x' )\n")["sites"]
    assert site["call"]["args"] == [
        {"name": None, "start": 10, "end": 24, "code": "'Stop service'"},
        {"name": "service", "from": 26, "start": 36, "end": 39, "code": "'x'"},
    ]


@pytest.mark.parametrize("script", ["execution", "processing"])
def test_an_input_that_the_draft_does_not_declare_is_a_problem(viewer: Any, script: str) -> None:
    inputs = [{"name": "version", "type": "string"}, {"name": None}, 5, "other"]
    sent = {"text": "x = inputs['versoin']\n", "script": script, "inputs": inputs}
    [problem] = turned(viewer, **sent)["problems"]
    assert (problem["line"], problem["code"]) == (1, "unknown_input")
    assert problem["message"] == "this flow declares no input 'versoin'; did you mean 'version'?"
    assert turned(viewer, **{**sent, "text": "x = inputs['version']\n"})["problems"] == []
    assert turned(viewer, text=sent["text"], script=script)["problems"] == []


def test_raw_blocks_say_why_they_are_raw(viewer: Any) -> None:
    [block] = turned(viewer, text="import math\n")["workspace"]["blocks"]
    assert block["extra"]["why"] == "imports have no block"


def test_an_empty_script_is_empty_blocks(viewer: Any) -> None:
    answer = turned(viewer, text="")
    assert answer["workspace"]["first"] is None
    assert turned(viewer, workspace=answer["workspace"])["text"] == ""


def test_a_call_that_closes_a_circle_is_told_for_the_flow_that_is_edited(viewer: Any) -> None:
    """R25."""
    text = "log('a')\nrun_flow('Rolling restart')\n"
    assert turned(viewer, text=text)["problems"] == []
    [problem] = turned(viewer, text=text, flow="Rolling restart")["problems"]
    assert (problem["line"], problem["code"], problem["block"]) == (2, "flow_cycle", "s2")
    new = turned(viewer, text="run_flow('New one')", flow="New one")["problems"]
    assert [problem["code"] for problem in new] == ["flow_cycle"]


def test_a_script_is_formatted_on_demand(viewer: Any) -> None:
    answer = viewer.post("/api/scripts/format", {"text": "log( 'a' )  #why\n"})
    assert answer.data == {"text": "log('a')  # why\n", "changed": True, "problem": None}
    again = viewer.post("/api/scripts/format", {"text": answer.data["text"]})
    assert again.data == {"text": "log('a')  # why\n", "changed": False, "problem": None}


def test_a_script_with_an_error_is_not_formatted_and_told_why(viewer: Any) -> None:
    text = "log('a')\nif x\n"
    answer = viewer.post("/api/scripts/format", {"text": text})
    assert answer.status_code == 200
    assert (answer.data["text"], answer.data["changed"], answer.data["problem"]["line"]) == (text, False, 2)
    assert answer.data["problem"]["message"].startswith("correct this first, then format: not valid Python")


def test_the_names_that_scripts_may_use_come_with_their_inputs(viewer: Any) -> None:
    names = viewer.get("/api/scripts/names").data
    [stop] = [task for task in names["tasks"] if task["name"] == "Stop service"]
    assert stop["class"] == "command"
    assert {"name", "type", "required", "default"} == stop["inputs"][0].keys()
    assert [(flow["name"], flow["mode"]) for flow in names["flows"]] == [
        ("Check", "parallel"),
        ("Rolling restart", "serial"),
    ]
    assert names["context_keys"] == sorted(names["context_keys"])
    assert "cluster" in names["context_keys"]


def test_the_names_say_what_a_task_does_and_which_steps_a_flow_has(viewer: Any, client_of: Clients) -> None:
    definition = {
        "name": "Fetch",
        "command": "# why\n\nset -e\nfetch it\n",
        "timeout": 30,
        "retries": 2,
        "save": {"a.b": "output"},
    }
    assert client_of("author").post("/api/tasks", definition).status_code == 201
    names = viewer.get("/api/scripts/names").data
    [fetch] = [task for task in names["tasks"] if task["name"] == "Fetch"]
    assert (fetch["id"], fetch["version"]) == (Task.objects.get(name="Fetch").pk, 1)
    assert (fetch["command_line"], fetch["timeout"], fetch["retries"]) == ("set -e", 30, 2)
    assert fetch["saves"] == ["a.b"]
    [restart] = [flow for flow in names["flows"] if flow["name"] == "Rolling restart"]
    assert restart["steps"][0].keys() == {"site", "step", "name"}
    assert [step["site"] for step in restart["steps"]] == list(range(1, len(restart["steps"]) + 1))


def test_the_names_hold_every_word_of_the_language_with_its_signature(viewer: Any) -> None:
    words = viewer.get("/api/scripts/names").data["steps"]
    of_execution = {word["name"] for word in words if "execution" in word["scripts"]}
    assert of_execution == EXECUTION_NAMES
    [sleep] = [word for word in words if word["name"] == "sleep"]
    assert (sleep["kind"], sleep["signature"]) == ("step", "sleep(seconds)")


def test_the_values_of_a_context_key_are_the_most_frequent_first_and_few(viewer: Any) -> None:
    profile = Profile.objects.create(name="many", context={"env": "lab", "net": {"port": 22}})
    elements = Element.objects.bulk_create([Element(name=f"many{n}", profile=profile) for n in range(30)])
    for number, element in enumerate(elements):
        values = {"env": "prod" if number else "stage", "rack": f"r{number}", "new": number % 2 == 0, "nothing": None}
        Setting.objects.bulk_create([Setting(element=element, key=key, value=value) for key, value in values.items()])
    Setting.objects.create(element=elements[0], key="note", value="x" * 500)
    names = viewer.get("/api/scripts/names").data
    values = names["values"]
    assert list(values) == names["context_keys"]
    assert values["env"][:2] == ["prod", "stage"]
    assert "lab" in values["env"]
    assert values["net.port"] == [22]
    assert values["new"] == [False, True]
    assert (len(values["rack"]), values["nothing"], values["note"]) == (20, [], [])


def test_a_secret_is_no_value_of_a_context_key(viewer: Any) -> None:
    save_credential(name="vault", type="token", secret={"token": "s3cr3t-words"}, by=SYSTEM)
    profile = Profile.objects.create(name="careless", context={"url": "https://x?t=s3cr3t-words", "keyboard": "de"})
    element = Element.objects.create(name="careless1", profile=profile)
    keys = ["db.admin_password", "apiKey", "access-token", "PASSWD", "vault.secrets.a"]
    Setting.objects.bulk_create([Setting(element=element, key=key, value=f"hidden {key}") for key in keys])
    answer = viewer.get("/api/scripts/names")
    assert {key: answer.data["values"][key] for key in keys} == {key: [] for key in keys}
    assert (answer.data["values"]["url"], answer.data["values"]["keyboard"]) == ([], ["de"])
    assert b"s3cr3t-words" not in answer.content
    assert b"hidden" not in answer.content


def test_the_names_cost_the_same_queries_whatever_there_is(viewer: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert viewer.get("/api/scripts/names").status_code == 200
        return len(captured)

    before = queries()
    profile = Profile.objects.create(name="more", context={"a": 1})
    elements = Element.objects.bulk_create([Element(name=f"more{n}", profile=profile) for n in range(100)])
    Setting.objects.bulk_create(
        [Setting(element=one, key=f"key{n}", value=n) for n, one in enumerate(elements)], batch_size=50
    )
    assert queries() == before <= 9


@pytest.mark.parametrize(("role", "status"), [("nobody", 403), ("viewer", 200)])
def test_both_need_the_role_viewer(client_of: Clients, role: str, status: int) -> None:
    assert client_of(role).post(BLOCKS, {"text": ""}).status_code == status
    assert client_of(role).get("/api/scripts/names").status_code == status


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS_OF_SCRIPTS, st.data())
def test_random_scripts_and_torn_workspaces_are_answered_without_loss(text: str, data: st.DataObject) -> None:
    turn = edit_text(text, check_execution)
    assert turn.text == text
    if turn.workspace is None:
        assert turn.problems
        return
    back = edit_blocks(turn.workspace, text, check_execution)
    assert (back.text, back.workspace, list(back.sites)) == (text, turn.workspace, list(turn.sites))
    blocks = turn.workspace["blocks"]
    if blocks:
        torn = json.loads(json.dumps(turn.workspace))
        del torn["blocks"][data.draw(st.integers(0, len(blocks) - 1))]["fields"]
        answer = edit_blocks(torn, text, check_execution)
        assert answer.workspace is not None
        assert answer.text is not None or answer.problems
        if answer.text is not None and answer.workspace != torn:
            again = edit_blocks(answer.workspace, answer.text, check_execution)
            assert (again.text, again.workspace) == (answer.text, answer.workspace)
