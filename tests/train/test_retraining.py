"""Retraining, on cases small enough to do by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from small import program_of, random_genotype, small, split_of
from torch import Tensor, nn

from dslnas.data.features import Split
from dslnas.data.frontend.frontend import FrontEndModule
from dslnas.lower.modules.dropping import Dropping
from dslnas.lower.pruned import PrunedNetwork
from dslnas.train.batches import Batches
from dslnas.train.retraining import Retraining

CPU = torch.device("cpu")


# --- retraining --------------------------------------------------------------------------------------------


class Fixed(Batches):
    """Batches of given features in place of augmented ones, the same in every step."""

    def __init__(self, x: Tensor, labels: Tensor, seed: int = 0) -> None:
        self.x, self.labels, self.seed, self.device = x, labels, seed, CPU
        self.indices, self.batch = torch.arange(len(labels)), len(labels)

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        return self.x, self.labels


class Recorded(nn.Module):
    """A linear network that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(5, 3)
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x.detach())
        out: Tensor = self.linear(x)
        return out


def retraining(
    mixup: float = 0.0, steps: int = 10, seed: int = 0, **more: Any
) -> tuple[Retraining, Recorded]:
    x, labels = torch.eye(5), torch.tensor([0, 1, 2, 0, 1])
    network = Recorded()
    method = small("ss1", "darts").method
    held = split_of(x, labels.tolist())
    return Retraining(network, method, Fixed(x, labels, seed), steps, mixup, held, False, **more), network


def test_without_mixup_the_clips_stay_as_they_are() -> None:
    trained, network = retraining()
    expected = F.cross_entropy(network.linear(torch.eye(5)), torch.tensor([0, 1, 2, 0, 1]))
    figures = trained.step(0)
    assert torch.equal(network.seen[0], torch.eye(5))
    torch.testing.assert_close(figures["loss"], expected.detach())


def test_mixup_mixes_clips_and_losses_by_the_same_share() -> None:
    trained, network = retraining(mixup=0.4)
    labels = torch.tensor([0, 1, 2, 0, 1])
    for step in range(5):
        linear = deepcopy(network.linear)
        figures = trained.step(step)
        mixed = network.seen[-1]
        other, (share, rest) = trained._partner(labels, step)
        assert 0 <= share <= 1
        assert share + rest == 1
        torch.testing.assert_close(mixed, share * torch.eye(5) + (1 - share) * torch.eye(5)[other])
        logits = linear(mixed)
        loss = share * F.cross_entropy(logits, labels) + (1 - share) * F.cross_entropy(logits, labels[other])
        torch.testing.assert_close(figures["loss"], loss.detach())


def test_the_share_of_mixup_is_of_the_beta_distribution() -> None:
    """Beta(a, a): mean 1/2, variance 1 / (4 (2 a + 1)); other steps and other seeds draw anew."""
    for strength in (0.2, 1.0):
        trained, _ = retraining(mixup=strength)
        shares = torch.tensor([trained._partner(torch.zeros(2), step)[1][0] for step in range(4000)])
        assert float(shares.mean()) == pytest.approx(0.5, abs=0.03)
        assert float(shares.var()) == pytest.approx(1 / (4 * (2 * strength + 1)), abs=0.01)
    labels = torch.arange(100)
    first, again, other = (retraining(0.2, seed=seed)[0]._partner(labels, 3) for seed in (0, 0, 1))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    assert sorted(first[0].tolist()) == list(range(100))


def test_the_rate_follows_the_cosine_to_its_end() -> None:
    trained, _ = retraining(steps=7)
    rates = []
    for step in range(7):
        trained.step(step)
        rates.append(trained.record()["learning_rate"])
    assert rates[0] == pytest.approx(0.025)
    assert rates[-1] == pytest.approx(1e-5)
    assert rates == sorted(rates, reverse=True)


def test_gradients_are_clipped() -> None:
    trained, network = retraining()
    norms: list[float] = []

    def look(*_: Any) -> None:
        norms.append(
            sum(float(p.grad.square().sum()) for p in network.parameters() if p.grad is not None) ** 0.5
        )

    trained.optimizer.register_step_pre_hook(look)
    trained.batches.x = 1e4 * torch.eye(5)  # type: ignore[attr-defined]
    with torch.no_grad():
        network.linear.weight.mul_(10)
    trained.step(0)
    assert norms[0] == pytest.approx(5, rel=1e-4)


def test_state_comes_back() -> None:
    experiment = small("ss1", "darts")
    program = program_of(experiment)
    frontend = FrontEndModule(experiment.frontend)
    waves = torch.randint(
        -9000, 9000, (10, experiment.frontend.samples), generator=torch.Generator().manual_seed(0)
    )
    held = frontend.features(waves.to(torch.int16))
    split = Split(waves.to(torch.int16), held, torch.arange(10), [str(i) for i in range(10)])

    def start(seed: int) -> Retraining:
        batches = Batches(split, torch.arange(10), 4, frontend, 0, "train", CPU)
        network = PrunedNetwork(program, random_genotype(program, 0), seed)
        return Retraining(network, experiment.method, batches, 8, 0.2, split, False)

    one, other = start(0), start(1)
    for step in range(3):
        one.step(step)
    one.record()  # looking at it must not change it
    other.load_state_dict(deepcopy(one.state_dict()))
    for step in range(3, 6):
        assert torch.equal(one.step(step)["loss"], other.step(step)["loss"])
    assert one.record() == other.record()
    for name, value in one.network.state_dict().items():
        assert torch.equal(value, other.network.state_dict()[name])


def test_bfloat16_trains() -> None:
    x, labels = torch.eye(5), torch.tensor([0, 1, 2, 0, 1])
    network = Recorded()
    outputs: list[torch.dtype] = []
    network.linear.register_forward_hook(lambda _, __, out: outputs.append(out.dtype))
    held = split_of(x, labels.tolist())
    trained = Retraining(network, small("ss1", "darts").method, Fixed(x, labels), 40, 0.0, held, True)
    losses = [float(trained.step(step)["loss"]) for step in range(40)]
    assert set(outputs) == {torch.bfloat16}
    assert losses[-1] < losses[0]
    assert network.linear.weight.dtype == torch.float32


def test_what_is_lost_in_training_comes_back() -> None:
    x, labels = torch.eye(6), torch.tensor([0, 1, 2, 0, 1, 2])

    def start() -> Retraining:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(6, 8), Dropping(0.5, "values", 1), nn.Linear(8, 3))
        method, held = small("ss1", "darts").method, split_of(x, labels.tolist())
        return Retraining(network, method, Fixed(x, labels), 8, 0.0, held, False)

    one, other = start(), start()
    losses = [float(one.step(step)["loss"]) for step in range(3)]
    other.load_state_dict(deepcopy(one.state_dict()))
    losses += [float(one.step(step)["loss"]) for step in range(3, 6)]
    assert [float(other.step(step)["loss"]) for step in range(3, 6)] == losses[3:]
    assert one.record() == other.record()
    still = start()
    still.network[1] = nn.Identity()
    assert float(still.step(0)["loss"]) != losses[0]
