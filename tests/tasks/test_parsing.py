"""What a command prints as data, and what of it is saved."""

import pytest

from flows.tasks.parsing import NotReadable, NotSaved, parsed, saved

RESULT = {"exit_code": 0, "output": "x\n", "data": {"x": [{"y": 5}, {"y": None}], "name": "db1"}, "settings": {}}


@pytest.mark.parametrize(
    ("parse", "output", "data"),
    [
        ("none", "x", None),
        ("json", ' {"a": [1, 2.5, null, true]}\n', {"a": [1, 2.5, None, True]}),
        ("json", "5", 5),
        ("lines", "a\nb\n", ["a", "b"]),
        ("lines", "a\r\n\r\nb", ["a", "", "b"]),
        ("lines", "a\u2028b\n", ["a\u2028b"]),
        ("lines", "", []),
    ],
)
def test_r12_output_becomes_data(parse: str, output: str, data: object) -> None:
    assert parsed(parse, output, is_cut=False) == data


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ("", "the output is empty, expected JSON"),
        ("\n \n", "the output is empty, expected JSON"),
        ("ok", "the output is no JSON: line 1, column 1: Expecting value; it begins 'ok'"),
        ('{"a": 1}\nwarning', "the output is no JSON: line 2, column 1: Extra data; it begins '{\"a\": 1}\\nwarning'"),
        ("[1, NaN]", "the output is no JSON: NaN is no number in JSON; it begins '[1, NaN]'"),
        ("1e999", "the JSON has a number too large to keep"),
        ("9" * 5000, "the output is no JSON: a number has 5000 digits, expected at most 1000; it begins '999"),
        ("[" * 60 + "]" * 60, "the JSON is nested deeper than 40 levels"),
        ("[" * 100_000, "the JSON is nested deeper than 40 levels"),
    ],
)
def test_output_that_is_no_json_is_told_with_where_and_what(output: str, problem: str) -> None:
    with pytest.raises(NotReadable) as caught:
        parsed("json", output, is_cut=False)
    assert str(caught.value).startswith(problem)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("parse", ["json", "lines"])
def test_output_that_was_cut_is_not_read(parse: str) -> None:
    with pytest.raises(NotReadable, match="longer than 65536 bytes, expected less"):
        parsed(parse, "[1]", is_cut=True)
    assert parsed("none", "x", is_cut=True) is None


def test_a_setting_is_saved_from_a_path_in_the_result() -> None:
    save = {"first.y": "data.x.0.y", "none": "data.x.1.y", "all": "data.x", "out": "output", "code": "exit_code"}
    assert saved(save, RESULT) == {"first.y": 5, "none": None, "all": RESULT["data"]["x"], "out": "x\n", "code": 0}  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("data.nam", "nothing is at data.nam: data has no 'nam', it has x, name; did you mean 'name'?"),
        (
            "data.x.2.y",
            "nothing is at data.x.2.y: data.x is a list of 2, which has no '2', expected a number from 0 to",
        ),
        ("data.x.y", "nothing is at data.x.y: data.x is a list of 2, which has no 'y', expected a number from 0 to 1"),
        ("data.name.z", "nothing is at data.name.z: data.name is a text, which has no 'z'"),
        ("data.x.1.y.z", "nothing is at data.x.1.y.z: data.x.1.y is null, which has no 'z'"),
    ],
)
def test_a_path_that_leads_nowhere_is_told_with_what_is_there(path: str, problem: str) -> None:
    with pytest.raises(NotSaved) as caught:
        saved({"a": path}, RESULT)
    assert str(caught.value).startswith(problem)
