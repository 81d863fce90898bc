"""Examples of calls: those of the calls that change something are written by hand and can be sent as they stand, in
this order, to a new installation; of others they are made from the description."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A query with its question mark, and a body; None for one made from the description."""

    query: str = ""
    body: Any = None


_SCRIPT = 'run_task("Restart service", service=inputs["service"])\nsleep(5)\n'
_SERVICE = {"name": "service", "type": "string", "required": True}
_COMMAND = "systemctl restart {{ inputs.service | quote }}"

EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "credentials_create": Example(
            body={"name": "ops-password", "type": "password", "secret": {"password": "not a real one"}}
        ),
        "profiles_create": Example(
            body={
                "name": "linux",
                "connection": {"type": "ssh", "port": 22, "user": "ops"},
                "credential": "ops-password",
                "context": {"env": "prod"},
            }
        ),
        "groups_create": Example(body={"name": "patroni", "priority": 10, "context": {"cluster": "main"}}),
        "elements_create": Example(
            body={
                "name": "db1",
                "profile": "linux",
                "address": "10.0.0.1",
                "groups": ["patroni"],
                "settings": {"patroni_leader": "replica"},
            }
        ),
        "tasks_create": Example(
            body={"name": "Restart service", "class": "command", "command": _COMMAND, "inputs": [_SERVICE]}
        ),
        "tasks_preview_create": Example(
            body={
                "definition": {"class": "command", "command": _COMMAND, "inputs": [_SERVICE]},
                "element": "db1",
                "inputs": {"service": "postgresql"},
            }
        ),
        "flows_create": Example(
            body={
                "name": "Restart databases",
                "mode": "serial",
                "target": {"profile": "linux", "groups": ["patroni"], "filters": ["env == prod"]},
                "inputs": [{**_SERVICE, "default": "postgresql"}],
                "execution_script": _SCRIPT,
            }
        ),
        "flows_check_create": Example(body={"execution_script": _SCRIPT}),
        "flows_publish_create": Example(body={"concurrency": 1, "error_threshold": 0}),
        "flows_plan_create": Example(body={"inputs": {"service": "postgresql"}, "elements": ["db1"]}),
        "flows_runs_create": Example(
            body={"inputs": {"service": "postgresql"}, "elements": ["db1"], "reason": "security update"}
        ),
        "drafts_create": Example(body={"name": "Check disks", "mode": "parallel"}),
        "drafts_update": Example(body={"revision": 1, "execution_script": 'log("hello")\n'}),
        "drafts_plan_create": Example(body={"keys": {"execution_script": 'log("hello")\n'}, "elements": ["db1"]}),
        "drafts_order_create": Example(body={"keys": {"processing_script": "elements = elements[:3]\n"}, "rows": 20}),
        "drafts_try_create": Example(body={"revision": 2, "elements": ["db1"], "reason": "does it work?"}),
        "drafts_changes_create": Example(body={"keys": {"concurrency": 5}}),
        "drafts_restore_create": Example(body={"revision": 2, "version": 1}),
        "tasks_try_create": Example(
            body={"name": "Restart service", "element": "db1", "inputs": {"service": "postgresql"}}
        ),
        "flows_versions_changes_retrieve": Example(query="?against=1"),
        "drafts_publish_create": Example(body={"revision": 2, "note": "says hello"}),
        "schedules_create": Example(
            body={
                "name": "Sunday restart",
                "flow": "Restart databases",
                "days": ["sun"],
                "times": ["02:00"],
                "timezone": "Europe/Madrid",
                "inputs": {"service": "postgresql"},
                "enabled": True,
            }
        ),
        "scripts_blocks_create": Example(body={"text": _SCRIPT, "script": "execution"}),
        "runs_questions_create": Example(body={"answer": "retry", "comment": "the disk has room again"}),
        "targets_retrieve": Example(query="?profile=linux&groups=patroni"),
        "runs_list": Example(query="?state=failed&state=partial"),
        "elements_list": Example(query="?search=db&page_size=200"),
        "runs_events_retrieve": Example(query="?after=0"),
    }
)

#: A resource is replaced by what it was created from.
_REPLACED = "_update"


def example_call(operation: str) -> Example:
    """The example written for a call; one that replaces an object has that of its creation."""
    written = EXAMPLES.get(operation)
    if written is None and operation.endswith(_REPLACED):
        written = EXAMPLES.get(operation.removesuffix(_REPLACED) + "_create")
    return written or Example()


def example_of(schema: Node, components: Mapping[str, Node]) -> Any:
    """Some value that a schema allows; fields that are only shown are left out."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rsplit("/", 1)[1]], components)
    for key in ("allOf", "oneOf"):
        if schema.get(key):
            return example_of(schema[key][0], components)
    if "default" in schema:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("type") == "object":
        fields = schema.get("properties", {}).items()
        return {name: example_of(node, components) for name, node in fields if not node.get("readOnly")}
    return {"array": [], "integer": 1, "number": 1, "boolean": True, "string": "text"}.get(schema.get("type", ""))
