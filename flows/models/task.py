"""Tasks and their versions."""

from django.db import models

from flows.models.versions import Version, Versions


class TaskClass(models.TextChoices):
    """What carries a task out. This release has one."""

    COMMAND = "command", "command"


class Task(models.Model):
    """A reusable unit of work, known by its name. What it does stands in its versions."""

    name = models.CharField(max_length=200, unique=True)
    task_class = models.CharField("class", max_length=20, choices=TaskClass, default=TaskClass.COMMAND)
    archived = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(name=""), name="task_has_a_name"),
            models.CheckConstraint(condition=models.Q(task_class__in=TaskClass.values), name="task_class_is_known"),
        )

    def __str__(self) -> str:
        return self.name


class TaskVersions(Versions["TaskVersion"]):
    """Filters over versions of tasks."""

    versioned = "task"


class TaskVersion(Version):
    """A published task. The one with the highest number is current."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="versions")

    objects = TaskVersions.as_manager()

    class Meta:
        ordering = ("task_id", "-number")
        constraints = (
            models.UniqueConstraint(fields=("task", "number"), name="task_version_number_is_unique"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="task_version_counts_from_one"),
        )
        indexes = (models.Index(fields=("task", "published_at"), name="task_version_as_of"),)
