"""The check of a draft: every problem at once, those of the scripts even where keys beside them are wrong."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flows.documents.document import Document
from flows.documents.files import check_values
from flows.documents.nodes import Problem
from flows.documents.world import World

#: What stands in for a required key that is wrong, so that the others can be checked.
_STAND_INS: Mapping[str, str] = MappingProxyType({"mode": "serial", "execution_script": "pass\n"})


def check_draft(values: Mapping[str, Any], stored: World) -> tuple[Document | None, list[Problem]]:
    """The flow's document, or None, and all its problems; lines count in the text of their key."""
    document, problems = check_values("Flow", values, stored)
    if document is not None:
        return document, problems
    wrong = {_top(problem) for problem in problems}
    sound = {key: value for key, value in values.items() if key not in wrong}
    stand_ins = {key: value for key, value in _STAND_INS.items() if key in wrong}
    _, others = check_values("Flow", {**sound, **stand_ins}, stored)
    return None, problems + [problem for problem in others if _top(problem) not in wrong]


def _top(problem: Problem) -> str:
    return problem.key.partition(".")[0]
