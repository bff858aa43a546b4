"""A scatter plot as SVG: dots with intervals over a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 320, 56, 44, 34
_LABEL, _LINE, _LETTER = 84, 12, 6  # the size of a label, and of a letter
_COLOURS = ("#3d83ad", "#7c8796", "#d55e00", "#009e73", "#cc79a7")
_STYLE = "text{font:11px sans-serif;fill:#1c2330}.grid{stroke:#dde2e8}.axis{stroke:#7c8796}"


@dataclass(frozen=True)
class Dot:
    """A value over x with its interval; what has the same series has the same colour."""

    series: str
    name: str
    x: float
    value: float
    low: float
    high: float


def scatter(dots: Sequence[Dot], across: str, up: str) -> str:
    """The dots with their names, each on a line from its lower to its upper end, and a legend."""
    least, most = (math.log10(end(dot.x for dot in dots)) for end in (min, max))
    low = 10 * math.floor(min(dot.low for dot in dots) / 10)
    high = 10 * math.ceil(max(dot.high for dot in dots) / 10)

    def x(value: float) -> float:
        share = (math.log10(value) - least) / (most - least) if most > least else 0.5
        return _LEFT + 30 + share * (_WIDTH - _LEFT - 130)

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low or 1) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [_row(y(value), value) for value in range(low, high + 1, 10)]
    parts += [_tick(x(value), value) for value in _ticks(10**least, 10**most)]
    parts.append(f'<line class="axis" x1="{_LEFT}" y1="{y(low):.1f}" x2="{_WIDTH}" y2="{y(low):.1f}"/>')
    parts.append(f'<text x="{_WIDTH}" y="{_HEIGHT - 6}" text-anchor="end">{escape(across)}</text>')
    parts.append(f'<text x="4" y="{_TOP - 14}">{escape(up)}</text>')
    series = list(dict.fromkeys(dot.series for dot in dots))
    for place, (left, height) in enumerate(_legend(series)):
        parts.append(f'<circle cx="{left}" cy="{height}" r="4" fill="{_colour(place)}"/>')
        parts.append(f'<text x="{left + 9}" y="{height + 4}">{escape(series[place])}</text>')
    labels = _apart([(x(dot.x), y(dot.value)) for dot in dots])
    for dot, label in zip(dots, labels, strict=True):
        colour, at = _colour(series.index(dot.series)), f"{x(dot.x):.1f}"
        parts.append(
            f'<line x1="{at}" y1="{y(dot.low):.1f}" x2="{at}" y2="{y(dot.high):.1f}" stroke="{colour}"/>'
            f'<circle cx="{at}" cy="{y(dot.value):.1f}" r="4" fill="{colour}"/>'
            f'<text x="{x(dot.x) + 7:.1f}" y="{label + 4:.1f}">{escape(dot.name)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _legend(names: Sequence[str]) -> list[tuple[int, int]]:
    """The places of the names: one beside the other as far as there is room, then on another line."""
    found: list[tuple[int, int]] = []
    left, height = _LEFT + 34, 14
    for name in names:
        width = 24 + _LETTER * len(name)
        if left + width > _WIDTH and found:
            left, height = _LEFT + 34, height + _LINE
        found.append((left, height))
        left += width
    return found


def _apart(places: Sequence[tuple[float, float]]) -> list[float]:
    """The heights of labels beside places, from the top down: each below those that it would cover."""
    set_down: list[tuple[float, float]] = []
    found = [0.0] * len(places)
    for place in sorted(range(len(places)), key=lambda one: places[one][1]):
        left, height = places[place]
        for other, above in sorted(set_down, key=lambda one: one[1]):
            if abs(other - left) < _LABEL and abs(above - height) < _LINE:
                height = above + _LINE
        set_down.append((left, height))
        found[place] = height
    return found


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _row(height: float, value: int) -> str:
    line = f'<line class="grid" x1="{_LEFT}" y1="{height:.1f}" x2="{_WIDTH}" y2="{height:.1f}"/>'
    return f'{line}<text x="{_LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{value}</text>'


def _tick(left: float, value: float) -> str:
    return f'<text x="{left:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{value:,.0f}</text>'


def _ticks(least: float, most: float) -> list[float]:
    """1, 2 and 5 times powers of ten between two values."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    return [step * 10**power for power in powers for step in (1, 2, 5) if least <= step * 10**power <= most]
