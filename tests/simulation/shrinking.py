"""A scenario that fails, made simpler as long as it fails the same way."""

import time
from collections.abc import Iterator
from dataclasses import replace

from tests.simulation.program import For, If, Node, Program, Try, While, blocks
from tests.simulation.scenario import CALM, FlowRules, Scenario, Trouble
from tests.simulation.trial import Trial, try_scenario


def shrink(trial: Trial, *, seconds: float = 20.0) -> Trial:
    """The simplest scenario found in this time whose first breach begins like the given one's."""
    until = time.monotonic() + seconds
    kind = _kind(trial)
    deeply = not trial.breaches[0].startswith(("calm", "storm"))
    found = True
    while found:
        found = False
        for simpler in _simpler(trial.scenario):
            if time.monotonic() > until:
                return trial
            again = try_scenario(simpler, deeply=deeply)
            if again.breaches and _kind(again) == kind:
                trial, found = again, True
                break
    return trial


def _kind(trial: Trial) -> str:
    """What a breach is about: its words without numbers and names."""
    words = trial.breaches[0].split()
    return " ".join(word for word in words[:12] if word.isalpha())


def _simpler(scenario: Scenario) -> Iterator[Scenario]:
    """Scenarios with one thing less, the biggest things first."""
    storm = scenario.storm
    if storm != CALM:
        yield replace(scenario, storm=CALM)
    for number in range(len(storm.shifts)):
        yield replace(scenario, storm=replace(storm, shifts=(*storm.shifts[:number], *storm.shifts[number + 1 :])))
    for number in range(len(storm.asked)):
        yield replace(scenario, storm=replace(storm, asked=(*storm.asked[:number], *storm.asked[number + 1 :])))
    if storm.slow_write:
        yield replace(scenario, storm=replace(storm, slow_write=0.0))
    if scenario.trouble != Trouble(even=True):
        yield replace(scenario, trouble=Trouble(even=True))
    for name in list(scenario.contexts)[::-1][: len(scenario.contexts) - 1]:
        yield replace(scenario, contexts={key: value for key, value in scenario.contexts.items() if key != name})
    for number, flow in enumerate(scenario.flows):
        for simpler in _simpler_flows(flow):
            yield replace(scenario, flows=(*scenario.flows[:number], simpler, *scenario.flows[number + 1 :]))


def _simpler_flows(flow: FlowRules) -> Iterator[FlowRules]:
    for program in _simpler_programs(flow.program):
        yield replace(flow, program=program)
    plain = FlowRules(flow.name, flow.mode, flow.program)
    for name in ("refresh", "batches", "soak", "processing", "threshold"):
        if getattr(flow, name) != getattr(plain, name):
            yield replace(flow, **{name: getattr(plain, name)})


def _simpler_programs(program: Program) -> Iterator[Program]:
    """Without one node, or with one node's inner block in its place, or with a simpler block in it."""
    for number, node in enumerate(program):
        before, after = program[:number], program[number + 1 :]
        if len(program) > 1:
            yield (*before, *after)
        for block in blocks(node):
            if block and not isinstance(node, Try):
                yield (*before, *block, *after)
        for simpler in _simpler_nodes(node):
            yield (*before, simpler, *after)


def _simpler_nodes(node: Node) -> Iterator[Node]:
    match node:
        case If():
            yield from (replace(node, then=block) for block in _simpler_programs(node.then))
            yield from (replace(node, otherwise=block) for block in _shorter(node.otherwise))
        case For() | While():
            yield from (replace(node, body=block) for block in _simpler_programs(node.body))
        case Try():
            yield from (replace(node, body=block) for block in _simpler_programs(node.body))
            yield from (replace(node, handler=block) for block in _shorter(node.handler))
            yield from (replace(node, otherwise=block) for block in _shorter(node.otherwise))
            if node.final:
                yield from (replace(node, final=block) for block in _simpler_programs(node.final))
            if node.raises_again:
                yield replace(node, raises_again=False)
        case _:
            return


def _shorter(block: Program) -> Iterator[Program]:
    if block:
        yield ()
        yield from _simpler_programs(block)
