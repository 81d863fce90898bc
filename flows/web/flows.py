"""Flows: the list, a new one, and the page of one: what it does, on which elements, and how it went."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.views.generic import TemplateView

from flows.adapters.uses import uses_of_flow
from flows.changes.target import target_words
from flows.engine.status import RunState
from flows.operations.archiving import archive_flow, refusal_of_flow
from flows.operations.drafts import create_draft
from flows.operations.renaming import Renamed, rename_flow
from flows.queries.flows import (
    FlowRow,
    flow_detail,
    flow_rows,
    is_flow_name_taken,
    last_runs_of,
    linked_steps,
    names_of_target,
    numbered_lines,
    schedules_of,
    with_pictures,
)
from flows.script.blocks_picture.flow import linked_picture
from flows.script.blocks_picture.full import Links
from flows.web.forms import FormPage, LookingForm, name_field
from flows.web.listing import Column, Listing
from flows.web.page import Page
from flows.web.renaming import Archive, Rename

#: So many names of selected elements are shown before a page says how many more there are.
SHOWN_NAMES = 40

_COLUMNS = (
    Column("Name", "name"),
    Column("Mode", "mode"),
    Column("Blocks", css="when-wide"),
    Column("Elements", css="when-wide"),
    Column("Last run", "last"),
    Column("Next start", "next"),
    Column("Version"),
    Column("Actions", css="acts"),
)
_ORDERS = {
    "mode": lambda row: row.mode,
    "last": lambda row: (row.last_at is None, -row.last_at.timestamp() if row.last_at else 0),
    "next": lambda row: (row.next_at is None, row.next_at.timestamp() if row.next_at else 0),
}


class Flows(Page, TemplateView):
    """All of them, 50 at a time."""

    needs = "flow.view"
    template_name = "web/flows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The chosen page."""
        query = self.request.GET
        chosen = {key: query.get(key, "") for key in ("search", "mode", "last", "draft")}
        listing = Listing(query, _COLUMNS)
        rows = [row for row in flow_rows(chosen["search"]) if _is_chosen(row, chosen)]
        if listing.order in _ORDERS:
            rows.sort(key=_ORDERS[listing.order], reverse=listing.descending)
        elif listing.descending:
            rows.reverse()
        shown = listing.slice_of(rows)
        return super().get_context_data(
            rows=with_pictures(list(shown.object_list)),
            listing=listing,
            pages=listing.pages(shown),
            chosen=chosen,
            states=[(state.value, state.value.replace("_", " ")) for state in RunState],
            is_filtered=any(chosen.values()),
            **kwargs,
        )


class FlowPage(Page, TemplateView):
    """One flow. ``?version=2`` shows what an older version did."""

    needs = "flow.view"
    template_name = "web/flows_one.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The current version, the one in the address, or the draft."""
        detail = flow_detail(kwargs["pk"], self.request.GET.get("version"))
        shown, definition = detail.shown, detail.definition
        target = definition["target"]
        is_current = detail.is_draft_alone or shown == detail.versions[0]
        names, problem = names_of_target(target) if is_current else ([], "")
        steps = linked_steps(shown.execution_script)
        uses = uses_of_flow(detail.flow.pk, detail.flow.name)
        return super().get_context_data(
            detail=detail,
            flow=detail.flow,
            shown=shown,
            definition=definition,
            is_current=is_current,
            target=target_words(target),
            has_target=bool(target),
            names=names[:SHOWN_NAMES],
            more_names=max(0, len(names) - SHOWN_NAMES),
            count=len(names),
            target_problem=problem,
            processing=numbered_lines(shown.processing_script),
            execution=numbered_lines(shown.execution_script),
            steps=steps,
            picture=linked_picture(
                shown.processing_script, shown.execution_script, f"Blocks of {detail.flow.name}", _links(steps)
            ),
            uses=uses,
            in_use=refusal_of_flow(detail.flow, uses),
            runs=last_runs_of(detail.names),
            schedules=schedules_of(detail.flow),
            **kwargs,
        )


class NewFlowForm(LookingForm):
    """What a flow begins with; the rest is made in the editor."""

    name = name_field("What it does to the fleet: Rolling restart.")
    mode = forms.ChoiceField(
        choices=[
            ("serial", "Serial: all steps of one element before the next element"),
            ("parallel", "Parallel: one step on all elements before the next step"),
        ],
        initial="serial",
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        """The name must be free; what else is wrong with it is told when the draft is made."""
        name = self.typed("name").strip()
        if is_flow_name_taken(name):
            self.add_error("name", f"{name!r} is taken: choose another name, or edit the flow that has it")
        return self.cleaned_data


class NewFlow(FormPage):
    """Name and mode; then the editor opens."""

    needs = post_needs = "flow.publish"
    template_name = "web/flows_new.html"

    def form(self, data: Any = None) -> NewFlowForm:
        return NewFlowForm(data)

    def store(self, form: Any) -> str:
        draft = create_draft(name=form.typed("name").strip(), mode=form.cleaned_data["mode"], by=self.request.user)
        return reverse("flow-edit", args=[draft.flow_id])


class RenameFlow(Rename):
    """Give one another name."""

    needs = post_needs = "flow.publish"
    kind = "flow"

    def rename(self, pk: int, name: str) -> Renamed:
        return rename_flow(flow=pk, name=name, by=self.request.user)


class ArchiveFlow(Archive):
    """Take one out of use."""

    needs = post_needs = "flow.publish"
    kind = "flow"
    afterwards = "Its runs stay."

    def archive(self, pk: int) -> str:
        return archive_flow(flow=pk, by=self.request.user)


def _links(steps: Sequence[Mapping[str, Any]]) -> Links:
    """Each step leads to the task or flow that it runs."""
    pages = [(step, kind) for step in steps for kind in ("task", "flow") if step[kind] is not None]
    return Links({(step["site"],): reverse(kind, args=[step[kind]]) for step, kind in pages})


def _is_chosen(row: FlowRow, chosen: dict[str, str]) -> bool:
    return (
        chosen["mode"] in ("", row.mode)
        and chosen["last"] in ("", row.last_state)
        and (chosen["draft"] != "yes" or bool(row.draft_by))
    )
