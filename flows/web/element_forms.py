"""Forms of elements: a new one, and the fields of one that there is."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property

from elements.models import Element, Group, Profile
from flows.web.elements import element_at
from flows.web.forms import FormPage, choices, name_field
from flows.web.row_forms import RowForm
from flows.web.settings import SettingRows


class ElementForm(RowForm):
    """An element's own fields. Settings are rows beside them (``SettingRows``)."""

    kind = "Element"

    name = name_field("As people call it: db1. Flows and runs refer to it by this name.", is_key=True)
    profile = forms.CharField(
        required=False,
        help_text="Says how to connect, and gives default context.",
        widget=forms.Select({"required": True}),
    )
    address = forms.CharField(
        required=False,
        max_length=400,
        help_text="Host name or IP address. Profiles that connect by SSH need one.",
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    enabled = forms.BooleanField(required=False, initial=True, help_text="Flows select enabled elements only.")
    groups = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, settings: SettingRows | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settings = settings
        profiles = list(Profile.objects.order_by("name").values_list("name", flat=True))
        groups = list(Group.objects.order_by("name").values_list("name", flat=True))
        self.fields["profile"].widget.choices = choices(profiles, none="choose one")
        self.fields["groups"].choices = choices(groups)  # type: ignore[attr-defined]

    def document(self) -> dict[str, Any]:
        return {
            "profile": self.typed("profile") or None,
            "address": self.typed("address").strip() or None,
            "enabled": self.cleaned_data["enabled"],
            "groups": self.cleaned_data.get("groups", []),
            **({"settings": self.settings.values()} if self.settings else {}),
        }

    def clean(self) -> dict[str, Any]:
        """The document, and the rows beside it."""
        cleaned = super().clean()
        if self.settings and not self.settings.is_sound:
            self.add_error(None, "Some settings cannot be stored: see the rows below.")
        return cleaned

    def problem_at(self, key: str, message: str) -> None:
        """Settings have rows instead of fields."""
        if self.settings and key.split(".", maxsplit=1)[0] == "settings":
            self.settings.take(key, message)
        else:
            super().problem_at(key, message)

    def is_taken(self, name: str) -> bool:
        return Element.objects.filter(name=name).exists()


class NewElement(FormPage):
    """A new one; ``?profile=`` and ``?group=`` choose for it."""

    needs = post_needs = "inventory.change"
    template_name = "web/elements_form.html"

    def form(self, data: Any = None) -> ElementForm:
        if data is not None:
            return ElementForm(data, settings=SettingRows.sent(data))
        query = self.request.GET
        initial = {"profile": query.get("profile"), "groups": query.getlist("group")}
        return ElementForm(initial=initial, settings=SettingRows.stored(None))

    def more(self, form: Any) -> dict[str, Any]:
        return {"settings": form.settings, "has_profiles": Profile.objects.exists()}

    def store(self, form: Any) -> str:
        name = form.store(self.request.user)
        messages.success(self.request, f"Element {name} is created.")
        if "another" in self.request.POST:
            return f"{reverse('element-new')}?{urlencode({'profile': form.typed('profile')})}"
        return reverse("element", args=[Element.objects.get(name=name).pk])


class EditElement(FormPage):
    """Profile, address, groups of an element."""

    needs = post_needs = "inventory.change"
    template_name = "web/elements_form.html"

    @cached_property
    def element(self) -> Element:
        """The one in the address."""
        return element_at(self.kwargs["pk"])

    def form(self, data: Any = None) -> ElementForm:
        element = self.element
        initial = {
            "profile": element.profile.name,
            "address": element.address,
            "enabled": element.enabled,
            "groups": sorted(element.groups.values_list("name", flat=True)),
        }
        return ElementForm(data, initial=initial, fixed=element.name)

    def more(self, form: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"element": self.element, "has_profiles": True}

    def store(self, form: Any) -> str:
        form.store(self.request.user)
        messages.success(self.request, f"Element {self.element} is saved.")
        return reverse("element", args=[self.element.pk])
