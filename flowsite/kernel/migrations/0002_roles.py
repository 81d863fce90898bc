"""Makes the four roles."""

from typing import Any

from django.db import migrations

ROLES = ("viewer", "operator", "author", "administrator")


def make_roles(apps: Any, _schema_editor: Any) -> None:
    """Roles that exist keep their members."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    """Groups of Django's own auth app; taking the migration back leaves them, as people may stand in them."""

    dependencies = (("kernel", "0001_audit_trail"), ("auth", "0012_alter_user_first_name_max_length"))

    operations = (migrations.RunPython(make_roles, migrations.RunPython.noop),)
