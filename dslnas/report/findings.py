"""The numbers and tables of a report, computed from the data of a run; pure functions without pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from ..base import figures
from ..base.figures import is_number
from .degeneracy import Travel
from .fields import Tree
from .rundata import Clip, EdgeChoice, NodeChoice, Outcome, RunData

MOST_PAIRS = 12
MOST_CLIPS = 15


@dataclass(frozen=True)
class Headline:
    """One large figure of the page: its name, its value (None: not there yet), and a line below.

    meaning: what the figure is, in one sentence; empty for those that everybody knows.
    """

    name: str
    value: str | None
    note: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Accuracy:
    """A validation accuracy (0 to 1), and the network that has it. interval: its 95 % interval as text."""

    name: str
    value: float
    interval: str


@dataclass(frozen=True)
class Decision:
    """How clearly a choice was decided: the weight of the chosen option against the best of the others.

    cell, edge: its place; a choice that is on no edge has an empty cell and its own name as edge. Where pairs
    of an edge and a candidate compete, weights are their products, and the runner-up is the best pair that
    its node dropped: `skip_connect(b)`.
    """

    cell: str
    edge: str
    chosen: str
    weight: float
    runner_up: str
    second: float

    @property
    def margin(self) -> float:
        """The chosen weight less that of the runner-up."""
        return self.weight - self.second


@dataclass(frozen=True)
class NodeDecision:
    """How clearly a node's edges were decided: the least weight kept against the greatest dropped."""

    cell: str
    node: str
    kept: str
    weight: float
    dropped: str
    second: float

    @property
    def margin(self) -> float:
        """The least kept weight less the greatest dropped."""
        return self.weight - self.second


@dataclass(frozen=True)
class Confusion:
    """A pair of classes confused in the test: how often, and as a share of the true class."""

    true: str
    predicted: str
    count: int
    share: float


def headlines(run: RunData, gap: bool = True) -> list[Headline]:
    """The large figures at the top of the page. gap: whether there is one, as where options are mixed."""
    number = run.metrics.number
    accuracy, clips = number("test.accuracy"), number("test.clips")
    live, dead = number("params.live"), number("params.with_dead_edges")
    supernet, left, start = number("params.supernet"), number("search.gap"), number("search.gap_start")
    search, train = number("time.search"), number("time.train")
    parameters = [f"{millions(supernet)} in the supernet" if supernet is not None else ""]
    parameters += [f"{millions(dead)} with dead edges" if dead is not None else ""]
    times = [f"search {duration(search)}" if search is not None else ""]
    times += [f"training {duration(train)}" if train is not None else ""]
    found = [
        Headline("test accuracy", percent(accuracy), _on_clips(accuracy, clips, run.metrics)),
        Headline("macro F1", percent(number("test.macro_f1")), mean_over(run.metrics)),
        Headline(
            "parameters",
            millions(live),
            " · ".join(filter(None, parameters)),
            "Dead edges are those that pruning drops; papers whose code keeps them count their weights."
            if dead is not None
            else "",
        ),
        Headline("time", duration(number("time.total")), " · ".join(filter(None, times))),
    ]
    if gap:
        meaning = "How far the mixed weights are from a plain choice: at 0 pruning changes nothing."
        note = f"from {start:.3f} at the start" if start is not None else ""
        found.insert(3, Headline("gap", rounded(left), note, meaning))
    return found


ACCURACIES = {
    "supernet": "supernet, as it mixes",
    "discretised": "pruned, weights and norms of the supernet",
    "recalibrated": "pruned, norms estimated anew",
    "retrained": "pruned and retrained",
}
SAMPLED = {"recalibrated": "with the weights of the supernet", "retrained": "trained anew"}


