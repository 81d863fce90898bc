"""The shape of the API that every resource shares: errors as ``{code, message, fields}``, and pages."""

from typing import Any

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


def _fields(data: Any) -> dict[str, Any]:
    """Messages by field; those of no field stand under an empty name."""
    if isinstance(data, dict):
        return {("" if name == "non_field_errors" else name): messages for name, messages in data.items()}
    return {"": data}
