"""Every flow and task that a root run can reach, as they were when it started (R25)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.adapters.names import versions_by_name
from flows.engine.definitions import Definitions, FlowSpec, SiteSpec, TaskPolicy
from flows.engine.status import Mode
from flows.models import FlowVersion, Run, TaskVersion, TriedFlow
from flows.script.analysis import Site, analyse
from flows.script.calls import FlowScripts
from flows.tasks.inputs import InputSpec
from flows.tasks.reading import Reader
from flows.tasks.spec import TaskSpec, read_inputs

DEFAULT_CONCURRENCY = {Mode.SERIAL: 1, Mode.PARALLEL: 50}


@dataclass(frozen=True, slots=True)
class FlowSource:
    """A flow as it is read: of a published version, or of one that is none, such as a draft that is tried.

    ``version`` is the number and ``pk`` the primary key of the version; both None where there is none.
    """

    name: str
    definition: Mapping[str, Any]
    processing_script: str
    execution_script: str
    version: int | None = None
    pk: int | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a run is made of, by name. ``versions`` are the primary keys of the flow versions; what is none is left out.

    ``steps_are_read``: some task's template mentions ``steps``, so results must be kept for it (R43).
    """

    engine: Definitions
    scripts: Mapping[str, FlowScripts]
    tasks: Mapping[str, TaskSpec]
    inputs: Mapping[str, Sequence[InputSpec]]
    targets: Mapping[str, Mapping[str, Any] | None]
    versions: Mapping[str, int]
    steps_are_read: bool


def catalog_as_of(root_version: int, at: datetime) -> Catalog:
    """The catalog of a run of this flow version, everything else as it was at ``at``."""
    version = FlowVersion.objects.select_related("flow").get(pk=root_version)
    return catalog_of(_source(version, version.flow.name), at)


def catalog_of_run(root: int, at: datetime) -> Catalog:
    """The catalog of this root run, which started at ``at``: the same again whenever the run is taken up again."""
    run = Run.objects.select_related("flow_version__flow", "tried").get(pk=root)
    return catalog_of(source_of(run), at, run.tried.tasks if run.is_try else {})


def catalog_of(root: FlowSource, at: datetime, tasks: Mapping[str, Mapping[str, Any]] | None = None) -> Catalog:
    """The catalog of a run of this flow; every other flow and task as it was at ``at``, but for the definitions
    ``tasks``, which stand before the published ones.

    Only what the scripts name is read, level by level; a script that computes a name reaches everything. A name leads
    to what bore it, also after a renaming (Note [A name means one thing]).
    """
    flows = {root.name: root}
    sites = {root.name: analyse(root.execution_script).sites}
    asked: set[str] = {root.name}
    while (wanted := _names(sites, "run_flow")) is None or wanted - asked:
        found = versions_by_name(FlowVersion, wanted and wanted - asked, at)
        asked |= wanted or set()
        new = {name: _source(version, name) for name, version in found.items() if name not in flows}
        flows |= new
        sites |= {name: analyse(source.execution_script).sites for name, source in new.items()}
        if wanted is None:
            break
    named = _names(sites, "run_task")
    refresh = {name for source in flows.values() for name in source.definition.get("refresh") or ()}
    wanted_tasks = None if named is None else named | refresh
    found_tasks = versions_by_name(TaskVersion, wanted_tasks, at)
    specs = {name: TaskSpec.from_mapping(version.definition, name) for name, version in found_tasks.items()}
    own = {name: TaskSpec.from_mapping(definition, name) for name, definition in (tasks or {}).items()}
    return _catalog(flows, sites, specs | own)


def source_of(run: Run) -> FlowSource:
    """What this run executes, root or child. At most 2 queries; none if it is selected with it."""
    if run.flow_version is not None:
        return _source(run.flow_version, run.flow_name)
    tried: TriedFlow = run.tried
    return FlowSource(run.flow_name, tried.definition, tried.processing_script, tried.execution_script)


def draft_source(name: str, values: Mapping[str, Any]) -> FlowSource:
    """The flow as these values, the keys of its document, would publish it."""
    scripts = ("processing_script", "execution_script")
    definition = {key: value for key, value in values.items() if key not in ("name", *scripts)}
    return FlowSource(name, definition, values["processing_script"], values["execution_script"])


def _source(version: FlowVersion, name: str) -> FlowSource:
    """The flow as whoever asked for it calls it: its name may have been another one at that version."""
    return FlowSource(
        name=name,
        definition=version.definition,
        processing_script=version.processing_script,
        execution_script=version.execution_script,
        version=version.number,
        pk=version.pk,
    )


def _catalog(
    flows: Mapping[str, FlowSource], sites: Mapping[str, Sequence[Site]], tasks: Mapping[str, TaskSpec]
) -> Catalog:
    inputs = {name: declared_inputs(source) for name, source in flows.items()}
    specs = {name: _flow(source, sites[name], inputs[name]) for name, source in flows.items()}
    policies = {name: _policy(task) for name, task in tasks.items()}
    return Catalog(
        engine=Definitions(specs, policies),
        scripts={
            name: FlowScripts(processing=source.processing_script, execution=source.execution_script)
            for name, source in flows.items()
        },
        tasks=tasks,
        inputs=inputs,
        targets={name: source.definition.get("target") for name, source in flows.items()},
        versions={name: source.pk for name, source in flows.items() if source.pk is not None},
        steps_are_read=any("steps" in task.command for task in tasks.values()),
    )


def _names(sites: Mapping[str, Sequence[Site]], step: str) -> set[str] | None:
    """The names that the scripts give to this step, or None when one of them is computed."""
    names = {site.literal for found in sites.values() for site in found if site.step == step}
    return None if None in names else {name for name in names if name is not None}


def declared_inputs(flow: FlowVersion | FlowSource) -> tuple[InputSpec, ...]:
    """The inputs that a flow declares."""
    return read_inputs(Reader({"inputs": flow.definition.get("inputs") or []}))


def _flow(source: FlowSource, sites: Sequence[Site], inputs: Sequence[InputSpec]) -> FlowSpec:
    definition = source.definition
    mode = Mode(definition["mode"])
    return FlowSpec(
        name=source.name,
        version=source.version,
        mode=mode,
        sites=tuple(_site(site) for site in sites),
        concurrency=definition.get("concurrency") or DEFAULT_CONCURRENCY[mode],
        error_threshold=definition.get("error_threshold"),
        on_empty=definition.get("on_empty", "fail"),
        batches=tuple(definition.get("batches") or ()),
        soak=float(definition.get("soak") or 0),
        refresh=tuple(definition.get("refresh") or ()),
        input_defaults={spec.name: spec.default for spec in inputs},
    )


def _policy(task: TaskSpec) -> TaskPolicy:
    return TaskPolicy(
        name=task.name,
        retries=task.retries,
        retry_delay=task.retry_delay_s,
        on_interrupt=task.on_interrupt,
        retry_backoff=task.retry_backoff,
        retry_jitter=task.retry_jitter,
    )


def _site(site: Site) -> SiteSpec:
    return SiteSpec(
        number=site.number,
        step=site.step,
        line=site.line,
        loops=site.loops,
        caught=site.caught,
        in_finally=site.in_finally,
        uses_result=site.uses_result,
    )
