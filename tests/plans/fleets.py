"""Plans over elements that are only in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.engine.commands import PrepareRun
from flows.engine.definitions import Definitions, FlowSpec, SiteSpec
from flows.engine.status import Mode
from flows.plan import Plan, make_plan
from flows.runner.ports import ElementDict
from flows.script.analysis import analyse
from flows.script.calls import FlowScripts


class Fleet:
    """A fake inventory: E1, E2, ... with ``n`` in their context, and what else is given."""

    def __init__(self, count: int, context: Mapping[str, Any] | None = None) -> None:
        self._dicts: dict[str, dict[str, Any]] = {
            f"E{n}": {
                "id": n, "name": f"E{n}", "address": "", "profile": "p", "groups": [],
                "context": {"n": n, **(context or {})},
            }
            for n in range(1, count + 1)
        }  # fmt: skip

    async def select(self, request: PrepareRun) -> tuple[Sequence[ElementDict], Sequence[str]]:
        if request.parent is None:
            return list(self._dicts.values()), ()
        lists = [(caller,) if passed is None else passed for caller, passed in request.callers]
        unknown = tuple(dict.fromkeys(name for names in lists for name in names if name not in self._dicts))
        chosen = dict.fromkeys(name for names in lists if not set(unknown) & set(names) for name in names)
        return [self._dicts[name] for name in chosen], unknown

    async def contexts(self, names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        return {name: dict(self._dicts[name]["context"]) for name in names if name in self._dicts}


def spec(name: str, script: str, mode: Mode = Mode.PARALLEL, **rules: Any) -> FlowSpec:
    sites = tuple(
        SiteSpec(site.number, site.step, site.line, site.loops, site.caught, site.in_finally, site.uses_result)
        for site in analyse(script).sites
    )
    rules.setdefault("concurrency", 1 if mode is Mode.SERIAL else 50)
    return FlowSpec(name, 1, mode, sites, **rules)


async def plan_of(
    scripts: Mapping[str, str] | str,
    *,
    mode: Mode = Mode.PARALLEL,
    modes: Mapping[str, Mode] | None = None,
    count: int = 2,
    inputs: Mapping[str, Any] | None = None,
    saves: Mapping[str, frozenset[str]] | None = None,
    processing: Mapping[str, str] | None = None,
    context: Mapping[str, Any] | None = None,
    **rules: Any,
) -> Plan:
    """The plan of the first flow; the rules are its own."""
    texts = {"F": scripts} if isinstance(scripts, str) else dict(scripts)
    first = next(iter(texts))
    specs = {
        name: spec(name, text, (modes or {}).get(name, mode), **(rules if name == first else {}))
        for name, text in texts.items()
    }
    return await make_plan(
        Definitions(specs, {}),
        {name: FlowScripts((processing or {}).get(name, ""), text) for name, text in texts.items()},
        first,
        inputs or {},
        Fleet(count, context),
        saves,
    )


def told(plan: Plan) -> list[str]:
    """Each wave in a few words: ``A E1 E2``, children with their depth."""
    return [
        f"{'>' * wave.depth}{wave.name or wave.step} {' '.join(wave.elements)}"
        + (f" @{wave.target}" if wave.target else "")
        for wave in plan.waves
    ]
