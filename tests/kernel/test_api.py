"""The shape of errors over REST (4.4): code, message, fields."""

import json
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions

from flowsite.kernel.api import answer_defect, answer_problem
from flowsite.kernel.errors import Conflict, InvalidRequest, NotFound


@pytest.mark.parametrize(
    ("problem", "status", "body"),
    [
        (
            InvalidRequest("bad", fields={"a": ["b"]}),
            400,
            {"code": "invalid", "message": "bad", "fields": {"a": ["b"]}},
        ),
        (NotFound("gone"), 404, {"code": "not_found", "message": "gone", "fields": {}}),
        (Conflict("late"), 409, {"code": "conflict", "message": "late", "fields": {}}),
        (Http404(), 404, {"code": "not_found", "message": "Not found.", "fields": {}}),
        (
            exceptions.ValidationError({"name": ["needed"], "non_field_errors": ["both"]}),
            400,
            {"code": "invalid", "message": "Some fields cannot be used.", "fields": {"name": ["needed"], "": ["both"]}},
        ),
        (
            exceptions.ValidationError({"secret": {"password": ["No text."]}, "groups": {"0": ["No text."]}}),
            400,
            {
                "code": "invalid",
                "message": "Some fields cannot be used.",
                "fields": {"secret.password": ["No text."], "groups.0": ["No text."]},
            },
        ),
        (RequestDataTooBig("Too big."), 413, {"code": "too_large", "message": "Too big.", "fields": {}}),
        (
            exceptions.ValidationError(["odd"]),
            400,
            {"code": "invalid", "message": "Some fields cannot be used.", "fields": {"": ["odd"]}},
        ),
        (
            exceptions.NotAuthenticated(),
            401,
            {
                "code": "not_authenticated",
                "message": "Authentication credentials were not provided.",
                "fields": {},
            },
        ),
    ],
)
def test_every_refusal_has_the_same_shape(problem: Exception, status: int, body: dict[str, Any]) -> None:
    answer = answer_problem(problem, {})
    assert answer is not None
    assert (answer.status_code, answer.data) == (status, body)


def test_our_own_bugs_are_not_dressed_as_refusals() -> None:
    assert answer_problem(KeyError("bug"), {}) is None


def test_a_defect_has_the_shape_of_every_error_below_api_and_is_a_page_elsewhere() -> None:
    answer = answer_defect(RequestFactory().get("/api/runs/"))
    assert (answer.status_code, json.loads(answer.content)["code"]) == (500, "server_error")
    assert "html" in answer_defect(RequestFactory().get("/admin/")).headers["Content-Type"]
