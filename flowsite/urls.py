"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("flows.web.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("flows.api.urls")),
]

handler500 = "flowsite.kernel.api.answer_defect"
