"""Templates of the primitives in plain PyTorch, for the files that `dslnas export` writes.

A form is text with holes. It computes what the module of the primitive computes (see
`lower/modules/builders.py`), and its weights have the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..ir.primitives.axes import axis_of
from ..ir.primitives.dropping import DROPPING
from ..ir.primitives.recurrent import directions, features_of
from ..ir.primitives.registry import Attributes
from ..ir.primitives.window import is_even, kernel_of, padding_of, stride_of
from ..ir.tensortype import TensorType

Inputs = tuple[TensorType, ...]
Value = int | float | tuple[int, int]


@dataclass(frozen=True)
class Form:
    """A primitive as source text.

    made: the expression that makes its module, empty where it needs none; `{channels}` is a hole.
    holes: what each hole is filled with. Classes that differ in these alone become one with parameters.
    called: the expression of its value; `{0}` is the first input, `{inputs}` are all with commas between
    them, `{module}` is its module.
    operator: whether the expression is one of an operator, so that it stands in parentheses in another.
    Both may name what `PARTS` lists, beside torch's own names.
    """

    made: str = ""
    holes: Mapping[str, Value] = field(default_factory=dict)
    called: str = "{module}({0})"
    operator: bool = False


FORMS: dict[str, Callable[[Inputs, TensorType, Attributes], Form]] = {}


def form(name: str) -> Callable[[Callable[[Inputs, TensorType, Attributes], Form]], None]:
    """Registers the form of a primitive."""

    def register(made: Callable[[Inputs, TensorType, Attributes], Form]) -> None:
        assert name not in FORMS, f"{name} has a form"
        FORMS[name] = made

    return register


def _plain(name: str, called: str, operator: bool = False) -> None:
    """The form of a primitive that is an expression without a module."""
    form(name)(lambda inputs, output, attributes: Form(called=called, operator=operator))


def short(pair: tuple[int, int]) -> Value:
    """A pair of equal numbers as one number, as PyTorch takes it."""
    return pair[0] if pair[0] == pair[1] else pair


# --- networks ----------------------------------------------------------------------------------------------

_plain("relu", "F.relu({0})")
_plain("relu6", "F.relu6({0})")
_plain("tanh", "torch.tanh({0})")
_plain("sigmoid", "torch.sigmoid({0})")
_plain("hardsigmoid", "F.hardsigmoid({0})")
_plain("silu", "F.silu({0})")
_plain("hardswish", "F.hardswish({0})")
_plain("gelu", "F.gelu({0})")
_plain("shift", "F.pad({0}[:, :, 1:, 1:], (0, 1, 0, 1))")  # one pixel towards the origin, zeros moving in
_plain("global_pool", "{0}.mean(dim=(2, 3))")
_plain("real_imag", "{0}")  # the parts of a complex tensor are its channels already
for _name in DROPPING:
    _plain(_name, "{0}")  # left out where a network is written: it does nothing in evaluation
_plain("magnitude", "torch.linalg.vector_norm({0}.unflatten(1, (-1, 2)), dim=2)")


def is_complex(inputs: Inputs) -> bool:
    """Whether a primitive reads complex tensors."""
    return bool(inputs) and inputs[0].domain == "complex"


@form("bounded")
def _bounded(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called="bounded({0})" if is_complex(inputs) else "F.softsign({0})")


_plain("root", "torch.sqrt({0}.clamp(min=0) + 1e-5)")


@form("fold")
def _fold(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    dim = 2 + axis_of("fold", inputs[0], attributes.get("axis", "frequency"))
    if is_complex(inputs):
        folded = f"{{0}}.unflatten(1, (-1, 2)).movedim({dim + 1}, 2).flatten(1, 3)"
    else:
        folded = "{0}.flatten(1, 2)" if dim == 2 else f"{{0}}.movedim({dim}, 2).flatten(1, 2)"
    return Form(called=folded if len(inputs[0].size) == 1 else f"{folded}.unsqueeze({dim})")


@form("leaky_relu")
def _leaky_relu(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called=f"F.leaky_relu({{0}}, {attributes['slope']:g})")


@form("prelu")
def _prelu(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form("nn.PReLU({channels})", {"channels": output.stored[0]})


@form("softmax")
def _softmax(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    axis = attributes["axis"]
    dim = 1 if axis is None else 2 + axis_of("softmax", inputs[0], axis)
    return Form(called=f"torch.softmax({{0}}, dim={dim})")


@form("scaled")
def _scaled(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    holes: dict[str, Value] = {"channels": output.shape[0]}
    return Form("Scaled({channels}, parts=2)" if is_complex(inputs) else "Scaled({channels})", holes)


@form("weighted")
def _weighted(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form("Weighted()")


def _operands(inputs: Inputs, output: TensorType, between: str) -> str:
    """All inputs with an operator between them; one with fewer axes than the output is spread over it."""
    if all(len(one.size) == len(output.size) for one in inputs):
        return f"{{inputs:{between}}}"
    axes = [len(output.size) - len(one.size) for one in inputs]
    spread = ("".join(f"[:, :{', None' * more}]") if more else "" for more in axes)
    return between.join(f"{{{place}}}{more}" for place, more in enumerate(spread))


@form("add")
def _add(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called=_operands(inputs, output, " + "), operator=True)


@form("subtract")
def _subtract(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called=_operands(inputs, output, " - "), operator=True)


@form("multiply")
def _multiply(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    if is_complex(inputs):
        return Form(called=f"product({_operands(inputs, output, ', ')})")
    return Form(called=_operands(inputs, output, " * "), operator=True)


@form("rescale")
def _rescale(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    by, plus = attributes["by"], attributes["plus"]
    if plus and is_complex(inputs):
        return Form(called=f"rescaled({{0}}, {by:g}, {plus:g})")
    return Form(called=f"{by!r} * {{0}} + {plus!r}" if plus else f"{by!r} * {{0}}", operator=True)


def _along(name: str, called: str) -> None:
    @form(name)
    def _form(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
        dim = 2 + axis_of(name, inputs[0], attributes["axis"])
        return Form(called=called.replace("DIM", f"dim={dim}, keepdim=True"))


_along("mean", "torch.mean({0}, DIM)")
_along("total", "torch.sum({0}, DIM)")
_along("max", "torch.amax({0}, DIM)")
_along("std", "torch.sqrt(torch.var({0}, correction=0, DIM) + 1e-5)")


@form("concat")
def _concat(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called="torch.cat(({inputs}), dim=1)" if len(inputs) > 1 else "{0}")


@form("zero")
def _zero(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called=f"torch.zeros_like({{0}}{_grid(stride_of(attributes))})")


def _grid(stride: tuple[int, int]) -> str:
    """What takes the pixels on the grid of a stride."""
    return "" if stride == (1, 1) else f"[:, :, ::{stride[0]}, ::{stride[1]}]"


@form("slice")
def _slice(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    parts = 2 if is_complex(inputs) else 1
    first, last = parts * attributes["first"], parts * (attributes["first"] + output.shape[0])
    return Form(called=f"{{0}}[:, {first}:{last}]")


@form("shuffle")
def _shuffle(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called=f"F.channel_shuffle({{0}}, {attributes['groups']})")


def _convolution(
    inputs: Inputs, holes: dict[str, Value], channels: str, groups: str, attributes: Attributes
) -> Form:
    kernel, stride, dilation = kernel_of(attributes), stride_of(attributes), attributes["dilation"]
    called, even = "{module}({0})", is_even(attributes)
    if even:
        called = f"{{module}}({_padded(attributes)})"
    if kernel == (1, 1) and not any(map(any, padding_of(attributes))):
        # pixels first: PyTorch's weight gradient of a strided one is not safe on a CPU
        called, stride = f"{{module}}({{0}}{_grid(stride)})", (1, 1)
    (frequency, _), (time, _) = padding_of(attributes)
    padding = (0, 0) if even else (frequency, time)
    where = "stride={stride}, padding={padding}, dilation={dilation}"
    more: dict[str, Value] = {
        "kernel": short(kernel),
        "stride": short(stride),
        "padding": short(padding),
        "dilation": dilation,
    }
    if is_complex(inputs):
        made = f"ComplexConv2d({channels}, {{kernel}}, {where}{groups})"
    else:
        made = f"nn.Conv2d({channels}, {{kernel}}, {where}{groups}, bias=False)"
    return Form(made, {**holes, **more}, called)


@form("conv")
def _conv(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    holes: dict[str, Value] = {"channels_in": inputs[0].shape[0], "channels_out": output.shape[0]}
    groups = f", groups={attributes['groups']}" if attributes["groups"] != 1 else ""
    return _convolution(inputs, holes, "{channels_in}, {channels_out}", groups, attributes)


@form("dwconv")
def _dwconv(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    holes: dict[str, Value] = {"channels": output.shape[0]}
    return _convolution(inputs, holes, "{channels}, {channels}", ", groups={channels}", attributes)


def _padded(attributes: Attributes, more: str = "") -> str:
    """The input with what torch does not pad by itself, where both sides of an axis differ."""
    frequency, time = padding_of(attributes)
    return f"F.pad({{0}}, {(*time, *frequency)}{more})"


def _even_pool(name: str, inputs: Inputs, attributes: Attributes) -> Form:
    """A pool whose windows are of even size."""
    window = f"{short(kernel_of(attributes))}, {short(stride_of(attributes))}"
    if name == "avgpool":
        if kernel_of(attributes) == stride_of(attributes) == (2, 2):
            # windows side by side, of which the last is cut off where the size is odd
            return Form(called="F.avg_pool2d({0}, 2, 2, ceil_mode=True)")
        inside = _padded(attributes).replace("{0}", "torch.ones_like({0})")
        counted = f"F.avg_pool2d({inside}, {window})"
        return Form(called=f"F.avg_pool2d({_padded(attributes)}, {window}) / {counted}", operator=True)
    if is_complex(inputs):
        return Form(f"ComplexMaxPool2d({window})", called=f"{{module}}({_padded(attributes)})")
    lowest = _padded(attributes, ', value=float("-inf")')
    return Form(called=f"F.max_pool2d({lowest}, {window})")


def _pool(name: str, module: str, more: str) -> None:
    @form(name)
    def _form(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
        if is_even(attributes):
            return _even_pool(name, inputs, attributes)
        kernel = kernel_of(attributes)
        holes: dict[str, Value] = {
            "kernel": short(kernel),
            "stride": short(stride_of(attributes)),
            "padding": short((kernel[0] // 2, kernel[1] // 2)),
        }
        # without a stride PyTorch's pools take the kernel for it
        pool = "ComplexMaxPool2d" if name == "maxpool" and is_complex(inputs) else f"nn.{module}"
        return Form(f"{pool}({{kernel}}, {{stride}}, {{padding}}{more})", holes)


_pool("maxpool", "MaxPool2d", "")
_pool("avgpool", "AvgPool2d", ", count_include_pad=False")


@form("tilepool")
def _tilepool(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    pool = "ComplexMaxPool2d" if is_complex(inputs) else "nn.MaxPool2d"
    cut_off = "" if attributes.get("whole") else ", ceil_mode=True"
    return Form(f"{pool}({{stride}}, {{stride}}{cut_off})", {"stride": short(stride_of(attributes))})


def _norm(name: str, module: str, usual: bool) -> None:
    @form(name)
    def _form(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
        affine = attributes["affine"]
        more = "" if affine == usual else f", affine={affine}"
        norm = f"Complex{module}" if is_complex(inputs) else f"nn.{module}"
        return Form(f"{norm}({{channels}}{more})", {"channels": output.shape[0]})


_norm("bn", "BatchNorm2d", usual=True)
_norm("inorm", "InstanceNorm2d", usual=False)


@form("ssn")
def _ssn(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    norm = "ComplexSubSpectralNorm" if is_complex(inputs) else "SubSpectralNorm"
    made = f"{norm}({{channels}}, {{bands}}, affine={attributes['affine']})"
    return Form(made, {"channels": output.shape[0], "bands": attributes["bands"]})


@form("ln")
def _ln(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(f"ChannelNorm({{channels}}, affine={attributes['affine']})", {"channels": output.shape[0]})


@form("gn")
def _gn(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    more = "" if attributes["affine"] else ", affine=False"
    holes: dict[str, Value] = {"groups": attributes["groups"], "channels": output.shape[0]}
    return Form(f"nn.GroupNorm({{groups}}, {{channels}}{more})", holes)


@form("linear")
def _linear(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    linear = "ComplexLinear" if is_complex(inputs) else "nn.Linear"
    more = "" if attributes.get("bias", True) else ", bias=False"
    return Form(
        f"{linear}({{features_in}}, {{features_out}}{more})",
        {"features_in": inputs[0].shape[0], "features_out": output.shape[0]},
        "{module}({0}.movedim(1, -1)).movedim(-1, 1)" if output.size else "{module}({0})",
    )


def _units(name: str, module: str) -> None:
    @form(name)
    def _form(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
        ways = directions(attributes)
        more = f", num_layers={attributes['layers']}" if attributes["layers"] != 1 else ""
        more += ", bidirectional=True" if ways == 2 else ""
        made = f"{module}({{features}}, {{hidden}}{more}, batch_first=True)"
        return Form(made, {"features": features_of(inputs[0]), "hidden": output.shape[0] // ways})


_units("gru", "Recurrent")
_units("lstm", "LongRecurrent")


def _nearest(name: str) -> None:
    @form(name)
    def _form(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
        return Form(called=f"nearest({{0}}, {output.shape[1]}, {output.shape[2]})")


_nearest("upsample")
_nearest("upsample_to")


@form("bias")
def _bias(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form("Bias({channels})", {"channels": output.stored[0]})


@form("position")
def _position(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form("Position({channels}, {steps})", {"channels": output.stored[0], "steps": output.stored[-1]})


@form("token")
def _token(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form("Token({channels})", {"channels": output.stored[0]})


@form("scores")
def _scores(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called=f"scores({{0}}, {{1}}, {attributes['heads']})")


@form("last")
def _last(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(called="{0}[:, :, -1]" if len(inputs[0].size) == 1 else "{0}[:, :, 0, -1]")


_plain("attend", "attend({0}, {1})")


# --- front ends, without their random steps ---------------------------------------------------------------
# Every step is given `phase`, from where the phases of the whole front end count; None where it is real.

_ABSENT = ("wave", "gain", "fade", "add_noise", "stretch", "mask_time", "mask_freq")
for _name in (*_ABSENT, "image", "crop", "flip", "cutout"):
    _plain(_name, "{0}")


@form("colour")
def _colour(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    low, high = attributes["range"]
    return Form(f"Colour({low}, {high})")


@form("normalize")
def _normalize(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    mean, deviation = attributes["mean"], attributes["deviation"]
    return Form(f"Normalize(mean={mean}, deviation={deviation})")


@form("stft")
def _stft(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    window, hop = (round(attributes[key] * attributes["rate"]) for key in ("window", "hop"))
    spectrum = {"centre": "CentredSpectrum", "relative": "RelativeSpectrum", "start": "Spectrum"}
    name = spectrum[attributes["phase"]] if output.domain == "complex" else "PowerSpectrum"
    whole = ", whole=True" if attributes.get("whole") else ""
    return Form(f"{name}(window={window}, hop={hop}{whole})")


@form("mel")
def _mel(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    bins, bands, rate = inputs[0].shape[1], output.shape[1], attributes["rate"]
    mel = "MelFilters" if attributes["phase"] in (None, "start") else "PhasedMelFilters"
    return Form(f"{mel}(bins={bins}, bands={bands}, rate={rate:g})")


@form("cepstrum")
def _cepstrum(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    return Form(f"Cepstrum(bands={inputs[0].shape[1]}, coefficients={output.shape[1]})")


@form("log")
def _log(inputs: Inputs, output: TensorType, attributes: Attributes) -> Form:
    # the floor hides what is quieter than any room
    return Form(called="log_modulus({0})" if is_complex(inputs) else "torch.log({0} + 1e-3)")
