"""Primitives beside their modules: the type of a rule is the shape of a module, and its cost the module's."""

from __future__ import annotations

from typing import Any

import torch

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import TensorType
from dslnas.lower.modules.builders import module_of


def made(name: str, inputs: tuple[TensorType, ...], **attributes: Any) -> TensorType:
    """The type that a primitive's rule says, once its module is seen to make that shape at that cost."""
    primitive = REGISTRY[name]
    output = primitive.type_rule(inputs, attributes, "real")
    module = module_of(primitive, inputs, output, attributes)
    values = [torch.rand(2, *type.shape) for type in inputs]
    for layout in (torch.contiguous_format, torch.channels_last):
        laid = [v.contiguous(memory_format=layout) if v.dim() == 4 else v for v in values]
        assert tuple(module(*laid).shape) == (2, *output.shape)
    weights = sum(parameter.numel() for parameter in module.parameters())
    assert primitive.cost(inputs, output, attributes).params == weights
    if primitive.stateless:
        assert not module.state_dict()
    return output
