"""Flows that would call themselves through others (R16, R25)."""

from collections.abc import Collection, Iterator, Mapping


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
