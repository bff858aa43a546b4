"""Tensor types with symbolic dimensions: a domain, channels, and a size per axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, prod
from typing import Literal

Domain = Literal["real", "complex"]


class UnknownSize(TypeError):
    """Raised where a number is asked of a dimension that is a symbol, as `T % 2` is."""

    def __init__(self, dim: Dim) -> None:
        super().__init__(f"`{dim}` stands for any number here")
        self.dim = dim


@dataclass(frozen=True)
class Dim:
    """A number of channels or the size of an axis: a sum of symbols with rational coefficients.

    `terms` maps symbols to coefficients in sorted order; the symbol `""` stands for 1, so that `16` is
    `(("", 16),)` and `3C` is `(("C", 3),)`. A fractional coefficient means *rounded up*:
    `T/2` is the ceiling of half of `T`, and ceilings of halves compose (`ceil(ceil(T/2)/2) = ceil(T/4)`).
    """

    terms: tuple[tuple[str | Ceiling, Fraction], ...]

    @staticmethod
    def of(value: int | str | Dim) -> Dim:
        """The dimension of a number or of a symbol."""
        if isinstance(value, Dim):
            return value
        if isinstance(value, str):
            return Dim(((value, Fraction(1)),))
        return Dim((("", Fraction(value)),))

    def __add__(self, other: int | Dim) -> Dim:
        total = dict(self.terms)
        for symbol, coefficient in Dim.of(other).terms:
            total[symbol] = total.get(symbol, Fraction(0)) + coefficient
        return Dim._from(total)

    def __sub__(self, other: int | Dim) -> Dim:
        return self + Dim.of(other).scaled(-1)

    __radd__ = __add__

    def __rsub__(self, other: int) -> Dim:
        return Dim.of(other) - self

    def __mul__(self, factor: int) -> Dim:
        return self.scaled(factor)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Dim:
        """This dimension divided by a whole number, rounded down: `(n - d + 1) / d` rounded up."""
        if all((coefficient / divisor).denominator == 1 for _, coefficient in self.terms):
            return self.scaled(Fraction(1, divisor))
        return (self - (divisor - 1)).divided(divisor)

    def __mod__(self, divisor: int) -> int:
        """What a division leaves; raises UnknownSize where that depends on a symbol."""
        if all((coefficient / divisor).denominator == 1 for _, coefficient in self.terms):
            return 0
        return self.__index__() % divisor

    def __index__(self) -> int:
        """The value; raises UnknownSize for a dimension with symbols."""
        if self.known is None:
            raise UnknownSize(self)
        return self.known

    __int__ = __index__

    def __lt__(self, other: int | Dim) -> bool:
        return self.__index__() < Dim.of(other).__index__()

    def __le__(self, other: int | Dim) -> bool:
        return self.__index__() <= Dim.of(other).__index__()

    def __gt__(self, other: int | Dim) -> bool:
        return self.__index__() > Dim.of(other).__index__()

    def __ge__(self, other: int | Dim) -> bool:
        return self.__index__() >= Dim.of(other).__index__()

    def scaled(self, factor: int | Fraction) -> Dim:
        """This dimension times a number, without rounding."""
        return Dim._from({symbol: coefficient * factor for symbol, coefficient in self.terms})

    def repeated(self, times: int) -> Dim:
        """This dimension times a whole number; one that is rounded up is so before: `2⌈F/2⌉` is not `F`."""
        if times == 1 or all(coefficient.denominator == 1 for _, coefficient in self.terms):
            return self.scaled(times)
        return Dim(((Ceiling(self, 1), Fraction(times)),))

    def divided(self, divisor: int) -> Dim:
        """This dimension divided by a whole number, rounded up."""
        if divisor == 1:
            return self
        if self.known is not None:
            return Dim.of(ceil(Fraction(self.known, divisor)))
        if len(self.terms) == 1 and self.terms[0][1].numerator == 1:
            return self.scaled(Fraction(1, divisor))
        if all((coefficient / divisor).denominator == 1 for _, coefficient in self.terms):
            return self.scaled(Fraction(1, divisor))
        return Dim(((Ceiling(self, divisor), Fraction(1)),))

    @property
    def known(self) -> int | None:
        """The value of a dimension without symbols, else None."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and self.terms[0][0] == "":
            return ceil(self.terms[0][1])
        return None

    def bind(self, values: Mapping[str, int]) -> int:
        """The value for given values of all symbols."""
        return sum(ceil(coefficient * _bound(symbol, values)) for symbol, coefficient in self.terms)

    def beyond(self, coefficient: int, depth: int) -> bool:
        """Whether it has a coefficient larger than `coefficient`, or quotients nested deeper than `depth`."""
        if depth == 0:
            return True
        for symbol, factor in self.terms:
            if max(abs(factor.numerator), factor.denominator) > coefficient:
                return True
            if isinstance(symbol, Ceiling) and (
                symbol.divisor > coefficient or symbol.dim.beyond(coefficient, depth - 1)
            ):
                return True
        return False

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols in it."""
        found: set[str] = set()
        for symbol, _ in self.terms:
            found |= symbol.dim.symbols if isinstance(symbol, Ceiling) else {symbol} - {""}
        return frozenset(found)

    @staticmethod
    def _from(terms: Mapping[str | Ceiling, Fraction]) -> Dim:
        kept = [(symbol, coefficient) for symbol, coefficient in terms.items() if coefficient != 0]
        return Dim(tuple(sorted(kept, key=lambda term: str(term[0]))))

    def __str__(self) -> str:
        return " + ".join(_term(symbol, coefficient) for symbol, coefficient in self.terms) or "0"


@dataclass(frozen=True)
class Ceiling:
    """A rounded quotient that is not a sum of symbols, such as `⌈(T + 1)/2⌉`; it acts as a symbol."""

    dim: Dim
    divisor: int

    def __str__(self) -> str:
        return f"⌈{self.dim}⌉" if self.divisor == 1 else f"⌈({self.dim})/{self.divisor}⌉"


def _bound(symbol: str | Ceiling, values: Mapping[str, int]) -> int:
    if isinstance(symbol, Ceiling):
        return ceil(Fraction(symbol.dim.bind(values), symbol.divisor))
    return values[symbol] if symbol else 1


def _term(symbol: str | Ceiling, coefficient: Fraction) -> str:
    if not symbol:
        return str(coefficient)
    above = "" if coefficient.numerator == 1 else str(coefficient.numerator)
    below = "" if coefficient.denominator == 1 else f"/{coefficient.denominator}"
    return f"{above}{symbol}{below}"


@dataclass(frozen=True)
class TensorType:
    """The type of a tensor without its batch axis.

    domain: `real` or `complex`; channels: how many; size: the extent of each further axis: `(frequency,
    time)` for a spectrogram, `(time,)` for a wave, `()` for a vector of features.
    """

    domain: Domain
    channels: Dim
    size: tuple[Dim, ...]

    def __str__(self) -> str:
        shape = " x ".join(str(dim) for dim in (self.channels, *self.size))
        return shape if self.domain == "real" else f"complex {shape}"

    def bind(self, values: Mapping[str, int]) -> TensorType:
        """The type for given values of all symbols."""
        return tensor(self.domain, self.channels.bind(values), *(dim.bind(values) for dim in self.size))

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols in its channels and sizes."""
        return self.channels.symbols.union(*(dim.symbols for dim in self.size))

    @property
    def shape(self) -> tuple[int, ...]:
        """Channels and sizes as numbers; every symbol must be bound."""
        dims = [dim.known for dim in (self.channels, *self.size)]
        assert all(dim is not None for dim in dims), f"{self} has unbound symbols"
        return tuple(dim for dim in dims if dim is not None)

    @property
    def stored(self) -> tuple[int, ...]:
        """The shape of its tensor: a complex channel is a real and an imaginary one, side by side."""
        channels, *sizes = self.shape
        return (2 * channels if self.domain == "complex" else channels, *sizes)

    @property
    def numbers(self) -> int:
        """How many real numbers an example of this type has; every symbol must be bound."""
        return prod(self.stored)


def tensor(domain: Domain, channels: int | str | Dim, *size: int | str | Dim) -> TensorType:
    """A tensor type from numbers, symbols and dimensions."""
    return TensorType(domain, Dim.of(channels), tuple(Dim.of(dim) for dim in size))
