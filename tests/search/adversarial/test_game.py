"""The game of student and discriminator: whom it moves, what it reads, how it stops."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from small import batch, random_genotype, small
from torch import Tensor

from dslnas.data.features import Split
from dslnas.lower.masked import MaskedNetwork
from dslnas.lower.pruned import PrunedNetwork
from dslnas.methods.adversarial import Adversarial
from dslnas.search.adversarial.game import Game, Stop, discriminator, stop_of, without_better


@dataclass
class NoLabels:
    """Batches of noise whose labels nothing may read."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    per_epoch: int = 2

    def at(self, step: int) -> tuple[Tensor, None]:
        x, _ = batch(small("ss1", "darts", "repeat=0", nodes=2), 4, step)
        return x, None


def game(press: float = 0.6, seed: int = 0, of: str = "nodes") -> Game:
    experiment = small("ss1", "darts", "repeat=0", nodes=2)
    program = experiment.evaluation
    genotype = random_genotype(program, 0)
    x, labels = batch(experiment, 4, 99)
    split = Split(x, x, labels, ["a"] * 4, [], [])
    settings = Adversarial(epochs=4, sparse=press)
    student, teacher = MaskedNetwork(program, genotype, 3, of), PrunedNetwork(program, genotype, 5)
    return Game(student, teacher, settings, NoLabels(), 8, split, 10, seed, 0.5)  # type: ignore[arg-type]


def test_the_student_starts_as_its_teacher_and_the_teacher_never_moves() -> None:
    one = game()
    before = {name: value.clone() for name, value in one.teacher.state_dict().items()}
    x, _ = batch(small("ss1", "darts", "repeat=0", nodes=2), 4)
    torch.testing.assert_close(one.student.eval()(x), one.teacher(x))
    for step in range(3):
        one.step(step)
    assert not one.teacher.training
    assert all(torch.equal(before[name], value) for name, value in one.teacher.state_dict().items())
    assert any(not torch.equal(before[name], value) for name, value in one.student.state_dict().items())


def test_a_strong_press_removes_every_node_and_none_removes_none() -> None:
    pressed, free = game(press=200.0), game(press=0.0)
    for step in range(4):
        figures = pressed.step(step)
        free.step(step)
    assert set(figures) == {"distance", "adversarial", "agreement", "discriminator"}
    assert pressed.record()["nodes"] == 0.0
    assert pressed.stops[-1].count == 2 * len(pressed.student.parts)
    assert free.record()["nodes"] == 2.0 * len(free.student.parts)
    assert all(score < 4 for score in pressed.scores().values())
    assert all(score >= 8 for score in free.scores().values())


def test_a_strong_press_leaves_each_cell_a_channel() -> None:
    """Masks of 0 are never those of all channels of a cell."""
    pressed = game(press=200.0, of="channels")
    for step in range(2):
        pressed.step(step)
    assert pressed.record()["channels"] == len(pressed.student.parts)
    assert {one.channels for one in pressed.student.positions} <= {1, 2}
    assert len(pressed.scores()) == sum(map(len, pressed.student.parts.values()))


def test_a_resumed_game_goes_on_to_the_same_bits() -> None:
    whole, first, second = game(), game(), game(seed=0)
    for step in range(4):
        whole.step(step)
    for step in range(2):
        first.step(step)
    first.record()
    second.load_state_dict(first.state_dict())
    assert second.stops == first.stops
    for step in range(2, 4):
        second.step(step)
    for name, value in whole.student.state_dict().items():
        assert torch.equal(value, second.student.state_dict()[name])
    for name, mask in whole.student.masks.items():
        assert torch.equal(mask, second.student.masks[name])


def test_the_discriminator_is_of_the_published_widths_and_of_the_seed() -> None:
    one, same, other = (discriminator(10, (128, 256, 128), seed) for seed in (0, 0, 1))
    shapes = [tuple(value.shape) for name, value in one.named_parameters() if name.endswith("weight")]
    assert shapes == [(128, 10), (256, 128), (128, 256), (1, 128)]
    first, again, another = (next(net.parameters()) for net in (one, same, other))
    assert torch.equal(first, again) and not torch.equal(first, another)
    assert 0.009 < float(first.detach().std()) < 0.011


def test_the_stop_has_the_fewest_nodes_within_the_tolerance() -> None:
    def at(accuracy: float, *nodes: str) -> Stop:
        return Stop(accuracy, {"network/normal_1": nodes})

    stops = [at(0.95), at(0.9, "n1"), at(0.895, "n1", "n2"), at(0.7, "n1", "n2", "n3"), at(0.9, "n1", "n2")]
    assert stop_of(stops, 0.9, 0.01) is stops[2]
    assert stop_of(stops, 0.9, 0.001) is stops[4]
    assert stop_of(stops[:1], 0.9, 0.01) is None


def test_a_student_is_better_where_it_is_more_accurate_or_smaller_and_as_accurate() -> None:
    """Patience begins with the first node that goes, and again with each student that is better."""

    def stops(*told: tuple[float, int]) -> list[Stop]:
        return [Stop(right, {"network/a": ("n",) * count}) for right, count in told]

    assert without_better(stops((0.9, 0), (0.9, 0), (0.9, 0)), 0.9, 0.01) == 0
    assert without_better(stops((0.9, 0), (0.8, 1), (0.8, 1)), 0.9, 0.01) == 2
    assert without_better(stops((0.9, 0), (0.8, 1), (0.895, 2)), 0.9, 0.01) == 0
    assert without_better(stops((0.9, 0), (0.895, 2), (0.895, 2), (0.5, 3)), 0.9, 0.01) == 2
    assert without_better(stops((0.5, 1), (0.5, 1), (0.6, 1)), 0.9, 0.01) == 0
