"""Elaborates the pipes of a network: applies each stage to every variant of the network so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

from ..base import limits
from ..base.diagnostics import DslnasError, errors, fail
from ..base.source import Span
from ..ir.graph import ChoicePoint, Graph, GraphNode
from ..ir.tensortype import Dim, TensorType, tensor
from ..parse import syntax
from ..parse.walking import names_after, names_in
from ..resolve.values import Choice
from .choices import fixed_option, new_point
from .expressions import Elaboration
from .scope import POISON, Poison, Ref, Scope, Shared
from .variants import Stream, Undecided, Variant, common_cause, joined, output_of

Item = TypeVar("Item")


class PipeElaboration(Elaboration):
    """Pipes with several variants (`variants.py`): every stage is applied to each of them.

    history: outputs of the previous cells, of which a cell reads at most the last `reach`. scope: the names
    visible to a stage, among them `C`, which a cell may change. channels: the `C` of a pipe that goes on from
    no other.
    """

    def __init__(
        self, shared: Shared, graph: Graph, sets: Mapping[str, Mapping[str, syntax.Expr]], reach: int
    ) -> None:
        super().__init__(shared, graph, sets)
        self.history: list[Ref] = []
        self.scope = Scope({})
        self.channels: Any = 1
        self._reach = reach
        self._tensors = ["input"]  # the names of tensors, in the order of the text
        self._points: dict[str, ChoicePoint] = {}  # those whose options lead to variants
        self._mixes: dict[tuple[str, tuple[str, ...]], Ref] = {}
        self._failed = False

    def output(self, network: syntax.Block, starts: Sequence[Variant], classes: Dim) -> Ref | None:
        """The output of the network, a real number for each class, or None once its errors are reported.

        starts: the input, one variant for each front end that may be chosen.
        """
        variants = list(starts)
        later = names_after([*(let.value for let in network.lets), network.value])
        for let, names in zip(network.lets, later, strict=False):
            variants = self._let(let, variants, names)
        variants = self.piped(network.value, variants, ())
        if not variants or self._failed or not self._hands_out(classes, variants, network.value):
            return None
        return output_of(variants, list(self._points.values()), self._join)

    def _let(self, let: syntax.Let, variants: list[Variant], later: Collection[str]) -> list[Variant]:
        """The variants with one more name, that of a plain value or of the tensor that a pipe ends in.

        later: the names that the text after it reads.
        """
        if names_in([let.value]).isdisjoint(self._tensors):
            self.scope.values[let.name] = self._plainly(let.value)
            return variants
        ends = self.piped(let.value, variants, later)
        self._tensors.append(let.name)
        start = variants[0].stream if variants else None
        named = [replace(end, names={**end.names, let.name: end.stream}) for end in ends]
        alike = [replace(end, stream=start or end.stream).reading(later) for end in named]
        return joined(alike, list(self._points.values()), self._join)

    def _plainly(self, expr: syntax.Expr) -> Any:
        """The value of an expression that reads no tensor; poison once its errors are reported."""
        self.scope.values["C"] = self.channels
        try:
            value = self.value(expr, self.scope)
        except DslnasError as error:
            self._fails(error)
            return POISON
        return value

    def piped(self, expr: syntax.Expr, variants: list[Variant], later: Collection[str]) -> list[Variant]:
        """The variants at the end of a pipe or another expression. later: the names that are read after."""
        first, *stages = (expr.value, *expr.stages) if isinstance(expr, syntax.Pipe) else (expr,)
        begun = [replace(one, stream=self._start(first, one)) for one in variants]
        variants = self._each(
            begun, lambda one: self._applied(one, lambda: self.value(first, self.scope), first.span)
        )
        before, *after = names_after([first, *stages])
        variants = self._joined(variants, before | {*later})
        for stage, names in zip(stages, after, strict=True):
            variants = self.staged(stage, variants, names | {*later})
        return variants

    def _start(self, first: syntax.Expr, variant: Variant) -> Stream:
        """Where a pipe begins: where its `let` ended, else anew, with the channels of the last it reads."""
        if isinstance(first, syntax.Name) and first.name in variant.names:
            return variant.names[first.name]
        read = names_in([first])
        from_ = [
            variant.names[name].channels for name in self._tensors if name in read & variant.names.keys()
        ]
        return replace(variant.stream, history=(), channels=from_[-1] if from_ else self.channels)

    def _joined(self, variants: list[Variant], later: Collection[str]) -> list[Variant]:
        """The variants without names that are not read later; those that are alike then are joined."""
        kept = [variant.reading(later) for variant in variants]
        return joined(kept, list(self._points.values()), self._join)

    def _hands_out(self, classes: Dim, variants: Sequence[Variant], network: syntax.Expr) -> bool:
        """Whether every variant ends in a real number for each class; reports N0304 or N0311 where not."""
        wanted = tensor("real", classes)
        shared_out = common_cause(variants, lambda one: self.graph[one.stream.x.id].primitive == "softmax")
        if shared_out is not None and not errors(self.shared.diagnostics):
            help = "end on `linear(classes)`: the loss and `predict` take their softmax themselves"
            last = network.stages[-1] if isinstance(network, syntax.Pipe) else network
            with self._frames(self._taken(shared_out)):
                self.shared.report(fail("N0311", "the network hands out shares of 1", last.span, help=help))
            return False
        cause = common_cause(variants, lambda variant: variant.stream.x.type != wanted)
        if cause is not None and not errors(self.shared.diagnostics):
            last = network.stages[-1] if isinstance(network, syntax.Pipe) else network
            ends = [(variant.taken, variant.stream.x.type) for variant in variants]
            found = next(type for taken, type in ends if type != wanted and cause.items() <= taken.items())
            error = _not_the_classes(found, last)
            with self._frames(self._taken(cause)):
                self.shared.report(error)
        return cause is None

    def staged(
        self, stage: syntax.Expr, variants: list[Variant], later: Collection[str] = ()
    ) -> list[Variant]:
        """The variants after one more stage; equivalent ones are joined again.

        later: the names that are read after it.
        """
        if isinstance(stage, syntax.Times):
            after = self._repeated(stage, variants, {*later, *names_in([stage])})
        else:
            after = self._each(variants, lambda one: self._staged(stage, one))
        return self._joined(after, later)

    def _staged(self, stage: syntax.Expr, variant: Variant) -> list[Variant]:
        return self._applied(variant, lambda: self.apply(stage, variant.stream.x, self.scope), stage.span)

    def _repeated(
        self, stage: syntax.Times, variants: list[Variant], later: Collection[str]
    ) -> list[Variant]:
        """Apply a repeated stage (`times`); if the count is searched, each count gives its own variants."""
        try:
            depth, counts = self._counts(stage)
        except DslnasError as error:
            return self._fails(error)
        reached = [variants]
        with self._frames([(depth, depth.options[counts.index(max(counts))])] if depth else []):
            for _ in range(max(counts)):
                if not reached[-1]:  # an error ends all variants
                    return []
                try:
                    self.shared.spend(stage.span, limits.REPEATED)
                except DslnasError as error:
                    return self._fails(error)
                reached.append(self.staged(stage.stage, reached[-1], later))
        if depth is None:
            return reached[counts[0]]
        self._open(depth)
        ends = zip(depth.options, counts, strict=True)
        return [one.taking(depth, option) for option, steps in ends for one in reached[steps]]

    def _counts(self, stage: syntax.Times) -> tuple[ChoicePoint | None, list[int]]:
        """The counts of a repeated stage: one, or one for each option of the returned choice point."""
        count = self.plain(stage.count, self.scope)
        if not isinstance(count, Choice):
            return None, [self.times(count, stage)]
        depth = new_point(self, "depth", count, "depth")
        counts = [self.times(one, stage) for one in count.options]
        fixed = fixed_option(self, depth, count)
        return (depth, counts) if fixed is None else (None, [counts[depth.options.index(fixed)]])

    def _applied(self, variant: Variant, make: Callable[[], Any], span: Span) -> list[Variant]:
        """A variant after `make`: one, or one for each option of a choice that must be decided first."""
        made, count = len(self.made), dict(self._count)
        self._enter(variant)
        try:
            with self._frames(self._taken(variant.taken)):
                x = self.checked_tensor(make(), span)
        except Undecided as choice:
            point = choice.point
            self._undo(made, count)
            self._open(point)
            return self._each(point.options, lambda o: self._applied(variant.taking(point, o), make, span))
        except DslnasError as error:
            return self._fails(error)
        finally:
            self.taken = {}
        if isinstance(x, Poison):
            return self._fails(DslnasError())
        history = self.history[-self._reach :] if self.history and self.history[-1].id == x.id else []
        return [replace(variant, stream=Stream(x, tuple(history), self.scope.values["C"]))]

    def _each(self, items: Iterable[Item], make: Callable[[Item], list[Variant]]) -> list[Variant]:
        """The results for all items; each starts with the same name counts: names agree in all variants."""
        before, after = self._count, Counter(self._count)
        found: list[Variant] = []
        for item in items:
            self._count = dict(before)
            found += make(item)
            after |= Counter(self._count)
        self._count = dict(after)
        return found

    def _enter(self, variant: Variant) -> None:
        self.taken, self.history = variant.taken, list(variant.stream.history)
        self.scope.values["C"] = variant.stream.channels
        for name in self._tensors:
            self.scope.values.pop(name, None)
        self.scope.values.update((name, one.x) for name, one in variant.names.items())

    def _open(self, point: ChoicePoint) -> None:
        self._points[point.id] = self.shared.choices[point.id] = point

    def _undo(self, made: int, count: dict[str, int]) -> None:
        """Remove the nodes of a stage that was interrupted by an undecided choice."""
        gone = dict.fromkeys(node.id for node, _ in self.made[made:])
        self.graph.remove([id for id in gone if id in self.graph])
        self._count = count

    def _fails(self, error: DslnasError) -> list[Variant]:
        self.shared.report(error)
        self._failed = True
        return []

    @contextmanager
    def _frames(self, taken: Iterable[tuple[ChoicePoint, str]]) -> Iterator[None]:
        """Attach the taken options to errors that are raised within the context."""
        with ExitStack() as stack:
            for point, option in taken:
                text = f"choice `{point.id}` = `{option}`"
                stack.enter_context(self.shared.frame(text, point.called.decision(option)))
            yield

    def _taken(self, taken: Mapping[str, str]) -> list[tuple[ChoicePoint, str]]:
        return [(self._points[id], option) for id, option in taken.items()]

    def _join(self, point: ChoicePoint, refs: Sequence[Ref]) -> Ref:
        """The mix of a choice point over one tensor per option; equal mixes are shared."""
        inputs = tuple(ref.id for ref in refs)
        if (point.id, inputs) not in self._mixes:
            name, type = self.fresh(point.called.label), refs[0].type
            node = GraphNode(name, "mix", type, choice=point.id, labels=point.options, span=point.span)
            self._mixes[point.id, inputs] = self.add(node, inputs)
        return self._mixes[point.id, inputs]

    def add(self, node: GraphNode, inputs: Sequence[str] = ()) -> Ref:
        """Add a node to the variant that is built now; its id contains the variant."""
        variant = tuple((point.called, option) for point, option in self._taken(self.taken))
        return super().add(replace(node, variant=variant), inputs)

    def undecided(self, point: ChoicePoint, error: DslnasError) -> NoReturn:
        """Raise Undecided: the options differ in type, so the choice is decided before its stage is built."""
        raise Undecided(point)


def _not_the_classes(found: TensorType, last: syntax.Expr) -> DslnasError:
    """The error for a network that ends in another type than a real number for each class."""
    if found.domain == "complex":
        help = (
            "cast before the last layer: `-> real_imag -> linear(classes)`; it leaves a real space as it is"
        )
        return fail("N0304", "the network hands out complex numbers", last.span, help=help)
    message = f"the network hands out `{found}`, not `classes`"
    linear = isinstance(last, syntax.Call) and last.function.span.text == "linear"
    help = "`-> linear(classes)`: the number of classes is that of the data"
    if found.size:
        help = "end it on `-> global_pool -> linear(classes)`"
    elif linear:
        help = "`linear(classes)`: the number of classes is that of the data"
    return fail("N0311", message, last.span, help=help, symbols=found.symbols)
