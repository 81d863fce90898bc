"""The inventory in the admin. Secrets can be entered, never read; context shows where each value comes from."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from elements.context import conflicting_keys, key_problem
from elements.models import Credential, Element, Group, Profile, Setting
from elements.operations import element_name_problem, setting_problem
from elements.queries import origins_of
from elements.secrets import CREDENTIAL_VALUES, CredentialIncomplete, seal
from flowsite.kernel.admin import AuditedAdmin, ByPolicy


class InventoryAdmin(AuditedAdmin):
    """One kind of the inventory. Names stay: flows, documents and other objects refer to them."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The name too, once it is given."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else ("name", *fields)


class CredentialForm(forms.ModelForm):  # type: ignore[type-arg]
    """Empty fields keep what is stored; whatever is entered replaces the whole secret."""

    private_key = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"autocomplete": "off"}))
    passphrase = forms.CharField(required=False, strip=False, widget=forms.PasswordInput(render_value=False))
    username = forms.CharField(required=False)
    password = forms.CharField(required=False, strip=False, widget=forms.PasswordInput(render_value=False))
    token = forms.CharField(required=False, strip=False, widget=forms.PasswordInput(render_value=False))

    class Meta:
        model = Credential
        fields = ("name", "type")
        help_texts = {
            "type": "Fill the fields of this type: "
            + "; ".join(
                f"{kind}: {', '.join((*required, *optional))}"
                for kind, (required, optional) in CREDENTIAL_VALUES.items()
            )
        }

    def entered(self) -> dict[str, str]:
        """The values that somebody typed now."""
        names = ("private_key", "passphrase", "username", "password", "token")
        values = {name: self.cleaned_data.get(name) for name in names}
        return {name: value for name, value in values.items() if value}

    def clean(self) -> dict[str, Any]:
        """Seal what was entered, or say what is missing."""
        cleaned = super().clean() or {}
        values = self.entered()
        if values or self.instance.pk is None or "type" in self.changed_data:
            # A browser sends a text area with the line ends of a form; a key file has none of these.
            values = {name: value.replace("\r\n", "\n") for name, value in values.items()}
            try:
                self.instance.secret = seal(cleaned.get("type") or "", values)
            except CredentialIncomplete as problem:
                raise forms.ValidationError(problem.message) from None
        return cleaned


@admin.register(Credential)
class CredentialAdmin(InventoryAdmin):
    """Secrets: their names and types are shown, their values can only be replaced."""

    view_needs = "inventory.view"
    change_needs = "credential.change"
    form = CredentialForm
    list_display = ("name", "type", "written_by", "written_at")
    list_filter = ("type",)
    search_fields = ("name",)
    readonly_fields = ("written_by", "written_at")
    fields = (
        "name", "type", "private_key", "passphrase", "username", "password", "token", "written_by", "written_at",
    )  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Note who wrote it and when."""
        obj.written_by, obj.written_at = request.user.get_username(), timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Profile)
class ProfileAdmin(InventoryAdmin):
    """Kinds of elements."""

    view_needs = "inventory.view"
    change_needs = "inventory.change"
    list_display = ("name", "connection_type", "credential", "element_count")
    list_filter = ("credential",)
    list_select_related = ("credential",)
    search_fields = ("name",)
    autocomplete_fields = ("credential",)

    @admin.display(description="connection")
    def connection_type(self, profile: Profile) -> str:
        """``ssh`` or ``local``."""
        return str(profile.connection.get("type", ""))

    @admin.display(description="elements")
    def element_count(self, profile: Profile) -> int:
        """How many elements have it; a site has few profiles."""
        return profile.elements.count()


@admin.register(Group)
class GroupAdmin(InventoryAdmin):
    """Named sets of elements."""

    view_needs = "inventory.view"
    change_needs = "inventory.change"
    list_display = ("name", "priority")
    search_fields = ("name",)


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """One setting."""

    class Meta:
        model = Setting
        fields = ("key", "value")

    def clean_key(self) -> str:
        """Refuse a key that could not be nested."""
        key: str = self.cleaned_data["key"]
        if problem := key_problem(key):
            raise forms.ValidationError(problem)
        return key


class SettingFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """All settings of one element."""

    def clean(self) -> None:
        """Refuse a plain value with keys below it: one of them could not be seen."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if not form.errors and not form.cleaned_data.get("DELETE")]
        values = {data["key"]: data.get("value") for data in kept if data.get("key")}
        for above, below in conflicting_keys(values):
            raise forms.ValidationError(setting_problem(str(self.instance), above, below))


class SettingInline(ByPolicy, admin.TabularInline):  # type: ignore[type-arg]
    """The element's own context values."""

    view_needs = "inventory.view"
    change_needs = "setting.change"
    model = Setting
    form = SettingForm
    formset = SettingFormSet
    extra = 0
    fields = ("key", "value", "written_by", "written_at")
    readonly_fields = ("written_by", "written_at")


class ElementForm(forms.ModelForm):  # type: ignore[type-arg]
    """An element."""

    class Meta:
        model = Element
        fields = ("name", "profile", "address", "enabled", "groups")

    def clean_name(self) -> str:
        """Refuse a name that no command line could give."""
        name: str = self.cleaned_data["name"]
        if problem := element_name_problem(name):
            raise forms.ValidationError(problem)
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse an element that nobody could reach."""
        cleaned = super().clean() or {}
        profile = cleaned.get("profile")
        if profile and profile.connects_by_ssh and not cleaned.get("address"):
            self.add_error("address", f"expected one because profile {profile} connects by ssh")
        return cleaned


@admin.register(Element)
class ElementAdmin(InventoryAdmin):
    """Things of the fleet, with their settings and their effective context."""

    view_needs = "inventory.view"
    change_needs = "inventory.change"
    form = ElementForm
    list_display = ("name", "address", "profile", "enabled")
    list_filter = ("enabled", "profile", "groups")
    list_select_related = ("profile",)
    search_fields = ("name", "address")
    autocomplete_fields = ("profile",)
    filter_horizontal = ("groups",)
    readonly_fields = ("effective_context",)
    inlines = (SettingInline,)
    show_full_result_count = False

    @admin.display(description="effective context")
    def effective_context(self, element: Element) -> SafeString:
        """Each value with the layer that it comes from, as of now (R42)."""
        if element._state.adding:
            return format_html("{}", "shown once the element is saved")
        rows = ((value.key, json.dumps(value.value, ensure_ascii=False), value.origin) for value in origins_of(element))
        body = format_html_join("", "<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>", rows)
        head = format_html("<tr><th>{}</th><th>{}</th><th>{}</th></tr>", "key", "value", "from")
        return format_html("<table>{}{}</table>", head, body)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002
        """Note on each setting that changed who wrote it and when."""
        for setting in formset.save(commit=False):
            setting.written_by, setting.written_at = request.user.get_username(), timezone.now()
        changed = sorted(
            {item.key for item in [*formset.new_objects, *formset.deleted_objects]}
            | {item.key for item, _ in formset.changed_objects}
        )
        formset.save()
        if changed:
            self.record(request, "updated", form.instance, {"settings": changed})
