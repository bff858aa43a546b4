"""The step of relaxed searches (DARTS, FairDARTS, ForceDARTS): the architecture, then the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...base.diagnostics import fail
from ...ir.analysis.polynomial_layers import polynomial_layers
from ...ir.graph import Program
from ...lower.network import polynomial_parameters
from ...lower.supernet import MIXING_FUNCTIONS, Supernet
from ...methods.method import Optimizer, RelaxedMethod
from ...passes import SUPERNET_PASSES, Pass
from ...prune.prune import restrict_skips, what_remains
from ...train.optimizers import make_optimizer, set_rate, take_up
from .formula import Terms, check_loss, loss_value
from .losses import gap
from .second_order import descent, unrolled_gradients
from .skips import AuxiliarySkips

Batch = tuple[Tensor, Tensor]  # features (N, C, F, T), labels (N,)

STILL = Optimizer("sgd", {"lr": 0.0})  # for an architecture that is not trained


class RelaxedSearch:
    """The state of a search and its step: architecture first on validation clips, then weights.

    A step never waits for the device: what it measures stays there as tensors until it is read.
    class_weights: what each class counts in the cross entropy, (classes,); None where all count as they come.
    Raises DslnasError N0601 where the space leaves nothing to search, or the loss cannot be evaluated on it.
    """

    class_weights: Tensor | None = None

    def __init__(
        self,
        program: Program,
        method: RelaxedMethod,
        seed: int,
        arch_rate: float | None,
        device: torch.device,
        passes: Sequence[Pass] = SUPERNET_PASSES,
    ) -> None:
        edges_weigh = method.mixing["edges"] in MIXING_FUNCTIONS and program.selections
        if not program.choices and not edges_weigh:
            help = "`choose candidates(p)` in a cell, `choose {3, 5}` for a parameter"
            raise fail("N0601", f"space `{program.space}` has no choice to search", help=help)
        check_loss(method, program)
        self.program, self.method, self.mixing = program, method, method.mixing
        self.supernet = Supernet(program, method, seed, passes).to(device)
        self.arch_parameters = list(self.supernet.architecture.parameters())
        self.weight_parameters = list(self.supernet.network.parameters())
        self.arch_optimizer = make_optimizer(method.arch or STILL, self.arch_parameters, arch_rate)
        polynomial = polynomial_parameters(self.supernet.network, polynomial_layers(program))
        self.weight_optimizer = make_optimizer(method.weights, self.weight_parameters, polynomial=polynomial)
        self.device = device
        self.skips = AuxiliarySkips(program, device) if method.auxiliary is not None else None
        self.autocast = torch.autocast(device.type, torch.bfloat16, enabled=False)

    def use_bfloat16(self) -> None:
        """Run the forward passes of the step under bf16 autocast."""
        self.autocast = torch.autocast(self.device.type, torch.bfloat16)

    @property
    def weight_rate(self) -> float:
        """The learning rate of the weights; waits for the device."""
        return float(self.weight_optimizer.param_groups[0]["lr"])

    def use_weight_rate(self, rate: float) -> None:
        """Train the weights at another learning rate from the next step on."""
        set_rate(self.weight_optimizer, rate)

    def warm_up(self, train: Batch) -> dict[str, Tensor]:
        """A step of the weights alone; its loss and accuracy as scalars on the device."""
        self.supernet.train()
        loss, accuracy = self._weight_step(*train)
        return {"loss": loss, "accuracy": accuracy}

    def fit_weights(self, train: Batch, weights: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """A step of the weights of the network under given mixed weights; its loss and accuracy."""
        self.supernet.train()
        return self._weight_step(*train, weights)

    def step(self, search: Batch, train: Batch, progress: float) -> dict[str, Tensor]:
        """One step; returns losses and accuracies of both halves as scalars on the device.

        progress: the share of the steps that is done.
        """
        self.supernet.train()
        validation_loss, validation_accuracy = self._architecture_step(search, train, progress)
        loss, accuracy = self._weight_step(*train)
        return {
            "loss": loss,
            "accuracy": accuracy,
            "validation_loss": validation_loss,
            "validation_accuracy": validation_accuracy,
        }

    def _architecture_step(self, search: Batch, train: Batch, progress: float) -> tuple[Tensor, Tensor]:
        """Move the architecture by its gradient on `search`; at second order past a step on `train`."""
        gradients: Sequence[Tensor | None]
        if self.method.unroll is None:
            loss, figures = self._validation_loss(*search, progress)
            # Gradients of the architecture alone: no weight gradient is formed.
            gradients = torch.autograd.grad(loss, self.arch_parameters, allow_unused=True)
        else:
            gradients, figures = unrolled_gradients(
                inner=lambda: self._training_loss(*train),
                outer=lambda: self._validation_loss(*search, progress),
                arch=self.arch_parameters,
                weights=self.weight_parameters,
                xi=self._xi(self.method.unroll),
                direction=lambda slopes: descent(self.weight_optimizer, self.weight_parameters, slopes),
                statistics=list(self.supernet.network.buffers()),
            )
        for parameter, gradient in zip(self.arch_parameters, gradients, strict=True):
            parameter.grad = None if gradient is None else gradient.contiguous()
        if self.method.arch_clip is not None:
            nn.utils.clip_grad_norm_(self.arch_parameters, self.method.arch_clip, foreach=True)
        self.arch_optimizer.step()
        self.arch_optimizer.zero_grad(set_to_none=True)
        return figures

    def _xi(self, unroll: float) -> float | Tensor:
        """How far the weights step ahead; on a GPU a rate that falls stays there, for CUDA graphs."""
        if not self.method.unroll_falls:
            return unroll
        rate: float | Tensor = self.weight_optimizer.param_groups[0]["lr"]
        return rate

    def _validation_loss(
        self, x_NCFT: Tensor, labels: Tensor, progress: float
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The loss of the method; beside it the cross entropy and the accuracy."""
        architecture = self.supernet.architecture
        alpha, gamma = architecture.mixed_alpha(), architecture.mixed_gamma()
        with self.autocast:
            logits = self.supernet(x_NCFT, self._trained(alpha | gamma))
        cross_entropy = F.cross_entropy(logits.float(), labels, self.class_weights)
        loss = loss_value(self.method.loss, Terms.of(self.program, cross_entropy, alpha, gamma, progress))
        return loss, (cross_entropy.detach(), _accuracy(logits, labels))

    def _training_loss(self, x_NCFT: Tensor, labels: Tensor) -> Tensor:
        """The cross entropy, for differences too small for half precision."""
        return F.cross_entropy(self.supernet(x_NCFT, self.training_weights()), labels, self.class_weights)

    def training_weights(self) -> dict[str, Tensor] | None:
        """The mixed weights of a pass in training, with gradients; None: those of the supernet."""
        if self.skips is None:
            return None
        architecture = self.supernet.architecture
        return self._trained(architecture.mixed_alpha() | architecture.mixed_gamma())

    def _trained(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return weights if self.skips is None else self.skips.beside(weights)

    def _weight_step(
        self, x_NCFT: Tensor, labels: Tensor, weights: Mapping[str, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        with self.autocast:
            logits = self.supernet(x_NCFT, self._trained(self.weights()) if weights is None else weights)
        loss = F.cross_entropy(logits.float(), labels, self.class_weights)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.method.clip is not None:
            nn.utils.clip_grad_norm_(self.weight_parameters, self.method.clip, foreach=True)
        self.weight_optimizer.step()
        self.weight_optimizer.zero_grad(set_to_none=True)
        return loss.detach(), _accuracy(logits, labels)

    def weights(self) -> dict[str, Tensor]:
        """All mixed weights by choice point and selection, without gradient."""
        architecture = self.supernet.architecture
        with torch.no_grad():
            return architecture.mixed_alpha() | architecture.mixed_gamma()

    def mixed(self) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
        """The mixed weights (alpha, gamma) as numbers; waits for the device."""
        weights = {id: w.detach().cpu().tolist() for id, w in self.weights().items()}
        choices, selections = self.program.choices, self.program.selections
        return {id: weights[id] for id in choices}, {id: weights[id] for id in selections}

    def gap(self) -> float:
        """The gap of equation 6 between the supernet as it is and the network that pruning would leave."""
        weights = self.weights()
        alpha = {id: weights[id] for id in self.program.choices}
        gamma = {id: weights[id] for id in self.program.selections}
        return gap_of(self.program, self.method, alpha, gamma)

    def state_dict(self) -> dict[str, Any]:
        """The supernet and both optimizers."""
        return {
            "supernet": self.supernet.state_dict(),
            "arch_optimizer": self.arch_optimizer.state_dict(),
            "weight_optimizer": self.weight_optimizer.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint."""
        self.supernet.load_state_dict(state["supernet"])
        take_up(self.arch_optimizer, state["arch_optimizer"])
        take_up(self.weight_optimizer, state["weight_optimizer"])


def gap_of(
    program: Program, method: RelaxedMethod, alpha: Mapping[str, Tensor], gamma: Mapping[str, Tensor]
) -> float:
    """The gap of equation 6 for mixed weights, with the edges and candidates kept that the method keeps."""
    numbers = [{id: w.tolist() for id, w in weights.items()} for weights in (alpha, gamma)]
    program = restrict_skips(method, program, *numbers)
    remaining = what_remains(method, program, *numbers)
    kept = {id: list(dict.fromkeys(place for place, _ in pairs)) for id, pairs in remaining.items()}
    edges = {id: selection.edges for id, selection in program.selections.items()}
    chosen: dict[str, list[int]] = {}
    for id, pairs in remaining.items():
        for place, option in pairs:
            if edge := edges[id][place]:
                chosen.setdefault(edge, []).append(program.choices[edge].options.index(option))
    points = program.choices.values()
    zeros = {p.id: [p.options.index(zero) for zero in p.zeros] for p in points if p.remaining != p.options}
    return float(gap(alpha, gamma, kept, edges, zeros, chosen))


def _accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.detach().argmax(1) == labels).float().mean()
