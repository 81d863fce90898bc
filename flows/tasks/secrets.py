"""The secret inputs of one root run: which values must never be seen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flows.tasks.inputs import InputSpec, secret_values_of
from flows.tasks.redact import Redactor


class RunSecrets:
    """Grows as the run goes on. Shared by everything that shows or keeps what the run says.

    ``started`` holds what the runs of the tree were started with. It grows with the journal alone, so that a script
    that runs again sees its texts masked as before (R37). ``met`` has also what calls gave to tasks and child flows.
    """

    def __init__(self, flows: Mapping[str, Sequence[InputSpec]]) -> None:
        """``flows`` are the declared inputs of every flow that the run can reach."""
        self._flows = flows
        self.started: frozenset[str] = frozenset()
        self.met: frozenset[str] = frozenset()
        self._redactor = Redactor()

    def run_started(self, flow: str, inputs: Mapping[str, Any]) -> None:
        """A run of the tree has these inputs; called in the order of the journal."""
        found = self.of_flow(flow, inputs)
        self.started |= found
        self.meet(found)

    def meet(self, values: Iterable[str]) -> None:
        """Mask these in everything that comes from now on, but for what scripts say of themselves."""
        met = self.met | frozenset(values)
        if met != self.met:
            self.met, self._redactor = met, Redactor(inputs=met)

    def declared(self, flow: str) -> Sequence[InputSpec]:
        """The declared inputs of a flow."""
        return self._flows.get(flow, ())

    def of_flow(self, flow: str, inputs: Mapping[str, Any]) -> frozenset[str]:
        """The values of a flow's secret inputs among these."""
        return secret_values_of(self.declared(flow), inputs)

    @property
    def redactor(self) -> Redactor:
        """Masks all that was met so far."""
        return self._redactor
