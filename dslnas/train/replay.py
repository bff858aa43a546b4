"""CUDA graphs of training steps: the kernels of a step are recorded once, then launched together.

The step of a supernet is thousands of small kernels. Launching them one by one takes longer than
computing them: an H100 takes 0.20 s for a step of SS1 that way, and 0.04 s as a graph (quick preset).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Protocol

import torch
from torch import Tensor

Figures = Mapping[str, Tensor]
ASIDE = "aside"  # the moment of what is computed beside the steps: plainly, and no recording is lost by it
FIRST = 3  # steps run plainly before one is recorded: they create the state of optimizers and libraries


class Replay(Protocol):
    """Runs the steps of a training: operator by operator, or as one CUDA graph."""

    def __call__(self, moment: Hashable, step: Callable[..., Figures], *inputs: Tensor) -> Figures: ...


def replay_on(device: torch.device) -> Replay:
    """How steps run on a device: as CUDA graphs where it has them, else operator by operator."""
    return Graphs() if device.type == "cuda" else plainly


def plainly(moment: Hashable, step: Callable[..., Figures], *inputs: Tensor) -> Figures:
    """Run the step operator by operator."""
    del moment
    return step(*inputs)


class Graphs:
    """Runs steps as a CUDA graph; a step of another moment is recorded anew.

    A graph repeats what the host decided when it was recorded. So a `moment` names everything about a step
    that is decided on the host; None: something is decided anew in every step, which then runs plainly.
    """

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._moment: Hashable = None
        self._seen = 0
        self._recorded: _Recorded | None = None

    def __call__(self, moment: Hashable, step: Callable[..., Figures], *inputs: Tensor) -> Figures:
        if moment == ASIDE:
            return self._aside(step, inputs)
        if moment != self._moment:
            self._moment, self._seen, self._recorded = moment, 0, None
        self._seen += 1
        if moment is None or self._seen <= FIRST:
            return self._aside(step, inputs)
        if self._recorded is None:
            self._recorded = _Recorded(step, inputs, self._stream)
        return self._recorded(inputs)

    def _aside(self, step: Callable[..., Figures], inputs: tuple[Tensor, ...]) -> Figures:
        """Run the step plainly on the recording stream: autograd remembers on which one it met a weight."""
        present = torch.cuda.current_stream()
        self._stream.wait_stream(present)
        with torch.cuda.stream(self._stream):
            figures = step(*inputs)
        present.wait_stream(self._stream)
        return figures


class _Recorded:
    """A step as a CUDA graph, with the tensors that it reads."""

    def __init__(
        self, step: Callable[..., Figures], inputs: tuple[Tensor, ...], stream: torch.cuda.Stream
    ) -> None:
        self._inputs = [tensor.clone() for tensor in inputs]
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, stream=stream):
            self._figures = step(*self._inputs)

    def __call__(self, inputs: tuple[Tensor, ...]) -> Figures:
        for kept, new in zip(self._inputs, inputs, strict=True):
            kept.copy_(new)
        self._graph.replay()
        return {name: figure.clone() for name, figure in self._figures.items()}
