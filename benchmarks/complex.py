"""In which form complex convolutions are fastest: `python benchmarks/complex.py [--size sc09-complex]
[--batch N] [--runs N] [--no-step] [--json]`.

Each kind of convolution of SS1 at the first cells of a size, forward and backward with the gradients of the
input and of the weights, and a whole step of the search, in the forms of `representations.py`:

    ours        what dslnas does: one real convolution with structured weights; a depthwise one as two real
                ones of both parts
    structured  the same, and depthwise ones as real ones in groups of two channels
    three       three real products (Gauss)
    four        four real products
    complex64   torch's convolution of complex numbers

All in one process, from the same weights, in turn. Seconds are medians; the ratio is of a form to ours, a
median of pairs; `difference` is the largest of a value from ours.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))
from clock import name_of, seconds_of
from representations import FORMS, computed_in
from sizes import SIZES, Size, batches, experiment

from dslnas.lower.modules.complex_modules import ComplexConv2d, ComplexDepthwiseConv2d
from dslnas.passes import supernet_passes
from dslnas.search.relaxed.step import RelaxedSearch

CPU = torch.device("cpu")
Work = Callable[[], Tensor]  # returns what the forms must agree on


@dataclass(frozen=True)
class Figure:
    """What one form takes for one kind of work."""

    seconds: float
    ratio: float
    difference: float


def convolutions(size: Size) -> dict[str, tuple[nn.Module, int]]:
    """The kinds of convolutions in the first cells of SS1, and how many complex channels each reads."""
    c = size.channels
    found: dict[str, tuple[nn.Module, int]] = {
        "3x3 of the stem": (ComplexConv2d(1, 3 * c, (3, 3), padding=(1, 1)), 1),
        "1x1": (ComplexConv2d(c, c, (1, 1)), c),
        "1x1 of an adapter": (ComplexConv2d(3 * c, c, (1, 1)), 3 * c),
        "1x1 of a factorized reduce": (ComplexConv2d(c, c // 2, (1, 1), (2, 2)), c),
    }
    for stride in (1, 2):
        for dilation in (1, 2):
            for k in (3, 5):
                name = "depthwise" + " dilated" * (dilation > 1) + " strided" * (stride > 1)
                padding = dilation * (k // 2)
                layer = ComplexDepthwiseConv2d(c, (k, k), (stride, stride), (padding, padding), dilation)
                found[f"{name} {k}x{k}"] = layer, c
    return found


def forward_and_backward(layer: nn.Module, x: Tensor) -> Work:
    """A layer and the gradients of its input and its weights."""
    weights = list(layer.parameters())
    towards = torch.randn_like(layer(x))

    def work() -> Tensor:
        return torch.autograd.grad(layer(x), [x, *weights], towards)[0]

    return work


def searched(size: Size) -> Work:
    """A step of the search, with the passes of a run on a CPU; the weights stay, so that forms may agree."""
    one = experiment(size)
    passes = supernet_passes(one.supernet, size.batch)
    search = RelaxedSearch(one.supernet, one.method, 0, None, CPU, passes)
    for group in (*search.arch_optimizer.param_groups, *search.weight_optimizer.param_groups):
        group["lr"] = 0.0
    held, train = batches(one, size, CPU)
    return lambda: search.step(held, train, 0.0)["loss"]


def compared(work: Work, runs: int) -> dict[str, Figure]:
    """What every form takes for some work."""
    found = {}
    for form in FORMS:  # also warms up
        with computed_in(form):
            found[form] = work().detach()
    seconds: dict[str, list[float]] = {form: [] for form in FORMS}
    for _ in range(runs):
        for form, taken in seconds.items():
            with computed_in(form):
                taken.append(seconds_of(work, CPU))
    return {
        form: Figure(
            seconds=median(taken),
            ratio=median(one / ours for one, ours in zip(taken, seconds["ours"], strict=True)),
            difference=float((found[form] - found["ours"]).abs().max()),
        )
        for form, taken in seconds.items()
    }


def measured(size: Size, runs: int, step: bool) -> dict[str, dict[str, Figure]]:
    """The figures of every kind of work, by form."""
    torch.manual_seed(0)
    sizes = experiment(size).frontend.output.stored[1:]
    found = {}
    for kind, (layer, channels) in convolutions(size).items():
        x = torch.randn(size.batch, 2 * channels, *sizes)
        x = x.contiguous(memory_format=torch.channels_last).requires_grad_()
        found[kind] = compared(forward_and_backward(layer, x), runs)
    if step:
        found["a step of the search"] = compared(searched(size), max(1, runs // 4))
    return found


def show(name: str, found: dict[str, dict[str, Figure]]) -> None:
    print(f"{name}, {name_of(CPU)}: milliseconds, and how many times as long as ours")
    print(f"{'':30}" + "".join(f"{form:>17}" for form in FORMS) + f"{'difference':>12}")
    for kind, figures in found.items():
        cells = "".join(f"{1e3 * one.seconds:10.2f} {one.ratio:6.2f}" for one in figures.values())
        print(f"{kind:30}{cells}{max(one.difference for one in figures.values()):12.0e}")


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    complex_sizes = [name for name, size in SIZES.items() if size.domain == "complex"]
    parser.add_argument("--size", choices=complex_sizes, action="append", help="repeatable; default: all")
    parser.add_argument("--batch", type=int, help="in place of that of the size")
    parser.add_argument("--runs", type=int, default=9, help="of a convolution; a step has a quarter as many")
    parser.add_argument("--no-step", action="store_true", help="convolutions alone")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    everything = {}
    for name in given.size or complex_sizes:
        size = replace(SIZES[name], batch=given.batch or SIZES[name].batch)
        everything[name] = found = measured(size, max(1, given.runs), not given.no_step)
        if not given.json:
            show(name, found)
    if given.json:
        print(json.dumps(_plain(everything), indent=2))


def _plain(everything: dict[str, dict[str, dict[str, Figure]]]) -> dict[str, object]:
    return {
        size: {kind: {form: asdict(one) for form, one in figures.items()} for kind, figures in found.items()}
        for size, found in everything.items()
    }


if __name__ == "__main__":
    main()
