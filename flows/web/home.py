"""Home: what runs now, what went wrong lately, what starts next, elements by state; and what to try first."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.views.generic import TemplateView

from flows.queries.overview import overview
from flows.web.first_steps import proposal_for
from flows.web.page import Page


class Home(Page, TemplateView):
    """The first page. Its script asks the socket for what runs, and the API for the rest when that has changed."""

    needs = "run.view"
    template_name = "web/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything but the runs."""
        assert isinstance(self.request.user, User)
        told = {"proposal": proposal_for(self.request.user), "overview": overview(now=timezone.now())}
        return super().get_context_data(**kwargs, **told)
