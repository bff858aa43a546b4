"""How a network was decided by what networks recognise, in place of by weights: a sentence and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...base.figures import between, is_number, percent
from ..fields import Tree

MOST_ROWS = 40


@dataclass(frozen=True)
class Decided:
    """A sentence, and a table: its head, and its rows with whether each is what was taken."""

    sentence: str
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], bool], ...]


def decided(metrics: Tree) -> Decided | None:
    """What a run says of its decisions; None where weights decided, or the metrics are of another form."""
    found = metrics.get("decide")
    if not isinstance(found, dict):
        return None
    clips = metrics.number("decide.clips") or 0.0
    if found.get("by") == "rerank":
        return _reranked(found, clips)
    return _perturbed(found, clips) if found.get("by") == "perturb" else None


def _reranked(found: dict[str, Any], clips: float) -> Decided | None:
    listed, chosen = found.get("candidates"), found.get("chosen")
    if not isinstance(listed, list) or not isinstance(chosen, int):
        return None
    rows = [one for one in listed if isinstance(one, dict) and is_number(one.get("accuracy"))]
    trained = found.get("trained", 0)  # nothing is said in runs of before candidates were trained
    if len(rows) != len(listed) or not 0 <= chosen < len(rows) or not is_number(trained):
        return None
    first, best = rows[0]["accuracy"], rows[chosen]["accuracy"]
    better = sum(one["accuracy"] > first for one in rows)
    taken = "the genotype of the greatest weights stays" if chosen == 0 else f"the best has {percent(best)}"
    way = f"after {trained:,} steps of training each" if trained else "with the weights of the supernet"
    sentence = (
        f"{len(rows)} genotypes drawn by the final weights were judged {way} on "
        f"{clips:,.0f} clips: that of the greatest weights has {percent(first)} ({between(first, clips)}), "
        f"{better} of the others more, {taken}"
    )
    order = sorted(range(len(rows)), key=lambda place: (-rows[place]["accuracy"], place))
    cells = [
        (
            (
                "of the greatest weights" if place == 0 else f"drawn, {rows[place].get('differs', 0)} differ",
                percent(rows[place]["accuracy"]),
            ),
            place == chosen,
        )
        for place in order[:MOST_ROWS]
    ]
    head = "accuracy after a short training" if trained else "accuracy in the supernet"
    return Decided(sentence, ("genotype", head), tuple(cells))


def _perturbed(found: dict[str, Any], clips: float) -> Decided | None:
    rows, all_of_them, alike = (found.get(key) for key in ("rows", "decisions", "as_weights"))
    if not isinstance(rows, list) or not is_number(all_of_them) or not is_number(alike):
        return None
    cells = []
    for one in rows:
        if not isinstance(one, dict) or not all(
            is_number(one.get(key)) for key in ("without", "without_lost")
        ):
            return None
        kept, lost = str(one.get("kept")), str(one.get("lost"))
        row = (str(one.get("of")), kept, percent(one["without"]), lost, percent(one["without_lost"]))
        cells.append((row, False))
    sentence = (
        f"of each choice the option remains without which the supernet recognises least of {clips:,.0f} "
        f"clips: {alike:.0f} of {all_of_them:.0f} decisions are those of the greatest weights"
    )
    return Decided(sentence, ("choice", "kept", "without it", "next", "without that"), tuple(cells))
