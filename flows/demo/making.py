"""Makes the demo content, all of it or nothing, and puts it back as it was."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from elements.operations import remove_settings
from flows.demo.account import make_login
from flows.demo.content import AUTHOR, LOGIN, Piece, Standing, demo_pieces, is_login_ours
from flows.demo.fleet import write_state
from flows.models import Run
from flows.operations.apply import write_documents
from flows.operations.runs import start_run
from flowsite.kernel.errors import Conflict
from flowsite.kernel.models import AuditEntry

#: The runs that a first start begins, so that there is something to look at.
FIRST_RUNS = ("Hello fleet", "Rolling restart, leader last", "One will fail")
FIRST_REASON = "First start of the demo"


class DemoNameTaken(Conflict):
    """Objects of somebody else have names that the demo uses."""

    code = "demo_name_taken"

    def __init__(self, taken: Sequence[str]) -> None:
        super().__init__(
            f"the demo cannot be made, because names that it uses are taken: {', '.join(taken)}. "
            f"Rename or remove these, or try the demo with another FLOWSITE_DATA_DIR."
        )


@dataclass(frozen=True, slots=True)
class Made:
    """What making did: a line for each object, and the password if the account was made."""

    lines: Sequence[str]
    password: str | None


def is_first_start() -> bool:
    """True while nobody has done anything here: nothing is audited and there is no account."""
    return not AuditEntry.objects.exists() and not User.objects.exists()


@transaction.atomic
def make_demo(*, reset: bool = False) -> Made:
    """Create what is missing; what users changed stays as it is, or is put back with ``reset``.

    The first time it queues three runs. Raises ``DemoNameTaken`` and then has done nothing.
    """
    # The account comes first: the schedules run as it.
    is_new = not User.objects.filter(username=LOGIN).exists()
    password = make_login() if is_new else None
    pieces = demo_pieces()
    _refuse_taken_names(pieces)
    wanted = [piece for piece in pieces if piece.standing is Standing.MISSING or (reset and piece.is_ours)]
    lines = _write(wanted) + [
        f"left as it is: {piece}, which was changed; --reset puts it back"
        for piece in pieces
        if piece.standing is Standing.CHANGED and not reset
    ]
    for piece in pieces:
        if piece.kind == "Element":
            write_state(piece.name, piece.values["settings"], anew=reset)
    if is_new:
        lines += _begin_first_runs()
    return Made(lines, password)


def _refuse_taken_names(pieces: Sequence[Piece]) -> None:
    taken = [str(piece) for piece in pieces if piece.standing is Standing.FOREIGN]
    if not is_login_ours():
        taken.append(f"User {LOGIN!r}")
    if taken:
        raise DemoNameTaken(taken)


def _write(pieces: Sequence[Piece]) -> list[str]:
    """Store them, and take from the elements the settings that they did not have."""
    answers = write_documents(documents=[(piece.kind, piece.values) for piece in pieces], by=AUTHOR)
    for piece in pieces:
        added = (piece.stored or {}).get("settings", {}).keys() - piece.values.get("settings", {}).keys()
        if added:
            remove_settings(element=piece.name, keys=sorted(added), by=AUTHOR)
    return [f"{answer} {piece}" for piece, answer in zip(pieces, answers, strict=True)]


def _begin_first_runs() -> list[str]:
    user = User.objects.get(username=LOGIN)
    wanted = [name for name in FIRST_RUNS if not Run.objects.filter(flow_name=name).exists()]
    runs = [start_run(flow=name, by=user, reason=FIRST_REASON) for name in wanted]
    return [f"queued run {run.pk} of {run.flow_name!r}" for run in runs]
