"""The list of runs: filters and page stand in its address; its script asks for rows and keeps them live."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.generic import TemplateView, View

from flows.engine.status import RunState
from flows.models import Flow
from flows.queries.runs import list_runs, starters_of_runs
from flows.queries.summaries import summaries_of
from flows.web.page import Page
from flows.web.states import looks
from flowsite.kernel.errors import InvalidRequest

ROWS = 50

_TRIES = {"": None, "only": True, "none": False}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; an empty value asks for all."""

    state: tuple[str, ...] = ()
    flow: str = ""
    started_by: str = ""
    search: str = ""
    tries: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """Read an address; a state that there is not is refused."""
        states = tuple(query.getlist("state"))
        known = [state.value for state in RunState]
        if unknown := [state for state in states if state not in known]:
            raise InvalidRequest(f"state is {unknown[0]!r}, expected one of {', '.join(known)}")
        tries = query.get("tries", "")
        if tries not in _TRIES:
            raise InvalidRequest(f"tries is {tries!r}, expected one of {', '.join(filter(None, _TRIES))}")
        texts = {name: query.get(name, "") for name in ("flow", "started_by", "search")}
        return cls(states, **texts, tries=tries)

    @property
    def told(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self)


class Runs(Page, TemplateView):
    """All of them."""

    needs = "run.view"
    template_name = "web/runs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The first rows, and what may be chosen; 7 queries whatever their number."""
        filters = Filters.of(self.request.GET)
        chosen = {
            "states": [{"value": state.value, **looks()[state.value]} for state in RunState],
            "flows": _with(filters.flow, Flow.objects.order_by("name").values_list("name", flat=True)),
            "people": _with(filters.started_by, starters_of_runs()),
        }
        return super().get_context_data(**kwargs, filters=filters, rows=rows_of(self.request), **chosen)


class RunRows(Page, View):
    """The same rows for the page's script, under an address of their own: a browser keeps what an address gave."""

    needs = "run.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of them."""
        return JsonResponse(rows_of(request), headers={"Cache-Control": "no-store"})


def rows_of(request: HttpRequest) -> Mapping[str, Any]:
    """One page of rows; a page behind the last one is the last one. Four queries."""
    filters = Filters.of(request.GET)
    found = list_runs(
        states=filters.state,
        flow=filters.flow or None,
        started_by=filters.started_by or None,
        search=filters.search,
        is_try=_TRIES[filters.tries],
    )
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    return {
        "filters": filters.told,
        "rows": summaries_of(page.object_list),
        "page": page.number,
        "pages": page.paginator.num_pages,
        "total": page.paginator.count,
        "size": ROWS,
        "any": bool(page.paginator.count) or list_runs().exists(),
    }


def _with(chosen: str, names: Any) -> list[str]:
    """These names, and the one that the address asks for even if it is not among them."""
    known = list(names)
    return known if not chosen or chosen in known else [chosen, *known]
