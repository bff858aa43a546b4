"""The plan of a search by sampling: the paths of a batch, the evaluations, what the networks cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from statistics import median

from ...check.budget import PROVED
from ...ir.analysis.extent import proven_extreme
from ...ir.analysis.genes import Genes
from ...ir.analysis.prices import Pricing
from ...ir.walk import Chosen
from ...methods.budget import PRICES, Price, Requirement
from ...methods.method import SampledMethod
from ..experiment import Experiment
from ..judging import Counted
from ..latency import Latency, LatencyTable
from ..searches.beside import Beside, beside

DRAWN = 400  # networks


@dataclass(frozen=True)
class PriceRange:
    """What networks of a space cost, at the sizes of the retraining.

    median: over those drawn, each decision as likely as another. proven: whether no network of the space
    costs less than `least` or more than `most`; else they are those of the networks that were looked at.
    """

    price: Price
    least: float
    median: float
    most: float
    proven: bool


@dataclass(frozen=True)
class PlannedSampling:
    """A search by sampling as planned.

    kind: how paths are drawn, `none` where no supernet is trained. paths: of a batch, 0 without a supernet.
    batches: over how many of them a fair supernet is fair.
    trained: the steps that each network is trained for without a supernet, 0 where it is not.
    evaluations: of the evolution, or of the random search in its place; 0 where one network is drawn and none
    compared. drawn: how many networks were drawn at random. prices: of networks, those
    that the method speaks of first; latency is among them where it is known. unknown: prices that the method
    speaks of and that are not known. shares: of the networks drawn, how many keep to each bound.
    share: how many keep to all; None where nothing is required or a figure that it takes is not known.
    beside: random search beside the evolution. latency: the table that latencies are predicted by.
    """

    kind: str
    paths: int
    batches: int
    trained: int
    evaluations: int
    drawn: int
    prices: tuple[PriceRange, ...]
    unknown: tuple[Price, ...]
    shares: tuple[tuple[Requirement, float], ...]
    share: float | None
    beside: Beside
    latency: LatencyTable | None = None

    @property
    def trains(self) -> bool:
        """Whether there is a supernet to train."""
        return self.kind != "none"


def planned_sampling(
    experiment: Experiment, latency: Latency | None = None, clips: Counted | None = None
) -> PlannedSampling | None:
    """The plan of a sampled method; None for a relaxed one.

    latency: of networks, where it was measured. clips: the training clips, where they are known.
    """
    from ...search.sampled.draws import Draws

    method = experiment.method
    if not isinstance(method, SampledMethod):
        return None
    way, draws = method.supernet, None
    if way is not None:
        draws = Draws(experiment.supernet, method.keeping, way, experiment.settings.seed)
    asked = [price for name in method.prices for price in PRICES if price == name]
    known = [price for price in PRICES if price != "latency" or latency is not None]
    ends = _ends(experiment)
    figures_of = _Figures(experiment, latency)
    drawn = [figures_of(policy) for policy in _drawn(experiment)]
    found = [*drawn, *(figures_of(end.policy) for end in ends)]
    proven = {price: all(end.proven for end in ends if end.price == price) for price in PROVED}
    met = [[one.met(figures[one.price]) for figures in drawn] for one in method.require if one.price in known]
    bounds = [one for one in method.require if one.price in known]
    whole = len(bounds) == len(method.require)
    return PlannedSampling(
        kind="none" if way is None else way.kind,
        paths=0 if draws is None else draws.paths,
        batches=0 if draws is None else draws.batches,
        trained=method.trained,
        evaluations=method.evaluations,
        drawn=len(drawn),
        prices=tuple(
            PriceRange(
                price,
                min(figures[price] for figures in found),
                median(figures[price] for figures in drawn),
                max(figures[price] for figures in found),
                proven.get(price, False),
            )
            for price in sorted(known, key=lambda price: price not in asked)
        ),
        unknown=tuple(price for price in asked if price not in known),
        shares=tuple((one, sum(kept) / len(drawn)) for one, kept in zip(bounds, met, strict=True)),
        share=sum(map(all, zip(*met, strict=True))) / len(drawn) if met and whole else None,
        beside=beside(experiment, clips),
        latency=None if latency is None else latency.table,
    )


def _drawn(experiment: Experiment) -> Iterator[Chosen]:
    """Networks drawn at random by the seed of the experiment."""
    genes = Genes.of(experiment.evaluation, experiment.method.keeping)
    chance = Random(f"{experiment.settings.seed}/plan")
    for _ in range(DRAWN):
        yield genes.policy(genes.draw(chance))


@dataclass(frozen=True)
class _End:
    """The network that costs least or most of one price, and whether that is proven."""

    price: Price
    policy: Chosen
    proven: bool


def _ends(experiment: Experiment) -> list[_End]:
    program, keep = experiment.evaluation, experiment.method.keeping
    return [
        _End(price, *proven_extreme(program, keep, figure, sign))
        for price, figure in PROVED.items()
        for sign in (1, -1)
    ]


class _Figures:
    """All that is known of what a network costs."""

    def __init__(self, experiment: Experiment, latency: Latency | None) -> None:
        self._pricing, self._latency = Pricing(experiment.evaluation), latency

    def __call__(self, policy: Chosen) -> Mapping[Price, float]:
        prices = self._pricing.prices(policy)
        known: dict[Price, float] = {"params": prices.params, "macs": prices.macs, "memory": prices.memory}
        return known if self._latency is None else {**known, "latency": self._latency.seconds(policy)}
