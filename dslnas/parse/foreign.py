"""Spellings of other languages and libraries, each with how the same is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..base.spelling import did_you_mean

# Operations as other libraries call them: what to write.
OPERATIONS: Mapping[str, str] = {
    "in_norm": "inorm",
    "instance_norm": "inorm",
    "layer_norm": "ln",
    "layernorm": "ln",
    "group_norm": "gn(4)",
    "groupnorm": "gn(4)",
    "batch_norm": "bn",
    "batchnorm": "bn",
    "subspectral_norm": "ssn(5)",
    "fc": "linear(128)",
    "dense": "linear(128)",
    "swish": "silu",
    "hard_swish": "hardswish",
    "hard_sigmoid": "hardsigmoid",
    "leakyrelu": "leaky_relu(0.2)",
    "conv2d": "conv(3)",
    "conv1d": "conv((1, 3))",
    "pointwise": "conv(1)",
    "depthwise": "dwconv(3)",
    "max_pooling": "maxpool(3, 2)",
    "avg_pooling": "avgpool(3, 2)",
    "gap": "global_pool",
    "flatten": "fold",
    "identity": "x",
    "channel_shuffle": "shuffle(2)",
    "sqrt": "root",
    "dct": "cepstrum(40)",
    "upsampling": "upsample(2)",
    "interpolate": "upsample(2)",
    "resize": "upsample_to(x, y)",
    "blstm": "lstm(128, bidirectional: true)",
    "bilstm": "lstm(128, bidirectional: true)",
    "bigru": "gru(128, bidirectional: true)",
    "rnn": "gru(128)",
    "positional_encoding": "position",
    "positional_embedding": "position",
    "position_embedding": "position",
    "pos_embedding": "position",
    "class_token": "token",
    "cls_token": "token",
}
# Products of matrices as other libraries call them.
_ATTENTION = (
    "write `attend(scores(q, k, heads: 1) -> softmax(frequency), v)`, or `x -> self_attention(1)` after "
    '`use "lib/blocks.nas"`'
)
PRODUCTS = (
    *("matmul", "bmm", "mm", "dot", "einsum", "matrix_product", "scaled_dot_product_attention"),
    *("mha", "multi_head_attention", "multihead_attention", "multiheadattention", "multi_head"),
)
# What is said besides of a name that other libraries give to something else.
NAMESAKES: Mapping[str, str] = {
    "attention": '; that of transformers is `self_attention(1)`, from `use "lib/blocks.nas"`',
}
# Signs and keywords where they are not expected.
SIGNS: Mapping[str, str] = {
    "|": "`choose {a, b}` is one of several; `or` joins conditions",
    "^": "write a power as a product: `x * x`",
    "&": "`and` joins conditions",
    "@": f"a product of matrices stands in attention: {_ATTENTION}",
    "%": "a remainder is not computed; `50%` is a share",
    ";": "begin a new line instead",
    "in": "instance norm is `inorm`",
    "let": "`let` stands in braces, of an operation, a space, a cell or a network: `network { let a = ... }`",
}


def operation_like(name: str, known: Iterable[str]) -> str:
    """The help for an operation that does not exist: its name here, one that is spelled alike, or plugins."""
    if name.lower() in OPERATIONS:
        return f"it is called `{OPERATIONS[name.lower()]}` here"
    if name.lower() in PRODUCTS:
        return _ATTENTION
    return did_you_mean(name, known) or "`op` makes one of others; a plugin makes one in Python: `--plugin`"
