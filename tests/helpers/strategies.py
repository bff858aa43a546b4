"""Valid spaces as text, drawn by hypothesis: operations, candidates, cells, a network, choices everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from dslnas.base.diagnostics import errors
from dslnas.check.typecheck import typecheck
from dslnas.elaborate.space import Setup, build
from dslnas.ir.graph import Program
from dslnas.ir.tensortype import Dim, Domain, TensorType, tensor
from dslnas.resolve.definitions import Definitions, Space
from dslnas.resolve.resolve import resolve
from dslnas.resolve.settings import symbolic

CLASSES = 5
KERNELS = st.sampled_from((1, 3, 5))
ACTIVATIONS = st.sampled_from(("sigmoid", "silu", "gelu", "hardswish", "leaky_relu(0.2)", "prelu", "(-x)"))


@dataclass(frozen=True)
class SpaceText:
    """A space as text. channels: an even number that it may be built with."""

    text: str
    channels: int
    domain: Domain = "real"

    def resolve(self, folder: Path) -> Definitions:
        """The definitions in the text, once it lies in a folder."""
        path = folder / "drawn.nas"
        path.write_text(self.text, encoding="utf-8")
        definitions, found = resolve(path)
        assert not errors(found), found
        return definitions


@st.composite
def bodies(draw: DrawFn, depth: int = 2) -> str:
    """A dataflow from `x` to `C` channels at the size that `stride` leaves."""
    k, n = draw(KERNELS), draw(KERNELS)
    kinds = (
        "conv",
        "depthwise",
        "pool",
        "join",
        "choice",
        "if",
        "concat",
        "nested",
        "polynomial",
        "gate",
        "bend",
    )
    kind = draw(st.sampled_from(kinds))
    if kind == "conv":
        return f"x -> relu -> conv({k}, C, stride) -> bn"
    if kind == "depthwise":
        dilation = draw(st.sampled_from(("", ", dilation: 2")))
        return f"x -> dwconv({k}, stride{dilation}) -> relu6 -> conv(1) -> inorm"
    if kind == "pool":
        pool = draw(st.sampled_from(("maxpool", "avgpool")))
        return f"x -> {pool}({k}, stride) -> conv(1) -> bn(affine: true)"
    if kind == "choice":
        return f"x -> conv(choose {{{k}, {k + 2}}}, C, stride) -> choose {{relu, tanh}} -> bn"
    if kind == "if":
        return f"if stride == 1 then x -> conv({k}) else x -> conv({n}, C, stride: stride) -> bn"
    if kind == "concat":
        return f"concat(x -> conv({k}, C / 2, stride), x -> relu -> conv({n}, C / 2, stride)) -> bn"
    if kind == "nested":
        inner = f"conv(choose {{{k}, {k + 2}}}, C, stride)"
        return f"x -> relu -> choose {{{inner}, x -> dwconv(choose {{{n}, {n + 2}}}, stride) -> conv(1)}}"
    if kind == "polynomial":
        searched = draw(st.sampled_from((str(n), f"choose {{{n}, {n + 2}}}")))
        named = draw(st.sampled_from(("asym4", "asym5", "asym4_bounded", "asym4_scaled")))
        return f"x -> {named}({k}, {searched}) -> bn"
    if kind == "gate":
        gates = ("mean(time)", "total(frequency)", "mean(time) -> mean(frequency)", "global_pool")
        gate = draw(st.sampled_from(gates))
        last = f"linear(C) -> {draw(ACTIVATIONS)}" if gate == "global_pool" else "conv(1) -> sigmoid"
        return f"x -> conv({k}, C, stride) -> (x * (x -> {gate} -> {last}))"
    if kind == "bend":
        bent = f"(x -> {draw(ACTIVATIONS)} -> conv({k}, C, stride)) - 0.5 * (x -> conv({n}, C, stride))"
        return f"{bent} -> choose {{relu, x -> {draw(ACTIVATIONS)} -> bn, (1 - x), (x / 2)}}"
    if depth == 0:
        return f"(x -> dwconv({k}, stride)) * (x -> dwconv({n}, stride)) -> tanh -> conv(1)"
    join = draw(st.sampled_from("+*"))
    return f"({draw(bodies(depth - 1))}) {join} ({draw(bodies(depth - 1))})"


@st.composite
def operations(draw: DrawFn, name: str) -> str:
    """The definition of an operation that can be given one argument, by an expression or by a block."""
    default = draw(st.sampled_from(("", " = 3", " = choose {3, 5}")))
    if draw(st.booleans()):
        more = draw(st.sampled_from(("m = 1", "m = choose {1, 3}")))
        return f"op {name}(k{default}, {more}) = x -> dwconv(m) -> attention(k, m, 1) -> tanh"
    if draw(st.booleans()):
        return f"op {name}(k{default}) = x -> conv(k, C, stride) -> relu -> {draw(inner_stages())}"
    lines = [
        f"op {name}(k{default}) {{",
        "    let a = x -> dwconv(k, stride)",
        f"    let b = {draw(bodies(1))}",
        "    (a -> conv(1)) + b -> bn",
        "}",
    ]
    return "\n".join(lines)


def inner_stages() -> st.SearchStrategy[str]:
    """Stages that change neither channels nor size."""
    one = st.sampled_from(("relu", "bn", "tanh", "inorm", "dwconv(3)", "2 times dwconv(3)", "(x + x)"))
    return st.lists(one, min_size=1, max_size=3).map(" -> ".join)


@st.composite
def cells(draw: DrawFn, name: str) -> str:
    """A cell of one or two inputs; its nodes sum candidates or written choices."""
    inputs = draw(st.sampled_from((("prev",), ("prev2", "prev"))))
    edges = (
        "choose candidates(p)",
        "p -> choose {sep_conv(3), dil_conv(3)}",
        "p -> conv(1, C, stride) -> choose {relu, tanh, dwconv(choose {1, 3})}",
        "p -> relu -> conv(choose {1, 3}, C, stride)",
    )
    lets = [f"        let {name}_in = {name} -> align(prev)" for name in inputs]
    edge = draw(st.sampled_from(edges))
    keep = draw(st.sampled_from(("", *(f" keep {k}" for k in range(1, len(inputs) + 1)))))
    value = draw(st.sampled_from(("concat(n)", "sum(n)", "n[nodes]", "concat(n[1], n[nodes])", "n[1] -> bn")))
    node = f"        node n[1..nodes] = sum({edge} for p in earlier){keep}"
    return "\n".join([f"    cell {name}({', '.join(inputs)}) {{", *lets, node, f"        {value}", "    }"])


@st.composite
def spaces(draw: DrawFn, varying: bool = False, domains: tuple[Domain, ...] = ("real",)) -> SpaceText:
    """A whole file. varying: the network may also choose its depth, its channels and its sizes."""
    domain = draw(st.sampled_from(domains))
    names = [f"own_{number}" for number in range(draw(st.integers(0, 2)))]
    definitions = [draw(operations(name)) for name in names]
    known = ["none", "skip", "sep_conv(3)", "dil_conv(width)", "max_pool(3)", "asym5(3, 1)"]
    known += [f"{name}(3)" for name in names]
    known += [name for name, text in zip(names, definitions, strict=True) if "k =" in text]
    options = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True))
    candidates = [f"        o{number} = {option}" for number, option in enumerate(options)]
    offered = st.one_of(network_stages(), varying_stages()) if varying else network_stages()
    stages = draw(st.lists(offered, min_size=1, max_size=3))
    head = draw(st.sampled_from(("linear(classes)", "linear(12) -> relu -> linear(classes)")))
    nodes, repeat = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    width = draw(st.sampled_from(("3", "choose {3, 5}")))
    lines = [
        'use "lib/darts.nas"',
        'use "lib/polynomial.nas"',
        *definitions,
        f"space Drawn(nodes = {nodes}, channels = 4, repeat = {repeat}, width = {width},",
        f"    domain = {domain}) {{",
        "    candidates {",
        *candidates,
        "    }",
        draw(cells("normal")),
        "    cell reduction = normal with { stride: 2 }",
        draw(cells("other")),
        *draw(networks(stages, f"global_pool -> real_imag -> {head}")),
        "}",
    ]
    return SpaceText("\n".join(lines) + "\n", 2 * draw(st.integers(1, 5)), domain)


@st.composite
def networks(draw: DrawFn, stages: list[str], head: str) -> list[str]:
    """A network as one pipe, or as two of which the second goes on from the first."""
    lines = ["        -> conv(3, channels) -> bn", *(f"        -> {stage}" for stage in stages)]
    cut = draw(st.integers(0, len(lines)))
    if cut == 0:
        return ["    network = input", *lines, f"        -> {head}"]
    ends = ["        trunk", *lines[cut:], f"        -> {head}"]
    return ["    network {", "        let trunk = input", *lines[:cut], *ends, "    }"]


def network_stages() -> st.SearchStrategy[str]:
    """Stages of a network: cells, repeated cells, layers with choices of their own."""
    return st.sampled_from(
        (
            "repeat times normal",
            "normal -> reduction(channels: 2C)",
            "reduction",
            "normal -> relu",
            "other(channels: 2C) -> normal",
            "conv(choose {1, 3}, 2 * channels) -> bn",
            "choose {conv(3, channels), conv(5, channels)} -> normal",
        )
    )


def varying_stages() -> st.SearchStrategy[str]:
    """Stages after which the types of a network depend on what is chosen."""
    return st.sampled_from(
        (
            "choose {1, 2} times normal",
            "choose {0, 2} times reduction(channels: 2C) -> normal",
            "choose {1, 3} times conv(choose {1, 3}) -> relu",
            "normal -> reduction(channels: choose {C, 2C})",
            "conv(3, choose {channels, 2 * channels}) -> bn",
            "choose {relu, maxpool(3, 2)}",
            "choose {conv(3, channels, 2), x -> conv(3, 2 * channels, 2) -> relu} -> other",
        )
    )


# --- from text to programs ----------------------------------------------------------------------------------


def drawn(definitions: Definitions) -> Space:
    """The space of a drawn file."""
    return definitions.spaces["Drawn"]


def symbolic_program(definitions: Definitions) -> Program:
    """The program with symbols for channels and sizes."""
    program, found = typecheck(drawn(definitions), definitions)
    assert program is not None, found
    return program


def concrete_program(definitions: Definitions, channels: int, input: TensorType) -> Program:
    """The program for so many channels and an input of known size, in the domain of the space."""
    space = drawn(definitions)
    parameters = {**symbolic(space), "channels": channels}
    input = replace(input, domain=parameters["domain"])
    program, found = build(space, definitions.ops, Setup(parameters, input, CLASSES))
    assert program is not None, found
    return program


def spectrograms() -> st.SearchStrategy[TensorType]:
    """Inputs large enough that every reduction still halves them."""
    size = st.integers(33, 70)
    return st.builds(lambda frequency, time: tensor("real", 1, frequency, time), size, size)


def symbols_of(channels: int, input: TensorType) -> dict[str, int]:
    """What the symbols of `symbolic_program` stand for in a concrete one."""
    frequency, time = input.shape[1:]
    return {"C": channels, "F": frequency, "T": time, "classes": CLASSES}


def dims() -> st.SearchStrategy[Dim]:
    """Sizes as type rules make them: quotients rounded up, what a window without padding leaves."""
    start = st.one_of(st.integers(1, 40).map(Dim.of), exact_dims())
    return st.recursive(
        start,
        lambda inner: st.one_of(
            st.builds(lambda one, by: one.divided(by), inner, st.integers(1, 4)),
            st.builds(lambda one, lost: one - lost, inner, st.integers(0, 8)),
        ),
        max_leaves=6,
    )


def exact_dims() -> st.SearchStrategy[Dim]:
    """Channels as cells make them: whole multiples of symbols, and sums of these."""
    multiples = st.builds(
        lambda symbol, by: Dim.of(symbol).scaled(by), st.sampled_from("CFT"), st.integers(1, 4)
    )
    return st.lists(multiples, min_size=1, max_size=3).map(lambda found: sum(found[1:], found[0]))
