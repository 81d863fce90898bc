"""Forms of what has no versions: whoever saves is told when somebody else has saved since the form was opened."""

import hashlib
import json
from typing import Any

from flows.web.forms import DocumentForm
from flowsite.kernel.models import AuditEntry

#: What the audit tells of a change of the row itself; settings of an element are none of its form.
_ROW = ("fields", "groups")


class RowForm(DocumentForm):
    """A form for one row. ``initial`` is what the row holds now, also where the form is bound to what was sent."""

    @property
    def base(self) -> str:
        """Stands for what is stored now; the form carries it to the save (a hidden field of this name)."""
        return hashlib.sha256(json.dumps(self.initial, sort_keys=True, default=str).encode()).hexdigest()[:16]

    def clean(self) -> dict[str, Any]:
        """The document; refused, as the first of all, where its base is no more what is stored."""
        sent = self.data.get("base", "")
        if self.fixed and sent and sent != self.base:
            self.add_error(None, self._came_between())
        return super().clean()

    def _came_between(self) -> str:
        kind = self.kind.lower()
        newest = AuditEntry.objects.filter(kind=kind, name=self.fixed, details__has_any_keys=_ROW).first()
        who = newest.actor if newest else "Somebody else"
        return (
            f"{who} has saved this {kind} since you opened this form. Look at it in another tab, then save again to "
            f"put what stands here in its place."
        )
