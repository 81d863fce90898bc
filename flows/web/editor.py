"""The editor of one flow: its two scripts as blocks and as Python, its target and its rules."""

from typing import Any

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from flows.queries.editing import editable_draft
from flows.queries.inventory import groups_with_counts, profiles_with_counts
from flows.tasks.inputs import INPUT_TYPES
from flows.web.page import Page

#: Blockly and CodeMirror write style elements, Blockly's bubbles and Chromium's own editing of text style attributes.
#: What a script may do stays as on every page.
STYLES = {"style-src-elem": ["'self'", "'unsafe-inline'"], "style-src-attr": ["'unsafe-inline'"]}


@method_decorator(csp_update(STYLES), name="dispatch")
class Editor(Page, TemplateView):
    """The page; its script reads and writes the draft over REST."""

    needs = "flow.view"
    template_name = "web/editor.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The flow, and what its target can be chosen from."""
        draft = editable_draft(kwargs["pk"])
        data = {
            "flow": draft.flow_id,
            "profiles": [_counted(profile) for profile in profiles_with_counts()],
            "groups": [_counted(group) for group in groups_with_counts()],
            "input_types": INPUT_TYPES,
        }
        return super().get_context_data(**kwargs, flow=draft.flow, data=data)


def _counted(row: Any) -> dict[str, Any]:
    return {"name": row.name, "members": row.members}
