"""What a picture's lines say of a script."""

import pytest

from flows.script.blocks_picture.lines import Line, lines_of, unfold
from flows.script.blocks_picture.words import MOST_LINE, Word, sentence

SCRIPT = """\
# why
run_task('Drain', timeout=60)
try:
    result = run_task('Stop')
    if result['ok']:
        sleep(5)
    elif run_task('Probe')['ok']:
        approve('Go on?')
    else:
        pass
except StepFailed:
    with open('x') as f:
        f.read()
finally:
    run_flow('Switch')
"""


def told(lines: list[Line]) -> list[tuple[int, str, tuple[int, ...]]]:
    """What a reader sees of each line, but its words."""
    return [(line.depth, line.tint, line.sites) for line in lines]


def test_each_block_and_clause_is_a_line_with_its_depth_colour_and_sites() -> None:
    lines = lines_of(SCRIPT)
    assert told(lines) == [
        (0, "raw", ()),
        (0, "do", (1,)),
        (0, "decide", ()),
        (1, "do", (2,)),
        (1, "decide", ()),
        (2, "wait", (3,)),
        (1, "decide", (4,)),
        (2, "wait", (5,)),
        (1, "decide", ()),
        (2, "decide", ()),
        (0, "decide", ()),
        (1, "raw", ()),
        (0, "decide", ()),
        (1, "do", (6,)),
    ]
    assert [line.line for line in lines] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15]
    assert [at for at, line in enumerate(lines) if line.is_clause] == [6, 8, 10, 12]


def test_a_task_is_named_and_its_inputs_are_told_apart() -> None:
    drain, stop = lines_of(SCRIPT)[1], lines_of(SCRIPT)[3]
    assert [word for word in drain.words if word.role != "label"] == [
        Word("Drain", "name"),
        Word("timeout=60", "value"),
    ]
    assert Word("Stop", "name") in stop.words


def test_a_step_within_an_expression_is_on_the_line_of_its_statement() -> None:
    (line,) = lines_of("x = [run_task('A')['ok'], run_task('B')['ok']]\n")
    assert line.sites == (1, 2)


def test_a_processing_script_has_lines_but_no_sites() -> None:
    lines = lines_of("filter_flow_elements(elements, lambda x: x['context']['env'] == 'prod')\n", "processing")
    assert told(lines) == [(0, "elements", ())]


def test_raw_code_is_told_by_its_first_line() -> None:
    (line,) = lines_of("with open('x') as f:\n    f.read()\n")
    assert sentence(line.words) == "with open('x') as f: …"


@pytest.mark.parametrize("text", ["if:\n", "run_task('A'\n", "\x00"])
def test_a_script_that_cannot_be_read_says_so(text: str) -> None:
    (line,) = lines_of(text)
    assert (line.kind, line.tint) == ("note", "raw")
    assert sentence(line.words).startswith("This script cannot be read: line 1")


def test_an_empty_script_has_no_lines() -> None:
    assert lines_of("") == []
    assert lines_of("\n\n") == []


def test_long_and_hidden_text_is_shortened_and_shown() -> None:
    (line,) = lines_of(f"run_task('a\\u202eb\\x07c', text='{'x' * 500}', more='{'y' * 500}')\n")
    assert "a\ufffdb\ufffdc" in sentence(line.words)
    assert len(sentence(line.words)) <= MOST_LINE + 2
    assert sentence(line.words).endswith("…")


def test_children_are_unfolded_below_their_calls_with_the_path_that_leads_there() -> None:
    scripts = {"Switch": "run_task('A')\nrun_flow('Deep')\n", "Deep": "run_task('B')\n"}
    lines = unfold(lines_of(SCRIPT), scripts)
    assert [(line.depth, line.path, line.sites) for line in lines[-4:]] == [
        (1, (), (6,)),
        (2, (6,), (1,)),
        (2, (6,), (2,)),
        (3, (6, 2), (1,)),
    ]


def test_a_flow_within_itself_is_not_unfolded_without_end() -> None:
    lines = unfold(lines_of("run_flow('Me')\n"), {"Me": "run_flow('Me')\n"})
    assert [line.path for line in lines] == [(), (1,)]


def test_a_computed_name_is_not_unfolded() -> None:
    assert len(unfold(lines_of("run_flow(inputs['flow'])\n"), {"Switch": "run_task('A')\n"})) == 1


def test_a_deep_script_is_read_without_recursion() -> None:
    deep = "".join(f"{' ' * depth}if x:\n" for depth in range(90)) + " " * 90 + "run_task('A')\n"
    assert [line.depth for line in lines_of(deep)] == list(range(91))
