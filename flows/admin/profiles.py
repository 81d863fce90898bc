"""Profiles in the admin: the inventory's page, with connections checked by those who open them."""

from typing import Any

from django import forms
from django.contrib import admin

from elements.admin import ProfileAdmin
from elements.models import Profile
from flows.tasks.spec import ConnectionSpec, SpecError

admin.site.unregister(Profile)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A profile. The credential has a field of its own."""

    class Meta:
        model = Profile
        fields = ("name", "connection", "credential", "context")

    def clean_connection(self) -> dict[str, Any]:
        """Refuse what no connection could be opened with, and keys that this release would not carry out."""
        connection: dict[str, Any] = self.cleaned_data["connection"]
        try:
            ConnectionSpec.from_mapping(connection)
        except SpecError as error:
            raise forms.ValidationError([str(problem) for problem in error.problems]) from None
        if "credential" in connection:
            raise forms.ValidationError("credential: choose it in the field below")
        return connection


@admin.register(Profile)
class CheckedProfileAdmin(ProfileAdmin):
    """Kinds of elements."""

    form = ProfileForm
