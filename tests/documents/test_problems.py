"""What is wrong in a file is told with file, line and reason, all of it at once."""

import pytest

from flows.documents.files import check_files
from flows.documents.reading import Source
from flows.documents.secrets import local_secrets, no_secrets
from flows.documents.world import World
from tests.documents.texts import BAD, FLEET, LATER


def problems_of(text: str, world: World | None = None) -> list[str]:
    """As ``apply`` prints them."""
    return [
        str(problem) for problem in check_files([Source("bad.yaml", text)], world or World(), local_secrets).problems
    ]


@pytest.mark.parametrize("case", BAD)
def test_every_problem_has_its_line_and_its_reason(case: str) -> None:
    """R5, R15, R16, R25, R30: references, filters, templates and scripts are checked with the lines of the file."""
    text, expected = BAD[case]
    assert problems_of(text) == [f"bad.yaml:{line}" for line in expected]


@pytest.mark.parametrize("case", LATER)
def test_what_a_later_release_brings_is_refused_by_name(case: str) -> None:
    text, line, found = LATER[case]
    [problem] = problems_of(text)
    assert problem.startswith(f"bad.yaml:{line}: ")
    assert f"{found} not available in this release" in problem


def test_values_that_mean_off_are_accepted_and_not_kept() -> None:
    checked = check_files([Source("fleet.yaml", FLEET)], World(), local_secrets)
    assert checked.problems == []
    [restart] = [document for document in checked.documents if document.name == "Rolling restart"]
    assert not {"batches", "soak", "lock", "approvers", "notify", "refresh", "workers"} & restart.values.keys()


def test_a_local_connection_may_say_that_what_it_has_not_is_off() -> None:
    text = "kind: Profile\nname: p\nconnection: {type: local, jump_host: null, sudo: false}\n"
    [profile] = check_files([Source("p.yaml", text)], World(), local_secrets).documents
    assert profile.values["connection"] == {"type": "local"}


@pytest.mark.parametrize("secret", ["*5ecret", "!5ecret", "!5ecret x", "'5ecret", "&a [*5ecret]"])
def test_a_secret_that_yaml_takes_for_something_else_is_not_shown(secret: str) -> None:
    [problem] = problems_of(f"kind: Credential\nname: k\ntype: token\ntoken: {secret}\n")
    assert "5ecret" not in problem


def test_documents_refer_to_what_stands_later_and_in_other_files() -> None:
    one, *rest = FLEET.split("---\n")
    sources = [Source("b.yaml", "---\n".join(reversed(rest))), Source("a.yaml", one)]
    checked = check_files(sources, World(), local_secrets)
    assert checked.problems == []
    assert [document.kind for document in checked.documents] == [
        "Credential", "Profile", "Profile", "Group", "Element", "Element", "Task", "Flow", "Flow",
    ]  # fmt: skip


def test_a_cycle_through_a_stored_flow_is_found() -> None:
    """R25: cycles are refused on save."""
    world = World(flows={"G": {}}, scripts={"G": "log('x')\nrun_flow('F')"})
    text = "kind: Flow\nname: F\nmode: serial\nexecution_script: |\n\n  run_flow('G')\n"
    assert problems_of(text, world) == [
        "bad.yaml:6: Flow 'F': execution_script: the flows call each other in a circle: F -> G -> F"
    ]


def test_no_problem_and_no_repr_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_PASSWORD", "5ecret-of-tests")
    text = "kind: Credential\nname: k\ntype: basic\nusername: u\npassword: {env: OPS_PASSWORD}\nport: 5\n"
    checked = check_files([Source("k.yaml", text)], World(), local_secrets)
    assert "5ecret" not in repr(checked)
    sound = check_files([Source("k.yaml", text.replace("port: 5\n", ""))], World(), local_secrets)
    assert sound.documents[0].values["secret"] == {"username": "u", "password": "5ecret-of-tests"}
    assert "5ecret" not in repr(sound)


def test_a_literal_secret_is_not_in_the_repr_of_its_document() -> None:
    assert "5ecret" not in repr(check_files([Source("fleet.yaml", FLEET)], World(), local_secrets))


def test_nobody_reads_files_of_the_server_from_afar() -> None:
    text = "kind: Credential\nname: k\ntype: token\ntoken: {file: /etc/hostname}\n"
    [problem] = check_files([Source("k.yaml", text)], World(), no_secrets).problems
    assert problem.message == ("token: {file: /etc/hostname} works only with `manage.py apply`; send the value itself")


def test_plain_words_are_texts_unless_they_are_json() -> None:
    text = "kind: Group\nname: g\ncontext: {a: yes, b: 0755, c: 2026-12-25, d: 1e3, e: ~, f: -4, g: 'true', h: on}\n"
    [group] = check_files([Source("g.yaml", text)], World(), local_secrets).documents
    assert group.values["context"] == {
        "a": "yes", "b": "0755", "c": "2026-12-25", "d": 1000.0, "e": None, "f": -4, "g": "true", "h": "on",
    }  # fmt: skip


def test_an_unquoted_value_in_a_command_is_a_warning_with_its_line() -> None:
    """R43: reported, and nothing is refused for it."""
    text = "kind: Task\nname: A\ncommand: |\n  cd /\n  ls {{ inputs.x }}\n"
    checked = check_files([Source("t.yaml", text)], World(), local_secrets)
    assert checked.problems == []
    assert [(warning.line, warning.subject) for warning in checked.warnings] == [(5, "Task 'A'")]
