"""Flows, tasks, runs and schedules as a Django app."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Label ``flows``."""

    name = "flows"
    verbose_name = "Flows and runs"
    default_auto_field = "django.db.models.BigAutoField"
