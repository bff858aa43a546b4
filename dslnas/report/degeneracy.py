"""Signs of a degenerate architecture: rules from publications, each a pure function of the evidence.

A rule reports what it finds, never that the architecture is bad: a short search on little data trips some.
A rule returns its reasons, empty where it finds nothing, and None where what it needs was not measured. That
no rule finds anything says something only of a search that was long enough to find something itself.
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
USABLE = 0.5  # of the validation clips, more right than wrong


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

    @property
    def tells(self) -> bool:
        """Whether there are clips enough to tell any accuracy from chance: whether a perfect one would be."""
        return self.beyond_chance(1.0)

    def beyond_chance(self, accuracy: float) -> bool:
        """Whether an accuracy is more than two standard errors (of a binomial share) above chance."""
        error = sqrt(self.chance * (1.0 - self.chance) / max(1, self.clips))
        return accuracy > self.chance + STANDARD_ERRORS * error


@dataclass(frozen=True)
class Travel:
    """How far a decision went: from its start to its end, and in its moves from one record to the next.

    All are of the margin, the weight of the winner less the runner-up's. noise: the root of the sum of the
    squared moves, the standard error of a walk that makes these moves without a direction.
    """

    moves: int
    way: float
    noise: float

    @property
    def directed(self) -> bool:
        """Whether the way is longer than two standard errors of a walk without direction.

        A decision that has moved four times at most cannot be: such moves may have gone one way by chance.
        """
        return self.way > STANDARD_ERRORS * self.noise


@dataclass(frozen=True)
class Evidence:
    """The input of the rules. margins: of each decision, the weight of the winner less the runner-up's.

    travels: of the same decisions, for the records of the search; empty where there are none. searched:
    whether the run has a search: without one the architecture is given.
    """

    cells: tuple[CellFacts, ...]
    margins: tuple[float, ...]
    validation: Validation | None
    domain: str
    travels: tuple[Travel, ...] = ()
    searched: bool = True


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
    if found is None or found.supernet is None or found.recalibrated is None or not found.tells:
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
    if found is None or found.retrained is None or not found.tells:
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


PRUNED, CLOSE_DECISIONS, RETRAINED = "accuracy after pruning", "close decisions", "accuracy after retraining"
RULES = (
    Rule("skips", "DARTS+ (Liang et al., 2019), P-DARTS (Chen et al., 2019)", skips),
    Rule("operations without parameters", "Zela et al., 2020", without_parameters),
    Rule("shallow cells", "Shu et al., 2020", shallow),
    Rule(CLOSE_DECISIONS, "Fair DARTS (Chu et al., 2020)", undecided),
    Rule(PRUNED, "Tian et al., 2020", pruned_to_chance),
    Rule(RETRAINED, "the ForceDARTS paper, section 5.2", retrained_in_vain),
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
    """The result of all rules. asked: the rules whose measurements were there; doubts: what they found.

    early: why the search was too short for the rules to tell anything by finding nothing; else empty.
    few: why rules on accuracies were not asked, where that is for want of clips.
    usable: the accuracy of the retrained network, where that is one to work with. searched: whether there was
    a search that could be to blame.
    """

    asked: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    early: tuple[str, ...] = ()
    few: str = ""
    usable: float | None = None
    searched: bool = True

    def __str__(self) -> str:
        """The verdict in one sentence."""
        return "; ".join(filter(None, (self._found, self.few)))

    @property
    def _found(self) -> str:
        if not self.searched:
            return "; ".join(
                ["nothing was searched, the architecture was given", *(doubt.reason for doubt in self.doubts)]
            )
        if not self.asked:
            return "nothing was measured that could tell a degenerate architecture"
        if self.doubts:
            return f"looks degenerate: {'; '.join(doubt.reason for doubt in self.doubts)}"
        if self.early:
            return f"too early to tell whether it is degenerate: {'; '.join(self.early)}"
        return f"nothing looks degenerate by these rules: {', '.join(self.asked)}"

    @property
    def meaning(self) -> str:
        """What a verdict with doubts, or too early, means for who wants to use the network; else empty."""
        if not self.searched:
            return "train it for longer, or on more clips" if self.doubts else ""
        if not self.doubts and not self.early:
            return ""
        undecided = self.early or any(doubt.rule in (PRUNED, CLOSE_DECISIONS) for doubt in self.doubts)
        search = (
            "the search did not decide its architecture, a random one of this space may well do as good a job"
            if undecided
            else "the architecture is in doubt: compare it with random ones (`--set method=random --seed 1`)"
        )
        if self.usable is None:
            return search
        return f"the network is usable, it recognises {self.usable:.1%} of the validation clips; {search}"


def verdict(evidence: Evidence) -> Verdict:
    """Apply all `RULES` to the evidence."""
    rules = RULES if evidence.searched else [rule for rule in RULES if rule.name == RETRAINED]
    answers = [(rule, rule.reasons(evidence)) for rule in rules]
    asked = tuple(rule.name for rule, reasons in answers if reasons is not None)
    doubts = tuple(
        Doubt(rule.name, reason, rule.source) for rule, reasons in answers for reason in reasons or ()
    )
    found, usable = evidence.validation, None
    if found is not None and RETRAINED in asked and RETRAINED not in {doubt.rule for doubt in doubts}:
        usable = found.retrained if (found.retrained or 0.0) >= USABLE else None
    early = too_early(evidence) if evidence.searched else ()
    return Verdict(asked, doubts, early, _too_few(found), usable, evidence.searched)


def too_early(evidence: Evidence) -> tuple[str, ...]:
    """Why a search was too short to be judged by what it found: what it measured does not leave its noise.

    Either the supernet is no better than chance, so that what candidates are weighed by has not been learned;
    or at least half of the decisions went no further than moves of this size go without a direction.
    """
    reasons, found = [], evidence.validation
    supernet = found.supernet if found is not None and found.tells else None
    if found is not None and supernet is not None and not found.beyond_chance(supernet):
        reasons.append(
            f"the supernet recognises {supernet:.1%} of the validation clips, "
            f"which is chance ({found.chance:.1%})"
        )
    lost = sum(not one.directed for one in evidence.travels)
    if evidence.travels and lost >= UNDECIDED * len(evidence.travels):
        moves = max(one.moves for one in evidence.travels)
        reasons.append(
            f"{lost} of {len(evidence.travels)} decisions moved no further than weights wander by chance "
            f"in {moves} move{'' if moves == 1 else 's'}"
        )
    return tuple(reasons)


def _too_few(found: Validation | None) -> str:
    if found is None or found.tells:
        return ""
    clips = "1 validation clip is" if found.clips == 1 else f"{found.clips} validation clips are"
    return f"{clips} too few to tell an accuracy from chance"
