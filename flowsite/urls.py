"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # The pages come with a later release; until then the admin is where a person begins.
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/", include("flows.api.urls")),
]

handler500 = "flowsite.kernel.api.answer_defect"
