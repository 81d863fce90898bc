"""Which pages have such pictures, and where they lie."""

from collections.abc import Iterator
from pathlib import Path

from flows.plan import Plan
from flows.script.analysis import analyse
from tests.pictures.drawing import draw
from tests.pictures.figures import FLEET, Figure, figures_of
from tests.plans.planning import planned

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "execution.md"
PICTURES = DOCS / "pictures"


def figures() -> Iterator[Figure]:
    """Every picture of the page, in its order."""
    return figures_of(PAGE.read_text())


def plan_of(figure: Figure) -> Plan:
    """The plan that a picture shows."""
    return planned(figure.case, FLEET, root=figure.case.says)


def drawn(figure: Figure) -> str:
    """The picture's text."""
    case = figure.case
    scripts = [case.top.script, *(child.script for child in case.children.values())]
    sites = [site for script in scripts for site in analyse(script).sites]
    tasks = dict.fromkeys(site.literal for site in sites if site.step == "run_task" and site.literal)
    return draw(plan_of(figure), list(tasks), case.top.rules.get("soak", 0))
