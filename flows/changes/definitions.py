"""Two definitions of a flow: every difference in words, part by part."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flows.changes.inputs import input_changes, inputs_told
from flows.changes.rules import rule_changes, rules_told
from flows.changes.steps import script_changes, script_told
from flows.changes.target import target_changes, target_words
from flows.changes.words import Change, Part, in_part
from flows.keys.fields import Fields
from flows.keys.flow import read_flow_keys
from flows.script.ordering import told

#: The order of elements that no script changes (R3).
BY_NAME: Final = "by name"
#: So many differences of one part are told; the lines of the scripts have the rest.
MOST: Final = 50


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What turns one flow into the other, target first; empty if nothing does.

    Both have the keys of a flow's document and its two scripts. A draft may hold anything: a key that cannot be read
    is said to be so. Where something changed and the order of the elements did not, that is said too.
    """
    old, wrong_before = _readable(before)
    new, wrong_after = _readable(after)
    wrong = {key for key in wrong_before | wrong_after if before.get(key) != after.get(key)}
    target = in_part("target", _unless("target", wrong, target_changes(old["target"], new["target"])))
    order = in_part("order", _order(_script(before, "processing"), _script(after, "processing")))
    others = [
        *in_part("steps", script_changes(_script(before, "execution"), _script(after, "execution"))),
        *in_part("rules", _rules(old, new, wrong)),
        *in_part("inputs", _unless("inputs", wrong, input_changes(old["inputs"], new["inputs"]))),
    ]
    if (target or others) and not order:
        order = [Change("order", "order unchanged")]
    return list(_limited([*target, *order, *others]))


def whole(definition: Mapping[str, Any]) -> list[Change]:
    """What a flow does, as ``changes_between`` tells differences: of a first version there is nothing to compare.

    A key that cannot be read is said to be so.
    """
    keys, wrong = _readable(definition)
    order = told(processing := _script(definition, "processing"))
    rules = {key: value for key, value in keys.items() if key not in wrong}
    found = [
        *in_part("target", _unreadable("target", wrong, iter([target_words(keys["target"])]))),
        *in_part("order", [order.words or BY_NAME] if order.has_words else script_told(processing)),
        *in_part("steps", script_told(_script(definition, "execution"))),
        *in_part("rules", rules_told({**_SAME, **rules})),
        *in_part("rules", (f"{key} cannot be read" for key in sorted(wrong - {"target", "inputs"}))),
        *in_part("inputs", _unreadable("inputs", wrong, inputs_told(keys["inputs"]))),
    ]
    return list(_limited(found))


def _unreadable(key: str, wrong: set[str], told: Iterator[str]) -> Iterator[str]:
    if key in wrong:
        yield f"{key} cannot be read"
    else:
        yield from told


def _order(before: str, after: str) -> Iterator[str]:
    """In the words of the order where both scripts have some and these differ, else by their statements."""
    old, new = told(before), told(after)
    if old.has_words and new.has_words and old.words != new.words:
        yield f"{old.words or BY_NAME} → {new.words or BY_NAME}"
    else:
        yield from script_changes(before, after)


def _readable(values: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The keys in normal form, and those that have none."""
    given = {key: value for key, value in values.items() if key not in ("name", "kind", *_SCRIPTS)}
    fields = Fields.of(given)
    read = read_flow_keys(fields)
    return read, {problem.key.partition(".")[0] for problem in fields.problems}


_SCRIPTS = ("processing_script", "execution_script")


def _script(values: Mapping[str, Any], which: str) -> str:
    return str(values.get(f"{which}_script") or "")


def _rules(old: Mapping[str, Any], new: Mapping[str, Any], wrong: set[str]) -> Iterator[str]:
    unread = sorted(wrong - {"target", "inputs"})
    sound = [{key: value for key, value in keys.items() if key not in unread} for keys in (old, new)]
    yield from rule_changes(*({**_SAME, **keys} for keys in sound))
    for key in unread:
        yield f"{key} changed, and cannot be read"


#: What stands in for a rule that cannot be read.
_SAME = {"mode": "serial", "concurrency": 1}


def _unless(key: str, wrong: set[str], told: Iterator[str]) -> Iterator[str]:
    if key in wrong:
        yield f"{key} changed, and cannot be read"
    else:
        yield from told


def _limited(found: list[Change]) -> Iterator[Change]:
    counts: dict[Part, int] = {}
    for change in found:
        counts[change.part] = counts.get(change.part, 0) + 1
        if counts[change.part] <= MOST:
            yield change
    for part, number in counts.items():
        if number > MOST:
            yield Change(part, f"and {number - MOST} more")
