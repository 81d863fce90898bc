"""What a person has chosen for their own pages: small JSON values by name. Nobody else sees or needs them."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models


class Preference(models.Model):
    """One choice of one person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences", db_index=False)
    name = models.CharField(max_length=60)
    value = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="a_person_prefers_one_value"),)

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


def preferred(user: User, name: str, otherwise: Any) -> Any:
    """What this person chose, or ``otherwise``. One query."""
    found = Preference.objects.filter(user=user, name=name).values_list("value", flat=True).first()
    return otherwise if found is None else found


def prefer(user: User, name: str, value: Any) -> None:
    """Store a choice over the one before."""
    Preference.objects.update_or_create(user=user, name=name, defaults={"value": value})
