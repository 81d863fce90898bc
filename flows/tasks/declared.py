"""Reading the declared inputs of tasks and flows from the keys of their documents."""

from flows.tasks.inputs import ANY, INPUT_TYPES, ITEM_TYPES, InputSpec
from flows.tasks.reading import Reader


def read_inputs(reader: Reader) -> tuple[InputSpec, ...]:
    """The declared inputs under ``inputs``; problems are noted in the reader."""
    specs: list[InputSpec] = []
    for item in reader.items("inputs"):
        spec = _read_input(item)
        if spec.name in {other.name for other in specs}:
            item.problem("name", spec.name, "a name that no other input has")
        item.finish()
        specs.append(spec)
    return tuple(specs)


def _read_input(item: Reader) -> InputSpec:
    name = item.word("name")
    kind = item.choice("type", INPUT_TYPES, default=ANY)
    of = "" if item.is_blank("of") else item.choice("of", ITEM_TYPES, default="")
    spec = InputSpec(
        name=name,
        type=kind,
        required=item.flag("required"),
        default=item.take("default"),
        choices=_choices(item, is_wanted="choice" in (kind, of)),
        of=of if kind == "list" else "",
        description="" if item.is_blank("description") else item.text("description"),
    )
    if of and kind != "list":
        item.problem("of", of, "none: only a list has a type of its items")
    _check_default(item, spec)
    return spec


def _choices(item: Reader, *, is_wanted: bool) -> tuple[str, ...]:
    value = item.take("choices")
    if not is_wanted:
        if not item.is_blank("choices"):
            item.problem("choices", value, "none: only a choice, or a list of choices, has them")
        return ()
    fine = isinstance(value, list | tuple) and all(isinstance(choice, str) and choice.strip() for choice in value)
    if fine and value and len(set(value)) == len(value):
        return tuple(value)
    item.problem("choices", value, "a list of different texts, at least one, such as [blue, green]")
    return ()


def _check_default(item: Reader, spec: InputSpec) -> None:
    if spec.default is None:
        return
    if spec.type == "secret":
        item.refuse("default", "is given, expected none: anybody could read it; give the secret at the start")
    elif spec.type == "choice" and not spec.choices:
        return  # its choices have a problem already
    elif not spec.accepts(spec.default):
        item.problem("default", spec.default, spec.expected)
