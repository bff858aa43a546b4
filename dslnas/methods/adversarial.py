"""The settings of pruning by adversarial learning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Adversarial:
    """Pruning of nodes by adversarial learning (GAL: Lin et al., CVPR 2019; DARTS-GAL: Zhang et al.).

    epochs: of the game. hidden: the widths of the discriminator's hidden layers. logits, adversarial, sparse:
    the weights of equation 6, of the student's part of equation 5, and of |s|_1 in equation 7. dropout: the
    share of values that the noise z of equation 5 drops. lr: of weights, masks and discriminator, ten times
    smaller after each 30 % of the epochs. momentum, weight_decay: of the student's weights. tolerance: by how
    much the accuracy of the student on validation may be below the teacher's where the game is stopped.
    """

    epochs: int = 100
    hidden: tuple[int, ...] = (128, 256, 128)
    logits: float = 1.0
    adversarial: float = 0.1
    sparse: float = 0.6
    dropout: float = 0.1
    lr: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 2e-4
    tolerance: float = 0.01
