"""``apply`` stores everything or nothing and is idempotent; ``export`` writes what it takes back unchanged."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core import serializers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from elements.models import Credential, Element, Group, Profile, Setting
from elements.secrets import reveal
from flows.documents.exporting import dump_document
from flows.documents.files import check_files
from flows.documents.reading import Source
from flows.documents.secrets import local_secrets
from flows.documents.stored import stored_documents, stored_world
from flows.models import Flow, FlowVersion, Task, TaskVersion
from flows.operations.apply import write_documents
from flowsite.kernel.access import SYSTEM
from flowsite.kernel.models import AuditEntry
from tests.commands.running import Ended, manage
from tests.documents.texts import BAD, FLEET, FLOW, LATER, TASK

TABLES = (Credential, Profile, Group, Element, Setting, Task, TaskVersion, Flow, FlowVersion, AuditEntry)


def everything() -> str:
    """All that is stored, as text."""
    return "".join(serializers.serialize("json", table._default_manager.order_by("pk")) for table in TABLES)


def apply(directory: Path, *texts: str, options: tuple[str, ...] = ()) -> Ended:
    """Apply the texts, as files 0.yaml, 1.yaml, ..."""
    files = []
    for index, text in enumerate(texts):
        file = directory / f"{index}.yaml"
        file.write_text(text)
        files.append(str(file))
    return manage("apply", *files, *options)


@pytest.mark.django_db
def test_apply_creates_everything_in_the_order_of_references(tmp_path: Path) -> None:
    ended = apply(tmp_path, FLEET)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == [
        "created Credential ops-key",
        "created Profile linux",
        "created Profile here",
        "created Group patroni",
        "created Element db1",
        "created Element db2",
        "created Task Stop service",
        "created Flow Rolling restart",
        "created Flow Check",
    ]
    linux = Profile.objects.get(name="linux")
    assert linux.connection == {
        "type": "ssh", "user": "ops", "port": 22, "host_key_policy": "strict", "connect_timeout": 10,
    }  # fmt: skip
    assert linux.credential is not None
    assert reveal(linux.credential) == {"password": "5ecret-of-tests"}
    version = FlowVersion.objects.get(name="Rolling restart")
    assert version.definition["inputs"] == [
        {"name": "service", "type": "string", "required": True, "default": "postgresql"}
    ]
    assert version.execution_script.startswith("run_task('Stop service'")


@pytest.mark.django_db
def test_apply_again_changes_nothing(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    before = everything()
    ended = apply(tmp_path, FLEET)
    assert {line.split()[0] for line in ended.lines} == {"unchanged"}
    assert everything() == before


@pytest.mark.django_db
def test_apply_says_what_it_updated(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    changed = FLEET.replace("priority: 10", "priority: 20").replace("sleep(5)", "sleep(6)").replace("5ecret", "0ther")
    ended = apply(tmp_path, changed)
    assert [line for line in ended.lines if not line.startswith("unchanged")] == [
        "updated Credential ops-key",
        "updated Group patroni",
        "updated Flow Rolling restart",
    ]
    assert [version.number for version in FlowVersion.objects.filter(name="Rolling restart").order_by("number")] == [
        1,
        2,
    ]


@pytest.mark.django_db
def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path: Path) -> None:
    before = everything()
    ended = apply(tmp_path, FLEET, options=("--dry-run",))
    assert (ended.code, len(ended.lines), ended.lines[0]) == (0, 9, "created Credential ops-key")
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize("case", [*BAD, *LATER])
def test_bad_documents_change_nothing_not_even_the_sound_ones_beside_them(case: str, tmp_path: Path) -> None:
    text = BAD[case][0] if case in BAD else LATER[case][0]
    before = everything()
    ended = apply(tmp_path, "kind: Group\nname: a sound group beside it\n", text)
    assert ended.code == 1
    assert ended.out == ""
    problems = ended.err.splitlines()
    assert problems
    assert all(problem.startswith(f"{tmp_path}/1.yaml:") for problem in problems if "warning: " not in problem)
    assert everything() == before


@pytest.mark.django_db
def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    ended = apply(tmp_path, TASK.replace("command", "comand"), FLOW.replace("log('x')", "run_task('B')"))
    assert ended.code == 1
    assert [line.removeprefix(str(tmp_path)).split(": ")[0] for line in ended.err.splitlines()] == [
        "/0.yaml:1",
        "/0.yaml:3",
        "/1.yaml:5",
    ]


@pytest.mark.django_db
def test_what_only_the_stored_state_forbids_changes_nothing_either(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    before = everything()
    element = "kind: Element\nname: db1\nprofile: linux\naddress: a\nsettings: {net: flat}\n"
    ended = apply(tmp_path, "kind: Group\nname: new\n---\n" + element)
    assert ended.code == 1
    assert ended.err.startswith(f"{tmp_path}/0.yaml:4: Element 'db1': db1: 'net' is a plain value")
    assert everything() == before


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    ended = manage("apply", str(tmp_path / "no.yaml"))
    assert (ended.code, ended.err) == (1, f"{tmp_path}/no.yaml:1: cannot be read: No such file or directory\n")


@pytest.mark.django_db
def test_an_unquoted_value_is_a_warning_and_the_task_is_stored(tmp_path: Path) -> None:
    ended = apply(tmp_path, TASK.replace("'true'", "ls {{ inputs.x }}"))
    assert (ended.code, ended.lines) == (0, ["created Task A"])
    assert ended.err.startswith(f"{tmp_path}/0.yaml:3: warning: command, line 1: a value without | quote")


@pytest.mark.django_db
def test_export_gives_what_apply_takes_back_unchanged(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    exported = manage("export").out
    assert "5ecret" not in exported
    assert "kind: Credential" not in exported
    ended = apply(tmp_path, exported)
    assert ended.code == 0, ended.err
    assert {line.split()[0] for line in ended.lines} == {"unchanged"}
    assert len(ended.lines) == 8


ODD = """\
kind: Group
name: "yes"
context: {a: "null", b: "1", c: 1.0, d: "", e: "tab\\tx", f: "line \\n end", g: "~", h: {}, i: "\\n\\nx", 1: []}
---
kind: Task
name: t
command: "echo 'x'\\n  indented\\n\\ntrailing   \\n"
timeout: 0.5
inputs:
- {name: a, type: boolean, default: false}
- {name: b, default: ""}
- {name: c, type: number, default: 0}
- {name: d, required: true}
- {name: e, default: {a: [1, null], b: "2"}}
- {name: f, default: "2"}
---
kind: Flow
name: f
mode: parallel
target: {all: true}
error_threshold: 0
execution_script: "if True:\\n\\tlog('tab')\\r\\n\\n"
"""


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", ", type: any"])
def test_an_input_of_any_value_has_no_type_in_a_version_nor_in_an_export(tmp_path: Path, typed: str) -> None:
    """R43."""
    assert apply(tmp_path, f"{TASK}inputs: [{{name: why{typed}}}]\n").code == 0
    [stored] = TaskVersion.objects.get(task__name="A").definition["inputs"]
    assert stored == {"name": "why", "required": False, "default": None}
    [exported] = yaml.safe_load(manage("export", "Task", "A").out)["inputs"]
    assert exported == {"name": "why"}


@pytest.mark.django_db
def test_batches_soak_and_refresh_go_through_apply_and_export(tmp_path: Path) -> None:
    """R3, R21."""
    keys = "batches: [1, 5, '20%']\nsoak: 600\nrefresh: [A]\n"
    text = TASK + "---\n" + FLOW.replace("mode: serial\n", f"mode: parallel\n{keys}")
    assert apply(tmp_path, text).code == 0
    definition = FlowVersion.objects.get(flow__name="F").definition
    assert (definition["batches"], definition["soak"], definition["refresh"]) == ([1, 5, "20%"], 600, ["A"])
    exported = manage("export", "Flow", "F").out
    assert yaml.safe_load(exported).items() >= yaml.safe_load("mode: parallel\n" + keys).items()
    assert apply(tmp_path, exported).lines == ["unchanged Flow F"]


@pytest.mark.django_db
def test_export_keeps_texts_that_look_like_something_else_and_defaults_that_are_nothing(tmp_path: Path) -> None:
    apply(tmp_path, ODD)
    exported = manage("export").out
    assert apply(tmp_path, exported).lines == ["unchanged Group yes", "unchanged Task t", "unchanged Flow f"]
    assert apply(tmp_path, ODD).lines == ["unchanged Group yes", "unchanged Task t", "unchanged Flow f"]
    [task] = [document for document in yaml.safe_load_all(exported) if document["kind"] == "Task"]
    assert [item.get("default") for item in task["inputs"]] == [False, "", 0, None, {"a": [1, None], "b": "2"}, "2"]


@pytest.mark.parametrize("odd", ["\r", "\x85", "\u2028", "\u2029", "\ufeff", "\r\n"])
@pytest.mark.parametrize("around", ["{}", "a{}b", "{}{}\n", "a\n{}", " {} "])
@pytest.mark.django_db
def test_export_keeps_characters_that_yaml_takes_for_line_ends(tmp_path: Path, odd: str, around: str) -> None:
    text = around.format(odd, odd)
    write_documents(documents=[("Group", {"name": "g", "priority": 1, "context": {"a": text}})], by=SYSTEM)
    assert apply(tmp_path, manage("export").out).lines == ["unchanged Group g"]


@pytest.mark.django_db
def test_export_of_one_kind_or_one_object(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    assert manage("export", "Group").out == ("kind: Group\nname: patroni\npriority: 10\ncontext:\n  cluster: main\n")
    assert manage("export", "flow", "Check").out == (
        "kind: Flow\nname: Check\nmode: parallel\nexecution_script: log('checked')\n"
    )
    assert "execution_script: |\n  run_task('Stop service'" in manage("export", "flow", "Rolling restart").out


@pytest.mark.django_db
def test_export_refuses_what_is_not_there_and_what_is_secret(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    assert manage("export", "flow", "Chek").code == 1
    ended = manage("export", "Credential")
    assert (ended.code, ended.out) == (2, "")
    assert "never exported" in ended.err


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=","), min_size=1, max_size=8
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
KEYS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
COMMENTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


class RoundTrip(TestCase):
    """Whatever can be stored is exported in a form that changes nothing when it is applied."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        NAMES,
        st.dictionaries(KEYS, VALUES, max_size=4),
        st.lists(COMMENTS, max_size=3),
        st.booleans(),
        st.sampled_from([None, 3, "10%"]),
    )
    def test_apply_of_export_is_unchanged(
        self, name: str, context: dict[str, Any], comments: list[str], ends_with_newline: bool, threshold: Any
    ) -> None:
        script = "\n".join([*(f"# {'x'.join(comment.splitlines())}" for comment in comments), "log('x')"])
        end = "\n" * ends_with_newline
        settings_of = {"address": name, "enabled": False, "groups": [name], "settings": context}
        task = {"class": "command", "timeout": 1.5, "retries": 0, "retry_delay": 0, "on_interrupt": "ask", "inputs": []}
        flow = {"mode": "serial", "target": None, "concurrency": 2, "error_threshold": threshold, "on_empty": "fail"}
        scripts = {"inputs": [], "processing_script": "", "execution_script": script + end}
        written: list[tuple[str, dict[str, Any]]] = [
            ("Profile", {"name": name, "connection": {"type": "local"}, "context": context}),
            ("Group", {"name": name, "priority": -1, "context": context}),
            ("Element", {"name": name, "profile": name, **settings_of}),
            ("Task", {**task, "name": name, "command": f"echo {script!r}{end}"}),
            ("Flow", {**flow, "name": name, **scripts}),
        ]
        write_documents(documents=written, by=SYSTEM)
        kinds = [kind for kind, _ in written]
        text = "---\n".join(dump_document(kind, values) for kind in kinds for values in stored_documents(kind))
        checked = check_files([Source("export.yaml", text)], stored_world(), local_secrets)
        assert checked.problems == []
        again = [(document.kind, document.values) for document in checked.documents]
        assert set(write_documents(documents=again, by=SYSTEM)) == {"unchanged"}, text
