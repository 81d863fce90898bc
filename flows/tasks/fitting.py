"""What starts and calls give, against the inputs that a flow is about to declare: told by name, never by value."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.tasks.inputs import InputRefused, InputSpec, check_inputs


@dataclass(frozen=True, slots=True)
class Misfit:
    """Inputs that are ``missing``, ``unknown`` or ``wrong``: these with the type that is expected, in words."""

    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything does not fit."""
        return bool(self.missing or self.unknown or self.wrong)


def misfit(declared: Sequence[InputSpec], given: Mapping[str, Any], computed: Collection[str] = ()) -> Misfit:
    """What would keep these values from being taken; ``computed`` are given too, with values that only a run knows.

    Whether elements exist is not asked.
    """
    names = {spec.name for spec in declared}
    refused = [spec for spec in declared if spec.name not in computed and _refuses(spec, given)]
    return Misfit(
        missing=tuple(spec.name for spec in refused if given.get(spec.name) is None and spec.default is None),
        unknown=tuple(name for name in (*given, *computed) if name not in names),
        wrong=tuple((spec.name, spec.expected) for spec in refused if given.get(spec.name) is not None),
    )


def _refuses(spec: InputSpec, given: Mapping[str, Any]) -> bool:
    try:
        check_inputs([spec], given)
    except InputRefused:
        return True
    return False
