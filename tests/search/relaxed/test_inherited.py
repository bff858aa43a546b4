"""The pruned network inside a supernet: it computes what one-hot weights compute, and changes nothing."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from small import SPACES, batch, one_hot, program_of, random_genotype, small, stir
from torch import Tensor

from dslnas.data.features import Split
from dslnas.lower.pruned import PrunedNetwork
from dslnas.methods.method import relaxed
from dslnas.search.relaxed.inherited import inherited, pruning_figures, recalibrate
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.train.batches import Batches
from dslnas.train.testing import accuracy

CPU = torch.device("cpu")


class Fixed(Batches):
    """The same batch in every step."""

    def __init__(self, x: Tensor, labels: Tensor) -> None:
        self.x, self.labels, self.device = x, labels, CPU

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        return self.x, self.labels


def searched(space: str = "ss1") -> RelaxedSearch:
    """A search whose running statistics are not those of a new network."""
    experiment = small(space)
    search = RelaxedSearch(program_of(experiment), relaxed(experiment.method), 0, None, CPU)
    stir(search.supernet, 1)
    return search


def split_of(space: str = "ss1") -> Split:
    x, labels = batch(small(space), clips=20)
    return Split(torch.zeros(20, 4, dtype=torch.int16), x, labels, [f"{i}.wav" for i in range(20)])


@pytest.mark.parametrize("space", SPACES)
def test_it_computes_what_one_hot_weights_compute(space: str) -> None:
    search = searched(space)
    genotype = random_genotype(search.program, 3)
    network = inherited(search.supernet, search.program, genotype).eval()
    x, _ = batch(small(space))
    mixed = search.supernet.eval()(x, one_hot(search.program, genotype, torch.float32))
    torch.testing.assert_close(network(x), mixed, rtol=1e-4, atol=1e-5)


def test_statistics_become_those_of_the_batches() -> None:
    """A network that is recalibrated on one batch gives what that batch gives in training."""
    search = searched()
    network = inherited(search.supernet, search.program, random_genotype(search.program, 0))
    x, labels = batch(small(), clips=16)
    recalibrate(network, Fixed(x, labels), 120)
    with torch.no_grad():
        expected = network.train()(x)
        found = network.eval()(x)
    # the running variance is the unbiased one: on the last maps of 16 clips they differ by a few percent
    torch.testing.assert_close(found, expected, rtol=0.05, atol=0.05)
    assert (found.argmax(1) == expected.argmax(1)).float().mean() > 0.8


def test_nothing_of_the_search_is_changed() -> None:
    search, split = searched(), split_of()
    genotype = random_genotype(search.program, 0)
    before, chance = deepcopy(search.state_dict()), torch.get_rng_state()
    batches = Fixed(split.features, split.labels)
    first = pruning_figures(search, genotype, split, batches, 3)
    assert torch.equal(torch.get_rng_state(), chance)
    torch.testing.assert_close(search.state_dict(), before, rtol=0, atol=0)
    assert pruning_figures(search, genotype, split, batches, 3) == first


def test_the_figures_are_of_the_networks_they_name() -> None:
    search, split = searched(), split_of()
    genotype = random_genotype(search.program, 2)
    figures = pruning_figures(search, genotype, split, Fixed(split.features, split.labels), 3)
    assert figures["supernet"] == accuracy(search.supernet, split, CPU)
    network = PrunedNetwork(search.program, genotype, 5)
    state = search.supernet.state_dict()
    network.load_state_dict({name: state[name] for name in network.state_dict()})
    assert figures["discretised"] == accuracy(network, split, CPU)
    recalibrate(network, Fixed(split.features, split.labels), 3)
    assert figures["recalibrated"] == accuracy(network, split, CPU)
    assert set(figures) == {"supernet", "discretised", "recalibrated"}
