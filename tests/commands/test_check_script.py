"""``check_script`` prints every problem of script files as ``file:line:col: problem`` (R15, R16)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.running import manage
from tests.commands.test_apply import apply
from tests.documents.texts import FLEET

pytestmark = pytest.mark.django_db


def test_a_sound_script_prints_nothing_and_ends_with_0(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    script = tmp_path / "sound.py"
    script.write_text("run_task('Stop service', service='x')\nsleep(1)\n")
    ended = manage("check_script", str(script))
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_every_problem_of_every_file_has_file_line_and_column(tmp_path: Path) -> None:
    apply(tmp_path, FLEET)
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("log('x')\nif True:\n    run_task('Stop servce')\n")
    two.write_text("log(\n")
    ended = manage("check_script", str(one), str(two))
    assert ended.code == 1
    assert ended.err.splitlines() == [
        f"{one}:3:14: there is no task 'Stop servce'; did you mean 'Stop service'?",
        f"{two}:1:4: not valid Python 3.11: '(' was never closed",
    ]


def test_processing_scripts_are_checked_by_their_own_rules(tmp_path: Path) -> None:
    script = tmp_path / "processing.py"
    script.write_text("filter_flow_elements(elements, lambda e: True)\nsleep(1)\n")
    ended = manage("check_script", "--processing", str(script))
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert ended.err.startswith(f"{script}:2:1: ")


def test_json_is_one_list_on_stdout(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("log('x', 1)\n")
    ended = manage("check_script", "--json", "--no-names", str(script))
    assert (ended.code, ended.err) == (1, "")
    [problem] = json.loads(ended.out)
    assert (problem["file"], problem["line"], problem["col"], problem["code"]) == (str(script), 1, 1, "wrong_argument")


def test_without_any_task_or_flow_names_are_not_looked_up_and_that_is_said(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("run_task('A')\n")
    ended = manage("check_script", str(script))
    assert (ended.code, ended.err) == (0, "no task and no flow is stored: names were not looked up\n")


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    ended = manage("check_script", "--no-names", str(tmp_path / "no.py"))
    assert (ended.code, ended.err) == (1, f"{tmp_path}/no.py:1:1: cannot be read: No such file or directory\n")


def test_a_file_that_cannot_be_read_hides_no_problem_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("x = (\n")
    (tmp_path / "bytes.py").write_bytes(b"\xff")
    (tmp_path / "marked.py").write_bytes(b"\xef\xbb\xbflog('x')\r\n")
    ended = manage("check_script", *(str(tmp_path / name) for name in ("no.py", "bytes.py", "bad.py", "marked.py")))
    assert (ended.code, [line.removeprefix(f"{tmp_path}/") for line in ended.err.splitlines()[-3:]]) == (
        1,
        [
            "no.py:1:1: cannot be read: No such file or directory",
            "bytes.py:1:1: is no UTF-8 text",
            "bad.py:1:5: not valid Python 3.11: '(' was never closed",
        ],
    )


@pytest.mark.slow
def test_a_reader_that_has_gone_ends_the_command_without_a_traceback(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("runtask('A')\n" * 2000)
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "manage.py", "check_script", "--no-names", "--json", str(script)]
    environment = {**os.environ, "FLOWSITE_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "flowsite.settings"}
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment, check=False, timeout=60)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, b"")
