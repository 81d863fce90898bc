"""Edits on the canvas change what they touch: every other statement keeps its bytes, and nothing is lost."""

import ast
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.script.blocks.codec import NotFaithful, Workspace, to_text, to_workspace
from flows.script.blocks.layout import comments_of
from flows.script.blocks.workspace import DEEPEST, Block
from tests.script.blocks.edits import add, delete, drop, find, inside, put_after, put_first, put_into, unlink
from tests.script.blocks.grammar import TEXTS_OF_SCRIPTS
from tests.script.blocks.test_random import assume_valid, random_scripts

TEXT = """# Restarts what needs it.

if  current==first :  # only once
    run_task( "Prepare",check = False )  # first of all

    # then
    log('''two
  lines''')
elif last: log('a'); log('b')
else:
    pass


sleep( 5 )  # a breath
run_task('Restart')
"""


def edited(edit: Callable[[Workspace], object], text: str = TEXT) -> str:
    workspace = to_workspace(text)
    edit(workspace)
    return to_text(workspace, text)


def test_a_changed_field_changes_its_line_alone_and_keeps_its_comment() -> None:
    def edit(workspace: Workspace) -> None:
        find(workspace, "number").fields["NUMBER"] = "90"

    assert edited(edit) == TEXT.replace("sleep( 5 )", "sleep(90)")


def test_a_changed_name_keeps_what_the_statement_says_else() -> None:
    def edit(workspace: Workspace) -> None:
        find(workspace, "run_task").fields["NAME"] = "Get ready"

    assert edited(edit) == TEXT.replace('run_task( "Prepare",check = False )', "run_task('Get ready', check=False)")


def test_a_changed_header_keeps_its_body_and_its_clauses() -> None:
    def edit(workspace: Workspace) -> None:
        find(workspace, "place").fields["CHOICE"] = "not the first element"

    assert edited(edit) == TEXT.replace("if  current==first :", "if current != first:")


def test_a_deleted_statement_takes_its_lines_with_it() -> None:
    def edit(workspace: Workspace) -> None:
        delete(workspace, find(workspace, "sleep"))

    assert edited(edit) == TEXT.replace("\n\nsleep( 5 )  # a breath\n", "")


def test_a_body_whose_last_statement_is_deleted_is_still_a_body() -> None:
    def edit(workspace: Workspace) -> None:
        delete(workspace, find(workspace, "log", 0))
        delete(workspace, find(workspace, "run_task", 0))

    assert edited(edit) == TEXT.replace(
        "    run_task( \"Prepare\",check = False )  # first of all\n\n    # then\n    log('''two\n  lines''')\n",
        "\n    # then\n    pass\n",
    )


def test_a_new_statement_is_written_where_it_is_put() -> None:
    def edit(workspace: Workspace) -> None:
        put_into(workspace, add(workspace, "run_task", NAME="It's new"), find(workspace, "if"), "BODY2")
        put_after(workspace, add(workspace, "comment", TEXT="one\n\n# two"), find(workspace, "sleep"))

    assert edited(edit) == TEXT.replace("    pass\n", '    run_task("It\'s new")\n    pass\n').replace(
        "# a breath\n", "# a breath\n# one\n#\n# two\n"
    )


def test_a_moved_statement_keeps_its_text_at_another_indentation_and_strings_keep_theirs() -> None:
    def edit(workspace: Workspace) -> None:
        block = find(workspace, "log", 0)
        unlink(workspace, block)
        put_after(workspace, block, find(workspace, "run_task", 1))

    text = TEXT.replace("    log('''two\n  lines''')\n", "") + "log('''two\n  lines''')\n"
    assert edited(edit) == text


def test_statements_that_share_a_line_part_when_one_of_them_changes() -> None:
    def edit(workspace: Workspace) -> None:
        find(workspace, "text", 2).fields["TEXT"] = "c"

    assert edited(edit) == TEXT.replace("elif last: log('a'); log('b')\n", "elif last:\n    log('a')\n    log('c')\n")


def test_a_statement_added_below_a_shared_line_is_in_its_body() -> None:
    def edit(workspace: Workspace) -> None:
        put_after(workspace, add(workspace, "raw_statement", CODE="x = {}\nif x:\n  y = '''\nz'''"),
                  find(workspace, "log", 2))  # fmt: skip

    parted = "elif last:\n    log('a')\n    log('b')\n    x = {}\n    if x:\n      y = '''\nz'''\n"
    assert edited(edit) == TEXT.replace("elif last: log('a'); log('b')\n", parted)


