"""Inputs at rest: those that hold a secret are shown as ``•••`` and kept encrypted beside what is shown.

Whoever shows inputs reads what is shown, and can show nothing else; only who runs them opens the seal.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.models import Run, Schedule
from flows.tasks.inputs import MASKED, InputSpec, secret_values_of
from flows.tasks.parsing import masked_data
from flows.tasks.redact import Redactor
from flowsite.kernel.encryption import decrypt, encrypt


@dataclass(frozen=True, slots=True)
class Sealed:
    """``shown`` has every input; ``token`` the whole values of those that are shown otherwise, b'' if none is."""

    shown: dict[str, Any]
    token: bytes = b""


def seal(declared: Sequence[InputSpec], inputs: Mapping[str, Any], known: Redactor | None = None) -> Sealed:
    """Inputs as they may be stored. Sealed are secret inputs, and what holds one of the ``known`` secrets."""
    known = known or Redactor(inputs=secret_values_of(declared, inputs))
    shown = {known.text(name): masked_data(value, known.text) for name, value in inputs.items()}
    shown |= {spec.name: MASKED for spec in declared if spec.type == "secret" and inputs.get(spec.name) is not None}
    kept = {name: (shown.get(name), value) for name, value in inputs.items() if shown.get(name) != value}
    return Sealed(shown, encrypt(json.dumps(kept).encode()) if kept else b"")


def opened(shown: Mapping[str, Any], token: bytes | memoryview) -> dict[str, Any]:
    """The inputs as they were given; what is no longer shown as it was sealed has been replaced since.

    Raises ``EncryptionProblem`` under another key.
    """
    kept = json.loads(decrypt(bytes(token))) if token else {}
    found = {name: value for name, (masked, value) in kept.items() if shown.get(name) == masked}
    return {**shown, **found}


def inputs_of_run(run: Run) -> dict[str, Any]:
    """What the run was started with, secrets included: keep it out of every text."""
    return opened(run.inputs, run.sealed_inputs)


def inputs_of_schedule(schedule: Schedule) -> dict[str, Any]:
    """What the schedule starts with, secrets included: keep it out of every text."""
    return opened(schedule.inputs, schedule.sealed_inputs)


def tokens_of_tree(root: int) -> dict[int, bytes]:
    """The seals of a root run and its children, by the number of the run; those without are left out. One query."""
    rows = Run.objects.tree_of(root).exclude(sealed_inputs=b"").values_list("number", "sealed_inputs")
    return {number: bytes(token) for number, token in rows}