def accuracies(run: RunData, sampled: bool = False) -> list[Accuracy]:
    """Validation accuracies from the supernet to the retrained network; those not measured are left out.

    sampled: whether the search was one by sampling, in which nothing is mixed and nothing pruned.
    """
    names = SAMPLED if sampled else ACCURACIES
    found = ((name, run.metrics.number(f"validation.{key}")) for key, name in names.items())
    clips = run.metrics.number("validation.clips") or 0
    return [
        Accuracy(name, value, figures.between(value, clips) if clips else "")
        for name, value in found
        if value is not None
    ]


def _on_clips(accuracy: float | None, clips: float | None, metrics: Tree) -> str:
    """The clips that an accuracy was measured on, and its 95 % interval: of independent clips alone."""
    if clips is None:
        return ""
    own = metrics.get("test.accuracy_interval")
    told = isinstance(own, list) and len(own) == 2 and all(map(figures.is_number, own))
    between = figures.from_to(own) if told else figures.between(accuracy or 0.0, clips)
    interval = "" if accuracy is None else f"95 % interval {between} "
    whole, count = metrics.number("test.recordings.accuracy"), metrics.number("test.recordings.count")
    if whole is None or count is None:
        return f"{interval}on {clips:,.0f} clips"
    all_of_them = f"{figures.percent(whole)} ({figures.between(whole, count)}) of {count:,.0f} recordings"
    return f"{interval}on {clips:,.0f} windows; {all_of_them}"


def mean_over(metrics: Tree) -> str:
    """What the macro F1 is a mean over: all classes, or those with clips in the test, and which have none."""
    missing, classes = metrics.texts("test.untested"), metrics.texts("data.classes")
    if not missing:
        return "mean over the classes"
    named = ", ".join(missing[:6]) + (", ..." if len(missing) > 6 else "")
    return f"mean over {len(classes) - len(missing)} of {len(classes)} classes: no test clip of {named}"


def chosen_operations(run: RunData) -> dict[str, tuple[str, ...]]:
    """Identifier of every kept edge and of every other choice -> its options, from the genotype.

    Only an edge that keeps several operations has more than one.
    """
    if run.genotype is None:
        return {}
    further = {id: (option,) for id, option in run.genotype.choices}
    kept = {
        (cell.name, node.name, source): operations
        for cell in run.genotype.cells
        for node in cell.nodes
        for source, operations in node.operations.items()
    }
    found = {
        edge.identifier: kept.get((edge.cell, edge.node, edge.source), further.get(edge.identifier))
        for edge in run.edges
    }
    return {identifier: operations for identifier, operations in found.items() if operations is not None}


def kept_sources(run: RunData) -> dict[str, set[str]]:
    """Identifier of every node -> the sources of its kept edges, from the genotype."""
    if run.genotype is None:
        return {}
    kept = {
        (cell.name, node.name): {edge.source for edge in node.edges}
        for cell in run.genotype.cells
        for node in cell.nodes
    }
    return {node.identifier: kept.get((node.cell, node.node), set()) for node in run.nodes}


def final_weights(run: RunData, kind: str) -> dict[str, tuple[float, ...]]:
    """The last recorded weights of every edge (`alpha`) or node (`gamma`)."""
    found: dict[str, tuple[float, ...]] = {}
    for record in run.stage("search"):
        found.update(record.alpha if kind == "alpha" else record.gamma)
    return found


def _by_weights(metrics: Tree) -> bool:
    """Whether weights have decided, so that margins between them say how close it was."""
    return not isinstance(metrics.get("decide.by"), str)


def decisions(run: RunData) -> list[Decision]:
    """The decisions of the kept edges and of the other choices, the closest first.

    None where it was not by weights that it was decided.
    """
    if not _by_weights(run.metrics):
        return []
    chosen, weights = chosen_operations(run), final_weights(run, "alpha")
    by_pairs = {(node.cell, node.node) for node in run.nodes if node.pairs}
    found = [decision for node in run.nodes if node.pairs for decision in _of_pairs(run, node)]
    for edge in run.edges:
        if (edge.cell, edge.node) in by_pairs:
            continue
        if edge.identifier in chosen and edge.identifier in weights:
            decision = _decision(edge, chosen[edge.identifier][0], weights[edge.identifier])
            found += [decision] if decision else []
    return sorted(found, key=lambda decision: decision.margin)