def test_a_clause_comes_and_goes() -> None:
    def edit(workspace: Workspace) -> None:
        block = find(workspace, "if")
        drop(workspace, block.inputs.pop("BODY2"))
        block.clauses[1:] = ["elif", "else"]
        block.spans.insert(2, None)
        block.comments.insert(2, [])
        block.inputs["TEST2"] = add(workspace, "boolean", CHOICE="True").id

    assert edited(edit) == TEXT.replace("else:\n", "elif True:\n    pass\nelse:\n")


def test_a_copied_statement_is_written_twice() -> None:
    def edit(workspace: Workspace) -> None:
        block = find(workspace, "run_task", 1)
        copy = Block("copy", block.type, dict(block.fields), counts=dict(block.counts), spans=list(block.spans))
        workspace.blocks["copy"] = copy
        put_first(workspace, copy)

    assert edited(edit) == "run_task('Restart')\n" + TEXT


def test_a_changed_comment_is_written_and_one_taken_away_is_gone() -> None:
    def edit(workspace: Workspace) -> None:
        find(workspace, "sleep").comments = [["why not"]]
        find(workspace, "run_task").comments = [[]]

    text = TEXT.replace("sleep( 5 )  # a breath", "sleep(5)  # why not")
    assert edited(edit) == text.replace(
        'run_task( "Prepare",check = False )  # first of all', 'run_task("Prepare", check=False)'
    )


def test_comments_within_a_changed_statement_go_above_it() -> None:
    text = "log([  # a\n    'b',  # c\n])  # d\n"

    def edit(workspace: Workspace) -> None:
        find(workspace, "text").fields["TEXT"] = "x"

    assert edited(edit, text) == "# a\n# c\nlog(['x'])  # d\n"


def test_the_line_ends_and_the_indentation_of_the_script_are_used_for_what_is_new() -> None:
    def edit(workspace: Workspace) -> None:
        outer = find(workspace, "if")
        put_into(workspace, add(workspace, "try"), outer)
        find(workspace, "try").clauses = ["finally"]

    text = "if current:\r\n\tlog('a')"
    assert edited(edit, text) == "if current:\r\n\ttry:\r\n\t\tpass\r\n\tfinally:\r\n\t\tpass\r\n\tlog('a')"


@pytest.mark.parametrize("value", ["a or b", "lambda: 1", "(a, b)", "x := 1", "a if b else c", "not a", "-a", "a,\nb"])
def test_an_expression_gets_parentheses_where_it_needs_them(value: str) -> None:
    text = "x = [len(0) * 0 - 0, (0)['k'], not 0, 0 and 1, 0 < 1, 0 if 0 else 0]\nfor y in 0:\n    pass\n"

    def edit(workspace: Workspace) -> None:
        for block in workspace.blocks.values():
            if block.fields.get("NUMBER") == "0":
                block.type, block.fields = "raw_value", {"CODE": value}

    assert ast.dump(ast.parse(edited(edit, text))) == ast.dump(ast.parse(text.replace("0", f"({value})")))


REFUSED: dict[str, Callable[[Workspace], object]] = {
    "not valid Python": lambda w: find(w, "log").inputs.update(MESSAGE=add(w, "raw_value", CODE="1 +").id),
    "no Python": lambda w: find(w, "pass").__init__("b", "raw_statement", {"CODE": "if"}),  # type: ignore[misc]
    "no number": lambda w: find(w, "number").fields.update(NUMBER="5; x"),
    "is no name": lambda w: put_first(w, add(w, "change_variable", NAME="a b", CHOICE="+")),
    "a keyword": lambda w: put_first(w, add(w, "set_variable", NAME="class")),
    "is empty": lambda w: put_first(w, add(w, "sleep")),
    "not connected": lambda w: add(w, "pass"),
    "two places": lambda w: find(w, "sleep").__setattr__("next", find(w, "log").id),
    "not there": lambda w: find(w, "run_task", 1).__setattr__("next", "gone"),
    "no block": lambda w: put_first(w, add(w, "teleport")),
    "no choice": lambda w: find(w, "place").fields.update(CHOICE="<=>"),
    "no part": lambda w: find(w, "if").clauses.append("finally"),
    "no input": lambda w: find(w, "sleep").inputs.update(BODY=add(w, "pass").id),
    "statement for a value": lambda w: find(w, "sleep").inputs.update(SECONDS=add(w, "pass").id),
    "value for a statement": lambda w: put_first(w, add(w, "element")),
    "two elses": lambda w: find(w, "if").clauses.append("else"),
    "lost comment": lambda w: find(w, "sleep").comments.append(["# lost"]),
    "escaping code": lambda w: find(w, "sleep").inputs.update(SECONDS=add(w, "raw_value", CODE="1) + (2").id),
}


