"""What every page of the admin shares: it asks the access policy, writes the audit trail, or is there to be read."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from rest_framework.authtoken.models import Token, TokenProxy

from flowsite.kernel.access import Actor, allows
from flowsite.kernel.audit import record
from flowsite.kernel.models import AuditEntry


class ByPolicy:
    """Permissions of an admin page, or of an inline, from the one policy table instead of Django's own."""

    #: Permissions of ``access.POLICY``; without the second one nothing can be changed here.
    view_needs: str
    change_needs: str | None = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """As the policy says."""
        return allows(_actor(request), self.view_needs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """As the policy says."""
        return self.change_needs is not None and allows(_actor(request), self.change_needs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change may add."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change may delete."""
        return self.has_change_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may view sees it in the list."""
        return self.has_view_permission(request)


class ReadOnlyAdmin(ByPolicy, admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows to whoever may view them; nobody can add, change or delete one here."""

    show_full_result_count = False


class AuditedAdmin(ByPolicy, admin.ModelAdmin):  # type: ignore[type-arg]
    """Writes the audit trail for what is changed here. The names of changed fields are kept, their values are not."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save and record."""
        super().save_model(request, obj, form, change)
        self.record(request, "updated" if change else "created", obj, {"fields": sorted(form.changed_data)})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete and record."""
        super().delete_model(request, obj)
        self.record(request, "deleted", obj, {})

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete several and record each."""
        deleted = list(queryset)
        super().delete_queryset(request, queryset)
        for obj in deleted:
            self.record(request, "deleted", obj, {})

    def record(self, request: HttpRequest, action: str, obj: Any, details: Mapping[str, Any]) -> None:
        """Add an entry to the audit trail."""
        record(_actor(request), action, obj._meta.model_name, str(obj), details)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what to which object, newest first."""

    view_needs = "audit.view"
    list_display = ("at", "actor", "action", "kind", "name")
    list_filter = ("action", "kind", "at")
    search_fields = ("actor", "name")


class Accounts(AuditedAdmin):
    """Whoever may change users makes accounts and tokens. One that may do everything is changed by its like alone."""

    view_needs = change_needs = "user.change"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody raises himself by changing somebody who may do more."""
        is_above = getattr(obj, "is_superuser", False) and not getattr(request.user, "is_superuser", False)
        return not is_above and super().has_change_permission(request, obj)


admin.site.unregister([User, TokenProxy])


@admin.register(User)
class AccountAdmin(Accounts, UserAdmin):  # type: ignore[type-arg]
    """People and machines: their groups are their roles."""

    list_filter = ("is_active", "is_staff", "groups")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Roles", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    actions = ("end_tokens",)

    @admin.action(description="End the API tokens of the chosen users")
    def end_tokens(self, request: HttpRequest, queryset: Any) -> None:
        """Nobody can log in with them any more."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        for token in Token.objects.filter(user__in=queryset & _below(request)).select_related("user"):
            token.delete()
            record(_actor(request), "deleted", "token", str(token.user))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        """The dates; and who may do everything is said by those who may."""
        above = () if getattr(request.user, "is_superuser", False) else ("is_superuser",)
        return ("last_login", "date_joined", *above)


@admin.register(TokenProxy)
class TokenAdmin(Accounts):
    """Tokens of the API. One is shown when it is made and never again: the library's pages would name it by itself."""

    list_display = ("user", "created")
    list_display_links = None
    fields = ("user",)
    search_fields = ("user__username",)
    autocomplete_fields = ("user",)
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never by the library's page: an action on its user ends it."""
        return False

    def change_view(self, request: HttpRequest, *_args: Any, **_options: Any) -> HttpResponse:  # noqa: ARG002
        """There is nothing more to see than in the list."""
        return redirect("admin:authtoken_tokenproxy_changelist")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Nobody makes a token for somebody who may do more."""
        return super().formfield_for_foreignkey(db_field, request, **options, queryset=_below(request))

    def response_add(self, request: HttpRequest, obj: Any, *_: Any) -> HttpResponse:
        """Show the token this once."""
        messages.warning(request, f"The token of {obj.user} is {obj.key}. It is not shown again.")
        return redirect("admin:authtoken_tokenproxy_changelist")

    def record(self, request: HttpRequest, action: str, obj: Any, details: Mapping[str, Any]) -> None:
        """The name of a token is its user's."""
        record(_actor(request), action, "token", str(obj.user), details)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the library's own trail would name the token by itself."""


def _below(request: HttpRequest) -> QuerySet[User]:
    """The users whom this one may change."""
    everybody = User.objects.all()
    return everybody if getattr(request.user, "is_superuser", False) else everybody.filter(is_superuser=False)


def _actor(request: HttpRequest) -> Actor:
    return request.user
