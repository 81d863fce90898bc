"""The form of a task. Saving it publishes a version."""

from collections.abc import Mapping
from typing import Any

from django import forms

from flows.models import Task
from flows.tasks.spec import DEFAULT_TIMEOUT_S
from flows.tasks.template import check_template
from flows.web.forms import DocumentForm, name_field
from flows.web.inputs import InputRows
from flows.web.values import ValueProblem, read_context

NEW_TASK = {
    "timeout": int(DEFAULT_TIMEOUT_S),
    "retries": 0,
    "retry_delay": 0,
    "retry_backoff": 1,
    "retry_jitter": 0,
    "on_interrupt": "ask",
    "parse": "none",
}


def initial_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as the form shows it."""
    save = "\n".join(f"{key}: {path}" for key, path in (definition.get("save") or {}).items())
    parse = definition.get("parse") or {"type": "none"}
    return {**NEW_TASK, **definition, "parse": parse["type"] if isinstance(parse, Mapping) else parse, "save": save}


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
    retry_backoff = forms.CharField(
        required=False,
        label="Each wait longer by",
        help_text="A factor: 2 doubles it.",
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    retry_jitter = forms.CharField(
        required=False,
        label="Waits vary by",
        help_text="A share, 0 to 1, so that not all retry at once.",
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    parse = forms.ChoiceField(
        required=False,
        label="Read the output as",
        choices=[("none", "text alone"), ("json", "JSON"), ("lines", "a list of lines")],
        help_text="Scripts find it as result['data'].",
    )
    save = forms.CharField(
        required=False,
        strip=False,
        label="Save as settings",
        help_text="One a line, the setting's key and its path in the result: service.state: data.state",
        widget=forms.Textarea({"rows": 3, "class": "code", "spellcheck": "false"}),
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
            "retry_backoff": self.number("retry_backoff"),
            "retry_jitter": self.number("retry_jitter"),
            "on_interrupt": self.cleaned_data.get("on_interrupt"),
            "parse": self.cleaned_data.get("parse") or "none",
            "save": self.saved(),
            "inputs": self.inputs.values(),
        }

    def saved(self) -> Any:
        """The mapping that was typed; what cannot be read is noted."""
        try:
            return read_context(self.typed("save"))
        except ValueProblem as problem:
            self.add_error("save", str(problem))
            return {}

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
