"""Forms that become documents: checked as documents are, each problem at its field, and what was typed stays."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from flows.documents.document import Document
from flows.documents.files import check_values
from flows.documents.nodes import Problem, Scalar, resolve
from flows.documents.stored import stored_world
from flows.operations.apply import write_documents
from flows.web.page import Page
from flows.web.values import ValueProblem, read_context
from flowsite.kernel.access import AccessDenied, Actor
from flowsite.kernel.errors import FlowsiteError

_CSS = {
    "Select": "form-select",
    "CheckboxInput": "form-check-input",
    "CheckboxSelectMultiple": "form-check-input",
    "RadioSelect": "form-check-input",
}


def name_field(help_text: str, *, is_key: bool = False) -> forms.CharField:
    """The name of something new, where typing begins; ``is_key`` for one that scripts and filters spell. No rule for
    it stands here: the check of documents tells all of them, also that it is missing."""
    exactly = {"autocapitalize": "none", "spellcheck": "false"} if is_key else {}
    widget = forms.TextInput({"required": True, "autocomplete": "off", "autofocus": True, **exactly})
    return forms.CharField(required=False, max_length=400, help_text=help_text, widget=widget)


class LookingForm(forms.Form):
    """A form that looks like the site: classes on its widgets, and problems that refusals bring."""

    #: Fields of keys that are not named like them; the longest key that fits counts.
    places: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            css = _CSS.get(type(field.widget).__name__, "form-control")
            field.widget.attrs["class"] = f"{css} {field.widget.attrs.get('class', '')}".strip()

    def take(self, refused: FlowsiteError) -> None:
        """Put what an operation refuses to the fields that it names."""
        for key, messages in refused.fields.items():
            for message in messages:
                self.problem_at(key, message)
        if not refused.fields:
            self.add_error(None, refused.message)

    def problem_at(self, key: str, message: str) -> None:
        """Put a problem to the field of a document's key, or above the form where there is none."""
        field = self.field_of(key)
        self.add_error(field, message if field else f"{key}: {message}")

    def field_of(self, key: str) -> str | None:
        """The field in which the value of this dotted key is typed."""
        parts = key.split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            name = self.places.get(name, name)
            if name in self.fields:
                return name
        return None

    def typed(self, name: str) -> str:
        """The text of a field, with line ends as everybody else has them."""
        return str(self.cleaned_data.get(name) or "").replace("\r\n", "\n")

    def number(self, name: str) -> Scalar:
        """The number that was typed, or the text itself, which the check then refuses."""
        return resolve(self.typed(name).strip())

    def context_of(self, name: str) -> dict[str, Any]:
        """The mapping that was typed; what cannot be read is noted."""
        try:
            return read_context(self.typed(name))
        except ValueProblem as problem:
            self.add_error(name, str(problem))
            return {}


class DocumentForm(LookingForm):
    """A form for one document of ``kind``. ``fixed`` is the name of what is changed, empty for something new."""

    kind: ClassVar[str]

    def __init__(self, *args: Any, fixed: str = "", **kwargs: Any) -> None:
        self.fixed = fixed
        super().__init__(*args, **kwargs)
        self.checked: Document | None = None
        if fixed and "name" in self.fields:
            self.fields["name"].disabled = True
            self.fields["name"].initial = fixed

    def document(self) -> dict[str, Any]:
        """The document's keys as they were typed."""
        raise NotImplementedError

    def is_taken(self, name: str) -> bool:
        """Whether something new may not have this name."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Every problem, by the one check that documents from everywhere pass."""
        values = {"name": self.fixed or self.typed("name").strip() or None, **self.document()}
        self.checked, problems = check_values(self.kind, values, stored_world())
        for problem in problems:
            self.problem_at(problem.key, in_words(problem))
        if not self.fixed and self.is_taken(values["name"]):
            self.add_error("name", f"{values['name']!r} is taken: choose another name, or change what has it")
        return self.cleaned_data

    def store(self, by: Actor) -> str:
        """Write the checked document; gives its name."""
        assert self.checked is not None
        write_documents(documents=[(self.kind, self.checked.values)], by=by)
        return self.checked.name


class FormPage(Page, View):
    """A page that is one form. Subclasses make it, and say where to go when it is stored."""

    template_name: ClassVar[str]

    def form(self, data: Any = None) -> LookingForm:
        """The form, bound to what was sent or with what is stored."""
        raise NotImplementedError

    def store(self, form: Any) -> str:
        """Store it; gives the address of the next page."""
        raise NotImplementedError

    def more(self, form: Any) -> dict[str, Any]:  # noqa: ARG002
        """What the template needs beside the form."""
        return {}

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """The form."""
        return self._show(request, self.form(), 200)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Store it, or show what is wrong."""
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return redirect(self.store(form))
            except AccessDenied:
                raise
            except FlowsiteError as refused:
                form.take(refused)
        return self._show(request, form, 422)

    def _show(self, request: HttpRequest, form: LookingForm, status: int) -> HttpResponse:
        return render(request, self.template_name, {"form": form, **self.more(form)}, status=status)


def in_words(problem: Problem) -> str:
    """The message at its field: without the key that the field's label tells."""
    message = problem.message.removeprefix(problem.key).lstrip(": ")
    return f"line {problem.line}: {message}" if problem.line else message


def choices(names: Sequence[str], *, none: str = "") -> list[tuple[str, str]]:
    """Names to choose from; ``none`` is the word for no choice, left out where one must be made."""
    return [*([("", none)] if none else []), *((name, name) for name in names)]
