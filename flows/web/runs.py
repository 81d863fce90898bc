"""The list of runs."""

from django.views.generic import TemplateView

from flows.web.page import Page


class Runs(Page, TemplateView):
    """All of them."""

    needs = "run.view"
    template_name = "web/runs.html"
