"""User-defined primitives: the decorator `dslnas.primitive` makes one of a function.

    import dslnas
    from torch import nn

    @dslnas.primitive()
    def leaky(x: dslnas.TensorType, slope: float = 0.01) -> nn.Module:
        '''max(x, 0) + slope * min(x, 0)'''
        return nn.LeakyReLU(slope)

Spaces can then write `x -> leaky` and `x -> leaky(0.2)`. The function is the builder: it takes the types of
the tensors that the primitive reads, then its parameters, and returns the module. Its signature is that of
the language: `int` is a whole number of at least 1, `float` a number, `bool` itself; `Channels`, `Count`,
`Kernel`, `Fraction` and `Axis` are more specific. `type` is the type rule, which takes the same arguments:

    def halved(x: dslnas.TensorType, by: int = 2) -> dslnas.TensorType:
        if not x.size:
            raise ValueError("it needs a spectrogram")
        return dslnas.TensorType(x.domain, x.channels, tuple(size.divided(by) for size in x.size))

    @dslnas.primitive(type=halved)
    def shrink(x: dslnas.TensorType, by: int = 2) -> nn.Module: ...

A builder meets sizes as whole numbers, `nn.GroupNorm(4, x.channels)`. In a type rule they may be symbols
(`Dim`): `+`, `-`, `*` and `//` work with these too, and what needs the number asks `x.channels.known` first,
which is None there. A type rule rejects its input by a ValueError with the reason. A file of such functions
is named on the command line, `dslnas --plugin mine.py check space.nas` (`ir/primitives/plugins.py`). What
fails in one is told with the line of it that fails.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

from ..base.diagnostics import DslnasError, fail
from ..base.source import Source, Span
from ..ir.primitives.plugins import Registration, line_of, raised_in, text_of
from ..ir.primitives.registry import (
    REGISTRY,
    REQUIRED,
    Attributes,
    Cost,
    Kind,
    Parameter,
    Primitive,
    TypeRuleError,
    taken,
)
from ..ir.tensortype import Domain, TensorType, UnknownSize
from .own_types import attributes_seen, said, seen

if TYPE_CHECKING:
    from torch import nn

Channels = Annotated[int, "channels"]
Count = Annotated[int, "count"]
Kernel = Annotated[int | tuple[int, int], "kernel"]
Fraction = Annotated[float, "fraction"]
Axis = Annotated[str, "axis"]

Inputs = tuple[TensorType, ...]
Function = Callable[..., Any]
_PLAIN: Mapping[Any, Kind] = {int: "int", float: "number", bool: "bool"}
_KINDS = "int, float, bool, or one of dslnas.Channels, Count, Kernel, Fraction, Axis"


def primitive(
    type: Callable[..., TensorType] | None = None,
    cost: Callable[..., Cost] | None = None,
    *,
    name: str = "",
    stateless: bool = False,
) -> Callable[[Function], Function]:
    """Registers a function as the builder of a primitive of its name; returns the function unchanged.

    type: the type rule (None: the output has the type of the first input). cost: parameters and multiply-
    accumulates of one example (None: the module is built without data and counted). name: its name in spaces,
    where that is not the function's. stateless: it holds neither weights nor statistics.

    Raises DslnasError N0208 where a parameter has no kind of the language, N0202 where the name is taken.
    """

    def register(function: Function) -> Function:
        own = _Own(name or function.__name__, function, text_of(function.__code__.co_filename))
        inputs, parameters = _signature(own.name, function, own.place)
        _check_free(own.name, function, own.place)
        REGISTRY[own.name] = Primitive(
            own.name,
            parameters,
            partial(own.typed, type or _same),
            own.counted if cost is None else partial(own.stated, cost),
            inputs=inputs,
            stateless=stateless,
            doc=" ".join((inspect.getdoc(function) or "").split()),
            origin=_origin(function),
            file=own.file,
            own_module=own.built,
            own_error=own.broken,
        )
        return function

    return Registration(register)


def _same(x: TensorType, *others: TensorType, **parameters: Any) -> TensorType:
    return x


# --- the signature -------------------------------------------------------------------------------------


def _origin(function: Function) -> str:
    return f"{function.__module__} in {function.__code__.co_filename}"


def _check_free(called: str, function: Function, place: Span | None) -> None:
    """A name is taken once; who defines a primitive again in the same module means the new one."""
    known = REGISTRY.get(called)
    if known is not None and known.origin == _origin(function):
        return
    if called in taken():
        help = "call it otherwise: `@dslnas.primitive(name=...)`"
        raise fail("N0202", f"primitive `{called}`: the name is taken", place, help=help)


def _signature(called: str, function: Function, place: Span | None) -> tuple[int, tuple[Parameter, ...]]:
    """How many tensors a function reads, and its parameters; DslnasError N0208."""
    if not called.isidentifier():
        raise fail("N0208", f"primitive `{called}`: this is no name", place, help="letters, digits and `_`")
    hints = _hints(called, function, place)
    inputs = 0
    parameters: list[Parameter] = []
    for parameter in inspect.signature(function).parameters.values():
        hint = hints.get(parameter.name)
        if hint is TensorType and not parameters:
            inputs += 1
            continue
        kind = _kind(hint)
        plain = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if kind is None or not plain:
            message = f"primitive `{called}`: parameter `{parameter.name}` has no kind of the language"
            raise fail("N0208", message, place, help=f"annotate it as {_KINDS}")
        default = REQUIRED if parameter.default is parameter.empty else parameter.default
        named = parameter.kind is parameter.KEYWORD_ONLY
        parameters.append(Parameter(parameter.name, kind, default, keyword_only=named))
    if not inputs:
        help = f"`def {called}(x: dslnas.TensorType, ...)`"
        raise fail("N0208", f"primitive `{called}` reads no tensor", place, help=help)
    return inputs, tuple(parameters)


def _hints(called: str, function: Function, place: Span | None) -> dict[str, Any]:
    """The annotations of the parameters; that of the result may be there for type checkers alone."""

    def shim() -> None: ...

    shim.__annotations__ = {key: hint for key, hint in function.__annotations__.items() if key != "return"}
    try:
        return get_type_hints(shim, function.__globals__, include_extras=True)
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        message = f"primitive `{called}`: its annotations cannot be read: {error}"
        raise fail("N0208", message, place, help="import what they name where the module is read") from None


def _kind(hint: Any) -> Kind | None:
    if get_origin(hint) is Annotated:
        kind: Any = hint.__metadata__[0]
        return kind if kind in get_args(Kind) else None
    return _PLAIN.get(hint)


# --- type rule, builder and cost ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Own:
    """A function of a user as a primitive: what it does, and where it fails.

    file: the text that defines it; None where it cannot be read, as in a notebook.
    """

    name: str
    function: Function
    file: Source | None

    @property
    def place(self) -> Span | None:
        """The line that begins the function."""
        return None if self.file is None else line_of(self.file, self.function.__code__.co_firstlineno)

    def broken(self, what: str, error: Exception) -> DslnasError:
        """The error N0208 for what failed, at the line of the user's file that raised it."""
        if isinstance(error, UnknownSize):
            message = f"{what} of primitive `{self.name}` asks for a number, and {error}"
            help = "a space is checked for all sizes: ask `x.channels.known` first, None for a symbol"
        else:
            message, help = (
                f"{what} of primitive `{self.name}` fails: {error.__class__.__name__}: {error}",
                "",
            )
        place = raised_in(error, self.file) or self.place
        return fail("N0208", message, place, help=help)

    def typed(self, rule: Function, inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
        """The type that a rule hands out.

        Raises TypeRuleError where it refuses its input, DslnasError N0208 where it fails.
        """
        try:
            result = rule(*map(seen, inputs), **attributes_seen(attributes))
            if isinstance(result, TensorType):
                return said(result)
        except TypeRuleError:
            raise
        except ValueError as error:
            raise TypeRuleError("N0301", f"`{self.name}`: {error}") from None
        except Exception as error:
            raise self.broken("the type rule", error) from error
        raise fail("N0208", f"the type rule of primitive `{self.name}` hands out no type", self.place)

    def built(self, inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
        """The module of the function; raises DslnasError N0208 where it fails or returns none."""
        from torch import nn

        try:
            module = self.function(*map(seen, inputs), **attributes_seen(attributes))
        except Exception as error:
            raise self.broken("the builder", error) from error
        if not isinstance(module, nn.Module):
            message = f"primitive `{self.name}` builds no module"
            raise fail("N0208", message, self.place, help="return an `nn.Module`")
        return module

    def stated(
        self, cost: Callable[..., Cost], inputs: Inputs, output: TensorType, attributes: Attributes
    ) -> Cost:
        """The cost that a user's function states; raises DslnasError N0208 where it fails or states none."""
        try:
            found = cost(*map(seen, inputs), **attributes_seen(attributes))
        except Exception as error:
            raise self.broken("the cost", error) from error
        if not isinstance(found, Cost):
            message = f"the cost of primitive `{self.name}` is no `dslnas.Cost`"
            raise fail("N0208", message, self.place, help="return `dslnas.Cost(params, macs)`")
        return found

    def counted(self, inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
        """The cost of the module, counted on it."""
        return _counted_once(self, inputs, output, tuple(sorted(attributes.items())))


@cache
def _counted_once(
    own: _Own, inputs: Inputs, output: TensorType, attributes: tuple[tuple[str, Any], ...]
) -> Cost:
    """The parameters and half of the operations that torch counts for one example; imports torch.

    Raises DslnasError N0208 where the module's output is not of the shape of the type rule.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        module = own.built(inputs, output, dict(attributes)).to("meta").eval()
        tensors = [torch.zeros(1, *one.shape) for one in inputs]
    try:
        with FlopCounterMode(display=False) as counter:
            made = module(*tensors)
        shape = tuple(made.shape[1:])
    except Exception as error:
        raise own.broken("the module", error) from error
    if shape != output.shape:
        shown = " x ".join(map(str, shape))
        message = f"primitive `{own.name}` hands out `{shown}`, and its type rule says `{output}`"
        raise fail("N0208", message, own.place, help="give it a type rule: `@dslnas.primitive(type=...)`")
    params = sum(parameter.numel() for parameter in module.parameters())
    return Cost(params, counter.get_total_flops() // 2)
