"""Signs of a degenerate architecture: rules from publications, each a pure function of the evidence.

A rule reports what it finds, never that the architecture is bad: a short search on little data trips some.
A rule returns its reasons, empty where it finds nothing, and None where what it needs was not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

MOST_SKIPS = 2  # in a cell that keeps the size
SHALLOW_NODES = 3  # of fewer nodes a cell cannot be deep
NOISE = 0.01  # of a mixed weight
UNDECIDED = 0.5  # of the decisions
RISKY_POLYNOMIALS = 0.4  # of the kept edges of a complex network
STANDARD_ERRORS = 2.0
FALLEN = 0.5  # of the accuracy of the supernet


@dataclass(frozen=True)
class CellFacts:
    """Counts of the edges that a genotype keeps in one kind of cell, by their operations.

    reduces: the cell makes the size smaller. depth: the nodes on its longest path from an input.
    """

    name: str
    reduces: bool
    nodes: int
    edges: int
    skips: int
    parameter_free: int
    polynomials: int
    depth: int


@dataclass(frozen=True)
class Validation:
    """Accuracies on the validation clips (0 to 1); None for what was not measured.

    chance: the share of the most frequent class, the accuracy of a constant answer.
    """

    clips: int
    chance: float
    supernet: float | None = None
    discretised: float | None = None
    recalibrated: float | None = None
    retrained: float | None = None

    def beyond_chance(self, accuracy: float) -> bool:
        """Whether an accuracy is more than two standard errors (of a binomial share) above chance."""
        error = sqrt(self.chance * (1.0 - self.chance) / max(1, self.clips))
        return accuracy > self.chance + STANDARD_ERRORS * error


@dataclass(frozen=True)
class Evidence:
    """The input of the rules. margins: of each decision, the weight of the winner less the runner-up's."""

    cells: tuple[CellFacts, ...]
    margins: tuple[float, ...]
    validation: Validation | None
    domain: str


Reasons = Sequence[str] | None


def skips(evidence: Evidence) -> Reasons:
    """More than two skips in a cell that keeps the size.

    DARTS+ (Liang et al., 2019) stops a search as soon as a normal cell has two of them, P-DARTS (Chen et al.,
    2019) keeps exactly two: skips win because they help the others to train, and the network loses capacity.
    """
    return _of_cells(
        evidence,
        lambda cell: not cell.reduces and cell.skips > MOST_SKIPS,
        lambda cell: f"{cell.skips} of the {cell.edges} edges of cell {cell.name} are skips",
    )


def without_parameters(evidence: Evidence) -> Reasons:
    """No edge of a cell that keeps the size has a parameter.

    Zela et al. (2020), Understanding and Robustifying Differentiable Architecture Search: searches that end
    in operations without parameters do badly when they are retrained.
    """
    return _of_cells(
        evidence,
        lambda cell: not cell.reduces and 0 < cell.edges == cell.parameter_free,
        lambda cell: f"no operation of cell {cell.name} has parameters",
    )


def shallow(evidence: Evidence) -> Reasons:
    """Every node of a cell of three nodes or more reads the inputs of the cell alone.

    Shu et al. (2020), Understanding Architectures Learnt by Cell-based Neural Architecture Search: searches
    favour wide and shallow cells because they converge fast, not because they generalise better.
    """
    return _of_cells(
        evidence,
        lambda cell: cell.nodes >= SHALLOW_NODES and cell.depth <= 1,
        lambda cell: f"all {cell.nodes} nodes of cell {cell.name} read its inputs alone",
    )


def _of_cells(
    evidence: Evidence, seen: Callable[[CellFacts], bool], reason: Callable[[CellFacts], str]
) -> Reasons:
    return [reason(cell) for cell in evidence.cells if seen(cell)] if evidence.cells else None


def undecided(evidence: Evidence) -> Reasons:
    """At least half of the decisions were won by less than 0.01 of a mixed weight.

    Chu et al. (2020), Fair DARTS, name the discretisation discrepancy: weights that are nearly equal say
    little about which candidate is better. The thresholds are ours, not the paper's.
    """
    margins = evidence.margins
    close = sum(margin < NOISE for margin in margins)
    if not margins:
        return None
    if close < UNDECIDED * len(margins):
        return []
    return [f"{close} of {len(margins)} decisions were won by less than {NOISE:g} of a weight"]


