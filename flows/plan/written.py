"""What the steps of a plan may have written into the context of elements, and who reads it (R40)."""

from collections.abc import Collection, Mapping, Sequence

from flows.engine.commands import StartStep
from flows.script.calls import FlowScripts
from flows.script.planning.context import context_reads


class Written:
    """By element, the top-level keys that a step of the plan may have written so far; None for keys that nobody can
    name. ``saves`` are the settings of tasks, by the task's name."""

    def __init__(self, scripts: Mapping[str, FlowScripts], saves: Mapping[str, frozenset[str]]) -> None:
        self._scripts = scripts
        self._saves = {task: frozenset(_top(key) for key in keys) for task, keys in saves.items() if keys}
        self._keys: dict[str, set[str | None]] = {}

    def by(self, wave: Sequence[StartStep]) -> None:
        """These steps run now."""
        step = wave[0].call.step
        if step == "set_context":
            for start in wave:
                key = start.call.inputs.get("key")
                self._keys.setdefault(start.target, set()).add(None if key is None else _top(key))
        elif step == "run_task" and self._saves:
            for start in wave:
                if start.call.name in self._saves:
                    self._keys.setdefault(start.target, set()).update(self._saves[start.call.name])

    def read_by(self, flow: str, elements: Collection[str]) -> str:
        """Why a child flow over these elements cannot be planned, or nothing."""
        written: set[str | None] = set()
        for name in self._keys.keys() & set(elements):
            written |= self._keys[name]
        if not written:
            return ""
        keys = None if None in written else frozenset(key for key in written if key is not None)
        found = context_reads(self._scripts[flow]).line_of(keys) if flow in self._scripts else None
        if found is None:
            return ""
        key, line = found
        what = f"the context key {key!r}" if key else "context"
        return f"{flow} reads {what} in its line {line}, which an earlier step of this plan may write"


def _top(key: str) -> str:
    return key.partition(".")[0]