def _of_pairs(run: RunData, node: NodeChoice) -> list[Decision]:
    """The decisions of a node that keeps pairs of an edge and a candidate."""
    chosen, alpha = chosen_operations(run), final_weights(run, "alpha")
    of_edges = dict(zip(node.sources, final_weights(run, "gamma").get(node.identifier, ()), strict=False))
    pairs = [
        (of_edges[edge.source] * weight, edge, name)
        for edge in run.edges
        if (edge.cell, edge.node) == (node.cell, node.node) and edge.source in of_edges
        for name, weight in zip(edge.candidates, alpha.get(edge.identifier, ()), strict=False)
        if name not in edge.zeros
    ]
    kept = [pair for pair in pairs if pair[2] in chosen.get(pair[1].identifier, ())]
    dropped = [pair for pair in pairs if pair not in kept]
    found = []
    for weight, edge, name in kept:
        rivals = [pair for pair in dropped if pair[0] <= weight]  # others were ruled out, as a skip too many
        if rivals:
            second, other, runner_up = max(rivals, key=lambda pair: pair[0])
            place, against = f"{edge.source} → {edge.node}", f"{runner_up}({other.source})"
            found.append(Decision(edge.cell, place, name, weight, against, second))
    return found


def _decision(edge: EdgeChoice, chosen: str, weights: Sequence[float]) -> Decision | None:
    by_name = dict(zip(edge.candidates, weights, strict=True))
    own = by_name.get(chosen)
    if own is None:
        return None
    # Options with a greater weight were ruled out, as zeros and a skip too many are: they are no rivals.
    others = [
        (weight, name)
        for name, weight in by_name.items()
        if name != chosen and name not in edge.zeros and weight <= own
    ]
    if not others:
        return None
    second, runner_up = max(others, key=lambda pair: pair[0])
    place = f"{edge.source} → {edge.node}" if edge.node else edge.identifier
    return Decision(edge.cell, place, chosen, own, runner_up, second)


def travels(run: RunData) -> list[Travel]:
    """How far each decision went in the records of the search, of its last stage; none that stood still."""
    chosen, weights, records = chosen_operations(run), final_weights(run, "alpha"), run.stage("search")
    stage = records[-1].values.get("search_stage") if records else None
    found = []
    for edge in run.edges:
        rows = [
            record.alpha[edge.identifier]
            for record in records
            if edge.identifier in record.alpha and record.values.get("search_stage") == stage
        ]
        if edge.identifier in chosen and rows:
            decision = _decision(edge, chosen[edge.identifier][0], weights[edge.identifier])
            if decision and (travel := _travel(edge, decision, rows)).moves:
                found.append(travel)
    return found


def _travel(edge: EdgeChoice, decision: Decision, rows: Sequence[Sequence[float]]) -> Travel:
    won, lost = (edge.candidates.index(name) for name in (decision.chosen, decision.runner_up))
    margins = [row[won] - row[lost] for row in rows]
    moves = [after - before for before, after in pairwise(margins) if after != before]
    return Travel(len(moves), abs(margins[-1] - margins[0]), hypot(*moves))


def selections(run: RunData) -> list[NodeDecision]:
    """The selections of the nodes that dropped an edge, the closest first, without those of equal weights.

    A node that keeps pairs of an edge and a candidate selects no edges: its pairs are among the decisions.
    """
    if not _by_weights(run.metrics):
        return []
    kept, weights = kept_sources(run), final_weights(run, "gamma")
    found = []
    for node in (one for one in run.nodes if not one.pairs):
        pairs = list(zip(weights.get(node.identifier, ()), node.sources, strict=False))
        ours = [pair for pair in pairs if pair[1] in kept.get(node.identifier, set())]
        others = [pair for pair in pairs if pair not in ours]
        if ours and others and len({weight for weight, _ in pairs}) > 1:
            (weight, name), (second, dropped) = min(ours), max(others)
            found.append(NodeDecision(node.cell, node.node, name, weight, dropped, second))
    return sorted(found, key=lambda selection: selection.margin)


