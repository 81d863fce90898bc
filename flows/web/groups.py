"""Groups: named sets of elements, with context for their members."""

from typing import Any

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from elements.models import Group
from flows.queries.inventory import groups_with_counts
from flows.web.forms import FormPage, name_field
from flows.web.page import Page, row_at
from flows.web.row_forms import RowForm
from flows.web.values import context_text


class Groups(Page, TemplateView):
    """All of them."""

    needs = "inventory.view"
    template_name = "web/groups.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the number of their members."""
        return super().get_context_data(rows=groups_with_counts(), **kwargs)


class GroupForm(RowForm):
    """A group. Who belongs to it is said by its elements."""

    kind = "Group"

    name = name_field("What its elements have in common: prod, patroni, rack-4.", is_key=True)
    priority = forms.CharField(
        required=False,
        initial="0",
        help_text="Where groups disagree about a value, the group with the higher number wins.",
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    context = forms.CharField(
        required=False,
        help_text="YAML, one key a line: cluster: main. It wins over the profile's, an element's own settings over it.",
        widget=forms.Textarea({"rows": 6, "class": "code", "spellcheck": "false"}),
    )

    def document(self) -> dict[str, Any]:
        return {"priority": self.number("priority"), "context": self.context_of("context")}

    def is_taken(self, name: str) -> bool:
        return Group.objects.filter(name=name).exists()


class _GroupPage(FormPage):
    """What a new group and one that is changed have in common."""

    needs = post_needs = "inventory.change"
    template_name = "web/groups_form.html"

    def store(self, form: Any) -> str:
        name = form.store(self.request.user)
        messages.success(self.request, f"Group {name} is saved.")
        return reverse("groups")


class NewGroup(_GroupPage):
    """A new one."""

    def form(self, data: Any = None) -> GroupForm:
        return GroupForm(data)


class EditGroup(_GroupPage):
    """One that there is."""

    @cached_property
    def group(self) -> Group:
        """The one in the address."""
        return row_at(Group.objects.all(), self.kwargs["pk"])

    def form(self, data: Any = None) -> GroupForm:
        initial = {"priority": self.group.priority, "context": context_text(self.group.context)}
        return GroupForm(data, initial=initial, fixed=self.group.name)

    def more(self, form: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"group": self.group}
