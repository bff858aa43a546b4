"""The memory that primitives save for their backward pass, as `lower/modules/modules.py` implements them.

The figures hold for float32 on a CPU, for which plans are made. Other implementations differ in details:
torch's own average pool saves its input, and so does its strided 1x1 convolution.
"""

from __future__ import annotations

from math import prod

from ..tensortype import TensorType
from .registry import Attributes, Saved
from .window import grid_of, kernel_of, stride_of

Inputs = tuple[TensorType, ...]


def nothing(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Sums, concatenations and means: their backward pass needs only sizes."""
    return Saved()


def its_inputs(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Convolutions, norms, products, linear layers: they save their inputs."""
    return Saved(inputs=True)


def its_output(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Activations whose derivative follows from their output, which they save."""
    return Saved(output=True)


def of_bounded(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """`bounded` saves its input and 1 + |x|; for complex tensors its output and the modulus."""
    if inputs[0].domain == "complex":
        return Saved(output=True, values=output.numbers // 2, workspace=2 * output.numbers)
    return Saved(inputs=True, values=output.numbers, workspace=output.numbers)


def of_conv(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """A convolution saves its input; a strided 1x1 one only the pixels on its grid."""
    if kernel_of(attributes) == (1, 1) and stride_of(attributes) != (1, 1):
        on_grid = inputs[0].stored[0] * prod(output.shape[1:])
        return Saved(values=on_grid, workspace=on_grid)
    return Saved(inputs=True)


def of_dwconv(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """A depthwise convolution saves its input, or the pixels on its grid (`grid_of`).

    Its backward pass needs another copy. A complex one holds the gradients of both terms, the second with
    respect to i times its output, before they are summed.
    """
    size = inputs[0].numbers
    meeting = size + output.numbers if inputs[0].domain == "complex" else 0
    if attributes["pad"] is not None or not all(size % 2 for size in kernel_of(attributes)):
        return Saved(inputs=True, workspace=meeting)
    grid = grid_of(attributes)
    if grid == (1, 1):
        return Saved(inputs=True, workspace=size + meeting)
    channels, *sizes = inputs[0].stored
    on_grid = channels * prod(-(-extent // step) for extent, step in zip(sizes, grid, strict=True))
    return Saved(values=on_grid, workspace=on_grid + meeting)


def of_bn(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Batch norm saves its input; the complex backward pass also holds i times the input and the gradient."""
    if inputs[0].domain == "real":
        return Saved(inputs=True)
    return Saved(inputs=True, workspace=2 * inputs[0].numbers)


def of_maxpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """A max pool saves its input and the position of each maximum; a complex one only the positions."""
    if inputs[0].domain == "complex":
        return Saved(indices=output.numbers // 2, workspace=2 * output.numbers)
    return Saved(inputs=True, indices=output.numbers)


def of_avgpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """An average pool saves nothing; with a stride its gradient is first spread over a grid of zeros."""
    strided = stride_of(attributes) != (1, 1)
    return Saved(workspace=output.numbers + strided * inputs[0].numbers)


def of_inorm(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Instance norm saves its input in another memory layout, which torch needs in both passes."""
    return Saved(values=inputs[0].numbers, workspace=inputs[0].numbers)


def of_ln(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Layer norm saves its input in another memory layout, channels last."""
    return Saved(values=inputs[0].numbers, workspace=inputs[0].numbers)


def both(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """The largest value along an axis: where it stands follows from what was read and what came out."""
    return Saved(inputs=True, output=True)
