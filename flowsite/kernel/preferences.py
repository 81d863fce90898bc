"""What a person has chosen for their own pages: small JSON values by name. Nobody else sees or needs them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction


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


@transaction.atomic
def change_preference(user: User, name: str, change: Callable[[Any], Any], otherwise: Any) -> None:
    """Store what ``change`` makes of the choice before, or of ``otherwise``. Two windows at once lose nothing."""
    row, _ = Preference.objects.select_for_update().get_or_create(user=user, name=name, defaults={"value": otherwise})
    row.value = change(row.value)
    row.save(update_fields=["value"])
