"""The list of schedules."""

from django.views.generic import TemplateView

from flows.web.page import Page


class Schedules(Page, TemplateView):
    """All of them."""

    needs = "schedule.view"
    template_name = "web/schedules.html"
