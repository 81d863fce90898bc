"""The list of flows."""

from django.views.generic import TemplateView

from flows.web.page import Page


class Flows(Page, TemplateView):
    """All of them."""

    needs = "flow.view"
    template_name = "web/flows.html"
