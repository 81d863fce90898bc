"""The site as a Django app: it brings the commands and checks of the whole."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Registers the checks."""

    name = "flowsite"

    def ready(self) -> None:
        """Importing the module registers them."""
        from flowsite import checks  # noqa: F401
