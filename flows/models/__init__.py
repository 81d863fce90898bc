"""The tables of tasks, flows, runs and schedules."""

from flows.models.draft import FlowDraft
from flows.models.flow import Flow, FlowVersion
from flows.models.plan import RunPlan, StoredPlan
from flows.models.run import ElementLock, Run, RunElement, RunEvent, RunSignal, StepOutput, StepRun
from flows.models.schedule import Schedule, ScheduledStart, StartOutcome
from flows.models.task import Task, TaskVersion
from flows.models.tried import TriedFlow
from flows.models.versions import VersionIsImmutable

__all__ = [
    "ElementLock",
    "Flow",
    "FlowDraft",
    "FlowVersion",
    "Run",
    "RunElement",
    "RunEvent",
    "RunPlan",
    "RunSignal",
    "Schedule",
    "ScheduledStart",
    "StartOutcome",
    "StepOutput",
    "StepRun",
    "StoredPlan",
    "Task",
    "TaskVersion",
    "TriedFlow",
    "VersionIsImmutable",
]
