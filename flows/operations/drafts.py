"""Drafts of flows: begun, saved over the revision that the author saw, published or discarded."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from flows.keys.flow import DEFAULT_CONCURRENCY
from flows.models.draft import DRAFT_KEYS, FlowDraft, draft_of, keys_of_version, new_definition
from flows.models.flow import Flow, FlowVersion
from flows.operations.catalog import Published, publish_flow
from flows.operations.naming import NameTaken, past_owner, refuse_misspelled
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import Conflict, InvalidRequest, NotFound

SCRIPTS: Final = ("processing_script", "execution_script")
MAX_NOTE: Final = 2000


class DraftChanged(Conflict):
    """Somebody else wrote since; ``draft`` is what is stored now, so that nobody's work is lost."""

    code = "draft_changed"

    def __init__(self, draft: FlowDraft, revision: int) -> None:
        at = f"{draft.written_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        if not draft.is_stored:
            what = "the draft was published or discarded since"
        else:
            what = f"{draft.written_by} saved this draft at {at}: its revision is {draft.revision}"
        super().__init__(f"{what}, you changed revision {revision}. Take theirs, or save yours over theirs")
        self.draft = draft


class PublishedSince(Conflict):
    """A version was published that the draft's author has not begun from."""

    code = "published_since"

    def __init__(self, newest: FlowVersion, base: int | None) -> None:
        begun = f"on version {base}" if base else "before there was a version"
        super().__init__(
            f"{newest.published_by} published version {newest.number}; this draft was begun {begun}. Compare them, "
            f"then publish over version {newest.number}"
        )


