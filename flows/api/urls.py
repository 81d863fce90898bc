"""Addresses below /api/, each with or without its last slash."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from elements.api import CredentialResource, ElementResource, GroupResource
from flows.api.absent import NoSuchAddress
from flows.api.changes import DraftChanges
from flows.api.definitions import TaskResource
from flows.api.draft_plan import DraftOrder, DraftPlans
from flows.api.drafts import DraftResource
from flows.api.flows import FlowResource
from flows.api.overview import Overview
from flows.api.pictures import FlowPicture
from flows.api.preview import TaskPreview
from flows.api.profiles import CheckedProfileResource
from flows.api.runs import RunElements, RunResource, RunSteps
from flows.api.schedules import ScheduleResource
from flows.api.scripts import ScriptBlocks, ScriptFormat, ScriptNames
from flows.api.targets import TargetEffects, Targets
from flows.api.trying import DraftTry, RunTried, TaskTry
from flows.api.versions import DraftRestore, FlowVersions, OneVersion, VersionChanges

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("elements", ElementResource)
router.register("profiles", CheckedProfileResource)
router.register("groups", GroupResource)
router.register("credentials", CredentialResource)
router.register("tasks", TaskResource)
router.register("flows", FlowResource)
router.register("drafts", DraftResource, basename="draft")
router.register("runs", RunResource)
router.register("schedules", ScheduleResource)

urlpatterns = [
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^overview/?$", Overview.as_view(), name="overview"),
    re_path(r"^tasks/try/?$", TaskTry.as_view(), name="task-try"),
    re_path(r"^flows/(?P<id>[0-9]{1,18})/versions/?$", FlowVersions.as_view(), name="flow-versions"),
    re_path(
        r"^flows/(?P<id>[0-9]{1,18})/versions/(?P<number>[0-9]{1,9})/?$", OneVersion.as_view(), name="flow-version"
    ),
    re_path(
        r"^flows/(?P<id>[0-9]{1,18})/versions/(?P<number>[0-9]{1,9})/changes/?$",
        VersionChanges.as_view(),
        name="flow-version-changes",
    ),
    re_path(r"^drafts/(?P<flow_id>[0-9]{1,18})/changes/?$", DraftChanges.as_view(), name="draft-changes"),
    re_path(r"^drafts/(?P<flow_id>[0-9]{1,18})/restore/?$", DraftRestore.as_view(), name="draft-restore"),
    re_path(r"^drafts/(?P<flow_id>[0-9]{1,18})/try/?$", DraftTry.as_view(), name="draft-try"),
    re_path(r"^runs/(?P<id>[0-9]{1,18})/tried/?$", RunTried.as_view(), name="run-tried"),
    re_path(r"^tasks/preview/?$", TaskPreview.as_view(), name="task-preview"),
    re_path(r"^targets/?$", Targets.as_view(), name="targets"),
    re_path(r"^targets/effect/?$", TargetEffects.as_view(), name="target-effect"),
    re_path(r"^scripts/blocks/?$", ScriptBlocks.as_view(), name="script-blocks"),
    re_path(r"^scripts/format/?$", ScriptFormat.as_view(), name="script-format"),
    re_path(r"^scripts/names/?$", ScriptNames.as_view(), name="script-names"),
    re_path(r"^flows/(?P<id>[0-9]+)/picture/?$", FlowPicture.as_view(), name="flow-picture"),
    re_path(r"^runs/(?P<id>[0-9]+)/steps/?$", RunSteps.as_view({"get": "list"}), name="run-steps"),
    re_path(r"^runs/(?P<id>[0-9]+)/elements/?$", RunElements.as_view({"get": "list"}), name="run-elements"),
    re_path(r"^drafts/(?P<flow_id>[0-9]{1,18})/plan/?$", DraftPlans.as_view(), name="draft-plan"),
    re_path(r"^drafts/(?P<flow_id>[0-9]{1,18})/order/?$", DraftOrder.as_view(), name="draft-order"),
    path("", include(router.urls)),
    re_path(r"", NoSuchAddress.as_view()),
]
