"""What the views of all pages share: somebody is signed in and may see it; a refusal is a page that says what to do."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from flowsite.kernel.access import require
from flowsite.kernel.errors import FlowsiteError, InvalidRequest, NotFound


class Page(LoginRequiredMixin):
    """Mixed into a view, before it. ``needs`` is the permission to see the page, ``post_needs`` that to change it."""

    needs: ClassVar[str]
    post_needs: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask the policy before anything of the request is looked at."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        require(request.user, self.needs if request.method in ("GET", "HEAD") else self.post_needs or self.needs)
        if any("\0" in text for _, texts in request.GET.lists() for text in texts):
            raise InvalidRequest("the address holds a NUL character, which nothing can have in its name: take it out")
        return super().dispatch(request, *args, **kwargs)


Row = TypeVar("Row", bound=Model)


def row_at(rows: QuerySet[Row], pk: int) -> Row:
    """The one that an address names, or ``NotFound``. One query."""
    found = rows.filter(pk=pk).first()
    if found is None:
        kind = rows.model._meta
        raise NotFound(
            f"there is no such {kind.verbose_name}; it may have been deleted. "
            f"The list of {kind.verbose_name_plural} has all there are"
        )
    return found


_TITLES = {403: "Not allowed", 404: "Not found", 409: "Not possible now"}


class RefusalPages:
    """Middleware: what a page's view refuses is shown as a page, as the API shows it as JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a refusal; our bugs go on to the server's own handler."""
        if not isinstance(exception, FlowsiteError):
            return None
        title = _TITLES.get(exception.status, "This cannot be done")
        told = {"title": title, "message": exception.message, "fields": exception.fields}
        return render(request, "web/problem.html", told, status=exception.status)
