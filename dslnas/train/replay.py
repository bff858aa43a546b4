"""Steps on a GPU as one CUDA graph: their kernels are recorded once, and launched together ever after.

The step of a supernet is thousands of small kernels. Telling the device of one after another takes longer
than computing them: an H100 does a step of SS1 in 0.20 s so, and in 0.04 s as a graph (quick preset).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Protocol

import torch
from torch import Tensor

Figures = Mapping[str, Tensor]
FIRST = 3  # steps done as they are before one is recorded: they make the state of optimizers and libraries


class Replay(Protocol):
    """How the steps of a training are done: as they are, or as one graph."""

    def __call__(self, moment: Hashable, step: Callable[..., Figures], *inputs: Tensor) -> Figures: ...


def replay_on(device: torch.device) -> Replay:
    """A way to do steps: as graphs where the device can, else one operator after another."""
    return Graphs() if device.type == "cuda" else plainly


def plainly(moment: Hashable, step: Callable[..., Figures], *inputs: Tensor) -> Figures:
    """The step as it is."""
    del moment
    return step(*inputs)


class Graphs:
    """The graph of the step that is done at present; steps of another moment are recorded anew.

    A graph repeats what the host decided when it was recorded. So a `moment` names everything about a step
    that is decided on the host; None: something is decided anew in every step, which is then done as it is.
    """

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._moment: Hashable = None
        self._seen = 0
        self._recorded: _Recorded | None = None

    def __call__(self, moment: Hashable, step: Callable[..., Figures], *inputs: Tensor) -> Figures:
        if moment != self._moment:
            self._moment, self._seen, self._recorded = moment, 0, None
        self._seen += 1
        if moment is None or self._seen <= FIRST:
            return self._aside(step, inputs)
        if self._recorded is None:
            self._recorded = _Recorded(step, inputs, self._stream)
        return self._recorded(inputs)

    def _aside(self, step: Callable[..., Figures], inputs: tuple[Tensor, ...]) -> Figures:
        """The step as it is, on the stream that records: autograd remembers on which one it met a weight."""
        present = torch.cuda.current_stream()
        self._stream.wait_stream(present)
        with torch.cuda.stream(self._stream):
            figures = step(*inputs)
        present.wait_stream(self._stream)
        return figures


class _Recorded:
    """A step as a graph, with the tensors that it reads."""

    def __init__(
        self, step: Callable[..., Figures], inputs: tuple[Tensor, ...], stream: torch.cuda.Stream
    ) -> None:
        self._inputs = [tensor.clone() for tensor in inputs]
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, stream=stream):
            self._figures = step(*self._inputs)

    def __call__(self, inputs: tuple[Tensor, ...]) -> Figures:
        for kept, given in zip(self._inputs, inputs, strict=True):
            kept.copy_(given)
        self._graph.replay()
        return {name: figure.clone() for name, figure in self._figures.items()}
