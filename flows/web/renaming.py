"""Renaming and archiving from the page of a task or a flow: what was done, or what uses it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View

from flows.operations.archiving import StillInUse
from flows.operations.naming import NameTaken
from flows.operations.renaming import Renamed
from flows.web.page import Page
from flowsite.kernel.errors import InvalidRequest


class Rename(Page, View):
    """Give one another name. ``kind`` is also the name of its page's address."""

    http_method_names = ["post"]
    kind: ClassVar[str]

    def rename(self, pk: int, name: str) -> Renamed:
        """The operation."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int, **_: Any) -> HttpResponse:
        """Rename it to what was sent, or say why it keeps its name."""
        try:
            renamed = self.rename(pk, request.POST.get("name", "").strip())
        except StillInUse as refused:
            messages.error(request, refused.in_a_sentence)
        except (NameTaken, InvalidRequest) as refused:
            messages.error(request, f"It keeps its name: {refused.message}.")
        else:
            told = f"{self.kind.capitalize()} {renamed.old} is {renamed.new} now.{_of_drafts(renamed)}"
            messages.success(request, told)
        return redirect(self.kind, pk)


class Archive(Page, View):
    """Take one out of use. ``afterwards`` says what stays."""

    http_method_names = ["post"]
    kind: ClassVar[str]
    afterwards: ClassVar[str]

    def archive(self, pk: int) -> str:
        """The operation; gives the name."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int, **_: Any) -> HttpResponse:
        """Archive it, or say who needs it."""
        try:
            name = self.archive(pk)
        except StillInUse as refused:
            messages.error(request, refused.in_a_sentence)
            return redirect(self.kind, pk)
        messages.success(request, f"{self.kind.capitalize()} {name} is archived. {self.afterwards}")
        return redirect(f"{self.kind}s")


def _of_drafts(renamed: Renamed) -> str:
    told = ""
    if renamed.rewritten:
        told += f" Rewritten: the drafts of {', '.join(renamed.rewritten)}."
    if renamed.left:
        names = ", ".join(dict.fromkeys(place.name for place in renamed.left))
        told += f" Not rewritten, because they cannot be read: the drafts of {names}; put the new name there yourself."
    return told
