"""A program of ExecuTorch (.pte), PyTorch's runtime for phones and small computers.

It plans its memory before it runs, so a program takes one wave that is no longer than a clip, or one image.
XNNPACK computes what it can, the portable kernels of ExecuTorch the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

from ...base.diagnostics import DslnasError, fail

PACKAGE = "executorch"
FACTS = "facts"  # the method that returns what the program is, as JSON
TOLERANCE = 1e-4  # of the probabilities of noise


def needs_executorch() -> None:
    """Raise DslnasError N0702 where ExecuTorch is not installed."""
    if find_spec(PACKAGE) is None:
        help = 'install it: `pip install "dslnas[executorch]"`'
        raise fail("N0702", f"a program of ExecuTorch needs the package `{PACKAGE}`", help=help)


def program_of(
    whole: nn.Module,
    example: Tensor,
    sizes: Mapping[int, Any],
    facts: Mapping[str, str],
    numbers: Mapping[str, int],
) -> bytes:
    """The program of a network with its front end: `example` (1, ...) to `probabilities` (1, classes).

    whole: of PyTorch's own real layers. sizes: the axes of the example that may have other lengths. Methods
    without inputs say what it is: `facts` as JSON, and each of `numbers`. It is run once beside PyTorch.
    Raises DslnasError N0702 where ExecuTorch is not installed, or has no form for the network.
    """
    needs_executorch()
    whole = _scaled(whole)
    exported = torch.export.export(whole, (example,), dynamic_shapes=(dict(sizes),) if sizes else None)
    exported = exported.run_decompositions({torch.ops.aten.hypot.default: _modulus})
    said = {FACTS: json.dumps(dict(facts), ensure_ascii=False), **numbers}
    try:
        data = _lowered(exported, said)
        _check(data, whole, torch.rand(example.shape, generator=_generator()) - 0.5)
    except DslnasError:
        raise
    except Exception as error:  # ExecuTorch raises bare ones
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise fail("N0702", f"the network has no form in ExecuTorch: {reason}", help=_INSTEAD) from error
    return data


_INSTEAD = "`--to torch` and `--to onnx` write it"


def _modulus(a: Tensor, b: Tensor) -> Tensor:
    """What `hypot` is made of, which ExecuTorch lacks."""
    return (a * a + b * b).sqrt()


def _lowered(exported: torch.export.ExportedProgram, said: Mapping[str, Any]) -> bytes:
    """An exported program as the bytes of a file. said: by names of methods what each returns."""
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    edge = to_edge_transform_and_lower(
        exported, partitioner=[XnnpackPartitioner()], constant_methods=dict(said)
    )
    data: bytes = edge.to_executorch().buffer
    return data


def outputs_of(data: bytes, x: Tensor) -> Tensor:
    """What a program makes of an input, in ExecuTorch's own runtime; raises RuntimeError where it fails."""
    found: Tensor = method_of(data, "forward")(x)
    return found


def method_of(data: bytes, name: str) -> Any:
    """A method of a program as a function of tensors that returns its first output."""
    from executorch.runtime import Runtime

    method = Runtime.get().load_program(data).load_method(name)
    assert method is not None, f"the program has a method {name}"
    return lambda *inputs: method.execute(list(inputs))[0]


def _check(data: bytes, whole: nn.Module, x: Tensor) -> None:
    """Raise DslnasError N0702 where a program does not compute what it was made of."""
    with torch.no_grad():
        difference = float((outputs_of(data, x) - whole(x)).abs().max())
    if not difference <= TOLERANCE:
        message = f"ExecuTorch computes something else: its probabilities differ by {difference:.1e}"
        raise fail("N0702", message, help=_INSTEAD)


def _scaled(network: nn.Module) -> nn.Module:
    """The same network, whose batch norms all have weights.

    ExecuTorch (1.5) names what it makes of a norm after its weight, so those without one would share it.
    """
    copy = deepcopy(network)
    for norm in copy.modules():
        if isinstance(norm, nn.BatchNorm2d) and norm.weight is None:
            norm.weight = nn.Parameter(torch.ones(norm.num_features))
            norm.bias = nn.Parameter(torch.zeros(norm.num_features))
    return copy.eval()


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)
