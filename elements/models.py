"""The tables of the inventory."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from elements.context import context_problems, written_times


def _require_mapping(value: Any) -> None:
    """A context is a mapping; anything else could not be merged."""
    if not isinstance(value, dict):
        raise ValidationError(f"found {type(value).__name__}, expected a mapping such as {{}}")


def _check_context(context: Any) -> None:
    """Refuse keys that cannot be nested, and a plain value with keys below it."""
    problems = context_problems(context if isinstance(context, dict) else {})
    if problems:
        raise ValidationError({"context": problems})


class CredentialType(models.TextChoices):
    """What kind of secret it is."""

    SSH_KEY = "ssh_key", "SSH key"
    PASSWORD = "password", "password"
    TOKEN = "token", "token"
    BASIC = "basic", "user name and password"


class Credential(models.Model):
    """A secret used by a profile. It is stored encrypted and never shown again (``elements.secrets``)."""

    name = models.CharField(max_length=100, unique=True)
    type = models.CharField(max_length=20, choices=CredentialType)
    secret = models.BinaryField()
    written_by = models.CharField(max_length=150, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=models.Q(type__in=CredentialType.values), name="credential_type_is_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="credential_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class HasContext(models.Model):
    """What profiles and groups share: a context, and when each of its values was last written.

    ``context_written_at`` has an ISO instant by the dotted key of each value; what was there before times were kept has
    none. Only ``save`` sets it, so every writer passes through it; no document and no answer of the API has it.
    """

    context = models.JSONField(default=dict, blank=True, validators=[_require_mapping])
    context_written_at = models.JSONField(default=dict, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Tell the times of the context's values along with it; those that stay keep theirs. One query more."""
        if update_fields is None or "context" in update_fields:
            stored = type(self)._default_manager.filter(pk=self.pk).values_list("context", "context_written_at").first()
            before, times = stored or ({}, {})
            self.context_written_at = written_times(before, times, self.context, timezone.now())
            update_fields = None if update_fields is None else {*update_fields, "context_written_at"}
        super().save(*args, update_fields=update_fields, **options)

    def clean(self) -> None:
        """What the admin refuses beside the fields' own validators."""
        super().clean()
        _check_context(self.context)


class Profile(HasContext):
    """A kind of element: how to connect, which credential, default context. ``connection`` as in ConnectionSpec."""

    name = models.CharField(max_length=100, unique=True)
    connection = models.JSONField(default=dict, blank=True, validators=[_require_mapping])
    credential = models.ForeignKey(Credential, models.PROTECT, null=True, blank=True, related_name="profiles")

    class Meta:
        ordering = ("name",)
        constraints = (models.CheckConstraint(condition=~models.Q(name=""), name="profile_has_a_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def connects_by_ssh(self) -> bool:
        """Whether its elements need an address."""
        return bool(self.connection.get("type", "ssh") == "ssh")


class Group(HasContext):
    """A named set of elements. Where groups disagree, the higher ``priority`` wins, then the later name (R42)."""

    name = models.CharField(max_length=100, unique=True)
    priority = models.IntegerField(default=0)

    class Meta:
        ordering = ("name",)
        constraints = (models.CheckConstraint(condition=~models.Q(name=""), name="group_has_a_name"),)

    def __str__(self) -> str:
        return self.name


class Elements(models.QuerySet["Element"]):
    """Filters over elements."""

    def enabled(self) -> "Elements":
        """Those that a flow may select."""
        return self.filter(enabled=True)

    def of_profile(self, name: str) -> "Elements":
        """Those of the named profile."""
        return self.filter(profile__name=name)

    def in_any_group(self, names: Iterable[str]) -> "Elements":
        """Those in at least one of the named groups, each once."""
        members = Element.groups.through.objects.filter(group__name__in=list(names)).values("element_id")
        return self.filter(pk__in=members)


class Element(models.Model):
    """One thing of the fleet. Its own context values are its settings."""

    name = models.CharField(max_length=200, unique=True)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="elements")
    address = models.CharField(max_length=255, blank=True)
    enabled = models.BooleanField(default=True)
    groups = models.ManyToManyField(Group, blank=True, related_name="elements")

    objects = Elements.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.CheckConstraint(condition=~models.Q(name=""), name="element_has_a_name"),)

    def __str__(self) -> str:
        return self.name


class Setting(models.Model):
    """One context value stored on the element itself, with who or what wrote it and when. The key may be dotted."""

    element = models.ForeignKey(Element, models.CASCADE, related_name="settings")
    key = models.CharField(max_length=200)
    value = models.JSONField(null=True, blank=True)
    written_by = models.CharField(max_length=150, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("key",)
        constraints = (
            models.UniqueConstraint(fields=("element", "key"), name="setting_key_is_unique_on_its_element"),
            models.CheckConstraint(condition=~models.Q(key=""), name="setting_has_a_key"),
        )

    def __str__(self) -> str:
        return self.key
