"""The shape of the API that every resource shares: errors as ``{code, message, fields}``, and pages."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import server_error
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from flowsite.kernel.errors import FlowsiteError


class Pages(PageNumberPagination):
    """``?page=2&page_size=200``; the answer holds count, next, previous and results."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 1000


def answer_problem(problem: Exception, context: dict[str, Any]) -> Response | None:
    """Turn our errors and the framework's into one shape; anything else is our bug and goes on."""
    if isinstance(problem, FlowsiteError):
        set_rollback()
        return Response(problem_body(problem.code, problem.message, problem.fields), status=problem.status)
    if isinstance(problem, RequestDataTooBig):
        set_rollback()
        return Response(problem_body("too_large", str(problem), {}), status=413)
    response = exception_handler(problem, context)
    if response is None:
        return None
    if isinstance(problem, exceptions.ValidationError):
        response.data = problem_body("invalid", "Some fields cannot be used.", _fields(response.data))
    else:
        code = getattr(problem, "default_code", None) or {404: "not_found", 403: "access_denied"}.get(
            response.status_code, "refused"
        )
        response.data = problem_body(str(code), str(response.data.get("detail", "Refused.")), {})
    return response


def problem_body(code: str, message: str, fields: Any) -> dict[str, Any]:
    """The body of every error."""
    return {"code": code, "message": message, "fields": fields}


def answer_defect(request: HttpRequest) -> HttpResponse:
    """Our bug, below ``/api/`` in the shape of every error; what happened stands in the log alone."""
    if not request.path.startswith("/api/"):
        return server_error(request)
    message = "the server failed at this request; its log says why"
    return JsonResponse(problem_body("server_error", message, {}), status=500)


def _fields(data: Any) -> dict[str, list[str]]:
    """Messages by field, as dotted paths; those of no field stand under an empty name."""
    fields: dict[str, list[str]] = {}
    for path, message in _messages(data, ""):
        fields.setdefault(path, []).append(message)
    return fields


def _messages(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, child in data.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from _messages(child, f"{path}.{step}" if path and step else path or step)
    elif isinstance(data, list):
        for child in data:
            yield from _messages(child, path)
    else:
        yield path, str(data)
