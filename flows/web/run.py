"""The page of one run: its script draws it from the run's socket; the server gives what no frame tells."""

from typing import Any

from django.views.generic import TemplateView

from flows.queries.pictures import picture_of_run
from flows.queries.run_page import describe_for_page, run_of_page
from flows.web.page import Page


class RunPage(Page, TemplateView):
    """A run and those below it; a child's page leads up to its root."""

    needs = "run.view"
    template_name = "web/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Raises ``NotFound``."""
        run = run_of_page(kwargs["run"])
        return super().get_context_data(**kwargs) | {
            "run": run,
            "data": describe_for_page(run),
            "picture": picture_of_run(run),
        }
