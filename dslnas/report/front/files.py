"""The files of a search by sampling as checked plain data: its front, a baseline, latencies, a ranking.

Each may be missing. A broken file raises DslnasError N0701 naming it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ...base.figures import is_number
from ...base.files import read_json
from ...base.run_folder import BASELINE, FRONT, LATENCY, RANK
from ...search.evolved.front_file import Front
from ...search.evolved.front_file import read_front as read
from ..fields import length, mapping, number, sequence, whole

Item = TypeVar("Item")


@dataclass(frozen=True)
class Baseline:
    """A network that was not searched, in the same picture: its name and its figures."""

    name: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Latencies:
    """The table by which latencies are predicted: seconds of each step, the slowest first.

    factor: whole networks take so many times the sum of their steps. networks: how many were measured whole;
    error: the median of how far their predictions are off, as a share. machine: the processor.
    """

    seconds: tuple[tuple[str, float], ...]
    factor: float
    networks: int
    error: float | None
    machine: str


@dataclass(frozen=True)
class RankedNetwork:
    """A network that was trained anew: the figure that it was compared by, and its accuracy."""

    key: str
    inherited: float
    retrained: float


@dataclass(frozen=True)
class Ranking:
    """What a figure of a search is worth: Kendall's tau of it and of the accuracies of retrained networks.

    interval: of 95 %, None where there are too few networks for one. steps: how long each was trained.
    figure: which one. beside: the tau of other figures, None where it has no value.
    """

    tau: float | None
    interval: tuple[float, float] | None
    steps: int
    networks: tuple[RankedNetwork, ...]
    figure: str = "accuracy"
    beside: tuple[tuple[str, float | None], ...] = ()


def read_front(folder: Path) -> Front | None:
    """The front of a run; None where it has none."""
    return read(folder / FRONT) if (folder / FRONT).is_file() else None


def read_baseline(folder: Path) -> Baseline | None:
    """The network that stands in the picture of the front for comparison; None where there is none."""
    return _read(folder / BASELINE, _baseline)


def read_latencies(folder: Path) -> Latencies | None:
    """The latencies that a search predicted with; None where it asked for none."""
    return _read(folder / LATENCY, _latencies)


def read_ranking(folder: Path) -> Ranking | None:
    """The ranking of a sample of retrained networks; None where nobody asked for it."""
    return _read(folder / RANK, _ranking)


def _read(path: Path, read: Callable[[dict[str, Any], str], Item]) -> Item | None:
    if not path.is_file():
        return None
    return read(mapping(read_json(path), str(path), "the file"), str(path))


def _baseline(data: dict[str, Any], where: str) -> Baseline:
    figures = mapping(data.get("figures"), where, "figures")
    return Baseline(str(data.get("name")), {name: number(one, where, name) for name, one in figures.items()})


def _latencies(data: dict[str, Any], where: str) -> Latencies:
    steps = mapping(data.get("seconds"), where, "seconds")
    seconds = {text: number(value, where, f"seconds of {text}") for text, value in steps.items()}
    error = data.get("error")
    return Latencies(
        tuple(sorted(seconds.items(), key=lambda step: (-step[1], step[0]))),
        number(data.get("factor"), where, "factor"),
        whole(data.get("networks"), where, "networks"),
        None if error is None else number(error, where, "error"),
        str(data.get("machine") or ""),
    )


def _ranking(data: dict[str, Any], where: str) -> Ranking:
    networks = []
    for item in sequence(data.get("networks"), where, "networks"):
        row = mapping(item, where, "a network")
        inherited, retrained = (number(row.get(key), where, key) for key in ("inherited", "retrained"))
        networks.append(RankedNetwork(str(row.get("key")), inherited, retrained))
    interval = data.get("interval")
    if interval is not None:
        length(sequence(interval, where, "interval"), 2, where, "interval")
        interval = tuple(number(one, where, "interval") for one in interval)
    tau = data.get("tau")
    steps = whole(data.get("steps"), where, "steps")
    others = mapping(data.get("beside", {}), where, "beside")  # older rankings have none
    beside = tuple((name, float(one) if is_number(one) else None) for name, one in others.items())
    figure = str(data.get("figure", "accuracy"))
    return Ranking(float(tau) if is_number(tau) else None, interval, steps, tuple(networks), figure, beside)


def figures_of(front: Front) -> tuple[str, ...]:
    """The names of all figures that the points of a front have: those that the search is about first."""
    named = dict.fromkeys((*front.maximize, *front.minimize))
    return tuple(named | dict.fromkeys(name for point in front.points for name in point.figures))


def axes_of(front: Front) -> tuple[str, str]:
    """The price and the quality that pictures show: the first of each."""
    price = front.minimize[0] if front.minimize else "params"
    return price, front.maximize[0] if front.maximize else "accuracy"
