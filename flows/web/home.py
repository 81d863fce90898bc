"""Home: what runs now, what failed lately, what starts next, elements by state."""

from django.views.generic import TemplateView

from flows.web.page import Page


class Home(Page, TemplateView):
    """The first page."""

    needs = "run.view"
    template_name = "web/home.html"
