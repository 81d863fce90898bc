"""Tasks: the list, and the page of one, which is its form, its preview, its versions and where it is used."""

from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from flows.adapters.uses import uses_of_task
from flows.keys.called import inputs_by_name
from flows.models import Task, TaskVersion
from flows.operations.archiving import archive_task, refusal_of_task
from flows.operations.renaming import Renamed, rename_task
from flows.queries.task_history import compared, history_of
from flows.queries.tasks import last_results_of, sample_element, task_rows, task_versions
from flows.tasks.filter_words import FILTER_WORDS
from flows.tasks.samples import call_example
from flows.web.forms import FormPage
from flows.web.inputs import InputRows
from flows.web.listing import Column, Listing
from flows.web.page import Page
from flows.web.renaming import Archive, Rename
from flows.web.task_forms import NEW_TASK, TaskForm, initial_of
from flowsite.kernel.errors import NotFound

#: CodeMirror writes style elements, and Chromium's own editing of text style attributes. What a script may do stays as
#: on every page.
STYLES = {"style-src-elem": ["'self'", "'unsafe-inline'"], "style-src-attr": ["'unsafe-inline'"]}

_COLUMNS = (
    Column("Name", "name"),
    Column("Class", css="when-wide"),
    Column("Used in", "used"),
    Column("Last result"),
    Column("Version", "published"),
)


class Tasks(Page, TemplateView):
    """All of them, 50 at a time."""

    needs = "task.view"
    template_name = "web/tasks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The chosen page."""
        query = self.request.GET
        search = query.get("search", "")
        listing = Listing(query, _COLUMNS)
        rows = task_rows(search)
        if listing.order == "used":
            rows.sort(key=lambda row: len(row.flows), reverse=not listing.descending)
        elif listing.order == "published":
            rows.sort(key=lambda row: row.published_at, reverse=not listing.descending)
        elif listing.descending:
            rows.reverse()
        shown = listing.slice_of(rows)
        return super().get_context_data(
            rows=shown.object_list, listing=listing, pages=listing.pages(shown), search=search, **kwargs
        )


def editor_data(name: str = "", sample: str | None = None) -> dict[str, Any]:
    """What the script of the form needs: ``sample`` is the element that the preview begins with."""
    words = [{"name": word, "words": told} for word, told in FILTER_WORDS.items()]
    return {"task": name, "sample": sample, "filters": words}


@method_decorator(csp_update(STYLES), name="dispatch")
class NewTask(FormPage):
    """A new one."""

    needs = post_needs = "task.publish"
    template_name = "web/tasks_one.html"

    def more(self, form: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"data": editor_data()}

    def form(self, data: Any = None) -> TaskForm:
        if data is not None:
            return TaskForm(data, inputs=InputRows.sent(data))
        return TaskForm(initial=NEW_TASK, inputs=InputRows.stored({}))

    def store(self, form: Any) -> str:
        name = form.store(self.request.user)
        messages.success(self.request, f"Task {name} is published as version 1.")
        return reverse("task", args=[Task.objects.get(name=name).pk])


@method_decorator(csp_update(STYLES), name="dispatch")
class TaskPage(FormPage):
    """One task. ``?version=2`` shows an older version; saving it publishes it anew."""

    needs = "task.view"
    post_needs = "task.publish"
    template_name = "web/tasks_one.html"

    @cached_property
    def versions(self) -> list[TaskVersion]:
        """All of the task in the address, the newest first."""
        task = Task.objects.filter(pk=self.kwargs["pk"], archived=False).first()
        found = task_versions(task) if task else []
        if not found:
            raise NotFound("there is no such task; it may have been archived. The list of tasks has all there are")
        return found

    @cached_property
    def shown(self) -> TaskVersion:
        """The version in the address, else the current one."""
        asked = self.request.GET.get("version")
        for version in self.versions:
            if asked in (None, str(version.number)):
                return version
        raise NotFound(f"this task has no version {asked}; it has {len(self.versions)}")

    def form(self, data: Any = None) -> TaskForm:
        name = self.versions[0].name
        if data is None:
            definition = self.shown.definition
            form = TaskForm(initial=initial_of(definition), fixed=name, inputs=InputRows.stored(definition))
        else:
            form = TaskForm(data, fixed=name, inputs=InputRows.sent(data))
            self._refuse_what_came_between(form, data.get("base", ""))
        return form

    def more(self, form: Any) -> dict[str, Any]:  # noqa: ARG002
        current = self.versions[0]
        results = last_results_of({version.name for version in self.versions})
        uses = uses_of_task(current.name)
        return {
            "data": editor_data(current.name, sample_element(results, [place.id for place in uses.published])),
            "task": current,
            "shown": self.shown,
            "versions": self.versions,
            "history": history_of(self.versions),
            "uses": uses,
            "example": call_example(current.name, list(inputs_by_name(self.shown.definition).values())),
            "in_use": refusal_of_task(current.name, uses),
            "results": results,
            **self._comparison(),
        }

    def _comparison(self) -> dict[str, Any]:
        """The two versions in the address, as they are compared; else what is compared when asked to."""
        by_number = {str(version.number): version for version in self.versions}
        before, after = (by_number.get(self.request.GET.get(key, "")) for key in ("from", "to"))
        if before and after:
            return {"comparison": compared(before, after), "compare_from": before.number, "compare_to": after.number}
        numbers = [version.number for version in self.versions]
        return {"comparison": None, "compare_from": numbers[min(1, len(numbers) - 1)], "compare_to": numbers[0]}

    def store(self, form: Any) -> str:
        before = self.versions[0]
        form.store(self.request.user)
        now = TaskVersion.objects.filter(task_id=before.task_id).order_by("-number")[0]
        if now.number == before.number:
            messages.info(self.request, f"Nothing differs from version {now.number}, which stays the current one.")
        else:
            messages.success(self.request, f"Version {now.number} is published. Runs that start from now on use it.")
        return reverse("task", args=[before.task_id])

    def _refuse_what_came_between(self, form: TaskForm, base: str) -> None:
        """Two people may have the form open: the second is told before anything is replaced."""
        newest = self.versions[0]
        if base and base != str(newest.number):
            form.add_error(
                None,
                f"{newest.published_by} has published version {newest.number} since you opened this form. Look at it "
                f"in the versions, then save again to publish yours after it.",
            )


class RenameTask(Rename):
    """Give one another name."""

    needs = post_needs = "task.publish"
    kind = "task"

    def rename(self, pk: int, name: str) -> Renamed:
        return rename_task(task=pk, name=name, by=self.request.user)


class ArchiveTask(Archive):
    """Take one out of use."""

    needs = post_needs = "task.publish"
    kind = "task"
    afterwards = "A new task of this name brings it back."

    def archive(self, pk: int) -> str:
        return archive_task(task=pk, by=self.request.user)