def pruned_to_chance(evidence: Evidence) -> Reasons:
    """The supernet is better than chance, and what pruning leaves of it is not, its norms estimated anew.

    Tian et al. (2020), Discretization-Aware Architecture Search: what pruning drops may carry the accuracy,
    and then the search has not trained what is kept.
    """
    found = evidence.validation
    if found is None or found.supernet is None or found.recalibrated is None:
        return None
    if not found.beyond_chance(found.supernet) or found.beyond_chance(found.recalibrated):
        return []
    return [
        f"pruning takes the supernet from {found.supernet:.1%} to {found.recalibrated:.1%} of the validation "
        f"clips, which is chance ({found.chance:.1%})"
    ]


def retrained_in_vain(evidence: Evidence) -> Reasons:
    """The retrained network is no better than chance, or reaches less than half of what the supernet does.

    The ForceDARTS paper, section 5.2, calls such architectures degenerated: 6 to 43 % in its complex spaces
    with polynomials, where others reach 83 to 98 %.
    """
    found = evidence.validation
    if found is None or found.retrained is None:
        return None
    message = f"the retrained network recognises {found.retrained:.1%} of the validation clips"
    if not found.beyond_chance(found.retrained):
        return [f"{message}, which is chance ({found.chance:.1%})"]
    if found.supernet is None or found.retrained >= FALLEN * found.supernet:
        return []
    return [f"{message}, the supernet {found.supernet:.1%}"]


def many_complex_polynomials(evidence: Evidence) -> Reasons:
    """More than 40 % of the kept edges of a complex network are polynomials.

    The ForceDARTS paper, section 5.2 and figure 11: with many of them complex networks explode or vanish;
    the best share lies between 10 and 40 %.
    """
    if not evidence.cells or evidence.domain != "complex":
        return None
    edges = sum(cell.edges for cell in evidence.cells)
    polynomials = sum(cell.polynomials for cell in evidence.cells)
    if polynomials <= RISKY_POLYNOMIALS * edges:
        return []
    return [f"{polynomials} of the {edges} edges of this complex network are polynomials"]


@dataclass(frozen=True)
class Rule:
    """A rule with its name and the publication it is taken from."""

    name: str
    source: str
    reasons: Callable[[Evidence], Reasons]


RULES = (
    Rule("skips", "DARTS+ (Liang et al., 2019), P-DARTS (Chen et al., 2019)", skips),
    Rule("operations without parameters", "Zela et al., 2020", without_parameters),
    Rule("shallow cells", "Shu et al., 2020", shallow),
    Rule("close decisions", "Fair DARTS (Chu et al., 2020)", undecided),
    Rule("accuracy after pruning", "Tian et al., 2020", pruned_to_chance),
    Rule("accuracy after retraining", "the ForceDARTS paper, section 5.2", retrained_in_vain),
    Rule("complex polynomials", "the ForceDARTS paper, figure 11", many_complex_polynomials),
)


@dataclass(frozen=True)
class Doubt:
    """A reason that a rule found, with the name and the source of the rule."""

    rule: str
    reason: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """The result of all rules. asked: the rules whose measurements were there; doubts: what they found."""

    asked: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    def __str__(self) -> str:
        """The verdict in one sentence."""
        if not self.asked:
            return "nothing was measured that could tell a degenerate architecture"
        if not self.doubts:
            return f"nothing looks degenerate by these rules: {', '.join(self.asked)}"
        return f"looks degenerate: {'; '.join(doubt.reason for doubt in self.doubts)}"


def verdict(evidence: Evidence) -> Verdict:
    """Apply all `RULES` to the evidence."""
    answers = [(rule, rule.reasons(evidence)) for rule in RULES]
    return Verdict(
        tuple(rule.name for rule, reasons in answers if reasons is not None),
        tuple(Doubt(rule.name, reason, rule.source) for rule, reasons in answers for reason in reasons or ()),
    )