def below_threshold(metrics: Tree) -> list[str]:
    """What weighs no more than the threshold of FairDARTS or of the method: a sentence, then each choice.

    Empty where no threshold is known.
    """
    number, found = metrics.number, metrics.get("search.threshold.below")
    threshold, choices = number("search.threshold.value"), number("search.threshold.choices")
    if threshold is None or choices is None or not isinstance(found, list):
        return []
    lines = [
        f"{one.get('choice')}: {one.get('option')}, {one['weight']:.3f}"
        for one in found
        if isinstance(one, dict) and is_number(one.get("weight"))
    ]
    head = f"{len(lines)} of {choices:.0f} kept choices weigh no more than the threshold of {threshold:g}"
    return [head, *lines]


def search_stages(metrics: Tree) -> list[str]:
    """One line for each stage of a search in several stages (P-DARTS); empty where it had one."""
    found = metrics.get("search.stages")
    lines = []
    for name in found if isinstance(found, dict) else ():
        number = {
            key: metrics.number(f"search.stages.{name}.{key}") for key in ("repeat", "candidates", "params")
        }
        depth = "" if number["repeat"] is None else f"repeat {number['repeat']:.0f}, "
        if number["candidates"] is not None:
            lines.append(
                f"{depth}{number['candidates']:.0f} candidates, {millions(number['params'])} parameters"
            )
    return lines


def confusions(test: Outcome) -> list[Confusion]:
    """The pairs of classes confused most often, at most `MOST_PAIRS`, the most frequent first."""
    found = [
        Confusion(test.classes[i], test.classes[j], count, count / sum(row))
        for i, row in enumerate(test.confusion)
        for j, count in enumerate(row)
        if i != j and count > 0
    ]
    return sorted(found, key=lambda pair: (-pair.count, -pair.share, pair.true, pair.predicted))[:MOST_PAIRS]


def mistakes(test: Outcome) -> tuple[list[Clip], int]:
    """The misclassified clips of highest confidence, at most `MOST_CLIPS`, and how many there are in all."""
    wrong = [clip for clip in test.clips if clip.label != clip.predicted]
    return sorted(wrong, key=lambda clip: (-clip.probability, clip.path))[:MOST_CLIPS], len(wrong)


def counts(data: Mapping[str, object]) -> str:
    """The sizes of a data set in words: `10 classes · 2,400 training · 300 validation · 300 test clips`."""
    names = {"classes": "classes", "train": "training", "validation": "validation", "test": "test"}
    sizes = {key: len(value) if isinstance(value, list) else value for key, value in data.items()}
    parts = [f"{sizes[key]:,} {name}" for key, name in names.items() if type(sizes.get(key)) is int]
    return " · ".join(parts) + (" clips" if parts[1:] else "")


def percent(value: float | None) -> str | None:
    """A share from 0 to 1 as `93.10 %`; None stays None."""
    return None if value is None else figures.percent(value)


def rounded(value: float | None) -> str | None:
    """A number with three decimals; None stays None."""
    return None if value is None else f"{value:.3f}"


def millions(value: float | None) -> str | None:
    """A number of parameters: `1.609 M`, below a hundred thousand in full; None stays None."""
    return None if value is None else figures.millions(value)


def duration(seconds: float | None) -> str | None:
    """A time in the two largest units that matter: `3 h 20 min`, `4 min 7 s`, `9.2 s`."""
    if seconds is None:
        return None
    if not 0 <= seconds < 1e9:
        return f"{seconds:g} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
