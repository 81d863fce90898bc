"""Reads the inventory: the elements of a target with their effective context, in a fixed number of queries."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from elements.context import Layer, Origin, context_with_origins, effective_context, merged, nested
from elements.models import Credential, Element, Elements, Group, Profile, Setting
from elements.naturalsort import natural_key
from elements.secrets import reveal
from elements.selection import FilterProblem, ValueTooLong, hold_all, parse_filters
from flowsite.kernel.encryption import EncryptionProblem
from flowsite.kernel.errors import InvalidRequest

log = logging.getLogger(__name__)

ElementDict = dict[str, Any]
"""One element as scripts see it: id, name, address, profile, groups (by name), context (R1)."""

#: More names than this are looked up in Python: databases bound the parameters of a query.
_MAX_NAMES_IN_QUERY = 500


class TargetProblem(InvalidRequest):
    """A target selects nothing that could be meant: an unknown profile or group, a bad filter, no target at all."""

    code = "target"


class NotInTarget(InvalidRequest):
    """A start was narrowed to names that the target does not select (R3)."""

    code = "not_in_target"


@dataclass(frozen=True, slots=True)
class Reached:
    """An element with what it takes to reach it. ``secret`` holds values in the clear: keep it out of every text.

    ``problem`` says why the credential cannot be opened; it is the element's own, others are reached.
    """

    element: ElementDict
    connection: Mapping[str, Any]
    credential: str | None = None
    credential_type: str | None = None
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    problem: str = ""


def select_elements(target: Mapping[str, Any] | None, narrowed: Sequence[str] | None = None) -> list[ElementDict]:
    """The enabled elements that the target selects, in natural order of their names (R3).

    ``target`` has ``profile``, ``groups``, ``filters``, or ``all``; a flow without one takes the ``narrowed`` names
    alone. Raises ``TargetProblem`` and ``NotInTarget``. At most 7 queries, one more where it refuses names; 10,000
    elements take about half a second.
    """
    if not target and narrowed is None:
        raise TargetProblem("This flow has no target: name the elements to run it on (--elements a,b).")
    try:
        filters = parse_filters((target or {}).get("filters") or ())
        found = [item for item in _dicts(_candidates(target or {}), _wanted(narrowed)) if hold_all(filters, item)]
    except (FilterProblem, ValueTooLong) as problem:
        raise TargetProblem(str(problem), fields={"target.filters": [str(problem)]}) from None
    if narrowed is not None:
        _refuse_names_outside(narrowed, found)
    return sorted(found, key=lambda item: natural_key(item["name"]))


def selected_names(target: Mapping[str, Any] | None) -> list[str]:
    """The names of what ``select_elements`` selects, with the same refusals.

    Only filters need contexts: without one it takes at most 3 queries, and a tenth of the time.
    """
    if not target or target.get("filters"):
        return [item["name"] for item in select_elements(target)]
    return sorted(_candidates(target).order_by().values_list("name", flat=True), key=natural_key)


def element_dicts(names: Iterable[str]) -> dict[str, ElementDict]:
    """The enabled elements with these names, by name; names that are none are left out. At most 5 queries."""
    return {item["name"]: item for item in _dicts(Element.objects.enabled(), frozenset(names))}


def reached_elements(names: Iterable[str]) -> dict[str, Reached]:
    """The enabled elements with these names, with connection and opened credential, by name. At most 7 queries."""
    items = element_dicts(names)
    wanted = {item["profile"] for item in items.values()}
    profiles = {profile.name: profile for profile in Profile.objects.filter(name__in=wanted)}
    credentials = Credential.objects.in_bulk({profile.credential_id for profile in profiles.values()} - {None})
    secrets = {key: _opened(credential) for key, credential in credentials.items()}
    return {name: _reached(item, profiles[item["profile"]], credentials, secrets) for name, item in items.items()}


def secret_values() -> frozenset[str]:
    """The values of all stored credentials in the clear, to be masked; the names of users are no secrets. One query.

    A credential that cannot be opened is left out and logged: nothing can use it, so nothing is likely to show it.
    """
    found: set[str] = set()
    for credential in Credential.objects.all():
        values, problem = _opened(credential)
        if problem:
            log.warning("its values are not masked in outputs: %s", problem)
        found.update(value for name, value in values.items() if name != "username")
    return frozenset(found)


def origins_of(element: Element) -> list[Origin]:
    """Every value of this element's effective context with the layer it comes from, by key. At most 3 queries."""
    groups = element.groups.order_by("priority", "name")
    return context_with_origins(
        [
            Layer(f"profile {element.profile.name}", element.profile.context),
            *(Layer(f"group {group.name}", group.context) for group in groups),
            Layer("own setting", {setting.key: setting.value for setting in element.settings.all()}),
        ]
    )


# --- selecting --------------------------------------------------------------------------------------------------


def _candidates(target: Mapping[str, Any]) -> Elements:
    elements = Element.objects.enabled()
    if target.get("profile"):
        _refuse_unknown("profile", [target["profile"]], Profile.objects.values_list("name", flat=True))
        elements = elements.of_profile(target["profile"])
    if target.get("groups"):
        _refuse_unknown("group", target["groups"], Group.objects.values_list("name", flat=True))
        elements = elements.in_any_group(target["groups"])
    return elements


