"""A flow's scripts, with the lines of the file that they stand in, and the cycles that flows must not form."""

from collections.abc import Sequence

from flows.documents.document import Document, in_text
from flows.documents.nodes import Problem
from flows.documents.world import World
from flows.script.check import Catalog, check_execution, check_processing
from flows.script.cycles import calls_of, circle_through, place_of_call


def check_scripts(document: Document, world: World) -> list[Problem]:
    """Every problem of both scripts (R5, R15, R16)."""
    catalog = Catalog(flows=world.flows, tasks=world.tasks)
    processing, execution = document.values["processing_script"], document.values["execution_script"]
    inputs = world.flows[document.name]
    found = [("processing_script", problem) for problem in (check_processing(processing, inputs) if processing else ())]
    found += [("execution_script", problem) for problem in check_execution(execution, catalog, inputs)]
    return [
        in_text(document, key, problem.line, problem.message)
        for key, problem in found
        if not (world.is_partial and problem.code == "unknown_keyword")
    ]


def find_flow_cycle(documents: Sequence[Document], world: World) -> list[Problem]:
    """The first cycle of child flows that a document takes part in, on the line of its call (R25)."""
    flows = {document.name: document for document in documents if document.kind == "Flow"}
    for name, document in flows.items():
        path = circle_through(name, calls_of(world.scripts))
        if path:
            message = f"the flows call each other in a circle: {' -> '.join(path)}"
            line, _ = place_of_call(path[1], world.scripts[name])
            return [in_text(document, "execution_script", line, message)]
    return []
