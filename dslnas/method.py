"""A method as data: how a search goes, which optimizer trains what, how the result is trained again.

A relaxed method mixes all options of a choice, by weights that it trains; a sampled method trains one option
of each choice at a time and then looks for the best combination. Free of torch: the text of a method is read
by `relaxed_method.py` and `sampled_method.py`, and run by `search/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from . import limits, syntax
from .arguments import bind
from .definitions import Keys, did_you_mean
from .diagnostics import Diagnostic, DslnasError, fail
from .graph import ChoicePoint, Program
from .names import substituted
from .objective import MIXINGS, Mixing, counted, regularizers
from .polynomials import polynomial_layers
from .progressive import WHOLE, SearchStage
from .pruning import RankedBy
from .source import Span

__all__ = [
    "MIXINGS", "Method", "Mixing", "Optimizer", "RelaxedMethod", "SampledMethod", "misfits", "read_call",
    "read_method", "relaxed", "unmixable",
]  # fmt: skip


@dataclass(frozen=True)
class Optimizer:
    """An optimizer by its name, and its arguments.

    decay_span: where it names a weight decay for polynomial weights alone.
    """

    name: str
    arguments: Mapping[str, Any]
    decay_span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Method:
    """What every method says.

    name: as an experiment calls it, with its arguments: `darts`, `darts(order: 1)`.
    weights: the optimizer of the supernet's weights, whose gradients are clipped at the norm `clip`.
    split: the share of the training data that the weights see.
    retrain: the optimizer of the network that was found.
    floor: what the cosine schedule of the retraining ends at; None: a constant rate.
    keep_edges: how many edges of a node remain; None: as many as the space keeps.
    """

    name: str
    weights: Optimizer
    clip: float | None
    split: float
    retrain: Optimizer
    floor: float | None
    keep_edges: int | None = None


@dataclass(frozen=True, kw_only=True)
class RelaxedMethod(Method):
    """A method whose supernet computes every option and mixes them (DARTS and its descendants).

    mixing: how the weights of `candidates` and of `edges` come from the architecture parameters.
    temperature: where candidates are drawn (`gumbel`), that of the relaxed weights at the start of the search
    and at its end; None: all are mixed.
    parts: the candidates of an edge see one of so many parts of its channels.
    start: standard deviation of the architecture parameters at the start.
    ranked_by: whether the edges into a node are ranked by their weights, or each by that of its strongest
    candidate, times its own.
    loss: the formula, over `cross_entropy`, `alpha`, `gamma`, `nodes`, `edges` and the regularizers.
    arch: the optimizer of the architecture; None: it stays as it is drawn, and no step is taken.
    unroll: how far the weights step ahead where the architecture moves, xi; None: not at all (first order).
    keep_candidates: how many candidates of an edge remain.
    stages: of the search, each in a supernet of its own.
    keep_skips: how many skips of a cell that keeps the size remain at most; None: however many are strongest.
    """

    mixing: Mapping[str, Mixing]
    start: float
    loss: syntax.Expr = field(compare=False)
    arch: Optimizer | None
    unroll: float | None
    keep_candidates: int
    ranked_by: RankedBy = "edges"
    keep_skips: int | None = None
    temperature: tuple[float, float] | None = None
    parts: int = 1
    stages: tuple[SearchStage, ...] = WHOLE
    channels_span: Span | None = field(default=None, compare=False, repr=False)
    prune_span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class SampledMethod(Method):
    """A method whose supernet computes one option of each choice at a time.

    supernet: how options are drawn; `fair`: for each batch, every option of a choice once, in an order drawn
    at random, and one step on the sum of the gradients (strict fairness, Chu et al., 2019).
    population, generations: of the evolution (NSGA-II, Deb et al., 2002) that looks for the best paths.
    maximize, minimize: its objectives.
    """

    supernet: Literal["fair"]
    population: int
    generations: int
    maximize: tuple[str, ...]
    minimize: tuple[str, ...]


def relaxed(method: Method) -> RelaxedMethod:
    """The method, if a search can run it; raises DslnasError N0601 for a sampled one."""
    if isinstance(method, RelaxedMethod):
        return method
    message = f"method `{method.name}` samples its supernet, and a search by sampling is not there yet"
    help = (
        "with it work `dslnas check`, `dslnas plan` and `dslnas train GENOTYPE`; "
        "a relaxed method searches: `--set method=darts`"
    )
    raise fail("N0601", message, help=help)


def read_call(expr: syntax.Expr, known: Mapping[str, Keys]) -> tuple[Keys, tuple[syntax.Argument, ...]]:
    """The method that an experiment names, `darts` or `darts(order: 1)`, and the arguments it gives.

    Raises DslnasError N0201 where no method has the name.
    """
    name = expr.function if isinstance(expr, syntax.Call) else expr
    if not isinstance(name, syntax.Name) or name.name not in known:
        shown = name.name if isinstance(name, syntax.Name) else expr.span.text
        help = did_you_mean(shown, known) or f"known: {', '.join(known)}"
        raise fail("N0201", f"there is no method `{shown}`", name.span, help=help)
    return known[name.name], expr.arguments if isinstance(expr, syntax.Call) else ()


def read_method(
    keys: Keys, arguments: Sequence[syntax.Argument] = ()
) -> tuple[Method | None, list[Diagnostic]]:
    """The method that keys and arguments describe, with errors and warnings; None where there are errors."""
    from .relaxed_method import RelaxedReader
    from .sampled_method import SampledReader, samples

    try:
        whole = _with_arguments(keys, arguments)
    except DslnasError as error:
        return None, list(error.diagnostics)
    reader = SampledReader(whole) if samples(whole) else RelaxedReader(whole)
    method = reader.read()
    failed = any(d.severity == "error" for d in reader.diagnostics)
    return (None if failed else method), reader.diagnostics


def _with_arguments(keys: Keys, arguments: Sequence[syntax.Argument]) -> Keys:
    """The keys with the value of each parameter in its place."""
    place = arguments[0].span if arguments else keys.span
    given = bind(keys.name, [parameter.name for parameter in keys.parameters], arguments, place)
    values: dict[str, syntax.Expr] = {}
    for parameter in keys.parameters:
        value = given[parameter.name].value if parameter.name in given else parameter.default
        if value is None:
            raise fail("N0207", f"method `{keys.name}` needs `{parameter.name}`", place)
        values[parameter.name] = value
    shown = ", ".join(f"{name}: {argument.value.span.text}" for name, argument in given.items())
    return replace(
        keys,
        name=f"{keys.name}({shown})" if shown else keys.name,
        values={key: substituted(exprs, values) for key, exprs in keys.values.items()},
    )


def misfits(method: Method, program: Program) -> list[Diagnostic]:
    """Errors where a method cannot search a choice, keeps or forces more than there is to choose from."""
    found = unmixable(method, program.choices.values())
    if not isinstance(method, RelaxedMethod):
        return [*found, *_without_polynomials(method, program)]
    arriving = [(len(s.sources), f"node {s.node} of cell `{s.cell}`") for s in program.selections.values()]
    left = min((stage.candidates for stage in method.stages if stage.candidates), default=limits.SIZE)
    offered = [(min(left, len(p.options)), f"choice `{id}`") for id, p in program.choices.items()]
    fewest, where = min(arriving, default=(None, ""))
    if fewest is not None and method.keep_edges is not None and method.keep_edges > fewest:
        message = f"method `{method.name}` keeps {method.keep_edges} edges where {_arrive(fewest)}"
        found.append(Diagnostic("N0405", message, method.prune_span, help=f"at {where}"))
    found += [*_without_weights(method.loss, program), *_without_polynomials(method, program)]
    found += _nothing_to_part(method, program)
    for call, weights, count in counted(method.loss):
        fewest, where = min(arriving if weights == "gamma" else offered, default=(None, ""))
        if fewest is not None and count > fewest:
            what = _arrive(fewest) if weights == "gamma" else f"{fewest} options compete"
            message = f"`{call.span.text}` where {what}"
            found.append(Diagnostic("N0602", message, call.span, help=f"at {where}"))
    return found


def _nothing_to_part(method: RelaxedMethod, program: Program) -> Iterator[Diagnostic]:
    """An error where candidates are to see a part of the channels of edges that the space does not have."""
    if method.parts > 1 and not any(point.node for point in program.choices.values()):
        message = f"`mix.channels` parts the edges of cells, and `{program.space}` chooses on none"
        yield Diagnostic("N0601", message, method.channels_span, help="another method: `--set method=darts`")


def _without_weights(loss: syntax.Expr, program: Program) -> Iterator[Diagnostic]:
    """A warning for each regularizer of weights that a space without such choices does not have."""
    lacking = {"alpha": not program.choices, "gamma": not program.selections}
    for call, weights in regularizers(loss):
        if lacking[weights]:
            what = "options" if weights == "alpha" else "edges"
            message = f"`{call.span.text}` has nothing to regularize: no {what} compete in `{program.space}`"
            yield Diagnostic("N0602", message, call.span, help="leave it out", severity="warning")


def _without_polynomials(method: Method, program: Program) -> Iterator[Diagnostic]:
    """A warning for each decay of polynomial weights alone in a space that has none."""
    spans = dict.fromkeys(optimizer.decay_span for optimizer in (method.weights, method.retrain))
    if any(spans) and not any(polynomial_layers(program).values()):
        message = f"this has nothing to decay: no outputs of convolutions are multiplied in `{program.space}`"
        for span in filter(None, spans):
            yield Diagnostic("N0602", message, span, help="leave it out", severity="warning")


def unmixable(method: Method, points: Iterable[ChoicePoint]) -> list[Diagnostic]:
    """An error for each choice whose options are no tensors that the method could mix."""
    if not isinstance(method, RelaxedMethod):
        return []
    message = f"method `{method.name}` mixes all options, and cannot search the {{}} of a network"
    help = "a sampled method can: `method: nasc`"
    varying = [point for point in points if point.varies]
    return [Diagnostic("N0601", message.format(point.varies), point.span, help=help) for point in varying]


def _arrive(count: int) -> str:
    return f"{count} edge{'s arrive' if count > 1 else ' arrives'}"
