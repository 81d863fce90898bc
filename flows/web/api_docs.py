"""The description of the API as a page: generated from the same OpenAPI schema that ``/api/schema/`` serves."""

import shlex
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator

from flows.web.openapi import Operation, Section, sections_of

_AUTHORIZATION = "Authorization: Token $TOKEN"


class ApiDocs(TemplateView):
    """It holds no data, so that whoever writes a tool may read it without an account."""

    template_name = "web/api_docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """All calls by tag, each with its ``curl`` at this very address."""
        base = self.request.build_absolute_uri("/").rstrip("/")
        sections = [
            {"name": section.name, "calls": [{"told": call, "curl": curl(call, base)} for call in section.operations]}
            for section in described()
        ]
        return super().get_context_data(**kwargs, sections=sections, base=base)


@cache
def described() -> Sequence[Section]:
    """Read once in each process: the API changes with the program alone."""
    description = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return sections_of(description)


def curl(call: Operation, base: str) -> str:
    """The call for a shell in which TOKEN is set."""
    lines = [f'curl -H "{_AUTHORIZATION}"']
    if call.method != "GET":
        lines[0] += f" -X {call.method}"
    if call.body_example:
        lines += ["  -H 'Content-Type: application/json'", f"  -d {shlex.quote(call.body_example)}"]
    lines.append(f"  {shlex.quote(base + call.path_example)}")
    return " \\\n".join(lines)
