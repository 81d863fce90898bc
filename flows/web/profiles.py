"""Profiles: how to connect to elements of a kind, with which credential, and their default context."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from elements.models import Credential, Profile
from flows.documents.checking import FOR_SSH
from flows.queries.inventory import profiles_with_counts
from flows.web.forms import FormPage, choices, name_field
from flows.web.page import Page, row_at
from flows.web.row_forms import RowForm
from flows.web.values import context_text

_DEFAULTS = {"type": "ssh", "port": 22, "host_key_policy": "strict", "connect_timeout": 10}
_OF_SSH = ("user", "port", "credential", "host_key_policy", "connect_timeout")


class Profiles(Page, TemplateView):
    """All of them."""

    needs = "inventory.view"
    template_name = "web/profiles.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the number of elements of each."""
        return super().get_context_data(rows=profiles_with_counts(), **kwargs)


class ProfileForm(RowForm):
    """A profile. What only documents can say of a connection stays as it is."""

    kind = "Profile"
    places = {
        "connection": "type",
        **{f"connection.{key}": key for key in ("type", *_OF_SSH)},
    }

    name = name_field("A kind of element: postgres, web, router.", is_key=True)
    type = forms.ChoiceField(
        label="Connection",
        choices=[("ssh", "SSH"), ("local", "local: Flowsite's own machine")],
        widget=forms.Select({"data-shows": "connection"}),
    )
    user = forms.CharField(
        required=False,
        help_text="The account on the element.",
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    port = forms.CharField(required=False, widget=forms.TextInput({"inputmode": "numeric"}))
    credential = forms.CharField(
        required=False, help_text="Administrators add credentials.", widget=forms.Select, empty_value=""
    )
    host_key_policy = forms.ChoiceField(
        label="Host key",
        choices=[
            ("strict", "strict: hosts in known_hosts"),
            ("accept-new", "accept-new: new hosts too"),
        ],
        help_text="accept-new remembers the key of a host at its first connection. Both refuse a changed key.",
    )
    connect_timeout = forms.CharField(
        required=False, label="Give up connecting after (seconds)", widget=forms.TextInput({"inputmode": "decimal"})
    )
    context = forms.CharField(
        required=False,
        label="Default context",
        help_text="YAML, one key a line: package_manager: apt. Groups and the element's own settings win over it.",
        widget=forms.Textarea({"rows": 6, "class": "code", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, stored: Profile | None = None, **kwargs: Any) -> None:
        self.stored = stored
        super().__init__(*args, **kwargs)
        usable = Credential.objects.filter(type__in=FOR_SSH).order_by("name").values_list("name", flat=True)
        names = list(usable)
        self.fields["credential"].widget.choices = choices(names, none="none")

    def document(self) -> dict[str, Any]:
        kept = dict(self.stored.connection) if self.stored else {}
        connection: dict[str, Any] = {"type": self.cleaned_data.get("type")}
        if connection["type"] != "local":
            typed = {
                "user": self.typed("user").strip() or None,
                "port": self.number("port"),
                "credential": self.typed("credential") or None,
                "host_key_policy": self.cleaned_data.get("host_key_policy"),
                "connect_timeout": self.number("connect_timeout"),
            }
            connection = {**kept, **connection, **typed}
        return {"connection": connection, "context": self.context_of("context")}

    def is_taken(self, name: str) -> bool:
        return Profile.objects.filter(name=name).exists()


class _ProfilePage(FormPage):
    """What a new profile and one that is changed have in common."""

    needs = post_needs = "inventory.change"
    template_name = "web/profiles_form.html"

    def more(self, form: Any) -> dict[str, Any]:
        return {"profile": form.stored, "allows_local": settings.FLOWSITE_ALLOW_LOCAL}

    def store(self, form: Any) -> str:
        name = form.store(self.request.user)
        messages.success(self.request, f"Profile {name} is saved.")
        return reverse("profiles")


class NewProfile(_ProfilePage):
    """A new one."""

    def form(self, data: Any = None) -> ProfileForm:
        return ProfileForm(data, initial=_DEFAULTS)


class EditProfile(_ProfilePage):
    """One that there is."""

    @cached_property
    def profile(self) -> Profile:
        """The one in the address."""
        return row_at(Profile.objects.select_related("credential"), self.kwargs["pk"])

    def form(self, data: Any = None) -> ProfileForm:
        profile = self.profile
        initial = {
            **_DEFAULTS,
            **profile.connection,
            "credential": profile.credential.name if profile.credential else "",
            "context": context_text(profile.context),
        }
        return ProfileForm(data, initial=initial, fixed=profile.name, stored=profile)
