"""What a report says of the judge of a search: who did what, how far its halves agreed, what ended it."""

from __future__ import annotations

from .fields import Tree, sequence

_PARTS = {
    "train": "trained the weights of the search",
    "architecture": "judged: trained the architecture, and no weight before the retraining",
    "validation": "validated",
    "test": "were tested",
}
_SHARED = {"train": "trained", "architecture": "judged as well: other clips trained the architecture"}


def roles(metrics: Tree) -> list[tuple[str, str]]:
    """What groups of recordings did, and their names or number; empty where no groups are known."""
    found = metrics.get("data.groups")
    if not isinstance(found, dict):
        return []
    parts = _PARTS if metrics.get("data.judge") == "groups" else _PARTS | _SHARED
    return [(parts[name], _told(metrics, name)) for name in parts if name in found]


def _told(metrics: Tree, name: str) -> str:
    found = metrics.get(f"data.groups.{name}")
    if isinstance(found, int):
        return f"{found:,}"
    return ", ".join(map(str, sequence(found, metrics.file, f"data.groups.{name}")))


def signal(metrics: Tree) -> str:
    """How far the halves of the judge's clips agreed, and the thirds of the search, in a sentence; or ""."""
    rows, chance = metrics.number("signal.rows"), metrics.number("signal.chance")
    if rows is None or chance is None:
        return ""
    halves, gradient = metrics.number("signal.halves.same"), metrics.number("signal.halves.gradient")
    thirds, movement = metrics.number("signal.thirds.same"), metrics.number("signal.thirds.movement")
    parts = []
    if halves is not None:
        parts.append(
            f"two halves of the clips that judged favour the same option at {halves:.0%} of {rows:.0f} "
            f"choices, where chance is {chance:.0%}{_correlated(gradient)}"
        )
    survives = metrics.number("signal.survives")
    if survives is not None:
        parts.append(
            f"with other batches of these clips, drawn from those that were asked, {survives:.0%} of the "
            "decisions are favoured again"
        )
    if thirds is not None:
        went_on = _correlated(movement, "and went on as the third before it")
        parts.append(
            f"the last third of the search left the best option as it was at {thirds:.0%} of {rows:.0f} "
            f"choices{went_on}"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _correlated(value: float | None, what: str = "") -> str:
    if value is None:
        return ""
    return f"{', ' if what else ' '}{what}{' ' if what else ''}(correlation {value:.2f})"


def ending(metrics: Tree) -> str:
    """Whether and why a search ended before its last step, in a sentence; or "" where nothing was watched."""
    steps, stopped = metrics.number("search.steps"), metrics.number("search.stopped")
    ended = ""
    if steps is not None and stopped is not None:
        ended = f"The search ended after {stopped:.0f} of {steps:.0f} steps, as `stop` says"
    asked, values = (metrics.numbers(f"search.eigenvalues.{name}") for name in ("steps", "values"))
    if not values or len(asked) != len(values):
        return f"{ended}." if ended else ""
    name = "dominant eigenvalue of the Hessian of the loss by the architecture parameters"
    kept = metrics.number("search.eigenvalues.kept")
    if not ended or kept not in asked:
        way = _risen(asked, values, 0)
        return f"The {name} went {way}, and did not end the search."
    way = _risen(asked, values, asked.index(kept))
    return f"{ended}: the {name} rose {way}. The architecture after step {kept:.0f} is kept."


def _risen(steps: list[float], values: list[float], first: int) -> str:
    since, now = (f"{values[place]:.3g} after step {steps[place]:.0f}" for place in (first, -1))
    return f"from {since} to {now}"
