"""Scores the networks of a space with new weights, on one batch of training clips."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from ...base.diagnostics import fail
from ...base.source import Span
from ...ir.graph import Graph, Program
from ...ir.walk import Chosen, walk
from ...lower.modules.norms import Norms
from ...lower.network import GraphModule, initialise
from ...train.batches import seeded
from .scores import coding, jacob_cov, kernel_of, naswot, synflow


class Scorer:
    """Tells the scores of paths of a program.

    wanted: which scores. clips: features (N, C, F, T), two clips at least, for each input of the network, of
    which there are several where the space chooses a front end. seed: that of the weights of a network
    follows from it and from the network alone, so that scores do not depend on what was scored before, or
    where. span: where the scores are asked for.
    """

    def __init__(
        self,
        program: Program,
        wanted: Sequence[str],
        clips: Sequence[Tensor],
        seed: int,
        device: torch.device,
        span: Span | None = None,
    ) -> None:
        self.program, self.wanted, self.seed, self.device, self.span = program, wanted, seed, device, span
        self.clips = [one.to(device) for one in clips]

    def figures_of(self, paths: Sequence[Chosen]) -> Iterator[dict[str, float]]:
        """The scores of the network on each path, by their names, each as soon as it is there."""
        for path in paths:
            yield self.figures(path)

    def figures(self, path: Chosen) -> dict[str, float]:
        """The scores of the network on a path, by their names.

        Raises DslnasError N0601 where the flow through a network is none that floats hold.
        """
        network = _Alone(self.program, path)
        initialise(network, seeded(self.seed, "scored", _name(self.program, path)).initial_seed())
        network.to(self.device).eval().requires_grad_(False)
        found = dict(self._on_clips(network)) if set(self.wanted) - {"synflow"} else {}
        if "synflow" in self.wanted:
            try:
                found["synflow"] = synflow(network, self.clips[network.input].shape[1:])
            except OverflowError:
                message = "the flow through a network of this space is larger than any number"
                help = "products of many tensors do that: `maximize: naswot`"
                raise fail("N0601", message, self.span, help=help) from None
        return {name: found[name] for name in self.wanted}

    def _on_clips(self, network: _Alone) -> Iterator[tuple[str, float]]:
        """The scores of a batch; batch norms see it alone, as they do in training."""
        x = self.clips[network.input].detach().clone().requires_grad_("jacob_cov" in self.wanted)
        codes: list[Tensor] = []
        with Norms(network).estimating(), coding(network, codes):
            logits = network(x)
            if x.requires_grad:
                (jacobians,) = torch.autograd.grad(logits.sum(), [x])
                yield "jacob_cov", jacob_cov(jacobians)
        if "naswot" in self.wanted:
            yield "naswot", naswot(kernel_of(codes) if codes else torch.zeros(len(x), len(x)).double())


class _Alone(nn.Module):
    """The network on a path, alone. input: the number of the one that it reads."""

    def __init__(self, program: Program, path: Chosen) -> None:
        super().__init__()
        self.network = GraphModule(program.network, program, path)
        read = {source for step in self.network.instructions for source in step.sources}
        self.input = next(number for number, id in enumerate(self.network.inputs) if id in read)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        logits: Tensor = self.network([x_NCFT] * len(self.network.inputs))
        return logits


def _name(program: Program, path: Chosen) -> str:
    """A name for what a path computes: of its steps, and of those of the cells that it calls."""

    def said(graph: Graph) -> Iterator[str]:
        for step in walk(graph, path):
            yield f"{graph.name}: {step.node.id} = {', '.join(step.inputs)}"

    cells = {step.node.cell for step in walk(program.network, path) if step.node.kind == "call"}
    lines = [*said(program.network), *(line for cell in sorted(cells) for line in said(program.cells[cell]))]
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()
