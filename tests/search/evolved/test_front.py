"""The front, its knee, hypervolumes, and the file that keeps them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from evolving import Judge, assess, layers, method
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import FRONT
from dslnas.methods.budget import Requirement
from dslnas.prune.validate import validate
from dslnas.search.evolved.archive import Archive
from dslnas.search.evolved.evolve import evolve
from dslnas.search.evolved.front import Evolved
from dslnas.search.evolved.front_file import Front, front_json, read_front, to_front, write_front
from dslnas.search.evolved.goals import Goals
from dslnas.search.evolved.population import Individual

GOALS = Goals(("accuracy",), ("params",))


def individuals(*figures: tuple[float, float]) -> tuple[Individual, ...]:
    """Candidates by accuracy and parameters."""
    return tuple(
        Individual(str(number), {}, {"accuracy": accuracy, "params": params}, 1)
        for number, (accuracy, params) in enumerate(figures)
    )


def keys(found: tuple[Individual, ...]) -> list[str]:
    return [one.key for one in found]


def test_the_front_is_what_no_other_dominates_cheap_first() -> None:
    found = individuals((0.9, 300), (0.5, 100), (0.8, 300), (0.7, 150), (0.6, 150), (0.95, 900))
    assert keys(Evolved(GOALS, found, 4).front) == ["1", "3", "0", "5"]


def test_the_knee_lies_farthest_from_the_line_between_the_ends() -> None:
    found = individuals((0.5, 100), (0.85, 200), (0.9, 600), (1.0, 1100))
    evolved = Evolved(GOALS, found, 4)
    assert evolved.knee is evolved.front[1]
    straight = Evolved(GOALS, individuals((0.5, 100), (0.75, 200), (1.0, 300)), 4)
    assert straight.knee is straight.front[0]  # of equals the cheapest
    alone = Evolved(GOALS, individuals((0.5, 100)), 4)
    assert alone.knee is alone.front[0]


def test_the_hypervolume_by_hand() -> None:
    """The box goes from the best to a tenth of the range, 0.4 and 210, beyond the worst, 0.5 and 310."""
    found = individuals((0.5, 100), (0.9, 310), (0.7, 205))
    evolved = Evolved(GOALS, found, 1, random=individuals((0.7, 205)))
    assert evolved.reference == pytest.approx({"params": 331.0, "accuracy": 0.46})
    box = 231.0 * 0.44
    first, second, third = 231.0 * 0.04, 21.0 * 0.44, 126.0 * 0.24
    volumes = [
        first,
        first + 21.0 * 0.4,
        first + 126.0 * 0.2 + 21.0 * 0.2,
    ]
    assert (second, third) == pytest.approx((9.24, 30.24))
    assert [(count, own) for count, own, _ in evolved.hypervolume] == [
        (count, pytest.approx(volume / box)) for count, volume in enumerate(volumes, start=1)
    ]
    assert [other for _, _, other in evolved.hypervolume] == [pytest.approx(third / box)] * 3


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_what_comes_out_does_not_depend_on_the_order(seed: int) -> None:
    chance = Random(seed)
    found = list(individuals(*((chance.random(), chance.randrange(50)) for _ in range(30))))
    random = list(individuals(*((chance.random(), chance.randrange(50)) for _ in range(30))))
    one = Evolved(GOALS, tuple(found), 30, random=tuple(random))
    chance.shuffle(found), chance.shuffle(random)
    other = Evolved(GOALS, tuple(found), 30, random=tuple(random))
    assert (one.front, one.knee, one.reference) == (other.front, other.knee, other.reference)
    assert one.hypervolume[0] == pytest.approx(other.hypervolume[0])


def test_only_what_is_feasible_counts() -> None:
    found = individuals((0.5, 100), (0.9, 310), (0.7, 205))
    tight = Goals(GOALS.maximize, GOALS.minimize, (Requirement("params", 205.0, "params < 205"),))
    assert keys(Evolved(tight, found, 3).front) == ["0"]
    nothing = Goals(GOALS.maximize, GOALS.minimize, (Requirement("params", 50.0, "params < 50"),))
    evolved = Evolved(nothing, found, 3)
    assert evolved.front == () and evolved.knee is None and evolved.reference == {}
    assert keys(evolved.nearest) == ["0"]
    assert evolved.hypervolume == ((3, 0.0, None),)


def front_of(*require: Requirement, **more: object) -> Front:
    genes = layers()
    chosen = method(12, 8, *require, **more)
    return to_front(evolve(genes, chosen, assess(genes), 0, Archive()), genes, "sha256:0", "made")


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    front = front_of()
    write_front(front, tmp_path / FRONT)
    assert read_front(tmp_path / FRONT) == front
    assert front.evaluations == len(front.population) == len(front.random_population) == 96
    assert [point.number for point in front.points] == list(range(1, len(front.points) + 1))
    prices = [point.figures["params"] for point in front.points]
    assert prices == sorted(prices) and all(point.feasible for point in front.points)
    assert front.knee in front.points and sum(point.knee for point in front.points) == 1


def test_the_genotypes_of_the_front_are_those_of_its_figures() -> None:
    genes = layers()
    judge = Judge(genes)
    for point in front_of().points:
        validate(point.genotype, genes.program)
        assert judge.figures(genes.candidate(point.genotype)) == point.figures


def test_options_are_counted_where_a_network_reads_them() -> None:
    front, genes = front_of(), layers()
    depths = front.options["network/depth_1"]
    assert sum(depths.values()) == len(front.points)
    (second,) = (id for id in genes.all if id == "network/mb_7")
    assert sum(front.options.get(second, {}).values()) == depths["2"]


def test_where_nothing_is_feasible_the_file_holds_what_comes_nearest() -> None:
    front = front_of(Requirement("params", 1.0, "params < 1"))
    assert front.points and not any(point.feasible or point.knee for point in front.points)
    assert front.knee is None and front.require == ("params < 1",) and front.options == {}


def test_several_objectives_and_one() -> None:
    both = front_of(minimize=("macs", "params"), maximize=("accuracy",))
    assert (
        len(both.points) > 3
        and both.knee is not None
        and set(both.reference) == {"macs", "params", "accuracy"}
    )
    (best,) = front_of(minimize=()).points
    assert best.knee


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(format="other"), "this is no front"),
        (lambda data: data.update(version=9), "version 9 of the format of fronts is not known"),
        (lambda data: data.pop("points"), "a part is missing or has another form: 'points'"),
        (lambda data: data["points"][0]["figures"].update(params="many"), "a finite number is expected"),
        (lambda data: data["points"][0].update(genotype={}), "this is no dslnas genotype"),
        (lambda data: data.update(shares=[[1]]), "a part is missing or has another form"),
        (lambda data: data.update(require="params < 1"), "a list of names is expected"),
    ],
)
def test_a_broken_file_is_named(change: object, message: str, tmp_path: Path) -> None:
    data = json.loads(json.dumps(front_json(front_of())))
    change(data)  # type: ignore[operator]
    path = tmp_path / FRONT
    path.write_text(json.dumps(data))
    with pytest.raises(DslnasError, match=message) as caught:
        read_front(path)
    assert str(path) in str(caught.value)
