"""What differs between two definitions of a flow, in words that an operator can check: pure, no Django."""

from flows.changes.definitions import changes_between, whole
from flows.changes.lines import Line, line_changes
from flows.changes.words import Change, Part

__all__ = ["Change", "Line", "Part", "changes_between", "line_changes", "whole"]
