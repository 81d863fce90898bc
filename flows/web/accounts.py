"""Signing in and out, and one's own password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpResponse
from django.urls import reverse_lazy


class Login(views.LoginView):
    """Sign in, then go where one wanted to go."""

    template_name = "web/login.html"
    redirect_authenticated_user = True


class Password(views.PasswordChangeView):
    """Change one's own password; the session goes on."""

    template_name = "web/password.html"
    success_url = reverse_lazy("home")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what a new password must be."""
        return super().get_context_data(rules=password_validators_help_texts(), **kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Say so."""
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)
