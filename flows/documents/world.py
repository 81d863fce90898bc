"""What documents may refer to: everything that is stored, and everything that is defined beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.documents.document import Document
from flows.keys.called import inputs_by_name
from flows.tasks.inputs import InputSpec

Inputs = Mapping[str, InputSpec]


@dataclass(frozen=True, slots=True)
class World:
    """Names, with what a reference to each must know of it.

    ``credentials`` have their type, ``profiles`` the type of their connection, ``tasks`` and ``flows`` their declared
    inputs by name, ``scripts`` the execution script of each flow. ``is_partial`` says that some of it could
    not be read, so that missing inputs prove nothing.
    """

    credentials: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    tasks: Mapping[str, Inputs] = field(default_factory=dict)
    flows: Mapping[str, Inputs] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    is_partial: bool = False

    def with_documents(self, documents: Iterable[Document]) -> "World":
        """The world as it will be when these documents are stored."""
        of_kind: dict[str, dict[str, Mapping[str, Any]]] = {}
        for document in documents:
            of_kind.setdefault(document.kind, {})[document.name] = document.values
        credentials, profiles = of_kind.get("Credential", {}), of_kind.get("Profile", {})
        tasks, flows = of_kind.get("Task", {}), of_kind.get("Flow", {})
        return World(
            credentials={**self.credentials, **{name: values["type"] for name, values in credentials.items()}},
            profiles={**self.profiles, **{name: values["connection"]["type"] for name, values in profiles.items()}},
            groups=self.groups | of_kind.get("Group", {}).keys(),
            tasks={**self.tasks, **{name: inputs_by_name(values) for name, values in tasks.items()}},
            flows={**self.flows, **{name: inputs_by_name(values) for name, values in flows.items()}},
            scripts={**self.scripts, **{name: values["execution_script"] for name, values in flows.items()}},
            is_partial=self.is_partial,
        )

    def with_names(self, names: Iterable[tuple[str, str]]) -> "World":
        """The world with documents of which only kind and name are known, because something else in them is wrong."""
        of_kind: dict[str, list[str]] = {}
        for kind, name in names:
            of_kind.setdefault(kind, []).append(name)
        if not of_kind:
            return self
        return World(
            credentials={**dict.fromkeys(of_kind.get("Credential", ()), "ssh_key"), **self.credentials},
            profiles={**dict.fromkeys(of_kind.get("Profile", ()), "local"), **self.profiles},
            groups=self.groups.union(of_kind.get("Group", ())),
            tasks={**{name: {} for name in of_kind.get("Task", ())}, **self.tasks},
            flows={**{name: {} for name in of_kind.get("Flow", ())}, **self.flows},
            scripts=self.scripts,
            is_partial=True,
        )
