"""A flow's scripts, with the lines of the file that they stand in, and the cycles that flows must not form."""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from flows.documents.document import Document, in_text
from flows.documents.nodes import Problem
from flows.documents.world import World
from flows.script.analysis import analyse
from flows.script.check import Catalog, check_execution, check_processing, find_cycle
from flows.script.references import references_of


def check_scripts(document: Document, world: World) -> list[Problem]:
    """Every problem of both scripts (R5, R15, R16)."""
    catalog = Catalog(flows=world.flows, tasks=world.tasks)
    processing, execution = document.values["processing_script"], document.values["execution_script"]
    found = [("processing_script", problem) for problem in (check_processing(processing) if processing else ())]
    found += [("execution_script", problem) for problem in check_execution(execution, catalog)]
    return [
        in_text(document, key, problem.line, problem.message)
        for key, problem in found
        if not (world.is_partial and problem.code == "unknown_keyword")
    ]


def find_flow_cycle(documents: Sequence[Document], world: World) -> list[Problem]:
    """The first cycle of child flows that a document takes part in, on the line of its call (R25)."""
    flows = {document.name: document for document in documents if document.kind == "Flow"}
    graph: dict[str, frozenset[str]] = {}
    waiting = deque(flows)
    while waiting:
        name = waiting.popleft()
        if name not in graph:
            graph[name] = references_of(world.scripts.get(name, "")).flows
            waiting.extend(sorted(graph[name]))
    cycle = find_cycle(graph) or ()
    for caller, called in pairwise(cycle):
        if caller in flows:
            message = f"the flows call each other in a circle: {' -> '.join(cycle)}"
            line = _line_of_call(world.scripts[caller], called)
            return [in_text(flows[caller], "execution_script", line, message)]
    return []


def _line_of_call(script: str, flow: str) -> int:
    sites = (site.line for site in analyse(script).sites if site.step == "run_flow" and site.literal == flow)
    return next(sites, 1)
