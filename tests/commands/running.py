"""Runs management commands in this process, as a shell would."""

from dataclasses import dataclass
from io import StringIO

from django.core.management import call_command


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command printed, and the code with which it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Lines of stdout."""
        return self.out.splitlines()


def manage(*words: str) -> Ended:
    """``manage.py`` with these words."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as ended:
        return Ended(int(ended.code or 0), out.getvalue(), err.getvalue())
    return Ended(0, out.getvalue(), err.getvalue())
