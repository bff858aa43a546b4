"""What the primitives of networks hold for their backward pass, torch-free: what `modules.py` saves.

Declared for the form that runs on a CPU in float32, which plans are made for. Other forms differ in details:
torch's own average pool keeps its input, and so does its strided 1x1 convolution.
"""

from __future__ import annotations

from math import prod

from ..tensortype import TensorType
from .registry import Attributes, Saved
from .window import grid_of, kernel_of, stride_of

Inputs = tuple[TensorType, ...]


def nothing(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Sums, concatenations and means: their backward pass needs sizes alone."""
    return Saved()


def its_inputs(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Convolutions, norms, products, linear layers."""
    return Saved(inputs=True)


def its_output(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Activations whose slope follows from their value."""
    return Saved(output=True)


def of_bounded(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Its input and 1 + |x|; of complex numbers its output and the modulus."""
    if inputs[0].domain == "complex":
        return Saved(output=True, values=output.numbers // 2, workspace=2 * output.numbers)
    return Saved(inputs=True, values=output.numbers, workspace=output.numbers)


def of_conv(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """A strided 1x1 convolution keeps the pixels on its grid alone."""
    if kernel_of(attributes) == (1, 1) and stride_of(attributes) != (1, 1):
        on_grid = inputs[0].stored[0] * prod(output.shape[1:])
        return Saved(values=on_grid, workspace=on_grid)
    return Saved(inputs=True)


def of_dwconv(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Its input, or the pixels on the grid that its taps share; another copy while gradients are formed.

    The gradients of both terms of a complex one, the second towards i times its output, stand side by side
    before they are summed.
    """
    size = inputs[0].numbers
    meeting = size + output.numbers if inputs[0].domain == "complex" else 0
    if attributes["pad"] is not None:
        return Saved(inputs=True, workspace=meeting)
    grid = grid_of(attributes)
    if grid == (1, 1):
        return Saved(inputs=True, workspace=size + meeting)
    channels, *sizes = inputs[0].stored
    on_grid = channels * prod(-(-extent // step) for extent, step in zip(sizes, grid, strict=True))
    return Saved(values=on_grid, workspace=on_grid + meeting)


def of_bn(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Its input. Of a complex one, i times the input and i times the gradient stand beside them."""
    if inputs[0].domain == "real":
        return Saved(inputs=True)
    return Saved(inputs=True, workspace=2 * inputs[0].numbers)


def of_maxpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Its input, and where in it each maximum was; of complex numbers the places alone."""
    if inputs[0].domain == "complex":
        return Saved(indices=output.numbers // 2, workspace=2 * output.numbers)
    return Saved(inputs=True, indices=output.numbers)


def of_avgpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Nothing; where it is strided its gradient is first spread over a grid of zeros."""
    strided = stride_of(attributes) != (1, 1)
    return Saved(workspace=output.numbers + strided * inputs[0].numbers)


def of_inorm(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Its input in another order of memory, which torch's instance norm needs in both passes."""
    return Saved(values=inputs[0].numbers, workspace=inputs[0].numbers)
