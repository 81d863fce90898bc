"""What the pages of tasks and flows say after a renaming, and why there was none."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from flows.operations.archiving import StillInUse
from flows.operations.naming import NameTaken
from flows.operations.renaming import Renamed
from flowsite.kernel.errors import InvalidRequest


def tell_renamed(request: HttpRequest, kind: str, rename: Callable[[str], Renamed]) -> None:
    """Rename to the name that was sent; the next page tells what came of it."""
    try:
        renamed = rename(request.POST.get("name", "").strip())
    except StillInUse as refused:
        messages.error(request, refused.in_a_sentence)
    except (NameTaken, InvalidRequest) as refused:
        messages.error(request, f"It keeps its name: {refused.message}.")
    else:
        messages.success(request, f"{kind} {renamed.old} is {renamed.new} now.{_of_drafts(renamed)}")


def _of_drafts(renamed: Renamed) -> str:
    told = ""
    if renamed.rewritten:
        told += f" Rewritten: the drafts of {', '.join(renamed.rewritten)}."
    if renamed.left:
        names = ", ".join(dict.fromkeys(place.name for place in renamed.left))
        told += f" Not rewritten, because they cannot be read: the drafts of {names}; put the new name there yourself."
    return told