class FlowNameTaken(Conflict):
    """Another flow has this name."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a flow {name!r} already; choose another name", fields={"name": ["taken"]})


class FlowNameFixed(InvalidRequest):
    """A published flow was to be renamed."""

    code = "name_fixed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"this flow is published as {name!r} and keeps its name; leave the name out or as it is",
            fields={"name": [f"expected {name!r}"]},
        )


class NoDraft(Conflict):
    """There is no draft to be published or discarded."""

    code = "no_draft"


@transaction.atomic
def create_draft(*, name: str, mode: str = "serial", by: Actor) -> FlowDraft:
    """A new flow that has a draft and no version yet; the name of an archived flow may be used again.

    Raises ``FlowNameTaken`` and ``InvalidRequest``.
    """
    require(by, "flow.publish")
    if mode not in DEFAULT_CONCURRENCY:
        message = f"is {mode!r}, expected one of {', '.join(DEFAULT_CONCURRENCY)}"
        raise InvalidRequest(f"mode {message}", fields={"mode": [message]})
    _refuse_name(name)
    flow, created = Flow.objects.select_for_update().get_or_create(name=name)
    if not created and (not flow.archived or FlowDraft.objects.filter(flow=flow).exists()):
        raise FlowNameTaken(name)
    base = FlowVersion.objects.filter(flow=flow).order_by("-number").values_list("number", flat=True).first()
    draft = FlowDraft.objects.create(
        flow=flow,
        definition=new_definition(mode),
        base_version=base,
        revision=flow.last_revision + 1,
        written_by=by.get_username(),
        written_at=timezone.now(),
    )
    audit.record(by, "created draft", "flow", name, {"mode": mode})
    return draft


@transaction.atomic
def save_draft(
    *, flow: int, revision: int, changes: Mapping[str, Any], base_version: int | None = None, by: Actor
) -> FlowDraft:
    """Lay ``changes`` (keys of the flow's document) over the draft; nothing of them is checked but a new name.

    ``revision`` is the one that was changed, 0 where there was no draft: then one begins from the current version,
    which must be ``base_version`` if that is given. Raises ``DraftChanged``. The very same save twice is one save.
    """
    require(by, "flow.publish")
    draft = draft_of(editable_flow(flow))
    follows = (revision or draft.flow.last_revision) + 1
    if draft.revision == follows and draft.written_by == by.get_username() and _holds(draft, changes):
        return draft
    began_elsewhere = not draft.is_stored and base_version is not None and base_version != draft.base_version
    if draft.revision != revision or began_elsewhere:
        raise DraftChanged(draft, revision)
    if _holds(draft, changes):
        return draft
    _rename(draft, changes.get("name", draft.flow.name))
    draft.definition = {**draft.definition, **{key: changes[key] for key in DRAFT_KEYS if key in changes}}
    for key in SCRIPTS:
        setattr(draft, key, changes.get(key, getattr(draft, key)))
    draft.written_by, draft.written_at = by.get_username(), timezone.now()
    return _stored(draft, revision)


@transaction.atomic
def restore_version(*, flow: int, revision: int, version: int, by: Actor) -> FlowDraft:
    """Make the draft of this revision what the version was, whole; nothing is published.

    Raises ``DraftChanged``, and ``NotFound`` for a version that there is not.
    """
    require(by, "flow.publish")
    row = editable_flow(flow)
    found = FlowVersion.objects.filter(flow=row, number=version).first()
    if found is None:
        raise NotFound(f"{row.name} has no version {version}", fields={"version": ["unknown"]})
    draft = save_draft(flow=flow, revision=revision, changes=keys_of_version(found), by=by)
    audit.record(by, "restored", "flow", row.name, {"version": version})
    return draft


@transaction.atomic
def discard_draft(*, flow: int, revision: int | None = None, by: Actor) -> None:
    """Forget the draft; a flow that never had a version goes with it. Raises ``NoDraft``, ``Conflict``.

    With ``revision``, that of the draft that was seen, nobody forgets what somebody else has saved since.
    """
    require(by, "flow.publish")
    row = editable_flow(flow)
    if revision is not None:
        seen_draft(flow=flow, revision=revision)
    if not _close(row):
        raise NoDraft(f"{row.name} has no draft that could be discarded")
    if not FlowVersion.objects.filter(flow=row).exists():
        _forget(row)
    audit.record(by, "discarded draft", "flow", row.name)


def draft_at(*, flow: int, revision: int) -> FlowDraft:
    """The draft at this revision, to be published. Raises ``DraftChanged``, ``NoDraft``."""
    draft = seen_draft(flow=flow, revision=revision)
    if not draft.is_stored:
        raise NoDraft(f"{draft.flow.name} has no changes that could be published")
    return draft


def seen_draft(*, flow: int, revision: int) -> FlowDraft:
    """The draft at this revision; with 0 the current version, as long as there is no draft. Raises ``DraftChanged``."""
    draft = draft_of(editable_flow(flow))
    if draft.revision != revision:
        raise DraftChanged(draft, revision)
    return draft


def editable_flow(flow: int) -> Flow:
    """The flow, unless it is archived and has no draft either."""
    found = Flow.objects.listed().filter(pk=flow).first()
    if found is None:
        raise NotFound(f"there is no flow with the id {flow}")
    return found


@transaction.atomic
def publish_draft(
    *,
    flow: int,
    revision: int,
    values: Mapping[str, Any],
    note: str = "",
    over_version: int | None = None,
    by: Actor,
) -> Published:
    """Publish the draft of this revision and forget it; ``values`` are its keys in normal form.

    A version that was published since the draft began is not replaced unless it is named: ``over_version``.
    Raises ``DraftChanged``, ``NoDraft``, ``PublishedSince``, ``NotPublishable``.
    """
    require(by, "flow.publish")
    Flow.objects.select_for_update().filter(pk=flow).first()
    draft = draft_at(flow=flow, revision=revision)
    newest = FlowVersion.objects.filter(flow=flow).order_by("-number").first()
    if newest is not None and newest.number not in (draft.base_version, over_version):
        raise PublishedSince(newest, draft.base_version)
    if not _close(draft.flow, revision):
        raise DraftChanged(draft_of(draft.flow), revision)
    return publish_flow(
        name=draft.flow.name,
        definition={key: value for key, value in values.items() if key not in ("name", *SCRIPTS)},
        processing_script=values["processing_script"],
        execution_script=values["execution_script"],
        note=note[:MAX_NOTE],
        by=by,
    )


def _holds(draft: FlowDraft, changes: Mapping[str, Any]) -> bool:
    keys = draft.keys()
    return all(keys[key] == value for key, value in changes.items())


def _rename(draft: FlowDraft, name: str) -> None:
    flow = draft.flow
    if name == flow.name:
        return
    if FlowVersion.objects.filter(flow=flow).exists():
        raise FlowNameFixed(flow.name)
    _refuse_name(name)
    flow.name = name
    try:
        with transaction.atomic():
            flow.save(update_fields=["name"])
    except IntegrityError:
        raise FlowNameTaken(name) from None


def _refuse_name(name: str) -> None:
    refuse_misspelled(name)
    told = past_owner("flow", name)
    if told:
        raise NameTaken(told)


def _stored(draft: FlowDraft, revision: int) -> FlowDraft:
    """Write it if nobody was faster."""
    draft.revision = revision + 1
    if not draft.is_stored:
        draft.revision = Flow.objects.select_for_update().get(pk=draft.flow_id).last_revision + 1
        try:
            with transaction.atomic():
                draft.save(force_insert=True)
        except IntegrityError:
            raise DraftChanged(draft_of(draft.flow), revision) from None
        return draft
    changed = ("definition", *SCRIPTS, "written_by", "written_at", "revision")
    mine = FlowDraft.objects.filter(pk=draft.pk, revision=revision)
    if not mine.update(**{name: getattr(draft, name) for name in changed}):
        raise DraftChanged(draft_of(draft.flow), revision)
    return draft


def _close(flow: Flow, revision: int | None = None) -> bool:
    """Delete the draft, if it is at this revision, and remember how far it came. False where there is none."""
    at = {} if revision is None else {"revision": revision}
    draft = FlowDraft.objects.select_for_update().filter(flow=flow, **at).first()
    if draft is None:
        return False
    Flow.objects.filter(pk=flow.pk).update(last_revision=draft.revision)
    draft.delete()
    return True


def _forget(flow: Flow) -> None:
    try:
        flow.delete()
    except ProtectedError as error:
        used = ", ".join(sorted(str(item) for item in error.protected_objects))
        raise Conflict(f"{flow.name} was never published and is used by {used}: delete that first") from error
