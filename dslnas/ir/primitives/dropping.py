"""What loses values in training and is the identity in evaluation: dropout, also of channels and examples."""

from __future__ import annotations

from math import prod

from ..tensortype import Domain, TensorType
from .registry import BOTH, Attributes, Parameter, Primitive, Saved, TypeRuleError, register

Inputs = tuple[TensorType, ...]


def _type_of(name: str) -> object:
    def rule(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
        if attributes["rate"] >= 1:
            help = f"`{name}(0.2)` loses a fifth of them in training"
            raise TypeRuleError("N0301", f"`{name}` loses everything", help)
        return inputs[0]

    return rule


def _draws(output: TensorType, of: str) -> int:
    """How many numbers are drawn for one example."""
    return {"values": prod(output.shape), "channels": output.shape[0], "examples": 1}[of]


# What one draw decides about, by primitive.
DROPPING = {"dropout": "values", "spatial_dropout": "channels", "drop_path": "examples"}
for _name, _doc in (
    ("dropout", "in training each value is lost with probability `rate`"),
    ("spatial_dropout", "in training each channel is lost as a whole, with probability `rate`"),
    (
        "drop_path",
        "in training the whole tensor of an example is lost with probability `rate`: at the end of a branch "
        "beside an identity (Huang et al., 2016)",
    ),
):

    def _saves(
        inputs: Inputs, output: TensorType, attributes: Attributes, of: str = DROPPING[_name]
    ) -> Saved:
        return Saved(values=_draws(output, of))

    register(
        Primitive(
            _name,
            (Parameter("rate", "fraction"),),
            _type_of(_name),  # type: ignore[arg-type]
            saves=_saves,
            domains=BOTH,
            training_only=True,
            doc=f"{_doc}, and the rest grows by 1 / (1 - rate); nothing in evaluation and in exported files",
        )
    )
