"""The files of a search by sampling as checked plain data: its front, latencies, ranking and ensemble.

Each may be missing. A broken file raises DslnasError N0701 naming it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ...base.diagnostics import fail
from ...base.figures import is_number
from ...base.files import read_json
from ...base.run_folder import FRONT, LATENCY, RANK
from ...ir.genotype import Genotype, from_json
from ..fields import length, mapping, number, sequence, whole

FORMAT, VERSION = "dslnas-front", 1
Figures = Mapping[str, float]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Point:
    """A network of a front. number: by which it is picked; feasible: whether it keeps to what is required;
    knee: whether it is the one that is taken where nobody picks.
    """

    number: int
    figures: Figures
    feasible: bool
    knee: bool
    genotype: Genotype


@dataclass(frozen=True)
class Baseline:
    """A network that was not searched, in the same picture: its name and its figures."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Front:
    """What a search by sampling found.

    maximize, minimize: the figures that it is about. require: what a network must keep to, as written.
    evaluations: how many networks were compared. points: those of the front, cheap ones first. random: the
    figures of the front of random search. population, random_population: the first price, the first quality
    and the generation of each network that was compared. hypervolume: after how many evaluations, that of the
    evolution and that of random search. reference: the point that it is measured from. shares: generation,
    and the share of it that was drawn at random. options: how often each option of a choice point is on the
    front.
    """

    maximize: tuple[str, ...]
    minimize: tuple[str, ...]
    require: tuple[str, ...]
    evaluations: int
    points: tuple[Point, ...]
    random: tuple[Figures, ...] = ()
    population: tuple[tuple[float, float, int], ...] = ()
    random_population: tuple[tuple[float, float, int], ...] = ()
    hypervolume: tuple[tuple[int, float, float | None], ...] = ()
    reference: Figures = field(default_factory=dict)
    shares: tuple[tuple[int, float], ...] = ()
    options: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    baseline: Baseline | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All figures that a point has: those that the search is about first."""
        named = dict.fromkeys((*self.maximize, *self.minimize))
        return tuple(named | dict.fromkeys(name for point in self.points for name in point.figures))

    @property
    def axes(self) -> tuple[str, str]:
        """The price and the quality that pictures show: the first of each."""
        price = self.minimize[0] if self.minimize else "params"
        return price, self.maximize[0] if self.maximize else "accuracy"


@dataclass(frozen=True)
class LatencyRow:
    """The measured time of a primitive at its sizes, in seconds, and the deviation of its measurements."""

    primitive: str
    seconds: float
    error: float | None


@dataclass(frozen=True)
class RankedNetwork:
    """A network that was trained anew: its accuracy with the weights of the supernet, and with its own."""

    key: str
    inherited: float
    retrained: float


@dataclass(frozen=True)
class Ranking:
    """What the accuracies of a supernet are worth: Kendall's tau of them and of retrained networks.

    interval: of 95 %, None where there are too few networks for one. steps: how long each was trained.
    """

    tau: float | None
    interval: tuple[float, float] | None
    steps: int
    networks: tuple[RankedNetwork, ...]


def read_front(folder: Path) -> Front | None:
    """The front of a run; None where it has none."""
    return _read(folder / FRONT, _front)


def read_latencies(folder: Path) -> tuple[LatencyRow, ...] | None:
    """The latencies that a search predicted with; None where it asked for none."""
    return _read(folder / LATENCY, _latencies)


def read_ranking(folder: Path) -> Ranking | None:
    """The ranking of a sample of retrained networks; None where nobody asked for it."""
    return _read(folder / RANK, _ranking)


def _read(path: Path, read: Callable[[dict[str, Any], str], Item]) -> Item | None:
    if not path.is_file():
        return None
    return read(mapping(read_json(path), str(path), "the file"), str(path))


def _front(data: dict[str, Any], where: str) -> Front:
    if data.get("format") != FORMAT or data.get("version") != VERSION:
        help = f"this dslnas reads `{FORMAT}`, version {VERSION}"
        raise fail("N0701", f"{where}: this is no front that is known here", help=help)
    objectives = mapping(data.get("objectives"), where, "objectives")
    baseline = data.get("baseline")
    return Front(
        _texts(objectives, "maximize", where),
        _texts(objectives, "minimize", where),
        _texts(data, "require", where),
        whole(data.get("evaluations"), where, "evaluations"),
        tuple(_point(one, where) for one in sequence(data.get("points"), where, "points")),
        tuple(_of_random(one, where) for one in sequence(data.get("random") or [], where, "random")),
        _cloud(data, "population", where),
        _cloud(data, "random_population", where),
        tuple(_volume(one, where) for one in sequence(data.get("hypervolume") or [], where, "hypervolume")),
        _figures(data.get("reference") or {}, where, "reference"),
        tuple(_share(one, where) for one in sequence(data.get("shares") or [], where, "shares")),
        _options(data.get("options") or {}, where),
        None if baseline is None else _baseline(mapping(baseline, where, "baseline"), where),
    )


def _texts(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    return tuple(map(str, sequence(data.get(key) or [], where, key)))


def _figures(data: Any, where: str, what: str) -> Figures:
    found = mapping(data, where, what)
    return {name: number(value, where, name) for name, value in found.items() if value is not None}


def _point(item: Any, where: str) -> Point:
    data = mapping(item, where, "a point")
    place = whole(data.get("number"), where, "the number of a point")
    return Point(
        place,
        _figures(data.get("figures"), where, f"figures of point {place}"),
        data.get("feasible") is not False,
        data.get("knee") is True,
        from_json(data.get("genotype"), f"{where}: point {place}"),
    )


def _of_random(item: Any, where: str) -> Figures:
    return _figures(mapping(item, where, "a point of random search").get("figures"), where, "figures")


def _cloud(data: Mapping[str, Any], key: str, where: str) -> tuple[tuple[float, float, int], ...]:
    found = []
    for item in sequence(data.get(key) or [], where, key):
        row = sequence(item, where, key)
        length(row, 3, where, f"a row of {key}")
        found.append((number(row[0], where, key), number(row[1], where, key), whole(row[2], where, key)))
    return tuple(found)


def _volume(item: Any, where: str) -> tuple[int, float, float | None]:
    row = sequence(item, where, "hypervolume")
    length(row, 3, where, "a row of hypervolume")
    of_random = None if row[2] is None else number(row[2], where, "hypervolume")
    return whole(row[0], where, "hypervolume"), number(row[1], where, "hypervolume"), of_random


def _share(item: Any, where: str) -> tuple[int, float]:
    row = sequence(item, where, "shares")
    length(row, 2, where, "a row of shares")
    return whole(row[0], where, "shares"), number(row[1], where, "shares")


def _options(data: Any, where: str) -> dict[str, dict[str, int]]:
    return {
        name: {option: whole(count, where, name) for option, count in mapping(one, where, name).items()}
        for name, one in mapping(data, where, "options").items()
    }


def _baseline(data: dict[str, Any], where: str) -> Baseline:
    return Baseline(str(data.get("name", "baseline")), _figures(data.get("figures"), where, "baseline"))


def _latencies(data: dict[str, Any], where: str) -> tuple[LatencyRow, ...]:
    found = []
    for item in sequence(data.get("rows"), where, "rows"):
        row = mapping(item, where, "a row")
        error = row.get("error")
        found.append(
            LatencyRow(
                str(row.get("primitive")),
                number(row.get("ms"), where, "ms") / 1000,
                None if error is None else number(error, where, "error") / 1000,
            )
        )
    return tuple(found)


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
    return Ranking(float(tau) if is_number(tau) else None, interval, steps, tuple(networks))
