#!/usr/bin/env python
"""The command line: ``python manage.py help`` lists what it can do."""

import os
import sys


def main() -> None:
    """Run one management command; a setting or a database that cannot be used is one line and exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowsite.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    from flowsite.kernel.environment import EnvironmentProblem, database_problem
    from flowsite.kernel.keyfile import KeyFileProblem

    try:
        execute_from_command_line(sys.argv)
    except (EnvironmentProblem, KeyFileProblem) as problem:
        sys.exit(f"manage.py: {problem}")
    except DatabaseError as problem:
        if "--traceback" in sys.argv or (told := database_problem(problem)) is None:
            raise
        sys.exit(f"manage.py: {told}")


if __name__ == "__main__":
    main()
