"""Pictures of the blocks of flows: of a version, of what a run executes."""

from collections.abc import Mapping, Sequence
from typing import Literal

from django.utils import timezone

from flows.adapters.definitions import source_of
from flows.models import FlowVersion, Run
from flows.script.blocks_picture.flow import full_picture, small_picture, unfolded_picture
from flows.script.blocks_picture.full import alone
from flows.script.blocks_picture.lines import lines_of
from flowsite.kernel.errors import NotFound

Size = Literal["full", "small"]
SIZES: tuple[Size, ...] = ("full", "small")


def picture_of_version(flow: int, number: int | None, size: Size) -> str:
    """The SVG of this version, or of the newest one, to be shown by itself; raises ``NotFound``. One query."""
    versions = FlowVersion.objects.filter(flow_id=flow).order_by("-number")
    version = (versions if number is None else versions.filter(number=number)).first()
    if version is None:
        told = f"the flow {flow} has no version {number}" if number is not None else f"there is no flow {flow}"
        raise NotFound(f"{told}: GET /api/flows lists the flows with their current versions")
    if size == "small":
        return small_picture(version.processing_script, version.execution_script)
    title = f"Blocks of {version.name}, version {version.number}"
    return alone(full_picture(version.processing_script, version.execution_script, title))


def small_pictures(versions: Sequence[int]) -> dict[int, str]:
    """The thumbnails of these versions by primary key. One query; each is drawn once in a process."""
    rows = FlowVersion.objects.filter(pk__in=versions).values_list("pk", "processing_script", "execution_script")
    return {pk: small_picture(processing, execution) for pk, processing, execution in rows.order_by()}


def picture_of_run(run: Run) -> str:
    """What this run executes, with the blocks of its children as they were when its root started.

    Empty where that is not kept. One query for each level of children, if the version is selected with the run.
    """
    if run.flow_version is None and not hasattr(run, "tried"):
        return ""
    source = source_of(run)
    children = _scripts_below(source.execution_script, run.root or run)
    return unfolded_picture(source.processing_script, source.execution_script, "Blocks of this run", children)


def _scripts_below(script: str, root: Run) -> Mapping[str, str]:
    """The execution scripts of the flows that this script names, and those name, by flow."""
    current = FlowVersion.objects.newest(as_of=root.started_at or timezone.now())
    scripts: dict[str, str] = {}
    asked: set[str] = set()
    wanted = _children(script)
    while wanted:
        found = dict(current.filter(flow__name__in=wanted).order_by().values_list("flow__name", "execution_script"))
        asked |= wanted
        scripts |= found
        wanted = {name for below in found.values() for name in _children(below)} - asked
    return scripts


def _children(script: str) -> set[str]:
    return {line.child for line in lines_of(script) if line.child is not None}
