"""What versions of tasks and flows share: once published they never change, and runs stay pinned to them."""

from datetime import datetime
from typing import Any, NoReturn, Self, TypeVar

from django.db import models

from flowsite.kernel.errors import Conflict


class VersionIsImmutable(Conflict):
    """Somebody tried to change or delete a published version."""

    code = "version_immutable"

    def __init__(self, what: object = "A published version") -> None:
        super().__init__(f"{what} is published and never changes. Publish a new version instead.")


V = TypeVar("V", bound=models.Model)


class Versions(models.QuerySet[V]):
    """Filters over versions; they refuse to change any."""

    #: The field that says of what these are versions.
    versioned: str

    def newest(self, *, as_of: datetime | None = None) -> Self:
        """Of each task or flow the version with the highest number, now or as it was at that instant."""
        published = {"published_at__lte": as_of} if as_of else {}
        same = {self.versioned: models.OuterRef(self.versioned)}
        newer = self.model._default_manager.filter(**same, **published, number__gt=models.OuterRef("number"))
        return self.filter(~models.Exists(newer), **published)

    def current(self) -> Self:
        """The newest version of each task or flow that is not archived."""
        return self.newest().filter(**{f"{self.versioned}__archived": False})

    def update(self, **_changes: Any) -> NoReturn:
        """Refuse: versions never change."""
        raise VersionIsImmutable

    def delete(self) -> NoReturn:
        """Refuse: runs are pinned to versions."""
        raise VersionIsImmutable


class Version(models.Model):
    """One published state of a definition. ``number`` counts from 1; ``definition`` holds the keys of its YAML."""

    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    definition = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=150)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new version; saving an existing one raises ``VersionIsImmutable``."""
        if not self._state.adding:
            raise VersionIsImmutable(self)
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: runs are pinned to versions."""
        raise VersionIsImmutable(self)
