"""The names that tasks and flows have borne: each means one of them for ever (Note [A name means one thing]).

# Note [A name means one thing]: a run replays by the names in the scripts that it is pinned to, years later and after
# renamings. So a version keeps the name under which it was published, renaming publishes one under the new name, and a
# name that a version bears is never given to another task or flow. Then a name leads to its row at every instant, and
# the row to the version that was current then (docs/decisions/a-name-means-one-thing.md).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import OuterRef, Subquery

from flows.models import FlowVersion, TaskVersion

V = TypeVar("V", FlowVersion, TaskVersion)

_ROW: Final = {FlowVersion: "flow_id", TaskVersion: "task_id"}


def versions_by_name(kind: type[V], names: Iterable[str] | None, at: datetime) -> dict[str, V]:
    """Of what bore these names by ``at``, or any name, the version that was current then; by name. 2 queries."""
    row = _ROW[kind]
    earlier = kind.objects.filter(published_at__lte=at)
    borne = earlier if names is None else earlier.filter(name__in=names)
    rows = dict(borne.order_by().values_list("name", row).distinct())
    newest = earlier.filter(**{row: OuterRef(row)}).order_by("-number").values("pk")[:1]
    found = kind.objects.filter(pk=Subquery(newest)).filter(**{f"{row}__in": set(rows.values())})
    by_row = {getattr(version, row): version for version in found}
    return {name: by_row[owner] for name, owner in rows.items()}


def flow_names(name: str) -> frozenset[str]:
    """This name and every other one that the flow has borne which was called so. One query."""
    return frozenset(
        FlowVersion.objects.filter(flow__versions__name=name).order_by().values_list("name", flat=True)
    ) | {name}


def owner_of(kind: type[V], name: str) -> V | None:
    """The newest version of what has borne this name, whatever it is called now; None where nothing has. 2 queries."""
    bearer = kind.objects.filter(name=name).order_by("-number").first()
    if bearer is None:
        return None
    row = _ROW[kind]
    return kind.objects.filter(**{row: getattr(bearer, row)}).order_by("-number").first()
