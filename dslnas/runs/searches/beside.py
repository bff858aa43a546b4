"""Whether random search stands beside an evolution: known before anything is trained, and the same each time.

`random: auto` takes it where it costs less than a tenth of the whole search. Time would tell another thing on
each machine, and after a break. So work is counted: the multiply-accumulates of the paths that train the
supernet, forward and twice that backward, against those of the networks that are judged, which go forward.
Beginnings that paths have in common count for each. What the evolution finds does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from statistics import mean

from ...ir.analysis.genes import Genes
from ...ir.analysis.prices import Pricing
from ...methods.method import SampledMethod
from ..experiment import Experiment
from ..judging import Counted

CHEAP = 0.1  # of the work of the whole search
TRAINED = 3  # forward passes that a path takes which goes forward and backward
BATCHES, NETWORKS = 8, 64  # that are looked at


@dataclass(frozen=True)
class Beside:
    """Random search beside an evolution.

    asked: `auto`, `on` or `off`. share: of the work of the whole search, 0 .. 1; None where the number of
    clips is not known. breeds: whether there is an evolution; else random search is all there is.
    """

    asked: str
    share: float | None
    breeds: bool = True

    @property
    def wanted(self) -> bool | None:
        """Whether there is one; None where that depends on the number of clips."""
        if not self.breeds:
            return False
        if self.asked != "auto":
            return self.asked == "on"
        return None if self.share is None else self.share < CHEAP

    @property
    def told(self) -> str:
        """Why there is none, or whether there will be one, in a sentence."""
        if not self.breeds:
            return "random search is all there is"
        if self.asked == "off":
            return "random search is left out, as `random: off` says"
        if self.share is None:
            return (
                "random search takes part where that is less than a tenth of the work: clips are not counted"
            )
        work = f"{self.share:.0%} of the work of the search"
        if self.wanted:
            return f"random search takes {work}"
        return f"random search is left out: it would take {work}; `--set method.random=on` has it"


def beside(experiment: Experiment, clips: Counted | None) -> Beside:
    """Random search beside the evolution of an experiment, by the numbers of its training clips."""
    method = experiment.method
    assert isinstance(method, SampledMethod), "the method samples"
    if not method.breeds:
        return Beside(method.random, None, breeds=False)
    if method.supernet is None:  # both do nothing but compare
        return Beside(method.random, 0.5)
    if clips is None:
        return Beside(method.random, None)
    training, judging = _work(experiment, method, clips)
    return Beside(method.random, judging / (training + 2 * judging))


def _work(experiment: Experiment, method: SampledMethod, clips: Counted) -> tuple[float, float]:
    """The multiply-accumulates of the training of the supernet, and of an evolution or a random search."""
    from ...search.sampled.clips import judging
    from ...search.sampled.draws import Draws

    assert method.supernet is not None, "a supernet is trained"
    program, seed, batch = experiment.supernet, experiment.settings.seed, experiment.settings.search.batch
    pricing, genes = Pricing(program), Genes.of(program, method.keeping, experiment.evaluation)
    draws, chance = Draws(program, method.keeping, method.supernet, seed), Random(f"{seed}/beside")
    paths = [path for step in range(BATCHES) for path in draws.at(step)]
    networks = [genes.policy(genes.draw(chance)) for _ in range(NETWORKS)]
    of_paths, of_networks = (mean(pricing.prices(one).macs for one in each) for each in (paths, networks))
    steps = experiment.search_steps(max(1, clips.weights // batch))
    trained = steps * draws.paths * min(batch, clips.weights) * TRAINED * of_paths
    heard = judging(program, clips.weights, clips.train - clips.weights)
    return trained, method.evaluations * heard * of_networks
