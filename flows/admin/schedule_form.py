"""The form of a schedule: days to tick, times as a person writes them, a zone to choose, and errors at their field."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.fields import InvalidJSONInput

from flows.keys.fields import Fields
from flows.models import Flow, Schedule
from flows.models.schedule import WHEN_FIELDS
from flows.operations.catalog_checks import MAX_NAME
from flows.operations.schedules import SET_FIELDS, start_problems
from flows.schedule.checks import MOST_MINUTES_LATE
from flows.schedule.recurrence import Recurrence
from flows.schedule.words import DAY_NAMES
from flowsite.kernel.access import allows

_SKIP, _LATE = "skip", "late"
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
_USUAL_MINUTES: Final = 30
#: The fields of a schedule that are asked for under another name.
_FORM_FIELDS: Final = {"missed": "missed_policy", "elements": "narrowed"}
DAY: Final = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def zone_choices() -> list[tuple[str, str]]:
    """UTC, then every place of the time zone database; its old and technical names are left out."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "US/")))
    return [(name, name) for name in ("UTC", *places)]


def account_choices() -> list[tuple[str, str]]:
    """Everybody who may run flows."""
    accounts = get_user_model().objects.filter(is_active=True).prefetch_related("groups").order_by("username")
    names = [account.get_username() for account in accounts if allows(account, "flow.run")]
    return [("", "the owner"), *((name, name) for name in names)]


