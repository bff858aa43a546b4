"""Checks the arguments of all operations as written, also in text that no space elaborates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Span
from ..ir.primitives import REGISTRY
from ..ir.primitives.frontend import FRONT_END_PARAMETERS
from ..ir.primitives.registry import REQUIRED
from ..parse import syntax
from ..parse.vocabulary import FUNCTIONS
from ..parse.walking import nodes_in
from ..resolve.arguments import bind, bind_attributes, lacking
from ..resolve.definitions import Definitions
from .names import in_sight

Call = tuple[syntax.Name, Sequence[syntax.Argument], Span]


def wrong_arguments(definitions: Definitions) -> Iterator[Diagnostic]:
    """An error for each call of an operation with missing, unknown or repeated arguments."""
    spaces = [definitions.spaces[name] for name in definitions.own_spaces]
    options = [option for space in spaces for one in space.sets.values() for option in one.values()]
    alone = [(option, (), option.span) for option in options if isinstance(option, syntax.Name)]
    written = (call for exprs, _ in in_sight(definitions) for call in _calls(exprs))
    for name, arguments, span in (*alone, *written):
        try:
            if name.name in definitions.ops:
                _check_defined(definitions.ops[name.name], arguments, span)
            elif name.name in REGISTRY and name.name not in FUNCTIONS:
                _check_built_in(name.name, arguments, span)
        except DslnasError as error:
            yield from error.diagnostics


def _calls(exprs: Iterable[object]) -> Iterator[Call]:
    """All calls of operations: `op(...)` anywhere, and a bare `op` as a stage of a pipe."""
    for expr in exprs:
        for node in nodes_in(expr):
            if isinstance(node, syntax.Call):
                yield node.function, node.arguments, node.span
            elif isinstance(node, syntax.Pipe):
                yield from ((s, (), s.span) for s in node.stages if isinstance(s, syntax.Name))


def _check_defined(op: syntax.Op, arguments: Sequence[syntax.Argument], span: Span) -> None:
    bound = bind(op.name, [parameter.name for parameter in op.parameters], arguments, span)
    for parameter in op.parameters:
        if parameter.name not in bound and parameter.default is None:
            raise fail("N0207", f"`{op.name}` needs `{parameter.name}`", span)


def _check_built_in(name: str, arguments: Sequence[syntax.Argument], span: Span) -> None:
    primitive = REGISTRY[name]
    parameters = primitive.parameters
    tensors = [argument for argument in arguments if argument.name is None][: len(primitive.reads)]
    arguments = [argument for argument in arguments if argument not in tensors]
    bound = bind_attributes(name, parameters, arguments, span)
    for parameter in parameters:
        given = parameter.name in bound or parameter.name in FRONT_END_PARAMETERS
        if parameter.default is REQUIRED and not given:
            raise lacking(name, parameters, parameter.name, span)
