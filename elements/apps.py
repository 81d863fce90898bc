"""The inventory as a Django app."""

from django.apps import AppConfig


class ElementsConfig(AppConfig):
    """Label ``elements``."""

    name = "elements"
    verbose_name = "Inventory"
    default_auto_field = "django.db.models.BigAutoField"