class EmptyableJson(forms.JSONField):
    """JSON as a person writes it, of whom nobody asks to write down that there is nothing."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 60})

    def to_python(self, value: Any) -> Any:
        """What is nested without end is no value."""
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError("This is nested too deep.") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What could not be read is shown as it was typed."""
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)

    def prepare_value(self, value: Any) -> Any:
        """Nothing is shown as nothing."""
        return super().prepare_value(value) if value else ""


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """``missed`` is asked for as a choice and a number of minutes, ``elements`` as names.

    No field is called ``elements``: a form's script reads its fields by that very name.
    """

    days = forms.MultipleChoiceField(
        choices=list(DAY_NAMES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    times = forms.CharField(required=False, help_text="Such as 02:00, 14:30.")
    cron = forms.CharField(
        required=False,
        max_length=200,
        help_text="Instead of days and times: minute, hour, day of month, month, day of week, such as 0 2 * * sun.",
    )
    timezone = forms.ChoiceField(choices=zone_choices, label="Time zone", initial="UTC")
    missed_policy = forms.ChoiceField(
        label="A missed start",
        choices=[(_SKIP, "is skipped"), (_LATE, "starts late, if it is not later than these minutes:")],
        initial=_SKIP,
        widget=forms.RadioSelect,
        help_text="When the site was down at the time of a start. Of several missed ones, the newest starts.",
    )
    missed_minutes = forms.IntegerField(
        label="Minutes", required=False, min_value=1, max_value=MOST_MINUTES_LATE, initial=_USUAL_MINUTES
    )
    inputs = EmptyableJson(
        required=False,
        help_text='What the flow is given, such as {"service": "postgresql"}. Empty: its defaults.',
    )
    narrowed = forms.CharField(
        label="Elements",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="Names, separated by commas or lines, to narrow the flow's target. Empty: the whole target.",
    )
    start = forms.DateField(
        required=False, widget=DAY, help_text="The first day on which it starts, in its time zone. Empty: at once."
    )
    end = forms.DateField(
        required=False, widget=DAY, help_text="The last day on which it starts. Empty: it never ends."
    )
    version = forms.CharField(initial="latest", max_length=20, help_text="latest, or the number of a version.")
    run_as = forms.ChoiceField(
        choices=account_choices,
        required=False,
        help_text="Whose account starts the runs; it must be able to run flows.",
    )
    blackout = EmptyableJson(
        required=False,
        help_text='When nothing starts: [{"from": "2026-12-24", "to": "2026-12-26"}] for whole days, '
        'or [{"days": ["sat"], "from": "22:00", "to": "24:00"}] for hours of every week.',
    )

    class Media:
        css = {"all": ("schedule_form.css",)}
        js = ("schedule_form.js",)

    class Meta:
        model = Schedule
        fields = tuple(field for field in SET_FIELDS if field not in ("missed", "elements", "stop_new_after"))
        help_texts = {
            "enabled": "A disabled schedule starts nothing. Enabled again, it starts nothing from before.",
            "overlap": "When the run of the start before is not over: skip this start, let one wait in a queue, "
            "or allow both.",
            "owner": "Who answers for it. Empty: you.",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        schedule: Schedule = self.instance
        if "flow" in self.fields:  # not for those who may only look
            published = Flow.objects.filter(Q(archived=False, versions__number=1) | Q(pk=schedule.flow_id))
            self.fields["flow"].queryset = published.distinct().order_by("name")  # type: ignore[attr-defined]
        if schedule._state.adding:
            self.initial.setdefault("enabled", True)
        else:
            self._show(schedule)

    def _show(self, schedule: Schedule) -> None:
        """What is stored, as a person writes it."""
        shown: dict[str, Any] = {
            "times": ", ".join(schedule.times),
            "narrowed": "\n".join(schedule.elements),
            "missed_policy": _SKIP,
        }
        if isinstance(schedule.missed, dict):
            shown |= {"missed_policy": _LATE, "missed_minutes": schedule.missed.get("within_minutes")}
        self.initial.update(shown)
        self._keep_choice("run_as", schedule.run_as)
        self._keep_choice("timezone", schedule.timezone)

    def clean_name(self) -> str:
        """A name as documents may have it, so that what was made here can be exported and applied."""
        fields = Fields.of({"name": self.cleaned_data["name"]})
        name = fields.name(most=MAX_NAME)
        if fields.problems:
            raise ValidationError(fields.problems[0].message)
        return name

    def clean_times(self) -> list[str]:
        """A list, each time with two digits for its hour."""
        words = _words(self.cleaned_data["times"])
        wrong = [word for word in words if not _TIME.fullmatch(word)]
        if wrong:
            raise ValidationError(f"found {wrong[0]}, expected times such as 02:00, 14:30")
        return [word.zfill(5) for word in words]

    def clean_narrowed(self) -> list[str]:
        """A list of names, each once."""
        names = list(dict.fromkeys(_names(self.cleaned_data["narrowed"])))
        self.instance.elements = names
        return names

    def clean_inputs(self) -> Any:
        """None means none."""
        return self.cleaned_data["inputs"] or {}

    def clean_blackout(self) -> Any:
        """None means none."""
        return self.cleaned_data["blackout"] or []

    def clean(self) -> dict[str, Any]:
        """A start may be late only by some minutes."""
        cleaned = super().clean() or self.cleaned_data
        minutes = cleaned.get("missed_minutes")
        is_late = cleaned.get("missed_policy") == _LATE
        if is_late and minutes is None and "missed_minutes" not in self.errors:
            self.add_error("missed_minutes", "Say how many minutes late a start may be.")
        self.instance.missed = {"within_minutes": minutes} if is_late and minutes else "skip"
        return cleaned

    def preview(self) -> tuple[Recurrence | None, list[str]]:
        """When it would start, or what is wrong with what says when; the other fields may still be incomplete."""
        problems = [str(message) for field in WHEN_FIELDS for message in self.errors.get(field, ())]
        return (None, problems) if problems else (self.instance.recurrence, [])

    def _post_clean(self) -> None:
        """Once its fields are sound: whether it could start."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors and self.instance.enabled:
            for field, message in start_problems(self.instance):
                self.add_error(_FORM_FIELDS.get(field, field), message)

    def _update_errors(self, errors: ValidationError) -> None:
        """What the model finds wrong with a field that stands here under another name, or not at all."""
        if hasattr(errors, "error_dict"):
            named = {_FORM_FIELDS.get(name, name): found for name, found in errors.error_dict.items()}
            # Of a field that could not be read, the model has seen what was stored before, or nothing.
            sound = {name: found for name, found in named.items() if name not in self.errors}
            told = {name if name in self.fields else "__all__": found for name, found in sound.items()}
            errors = ValidationError(told)
        super()._update_errors(errors)  # type: ignore[misc]

    def _keep_choice(self, field: str, stored: str) -> None:
        """What is stored can be chosen even if it would not be offered any more; whether it will do is checked."""
        choices: Iterable[tuple[str, str]] = list(self.fields[field].choices)  # type: ignore[attr-defined]
        if stored and stored not in dict(choices):
            self.fields[field].choices = [*choices, (stored, stored)]  # type: ignore[attr-defined]


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text) if word]


def _names(text: str) -> Iterator[str]:
    return (name.strip() for name in re.split(r"[,\n]", text) if name.strip())
