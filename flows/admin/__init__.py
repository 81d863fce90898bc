"""Tasks, flows, runs and schedules in the admin."""

from flows.admin import definitions, profiles, runs, schedules

__all__ = ["definitions", "profiles", "runs", "schedules"]
