"""Spellings of other languages and libraries, each with how the same is written here."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence

from lark import Token

from ..base.spelling import did_you_mean
from . import syntax
from .walking import names_in

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
    "adaptive_avg_pool": "global_pool",
    "global_avg_pool": "global_pool",
    "global_average_pooling": "global_pool",
    "flatten": "fold",
    "identity": "x",
    "channel_shuffle": "shuffle(2)",
    "sqrt": "root",
    "layer_scale": "scaled(1e-4)",
    "channel_scale": "scaled(1)",
    "re_zero": "weighted(0)",
    "skip_init": "weighted(0)",
    "learned_scalar": "weighted(1)",
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
# What is an operation elsewhere, and here a part of the language.
_CHOICE = "write `choose {a, b}`: one of them"
CONSTRUCTS: Mapping[str, str] = {
    **dict.fromkeys(("one_of", "choice", "layer_choice", "input_choice", "mixed_op", "switch"), _CHOICE),
    **dict.fromkeys(("repeat", "stack"), "write `3 times block`: so many of them, one behind the other"),
    **dict.fromkeys(("residual", "shortcut"), "write `(x -> block) + x`"),
    **dict.fromkeys(
        ("learned", "learnable", "trainable", "parameter"),
        "a learned factor is an operation: `x -> weighted(0.1)` is one, `x -> scaled(0.1)` one a channel",
    ),
    "sequential": "write a pipe: `x -> conv(3) -> relu`",
}
# Parameters as other libraries call them: what to write, or why nothing.
_KNOWN = "leave it out: how many come in is known"
PARAMETERS: Mapping[str, str] = {
    "kernel_size": "kernel",
    **dict.fromkeys(("out_channels", "out_features", "filters", "units"), "out"),
    "num_groups": "groups",
    "hidden_size": "hidden",
    "num_layers": "layers",
    "negative_slope": "slope",
    "padding": "pad",
    "use_bias": "bias",
}
LEFT_OUT = ("in_channels", "in_features", "num_features", "input_size")
NO_BIAS = "leave it out: `bias` is an operation, and `conv(3) -> bias` has one"
LONGEST = 80  # characters of an expression within a message
# What stands for no value elsewhere.
_NOTHING = "leave the argument out, or write `false` where it is a yes or no"
VALUES: Mapping[str, str] = dict.fromkeys(("None", "none", "null", "nil", "nullptr", "undefined"), _NOTHING)
# With what a definition begins elsewhere: which one it is here, and how it is written.
_MODEL = "a network is written `space Name(channels = 16) { network = input -> ... -> linear(classes) }`"
BEGINNINGS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("import", "from", "include"), ("use", '`use "lib/darts.nas"` brings what a file defines')
    ),
    **dict.fromkeys(
        ("def", "fn", "func", "function", "block", "layer"),
        ("op", "an operation is written `op name(k) = x -> conv(k)`"),
    ),
    **dict.fromkeys(("class", "model", "network", "net", "module", "struct"), ("space", _MODEL)),
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
    known = list(known)
    for spelled in dict.fromkeys((name.lower(), _without_size(name))):
        if spelled in _JOINED:
            return f"it is called `{_JOINED[spelled]}` here"
        if spelled in PRODUCTS:
            return _ATTENTION
        if spelled in _CONSTRUCTS:
            return _CONSTRUCTS[spelled]
        if spelled in known and spelled != name.lower():
            return f"it is called `{spelled}` here"
    return did_you_mean(name, known) or "`op` makes one of others; a plugin makes one in Python: `--plugin`"


def _without_size(name: str) -> str:
    """`nn.AdaptiveAvgPool2d` as `adaptiveavgpool`: without module, number of axes, underscores."""
    return re.sub(r"(?<=[a-z])[123]d$", "", name.rpartition(".")[2].lower()).replace("_", "")


_JOINED = {form: here for name, here in OPERATIONS.items() for form in (name, name.replace("_", ""))}
_CONSTRUCTS = {form: help for name, help in CONSTRUCTS.items() for form in (name, name.replace("_", ""))}


def parameter_like(name: str, known: Sequence[str]) -> str:
    """The help for a parameter that an operation has under another name; empty where none is known."""
    if name in LEFT_OUT:
        return _KNOWN
    if name in ("bias", "use_bias") and "bias" not in known:
        return NO_BIAS
    close = did_you_mean(name, known)
    return f"did you mean `{PARAMETERS[name]}`?" if PARAMETERS.get(name) in known and not close else close


def in_a_pipe(expr: syntax.Expr, stages: Container[str], tensors: Container[str]) -> str:
    """Calls within calls as the pipe that they are here: `relu(conv(a, 3))` as `a -> conv(3) -> relu`.

    stages: the operations that read a pipe. tensors: the names of tensors, and of what hands out one.
    """
    if isinstance(expr, syntax.Call) and expr.function.name in stages and expr.arguments:
        first, *others = expr.arguments
        if first.name is None and _is_tensor(first.value, tensors):
            return as_stage(in_a_pipe(first.value, stages, tensors), expr.function.name, others)
    return on_a_line(expr)


def as_stage(tensor: str, operation: str, arguments: Sequence[syntax.Argument]) -> str:
    """An operation behind what it reads, as text: `a -> conv(3)`."""
    values = [(f"{one.name}: " if one.name else "") + on_a_line(one.value) for one in arguments]
    given = ", ".join(values)
    return f"{tensor} -> {operation}({given})" if given else f"{tensor} -> {operation}"


def on_a_line(written: syntax.Expr) -> str:
    """The text of an expression, on one line; `...` where it is too long to be read in a message."""
    text = " ".join(written.span.text.split())
    return text if len(text) <= LONGEST else "..."


def _is_tensor(expr: syntax.Expr, tensors: Container[str]) -> bool:
    """Whether an expression mentions a tensor for more than its size."""
    sized = isinstance(expr, syntax.Call) and expr.function.name == "size"
    return not sized and any(name in tensors for name in names_in([expr]))


def syntax_like(tokens: Sequence[Token], place: int) -> str:
    """The help for a token that another language has in its place; empty where none is known."""
    token, before = tokens[place], tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    was, is_next = before.type if before is not None else "", after.type if after is not None else ""
    begins = was in ("_NL", "LBRACE", "RBRACE")
    if before is None:
        comment = token.type == "STRING" or (token.type == "SLASH" and is_next in ("SLASH", "STAR"))
        return BEGINNINGS[token][1] if token in BEGINNINGS else "a comment begins with `#`" * comment
    match token.type:
        case "SLASH" if was == "SLASH":
            return "`a / b` divides, and a comment begins with `#`"
        case "SLASH" if is_next in ("SLASH", "STAR"):
            return "a comment begins with `#`"
        case "STAR" if was == "STAR":
            return SIGNS["^"]
        case "LET" if begins:
            return SIGNS["let"]
        case "IN" if was in ("PIPE", "COMMA", "LBRACE"):
            return SIGNS["in"]
        case "EQUAL" if was == "NAME" and place > 1 and tokens[place - 2].type in ("COMMA", "LPAR"):
            return f"an argument is named by a colon: `{before}: ...`"
        case "LSQB" if was == "CHOOSE":
            return "options stand in braces: `choose {a, b}`"
        case "LSQB":
            return "there are no lists: a pipe is `a -> b`, options are `choose {a, b}`"
        case "IF":
            return "write `if stride == 1 then a else b`"
        case "FOR" if was in ("PIPE", "EQUAL") or begins:
            return "`3 times block` repeats a stage"
        case _ if before == "return":
            return "leave `return` out: the last expression is the value"
    return ""
