"""The list of elements, and the page of one: its context with origins, its settings, the runs that touched it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from elements.bulk import set_enabled
from elements.models import Element, Group, Profile
from elements.queries import origins_of
from flows.queries.inventory import ElementChoice, chosen_elements, element_rows, runs_of_element
from flows.web.listing import Column, Listing
from flows.web.page import Page, row_at
from flows.web.settings import SettingRows
from flows.web.values import value_text
from flowsite.kernel.access import require
from flowsite.kernel.errors import InvalidRequest

_ENABLED = {"yes": True, "no": False}
_COLUMNS = (
    Column("Name", "name"),
    Column("State", "enabled"),
    Column("Profile", "profile"),
    Column("Groups", css="when-wide"),
    Column("Address", "address"),
    Column("Last run"),
)


class Elements(Page, TemplateView):
    """All of them, 50 at a time; checked rows are enabled or disabled together."""

    needs = "inventory.view"
    post_needs = "inventory.change"
    template_name = "web/elements.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The chosen page."""
        query = self.request.GET
        choice = ElementChoice(
            search=query.get("search", ""),
            profile=query.get("profile", ""),
            group=query.get("group", ""),
            enabled=_ENABLED.get(query.get("enabled", "")),
        )
        listing = Listing(query, _COLUMNS)
        shown = listing.slice_of(chosen_elements(choice, order=listing.order, descending=listing.descending))
        return super().get_context_data(
            rows=element_rows(list(shown.object_list)),
            listing=listing,
            pages=listing.pages(shown),
            choice=choice,
            enabled=query.get("enabled", ""),
            profiles=_names(Profile.objects.all()),
            groups=_names(Group.objects.all()),
            is_filtered=choice != ElementChoice(),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Enable or disable the checked rows."""
        words = {"enable": True, "disable": False}
        word, names = request.POST.get("do", ""), request.POST.getlist("element")
        if word not in words:
            raise InvalidRequest(f"found {word!r}, expected enable or disable")
        if names:
            changed = set_enabled(elements=names, enabled=words[word], by=request.user)
            messages.success(request, f"{_counted(len(changed))} {word}d.")
        else:
            messages.warning(request, "No element was checked: check some rows, then choose again.")
        return redirect(request.get_full_path())


class ElementPage(Page, View):
    """One element."""

    needs = "inventory.view"
    post_needs = "setting.change"

    @cached_property
    def element(self) -> Element:
        """The one in the address."""
        return element_at(self.kwargs["pk"])

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Show it."""
        return self._show(request, SettingRows.stored(self.element), 200)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Change its settings."""
        require(request.user, self.post_needs)
        rows = SettingRows.sent(request.POST, self.element)
        if rows.save(self.element, request.user):
            messages.success(request, f"The settings of {self.element} are saved.")
            return redirect("element", self.element.pk)
        return self._show(request, rows, 422)

    def _show(self, request: HttpRequest, rows: SettingRows, status: int) -> HttpResponse:
        element = self.element
        told = {
            "element": element,
            "groups": element.groups.order_by("name"),
            "context": [
                {"key": origin.key, "value": value_text(origin.value), "origin": origin.origin}
                for origin in origins_of(element)
            ],
            "settings": rows,
            "runs": runs_of_element(element.pk),
        }
        return render(request, "web/elements_one.html", told, status=status)


def element_at(pk: int) -> Element:
    """The element with its profile, or ``NotFound``."""
    return row_at(Element.objects.select_related("profile"), pk)


def _names(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by("name").values_list("name", flat=True))


def _counted(number: int) -> str:
    return f"{number} element" if number == 1 else f"{number} elements"
