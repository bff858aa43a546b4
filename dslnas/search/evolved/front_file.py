"""The file `front.json`: the front of an evolution with the genotypes, and what a picture of it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from ...base.diagnostics import fail
from ...base.figures import is_number
from ...base.files import read_json, write_json
from ...base.run_folder import FRONT
from ...ir.analysis.genes import Candidate, Genes
from ...ir.genotype import Genotype, from_json, to_json
from .front import Evolved
from .population import Individual

FORMAT = "dslnas-front"
VERSION = 1


@dataclass(frozen=True)
class Point:
    """A network of the front.

    number: from 1, the cheapest first. feasible: whether it keeps to what is required. live: the choice
    points that it reads, in their order; those inside of an option that it does not take are left out.
    """

    number: int
    figures: Mapping[str, float]
    feasible: bool
    knee: bool
    genotype: Genotype
    live: tuple[str, ...] = ()


@dataclass(frozen=True)
class Front:
    """The content of the file.

    require: the requirements as text. evaluations: of the evolution. points: the front, or, where nothing is
    feasible, what comes nearest. random: the figures of the front of random search. population,
    random_population: all evaluated networks as price, quality, generation. hypervolume, reference: as
    `Evolved` has them. shares: the share of each generation that was drawn at random. options: how often each
    stands on the front. exhausted: whether the evolution ran out of networks. trained: for how many steps
    each was trained alone before it was judged; 0 where networks have weights of a supernet, or scores.
    """

    maximize: tuple[str, ...]
    minimize: tuple[str, ...]
    require: tuple[str, ...]
    evaluations: int
    points: tuple[Point, ...]
    random: tuple[Mapping[str, float], ...]
    population: tuple[tuple[float, float, int], ...]
    random_population: tuple[tuple[float, float, int], ...]
    hypervolume: tuple[tuple[int, float, float | None], ...]
    reference: Mapping[str, float]
    shares: tuple[tuple[int, float], ...]
    options: Mapping[str, Mapping[str, int]]
    exhausted: bool = False
    trained: int = 0

    @property
    def knee(self) -> Point | None:
        """The knee of the front; None where nothing is feasible."""
        return next((point for point in self.points if point.knee), None)


def to_front(evolved: Evolved, genes: Genes, space_hash: str, method: str, trained: int = 0) -> Front:
    """What the file says of a result. method: the name that the genotypes carry. trained: as in `Front`."""
    goals, knee = evolved.goals, evolved.knee
    points = tuple(
        Point(
            number,
            dict(one.figures),
            goals.feasible(one.figures),
            one is knee,
            genes.genotype(one.candidate, space_hash, method),
            _live(genes, one.candidate),
        )
        for number, one in enumerate(evolved.front or evolved.nearest, start=1)
    )
    price = next(iter(goals.minimize), "params")
    quality = next(iter(goals.maximize), "accuracy")

    def every(individuals: Sequence[Individual]) -> tuple[tuple[float, float, int], ...]:
        return tuple((one.figures[price], one.figures[quality], one.generation) for one in individuals)

    return Front(
        goals.maximize,
        goals.minimize,
        tuple(one.text for one in goals.require),
        len(evolved.found),
        points,
        tuple(dict(one.figures) for one in evolved.random_front),
        every(evolved.found),
        every(evolved.random or ()),
        evolved.hypervolume,
        evolved.reference,
        evolved.shares,
        evolved.options(genes),
        evolved.exhausted,
        trained,
    )


def _live(genes: Genes, candidate: Candidate) -> tuple[str, ...]:
    alive = genes.alive(candidate)
    return tuple(id for id in genes.all if id in alive)


def write_front(front: Front, path: Path) -> None:
    """Write the file, whole or not at all; raises DslnasError N0701 where its place cannot be written."""
    write_json(path, front_json(front))


def read_front(path: Path) -> Front:
    """Read the file; raises DslnasError N0701 where it is missing, no JSON or no front."""
    return front_of_json(read_json(path), str(path))


def front_json(front: Front) -> dict[str, Any]:
    """The front as the JSON object of the file."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "objectives": {"maximize": list(front.maximize), "minimize": list(front.minimize)},
        "require": list(front.require),
        "evaluations": front.evaluations,
        "exhausted": front.exhausted,
        "trained": front.trained,
        "points": [
            {
                "number": point.number,
                "figures": dict(point.figures),
                "feasible": point.feasible,
                "knee": point.knee,
                "genotype": to_json(point.genotype),
                "live": list(point.live),
            }
            for point in front.points
        ],
        "random": [{"figures": dict(figures)} for figures in front.random],
        "population": [list(one) for one in front.population],
        "random_population": [list(one) for one in front.random_population],
        "hypervolume": [list(one) for one in front.hypervolume],
        "reference": dict(front.reference),
        "shares": [list(one) for one in front.shares],
        "options": {id: dict(counts) for id, counts in front.options.items()},
    }


def front_of_json(data: Any, where: str = FRONT) -> Front:
    """The front of a JSON object; raises DslnasError N0701 with `where` and the faulty part."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise fail("N0701", f"{where}: this is no front", help=f'its "format" must be "{FORMAT}"')
    if data.get("version") != VERSION:
        message = f"{where}: version {str(data.get('version'))[:20]} of the format of fronts is not known"
        raise fail("N0701", message, help=f"this dslnas reads version {VERSION}")
    try:
        return Front(
            _texts(data["objectives"]["maximize"]),
            _texts(data["objectives"]["minimize"]),
            _texts(data["require"]),
            _whole(data["evaluations"]),
            tuple(_point(one, where) for one in data["points"]),
            tuple(_figures(one["figures"]) for one in data["random"]),
            tuple(_evaluated(one) for one in data["population"]),
            tuple(_evaluated(one) for one in data["random_population"]),
            tuple(_volume(one) for one in data["hypervolume"]),
            _figures(data["reference"]),
            tuple((_whole(generation), _number(share)) for generation, share in data["shares"]),
            {
                str(id): {str(option): _whole(count) for option, count in counts.items()}
                for id, counts in data["options"].items()
            },
            bool(data.get("exhausted", False)),
            _whole(data.get("trained", 0)),
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        help = "`dslnas front RUN` writes it again"
        raise fail("N0701", f"{where}: a part is missing or has another form: {error}", help=help) from None


def _point(data: Mapping[str, Any], where: str) -> Point:
    return Point(
        _whole(data["number"]),
        _figures(data["figures"]),
        bool(data["feasible"]),
        bool(data["knee"]),
        from_json(data["genotype"], where),
        _texts(data.get("live", [])),
    )


def _evaluated(data: Sequence[Any]) -> tuple[float, float, int]:
    price, quality, generation = data
    return _number(price), _number(quality), _whole(generation)


def _volume(data: Sequence[Any]) -> tuple[int, float, float | None]:
    count, own, other = data
    return _whole(count), _number(own), None if other is None else _number(other)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError("a list of names is expected")
    return tuple(value)


def _figures(value: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): _number(one) for name, one in value.items()}


def _number(value: Any) -> float:
    if not is_number(value) or not isfinite(value):
        raise TypeError("a finite number is expected")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("a whole number is expected")
    return value
