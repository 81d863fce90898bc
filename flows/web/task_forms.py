"""The form of a task. Saving it publishes a version."""

from typing import Any

from django import forms

from flows.models import Task
from flows.tasks.spec import DEFAULT_TIMEOUT_S
from flows.tasks.template import check_template
from flows.web.forms import DocumentForm, name_field
from flows.web.inputs import InputRows

NEW_TASK = {"timeout": int(DEFAULT_TIMEOUT_S), "retries": 0, "retry_delay": 0, "on_interrupt": "ask"}


class TaskForm(DocumentForm):
    """A command task. Its declared inputs are rows beside the fields (``InputRows``)."""

    kind = "Task"

    name = name_field("A verb and what it acts on: Stop service. Scripts call it by this name.")
    command = forms.CharField(
        required=False,
        strip=False,
        help_text="A Jinja2 template for a POSIX shell. It sees the element's context by its keys, and element, inputs "
        "and run. Write {{ inputs.service | quote }}, so that no value can become a command.",
        widget=forms.Textarea({"rows": 8, "class": "code", "spellcheck": "false", "required": True}),
    )
    timeout = forms.CharField(
        required=False, label="Timeout (seconds)", widget=forms.TextInput({"inputmode": "decimal"})
    )
    retries = forms.CharField(
        required=False, help_text="After a failed first attempt.", widget=forms.TextInput({"inputmode": "numeric"})
    )
    retry_delay = forms.CharField(
        required=False, label="Retry after (seconds)", widget=forms.TextInput({"inputmode": "decimal"})
    )
    on_interrupt = forms.ChoiceField(
        label="If the worker dies while it runs",
        choices=[
            ("ask", "Ask: the run waits until an operator says what became of it. The safe choice."),
            ("retry", "Retry: it is run again. Only for commands that do no harm twice."),
            ("fail", "Fail: it counts as failed, and the script goes on from there."),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, inputs: InputRows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inputs = inputs

    def document(self) -> dict[str, Any]:
        return {
            "class": "command",
            "command": self.typed("command") or None,
            "timeout": self.number("timeout"),
            "retries": self.number("retries"),
            "retry_delay": self.number("retry_delay"),
            "on_interrupt": self.cleaned_data.get("on_interrupt"),
            "inputs": self.inputs.values(),
        }

    def clean(self) -> dict[str, Any]:
        """The document, and the rows beside it."""
        cleaned = super().clean()
        if self.checked is None and "command" not in self.errors:
            # The common check looks into templates of sound documents alone; all problems are told at once here.
            for problem in check_template(self.typed("command")):
                if problem.severity == "error":
                    self.add_error("command", f"line {problem.line}: {problem.message}")
        if not self.inputs.is_sound:
            self.add_error(None, "Some inputs cannot be declared so: see their rows below.")
        return cleaned

    def problem_at(self, key: str, message: str) -> None:
        """Inputs have rows instead of fields."""
        if key.split(".", maxsplit=1)[0] == "inputs":
            self.inputs.take(key, message)
        else:
            super().problem_at(key, message)

    def is_taken(self, name: str) -> bool:
        return Task.objects.filter(name=name, archived=False).exists()
