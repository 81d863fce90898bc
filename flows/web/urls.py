"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from flows.web import (
    accounts,
    credentials,
    element_forms,
    elements,
    flows,
    groups,
    home,
    profiles,
    runs,
    schedules,
    tasks,
)

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/rows/", runs.RunRows.as_view(), name="run-rows"),
    path("flows/", flows.Flows.as_view(), name="flows"),
    path("tasks/", tasks.Tasks.as_view(), name="tasks"),
    path("elements/", elements.Elements.as_view(), name="elements"),
    path("elements/new/", element_forms.NewElement.as_view(), name="element-new"),
    path("elements/<int:pk>/", elements.ElementPage.as_view(), name="element"),
    path("elements/<int:pk>/edit/", element_forms.EditElement.as_view(), name="element-edit"),
    path("profiles/", profiles.Profiles.as_view(), name="profiles"),
    path("profiles/new/", profiles.NewProfile.as_view(), name="profile-new"),
    path("profiles/<int:pk>/edit/", profiles.EditProfile.as_view(), name="profile-edit"),
    path("groups/", groups.Groups.as_view(), name="groups"),
    path("groups/new/", groups.NewGroup.as_view(), name="group-new"),
    path("groups/<int:pk>/edit/", groups.EditGroup.as_view(), name="group-edit"),
    path("credentials/", credentials.Credentials.as_view(), name="credentials"),
    path("credentials/new/", credentials.NewCredential.as_view(), name="credential-new"),
    path("credentials/<int:pk>/edit/", credentials.EditCredential.as_view(), name="credential-edit"),
    path("schedules/", schedules.Schedules.as_view(), name="schedules"),
    path("login/", accounts.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", accounts.Password.as_view(), name="password"),
]
