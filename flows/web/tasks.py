"""The list of tasks."""

from django.views.generic import TemplateView

from flows.web.page import Page


class Tasks(Page, TemplateView):
    """All of them."""

    needs = "task.view"
    template_name = "web/tasks.html"