@pytest.mark.parametrize("spoil", REFUSED.values(), ids=REFUSED.keys())
def test_blocks_that_say_nothing_are_refused_rather_than_guessed(spoil: Callable[[Workspace], object]) -> None:
    workspace = to_workspace(TEXT)
    spoil(workspace)
    with pytest.raises(NotFaithful):
        to_text(workspace, TEXT)


@pytest.mark.parametrize("document", [None, {}, {"blocks": [1]}, {"blocks": [{"id": 1}]},
    {"blocks": [{"id": "a", "type": "pass"}, {"id": "a", "type": "pass"}]},
    {"blocks": [{"id": "a", "type": "list", "extra": {"counts": {"ITEMS": -1}}}]},
    {"blocks": [{"id": "a", "type": "pass", "extra": {"spans": [[1]]}}]}])  # fmt: skip
def test_a_document_of_another_shape_is_refused(document: object) -> None:
    with pytest.raises(NotFaithful):
        Workspace.from_json(document)


def test_code_typed_in_a_browser_has_the_scripts_line_ends() -> None:
    block = {"id": "a", "type": "raw_statement", "fields": {"CODE": "if a:\r\n    b()"}}
    assert to_text(Workspace.from_json({"first": "a", "blocks": [block]}), "") == "if a:\n    b()\n"


def test_blocks_nested_deeper_than_any_script_are_refused_and_not_a_recursion_error() -> None:
    blocks = {f"b{n}": Block(f"b{n}", "not", {}, {"TEST": f"b{n + 1}"}) for n in range(20 * DEEPEST)}
    with pytest.raises(NotFaithful):
        to_text(Workspace("b0", blocks))


@pytest.mark.slow
def test_a_long_script_of_the_deepest_nesting_is_no_recursion_error() -> None:
    text = "".join("    " * depth + "if a:\n" for depth in range(90)) + "    " * 90 + "log('a')\n" + "sleep(1)\n" * 3000
    assert to_text(to_workspace(text), text) == text


@pytest.mark.slow
@random_scripts
@given(TEXTS_OF_SCRIPTS, st.sampled_from(["delete", "insert", "move", "change"]), st.randoms(use_true_random=False))
def test_an_edit_of_a_random_script_keeps_the_lines_of_every_other_statement(
    text: str, what: str, chance: Random
) -> None:
    assume_valid(text)
    workspace = to_workspace(text)
    blocks = [block for block in workspace.blocks.values() if block.spans]
    if not blocks:
        return
    block = blocks[chance.randrange(len(blocks))]
    touched = inside(workspace, block) if what in ("delete", "move") else {block.id}
    kept = kept_lines(workspace, text, touched)
    comments = Counter(comments_of(text))
    if what == "delete":
        delete(workspace, block)
        comments = Counter()
    elif what == "insert":
        put_after(workspace, add(workspace, "raw_statement", CODE="new()  # new"), block)
    elif what == "move":
        unlink(workspace, block)
        put_first(workspace, block)
    else:
        block.fields, block.inputs, block.type = {"CODE": "new()"}, {}, "raw_statement"
        drop_loose(workspace)
        block.clauses, block.spans, block.comments, comments = [], block.spans[:1], [], Counter()
        kept = kept_lines(workspace, text, touched)
    printed = to_text(workspace, text)
    assert not kept - Counter(line.strip() for line in printed.split("\n"))
    assert not comments - Counter(comments_of(printed))


def kept_lines(workspace: Workspace, text: str, touched: set[str]) -> Counter[str]:
    """The lines of the statements that stand alone on theirs and are not touched, without their indentation."""
    lines = text.split("\n")
    spans = [(block.id, span) for block in workspace.blocks.values() for span in block.spans if span]
    alone = Counter(span.first for _, span in spans)
    here = [span for name, span in spans if name not in touched and alone[span.first] == 1]
    return Counter(line.strip() for span in here for line in lines[span.first - 1 : span.last])


def drop_loose(workspace: Workspace) -> None:
    found, waiting = set(), [workspace.first] if workspace.first else []
    while waiting:
        block = workspace.blocks[waiting.pop()]
        found.add(block.id)
        waiting += [*block.inputs.values(), *([block.next] if block.next else [])]
    for name in set(workspace.blocks) - found:
        del workspace.blocks[name]
