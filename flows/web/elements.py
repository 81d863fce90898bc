"""The list of elements."""

from django.views.generic import TemplateView

from flows.web.page import Page


class Elements(Page, TemplateView):
    """All of them."""

    needs = "inventory.view"
    template_name = "web/elements.html"
