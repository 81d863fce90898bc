"""Tasks, flows, runs and schedules in the admin."""

from flows.admin import definitions, runs, schedules

__all__ = ["definitions", "runs", "schedules"]
