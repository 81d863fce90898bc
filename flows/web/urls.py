"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from flows.web import accounts, elements, flows, home, runs, schedules, tasks

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/rows/", runs.RunRows.as_view(), name="run-rows"),
    path("flows/", flows.Flows.as_view(), name="flows"),
    path("tasks/", tasks.Tasks.as_view(), name="tasks"),
    path("elements/", elements.Elements.as_view(), name="elements"),
    path("schedules/", schedules.Schedules.as_view(), name="schedules"),
    path("login/", accounts.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", accounts.Password.as_view(), name="password"),
]
