"""How each word of the language is called: its arguments and its options (R4, R9, R10, R11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a word takes by its place; ``needs`` says in words what it must be, ``kind`` for the check."""

    name: str
    needs: str
    kind: Literal["name", "text", "seconds", "anything", "list", "function"] = "text"
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Signature:
    """Arguments by place, by name too where ``by_keyword``; ``options`` by name only, with what each must be."""

    parameters: tuple[Parameter, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    takes_inputs: bool = False
    by_keyword: bool = True

    @property
    def keywords(self) -> frozenset[str]:
        """What may be given by name, inputs aside."""
        return frozenset(self.options) | {p.name for p in self.parameters if self.by_keyword}

    def written(self, word: str) -> str:
        """The call as an example of itself: ``sleep(seconds)``."""
        names = [parameter.name for parameter in self.parameters]
        return f"{word}({', '.join([*names, '...'] if self.options else names)})"


_CHECK: Final = {"check": "True or False"}
_ELEMENTS: Final = Parameter("elements", "a list of elements", "list")
_MESSAGE: Final = Parameter("message", "the message", "anything")
_SETTING: Final = (Parameter("key", "the setting's key"), Parameter("value", "a JSON value", "anything"))

SIGNATURES: Final[Mapping[str, Signature]] = MappingProxyType(
    {
        "run_task": Signature(
            (Parameter("name", "the task's name", "name"),),
            {
                **_CHECK,
                "timeout": "a number of seconds above 0, or None",
                "retries": "a whole number from 0, or None",
                "element": "an element or its name",
            },
            takes_inputs=True,
            by_keyword=False,
        ),
        "run_flow": Signature(
            (Parameter("name", "the flow's name", "name"),),
            {**_CHECK, "elements": "a list of elements or names"},
            takes_inputs=True,
            by_keyword=False,
        ),
        "sleep": Signature((Parameter("seconds", "a number of seconds, 0 or more", "seconds"),)),
        "approve": Signature((_MESSAGE,), {**_CHECK, "timeout": "a number of seconds above 0"}),
        "set_context": Signature(_SETTING),
        "get_context": Signature(()),
        "log": Signature((_MESSAGE,)),
        "fail": Signature((_MESSAGE,)),
        "finish": Signature((Parameter("message", "the message", "anything", is_required=False),)),
        "abort": Signature((_MESSAGE,)),
        "order_flow_elements": Signature(
            (
                _ELEMENTS,
                Parameter("key", "a function of an element", "function"),
                Parameter("reverse", "True or False", "anything", is_required=False),
            )
        ),
        "filter_flow_elements": Signature((_ELEMENTS, Parameter("predicate", "a function of an element", "function"))),
    }
)
