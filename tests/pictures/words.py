"""A plan in one line, for those who do not see its picture."""

from flows.plan import Plan, PlanWave


def told(plan: Plan) -> str:
    """The waves in order: ``Drain db1·db2, then Patch db1``; the waves of a child in brackets."""
    parts: list[str] = []
    depth = 0
    for wave in plan.waves:
        opened, closed = "(" * (wave.depth - depth), ")" * (depth - wave.depth)
        if closed:
            parts[-1] += closed
        parts.append(opened + _wave(wave))
        depth = wave.depth
    if depth:
        parts[-1] += ")" * depth
    if plan.stops_at is not None:
        sites = ", ".join(map(str, plan.stops_at.may_run))
        parts.append(f"then nobody knows: line {plan.stops_at.line} decides, steps {sites} may run")
    return ", ".join(parts)


def label(wave: PlanWave) -> str:
    """What a wave is called in a picture."""
    return wave.name or wave.step


def _wave(wave: PlanWave) -> str:
    where = f" on {wave.target}" if wave.target else ""
    return f"{label(wave)} {'·'.join(wave.elements)}{where}"
