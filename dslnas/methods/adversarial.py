"""Methods that make a trained network smaller: how what goes is ranked, and the settings of the game."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .method import Optimizer

GAME = "adversarial"
Rank = Literal["adversarial", "random", "l1", "bn", "taylor"]
RANKS: Mapping[Rank, str] = {
    "adversarial": "masks against a discriminator",
    "random": "at random",
    "l1": "by the modulus of weights",
    "bn": "by the scales of batch norms",
    "taylor": "by the gradients of masks",
}
PARTS = ("nodes", "edges", "channels")
STUDENT = Optimizer("sgd", {"lr": 0.01, "momentum": 0.9, "weight_decay": 2e-4})


@dataclass(frozen=True)
class Adversarial:
    """Pruning by adversarial learning (GAL: Lin et al., CVPR 2019; DARTS-GAL: Zhang et al.).

    epochs: of the game. hidden: the widths of the discriminator's hidden layers. logits, adversarial, sparse:
    the weights of equation 6, of the student's part of equation 5, and of |s|_1 in equation 7. noise: the
    share of values that the noise z of equation 5 drops. weights: the optimizer of the student's weights and,
    without its weight decay, of the discriminator. rate: the learning rate of the masks. All learning rates
    are ten times smaller after each 30 % of the epochs. keep: a mask below it becomes 0. within: by how much
    the accuracy of the student on validation may be below the teacher's where the game is stopped. patience:
    the epochs without a better student after which the game ends; None: it is played to its end. trials: the
    games, each with a sparsity of its own, by which a bound is approached; 1: the order of one game.
    """

    epochs: int = 100
    hidden: tuple[int, ...] = (128, 256, 128)
    logits: float = 1.0
    adversarial: float = 0.1
    sparse: float = 0.6
    noise: float = 0.1
    weights: Optimizer = STUDENT
    rate: float = 0.01
    keep: float = 0.0
    within: float = 0.01
    patience: int | None = None
    trials: int = 1


@dataclass(frozen=True)
class PruningMethod:
    """A method that prunes a trained network. name: as it is called, with its arguments.

    rank: how it ranks what may go. of: what that is. game: the settings of adversarial learning.
    """

    name: str
    rank: Rank
    of: str = "nodes"
    game: Adversarial = Adversarial()

    @property
    def plays(self) -> bool:
        """Whether it ranks by the game, which also knows where to stop."""
        return self.rank == GAME
