"""Credentials: their values go in and never come out, not even into the form that was sent."""

from typing import Any

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from elements.models import Credential, CredentialType
from elements.operations import save_credential
from elements.secrets import CREDENTIAL_VALUES
from flows.documents.files import check_values
from flows.documents.world import World
from flows.queries.inventory import credentials_with_counts
from flows.web.forms import FormPage, LookingForm, in_words, name_field
from flows.web.page import Page, row_at
from flowsite.kernel.access import Actor


class Credentials(Page, TemplateView):
    """All of them, by name and type."""

    needs = "credential.change"
    template_name = "web/credentials.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the number of profiles that use each."""
        return super().get_context_data(rows=credentials_with_counts(), **kwargs)


class HiddenText(forms.Textarea):
    """Several lines that are never shown again."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:  # noqa: ARG002
        """Without its value."""
        return super().get_context(name, "", attrs)


def _secret(label: str) -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": "new-password"})
    return forms.CharField(label=label, required=False, strip=False, widget=widget)


class CredentialForm(LookingForm):
    """Name, type, and the values that the type has."""

    name = name_field("Profiles refer to it by this name: ops-key.", is_key=True)
    type = forms.ChoiceField(
        choices=CredentialType.choices, initial="ssh_key", widget=forms.Select({"data-shows": "credential"})
    )
    private_key = forms.CharField(
        required=False,
        strip=False,
        help_text="The whole text of the file, from -----BEGIN to END-----.",
        widget=HiddenText({"rows": 6, "class": "code", "spellcheck": "false", "autocomplete": "off"}),
    )
    passphrase = _secret("Passphrase, if the key has one")
    username = forms.CharField(
        label="User name", required=False, widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"})
    )
    password = _secret("Password")
    token = _secret("Token")

    def __init__(self, *args: Any, fixed: str = "", **kwargs: Any) -> None:
        self.fixed = fixed
        super().__init__(*args, **kwargs)
        if fixed:
            self.fields["name"].disabled = True
            self.fields["name"].initial = fixed

    @property
    def of_type(self) -> list[tuple[Any, str]]:
        """The fields of values, each with the types that have it."""
        names = ("private_key", "passphrase", "username", "password", "token")
        return [(self[name], " ".join(kind for kind, values in CREDENTIAL_VALUES.items() if name in sum(values, ())))
                for name in names]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The name; values are checked where they are sealed."""
        name = self.fixed or self.typed("name").strip()
        _, problems = check_values("Credential", {"name": name or None}, World())
        for problem in problems:
            if problem.key == "name":
                self.problem_at("name", in_words(problem))
        if not self.fixed and Credential.objects.filter(name=name).exists():
            self.add_error("name", f"{name!r} is taken: choose another name, or change what has it")
        return self.cleaned_data

    def store(self, by: Actor) -> str:
        """Seal the values that the type has."""
        kind = self.cleaned_data["type"]
        known = sum(CREDENTIAL_VALUES[kind], ())
        secret = {key: value for key in known if (value := self.typed(key))}
        name = self.fixed or self.typed("name").strip()
        save_credential(name=name, type=kind, secret=secret, by=by)
        return name


class _CredentialPage(FormPage):
    """What a new credential and one that is replaced have in common."""

    needs = post_needs = "credential.change"
    template_name = "web/credentials_form.html"

    def store(self, form: Any) -> str:
        name = form.store(self.request.user)
        messages.success(self.request, f"Credential {name} is saved. Its values are encrypted and never shown.")
        return reverse("credentials")


class NewCredential(_CredentialPage):
    """A new one."""

    def form(self, data: Any = None) -> CredentialForm:
        return CredentialForm(data)


class EditCredential(_CredentialPage):
    """New values for one that there is."""

    @cached_property
    def credential(self) -> Credential:
        """The one in the address."""
        return row_at(Credential.objects.defer("secret"), self.kwargs["pk"])

    def form(self, data: Any = None) -> CredentialForm:
        return CredentialForm(data, initial={"type": self.credential.type}, fixed=self.credential.name)

    def more(self, form: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"credential": self.credential}
