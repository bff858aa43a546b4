"""Data classes of search methods: relaxation or sampling, optimizers, pruning, training of the result.

A relaxed method mixes all options of a choice, by weights that it trains; a sampled method trains one option
of each choice at a time and then looks for the best combination. `relaxed.py` and `sampled.py` read methods
from their text; the package `search` runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..base.diagnostics import fail
from ..base.source import Span
from ..ir.graph import Keep
from ..parse import syntax
from .budget import Requirement
from .deciding import Deciding
from .loss import Mixing
from .prune_key import RankedBy
from .stages import WHOLE, SearchStage

Kind = Literal["fair", "uniform", "sandwich"]  # of sampling
Wanted = Literal["auto", "on", "off"]
Stop = float | Literal["eigenvalue"]  # skips that end a search, or what else does


@dataclass(frozen=True)
class Optimizer:
    """An optimizer by name, with its arguments.

    decay_span: the place of `polynomial_decay`, a weight decay for polynomial weights alone.
    """

    name: str
    arguments: Mapping[str, Any]
    decay_span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Method:
    """A search method: the settings that all methods share.

    name: as written in an experiment, with its arguments: `darts`, `darts(order: 1)`.
    weights: the optimizer of the supernet's weights, whose gradients are clipped at the norm `clip`.
    split: the share of the training data that trains the weights; the rest is for the architecture.
    retrain: the optimizer of the final network.
    floor: the last learning rate of the final training's cosine schedule; None: a constant rate.
    keep_edges: how many edges of a node remain; None: as many as the space keeps.
    weights_warmup, retrain_warmup: the epochs over which the learning rate of the supernet's weights, and of
    the final network's, rises from 0 to its own.
    average: the share that an exponential moving average of the weights keeps at each step, in a sampled
    supernet and in the final training; what is judged and handed over then is the average. None: the weights
    themselves.
    """

    name: str
    weights: Optimizer
    clip: float | None
    split: float
    retrain: Optimizer
    floor: float | None
    keep_edges: int | None = None
    weights_warmup: int = 0
    retrain_warmup: int = 0
    average: float | None = None

    @property
    def keeping(self) -> Keep:
        """What remains of the edges into a node."""
        return Keep(self.keep_edges)


@dataclass(frozen=True, kw_only=True)
class RelaxedMethod(Method):
    """A method whose supernet computes every option and mixes them (DARTS and its descendants).

    mixing: how the weights of `candidates` and of `edges` come from the architecture parameters.
    temperature: where candidates are drawn (`gumbel`), that of the relaxed weights at the start of the search
    and at its end; None: all candidates are mixed.
    parts: the candidates of an edge process 1/parts of its channels (PC-DARTS).
    start: standard deviation of the architecture parameters at the start.
    ranked_by: whether the edges into a node are ranked by their own weights, or by these times the weight of
    their strongest candidate.
    loss: the formula, over `cross_entropy`, `alpha`, `gamma`, `nodes`, `edges` and the regularizers.
    arch: the optimizer of the architecture parameters; None: they keep their random initial values.
    arch_clip: the norm at which the architecture's gradient is clipped; None: it is not.
    weights_floor: the last learning rate of the cosine by which that of the weights falls in each stage of
    the search; None: it is constant.
    unroll: the learning rate xi of the virtual weight step in the architecture gradient; None: first order.
    unroll_falls: whether xi is the learning rate of the weights as it falls, and `unroll` its first value.
    keep_candidates: how many candidates of an edge remain.
    stages: the stages of the search, each in a supernet of its own.
    keep_skips: how many skips at most remain in a cell that keeps the size; None: no limit.
    pairs: `keep_edges` counts pairs of an edge and a candidate, so that an edge may keep several candidates.
    above: edges of which no candidate weighs more are left out where a node keeps another; None: no limit.
    deciding: how it is decided what remains, by networks of the trained supernet; None: by weights.
    auxiliary: what the weight of the skip of each edge is more in training, from the first step that moves
    the architecture to the last (DARTS-: Chu et al., 2021); None: nothing.
    stop: the search ends once a cell that keeps the size would keep so many skips, a number of them or a
    share of what it keeps, below 1 (DARTS+: Liang et al., 2019), or where the dominant eigenvalue of the
    Hessian of the validation loss rises (RobustDARTS: Zela et al., 2020); None: it goes to its end.
    """

    mixing: Mapping[str, Mixing]
    start: float
    loss: syntax.Expr = field(compare=False)
    arch: Optimizer | None
    unroll: float | None
    keep_candidates: int
    ranked_by: RankedBy = "edges"
    keep_skips: int | None = None
    pairs: bool = False
    above: float | None = None
    deciding: Deciding | None = None
    auxiliary: tuple[float, float] | None = None
    stop: Stop | None = None
    temperature: tuple[float, float] | None = None
    parts: int = 1
    stages: tuple[SearchStage, ...] = WHOLE
    arch_clip: float | None = None
    weights_floor: float | None = None
    unroll_falls: bool = False
    channels_span: Span | None = field(default=None, compare=False, repr=False)
    prune_span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def keeping(self) -> Keep:
        """What remains of the edges into a node."""
        return Keep(self.keep_edges, self.pairs, self.above is not None)


@dataclass(frozen=True)
class Sampling:
    """How a sampled supernet draws the paths of a batch, whose gradients are summed for one step.

    kind: `fair`: every option of a choice once, in an order drawn at random (strict fairness, Chu et al.,
    2019); `uniform`: paths drawn at random, each option as likely as another (single path one-shot, Guo et
    al., 2020); `sandwich`: the largest path, the smallest and random ones (Yu et al., 2020).
    paths: the number of random paths of `uniform` and of `sandwich`; 0 for `fair`, whose rule gives it.
    """

    kind: Kind = "fair"
    paths: int = 0


@dataclass(frozen=True, kw_only=True)
class SampledMethod(Method):
    """A method whose supernet computes one option of each choice at a time.

    supernet: how the paths of a batch are drawn. None: there is no supernet.
    trained: without a supernet, the steps that each network is trained for before it is compared; with 0
    networks are compared by scores that they have with new weights.
    population, generations: of the evolution (NSGA-II, Deb et al., 2002) that looks for the best paths.
    breeds: whether it does; else `population` networks are drawn at random, of those that keep to `require`.
    maximize, minimize: its objectives. require: what a network that is handed over must keep to.
    random: whether random search with as many networks stands beside it; `auto`: where that is cheap.
    """

    supernet: Sampling | None
    population: int
    generations: int
    maximize: tuple[str, ...]
    minimize: tuple[str, ...]
    require: tuple[Requirement, ...] = ()
    random: Wanted = "auto"
    trained: int = 0
    breeds: bool = True
    maximize_span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def compares(self) -> bool:
        """Whether networks are compared at all; else one is drawn, and handed over as it is."""
        return bool(self.maximize)

    @property
    def evaluations(self) -> int:
        """How many networks are compared, without those of random search beside an evolution."""
        return self.population * self.generations if self.compares else 0

    @property
    def prices(self) -> tuple[str, ...]:
        """What the method asks about the cost of networks, each once."""
        return tuple(dict.fromkeys([*self.minimize, *(one.price for one in self.require)]))


def relaxed(method: Method, what: str = "this", other: str = "--set method=darts") -> RelaxedMethod:
    """The method if it is relaxed; raises DslnasError N0601 for one that samples its supernet.

    what: what mixes all options, and so needs a relaxed method. other: how to take one where the error is
    shown.
    """
    if isinstance(method, RelaxedMethod):
        return method
    message = f"method `{method.name}` samples one option of each choice at a time, and {what} mixes them all"
    raise fail("N0601", message, help=f"take a relaxed method: `{other}`")