def _wanted(narrowed: Sequence[str] | None) -> frozenset[str] | None:
    return None if narrowed is None else frozenset(narrowed)


def _refuse_unknown(kind: str, names: Sequence[str], known: Iterable[str]) -> None:
    existing = set(known)
    for name in names:
        if name not in existing:
            raise TargetProblem(f"target: there is no {kind} {name!r}{_hint(name, existing)}")


def _refuse_names_outside(narrowed: Sequence[str], found: Sequence[ElementDict]) -> None:
    selected = {item["name"] for item in found}
    outside = [name for name in dict.fromkeys(narrowed) if name not in selected]
    if outside:
        raise NotInTarget(" ".join(_why_outside(outside)), fields={"elements": outside[:100]})


def _why_outside(names: Sequence[str]) -> Iterator[str]:
    """A sentence for each reason why the target does not select these names. One query."""
    is_enabled = dict(Element.objects.order_by().values_list("name", "enabled"))
    unknown = [name for name in names if name not in is_enabled]
    disabled = [name for name in names if is_enabled.get(name) is False]
    unselected = [name for name in names if is_enabled.get(name)]
    if len(unknown) == 1:
        hint = _hint(unknown[0], [name for name, enabled in is_enabled.items() if enabled])
        yield f"There is no element {unknown[0]}{hint or ': correct the name.'}"
    elif unknown:
        yield f"There are no elements {_shown(unknown)}: correct the names."
    if disabled:
        yield f"Not enabled: {_shown(disabled)}. Enable what is to run, or leave these names out."
    if unselected:
        yield f"Not selected by the target: {_shown(unselected)}. Leave these names out, or change the target."


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


# --- reading ----------------------------------------------------------------------------------------------------


def _dicts(elements: Elements, names: frozenset[str] | None) -> list[ElementDict]:
    """Each element once, in no particular order, in at most 5 queries."""
    if names is not None and len(names) <= _MAX_NAMES_IN_QUERY:
        elements = elements.filter(name__in=names)
    rows = elements.order_by().values_list("pk", "name", "address", "profile__name", "profile_id")
    chosen = [row for row in rows if names is None or row[1] in names]
    if not chosen:
        return []
    contexts = _Contexts.of(elements)
    return [
        {
            "id": pk,
            "name": name,
            "address": address,
            "profile": profile,
            "groups": contexts.group_names(pk),
            "context": contexts.of_element(pk, profile_id),
        }
        for pk, name, address, profile, profile_id in chosen
    ]


@dataclass(slots=True)
class _Contexts:
    """The layers of many elements. Profile and groups are merged once for each combination that occurs."""

    profiles: Mapping[int, Mapping[str, Any]]
    groups: Mapping[int, tuple[str, Mapping[str, Any]]]
    members: Mapping[int, list[int]]
    settings: Mapping[int, dict[str, Any]]
    bases: dict[tuple[int, ...], dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, elements: Elements) -> "_Contexts":
        """Read them in 4 queries: profiles, groups, who belongs to which group, settings."""
        chosen = elements.order_by().values("pk")
        groups = Group.objects.order_by("priority", "name").values_list("pk", "name", "context")
        known = {pk: (name, context) for pk, name, context in groups}
        strength = {pk: index for index, pk in enumerate(known)}
        members: dict[int, list[int]] = defaultdict(list)
        memberships = Element.groups.through.objects.filter(element_id__in=chosen)
        for element_id, group_id in memberships.values_list("element_id", "group_id"):
            members[element_id].append(group_id)
        for group_ids in members.values():
            group_ids.sort(key=strength.__getitem__)
        settings: dict[int, dict[str, Any]] = defaultdict(dict)
        own = Setting.objects.filter(element_id__in=chosen).order_by()
        for element_id, key, value in own.values_list("element_id", "key", "value"):
            settings[element_id][key] = value
        return cls(dict(Profile.objects.values_list("pk", "context")), known, members, settings)

    def group_names(self, element: int) -> list[str]:
        """Sorted by name."""
        return sorted(self.groups[group][0] for group in self.members.get(element, ()))

    def of_element(self, element: int, profile: int) -> dict[str, Any]:
        """The effective context (R42)."""
        combination = (profile, *self.members.get(element, ()))
        if combination not in self.bases:
            layers = [self.profiles[profile], *(self.groups[group][1] for group in combination[1:])]
            self.bases[combination] = effective_context(layers)
        return merged(self.bases[combination], nested(self.settings.get(element, {})))


def _opened(credential: Credential) -> tuple[dict[str, str], str]:
    """The credential's values, or why they cannot be read."""
    try:
        return reveal(credential), ""
    except EncryptionProblem as problem:
        return {}, f"credential {credential.name!r}: {problem.message}"


def _reached(
    item: ElementDict,
    profile: Profile,
    credentials: Mapping[int, Credential],
    secrets: Mapping[int, tuple[Mapping[str, str], str]],
) -> Reached:
    if profile.credential_id is None:
        return Reached(item, profile.connection)
    credential = credentials[profile.credential_id]
    secret, problem = secrets[profile.credential_id]
    return Reached(item, profile.connection, credential.name, credential.type, secret, problem)
