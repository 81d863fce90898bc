"""Flows that would call themselves through others (R16, R25)."""

import ast
from collections import deque
from collections.abc import Collection, Iterator, Mapping

from flows.script.catalog import literals
from flows.script.problem import Problem
from flows.script.references import references_of
from flows.script.source import read


def find_cycle(graph: Mapping[str, Collection[str]]) -> tuple[str, ...] | None:
    """The first cycle of a graph "flow -> the flows it calls", as ``('a', 'b', 'a')``; None if there is none.

    Flows are looked at in the order of the mapping, names that are no key of it call nothing. Linear, no recursion.
    """
    finished: set[str] = set()
    for start in graph:
        path: dict[str, Iterator[str]] = {start: iter(graph[start])} if start not in finished else {}
        while path:
            current = next(reversed(path))
            called = next(path[current], None)
            if called is None:
                finished.add(current)
                del path[current]
            elif called in path:
                names = list(path)
                return (*names[names.index(called) :], called)
            elif called not in finished:
                path[called] = iter(graph.get(called, ()))
    return None


def circle_through(flow: str, graph: Mapping[str, Collection[str]]) -> tuple[str, ...] | None:
    """The shortest way from a flow back to itself, as ``('a', 'b', 'a')``; None if there is none."""
    came_from: dict[str, str] = {}
    waiting = deque([flow])
    while waiting:
        caller = waiting.popleft()
        for called in sorted(graph.get(caller, ())):
            if called == flow:
                return (*_way(caller, flow, came_from), flow)
            if called not in came_from:
                came_from[called] = caller
                waiting.append(called)
    return None


def circle_problem(flow: str, scripts: Mapping[str, str]) -> Problem | None:
    """The circle that a flow's script closes, at its call; ``scripts`` are the execution scripts of all flows."""
    path = circle_through(flow, calls_of(scripts))
    if path is None:
        return None
    line, col = place_of_call(path[1], scripts[flow])
    message = f"the flows call each other in a circle: {' -> '.join(path)}. Take this call out"
    return Problem(line, col, "flow_cycle", path[1], "a flow that does not call this one", message)


def place_of_call(flow: str, text: str) -> tuple[int, int]:
    """Line and column where a readable script first calls a flow by this name; (1, 1) where it does not."""
    source = read(text)
    calls = (node for node in source.nodes if isinstance(node, ast.Call))
    of_flows = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "run_flow")
    names = (name for call in of_flows for name in literals(call) if name.value == flow)
    return min((source.position(name) for name in names), default=(1, 1))


def calls_of(scripts: Mapping[str, str]) -> Mapping[str, Collection[str]]:
    """The graph "flow -> the flows it calls" of execution scripts by flow."""
    return _Calls(scripts)


class _Calls(Mapping[str, Collection[str]]):
    """The flows that each script names, read when they are asked for."""

    def __init__(self, scripts: Mapping[str, str]) -> None:
        self._scripts = scripts

    def __getitem__(self, flow: str) -> Collection[str]:
        return references_of(self._scripts[flow]).flows

    def __iter__(self) -> Iterator[str]:
        return iter(self._scripts)

    def __len__(self) -> int:
        return len(self._scripts)


def _way(end: str, start: str, came_from: Mapping[str, str]) -> list[str]:
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
