"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView

from flows.web import (
    accounts,
    api_docs,
    credentials,
    editor,
    element_forms,
    elements,
    first_steps,
    flows,
    groups,
    home,
    profiles,
    run,
    runs,
    schedules,
    tasks,
)

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("first-steps/", first_steps.FirstSteps.as_view(), name="first-steps"),
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/<int:run>/", run.RunPage.as_view(), name="run"),
    path("runs/rows/", runs.RunRows.as_view(), name="run-rows"),
    path("flows/", flows.Flows.as_view(), name="flows"),
    path("flows/new/", flows.NewFlow.as_view(), name="flow-new"),
    path("flows/<int:pk>/", flows.FlowPage.as_view(), name="flow"),
    path("flows/<int:pk>/archive/", flows.ArchiveFlow.as_view(), name="flow-archive"),
    path("flows/<int:pk>/edit/", editor.Editor.as_view(), name="flow-edit"),
    path("tasks/", tasks.Tasks.as_view(), name="tasks"),
    path("tasks/new/", tasks.NewTask.as_view(), name="task-new"),
    path("tasks/<int:pk>/", tasks.TaskPage.as_view(), name="task"),
    path("tasks/<int:pk>/archive/", tasks.ArchiveTask.as_view(), name="task-archive"),
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
    path("api/docs", RedirectView.as_view(pattern_name="api-docs")),
    path("api/docs/", api_docs.ApiDocs.as_view(), name="api-docs"),
    path("login/", accounts.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", accounts.Password.as_view(), name="password"),
]
