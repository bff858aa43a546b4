"""Sampled methods as data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from read_methods import method_of, written

from dslnas.methods.budget import Requirement
from dslnas.methods.method import Kind, Optimizer, SampledMethod, Sampling
from dslnas.methods.read import read_method
from dslnas.resolve.resolve import resolve


def test_the_method_of_nasc_net_is_plain_data() -> None:
    adam = Optimizer("adam", {"lr": 3e-3, "weight_decay": 1e-6})
    assert method_of("nasc") == SampledMethod(
        name="nasc",
        weights=adam,
        clip=None,
        split=pytest.approx(0.7),
        retrain=adam,
        floor=None,
        supernet=Sampling(),
        population=64,
        generations=70,
        maximize=("accuracy",),
        minimize=("macs",),
        weights_warmup=3,
        retrain_warmup=3,
        average=0.9986,
    )


@pytest.mark.parametrize(
    ("written_as", "kind", "paths"),
    [
        ("fair", "fair", 0),
        ("uniform", "uniform", 1),
        ("uniform(paths: 4)", "uniform", 4),
        ("sandwich", "sandwich", 2),
        ("sandwich(random: 0)", "sandwich", 0),
    ],
)
def test_a_supernet_is_sampled_in_one_of_three_ways(
    written_as: str, kind: Kind, paths: int, tmp_path: Path
) -> None:
    method, codes = written(tmp_path, f"method m = nasc with {{ supernet: {written_as} }}")
    assert codes == [] and isinstance(method, SampledMethod)
    assert method.supernet == Sampling(kind, paths)


def test_methods_to_compare_differ_in_their_paths_alone() -> None:
    nasc = method_of("nasc")
    assert isinstance(nasc, SampledMethod)
    for name, sampling in (("spos", Sampling("uniform", 1)), ("sandwich", Sampling("sandwich", 2))):
        assert method_of(name) == replace(nasc, name=name, supernet=sampling)


def test_what_a_network_keeps_to_is_part_of_a_method(tmp_path: Path) -> None:
    settings = "    require: params < 2 * 50k, latency < 5ms\n    minimize: memory, latency\n"
    method, codes = written(tmp_path, f"method m = nasc with {{\n{settings}}}")
    assert codes == [] and isinstance(method, SampledMethod)
    assert method.require == (
        Requirement("params", 100_000, "params < 100000"),
        Requirement("latency", 5e-3, "latency < 5ms"),
    )
    assert method.minimize == ("memory", "latency")


def test_a_derived_method_may_leave_out_what_its_base_requires_and_averages(tmp_path: Path) -> None:
    base = "method base = nasc with { require: macs < 20M }\n"
    settings = (
        "    require: none\n    average: none\n    weights.schedule: constant\n    schedule: cosine(0)\n"
    )
    method, codes = written(tmp_path, f"{base}method m = base with {{\n{settings}}}")
    assert codes == [] and isinstance(method, SampledMethod)
    assert (method.require, method.average) == ((), None)
    assert (method.weights_warmup, method.retrain_warmup, method.floor) == (0, 0, 0.0)


def test_a_sampled_method_derives_from_another(tmp_path: Path) -> None:
    settings = "    minimize: macs, params\n    evolve: nsga2(generations: 3, population: 8)\n"
    method, codes = written(tmp_path, f"method m = nasc with {{\n{settings}}}")
    assert codes == [] and isinstance(method, SampledMethod)
    assert (method.minimize, method.population, method.generations) == (("macs", "params"), 8, 3)
    assert method.maximize == ("accuracy",)


def test_a_sampled_supernet_mixes_nothing(tmp_path: Path) -> None:
    method, codes = written(tmp_path, "method m = darts with {\n    supernet: fair\n}")
    assert method is None
    assert codes == ["N0601"] * 9  # each key of `darts` that mixes, and what a sampled method lacks


def test_random_search_is_said_in_a_word(tmp_path: Path) -> None:
    for word in ("auto", "on", "off"):
        method, codes = written(tmp_path, f"method m = nasc with {{ random: {word} }}")
        assert codes == [] and isinstance(method, SampledMethod) and method.random == word
    for wrong in ("onn", "1", "true"):
        assert written(tmp_path, f"method m = nasc with {{ random: {wrong} }}")[1] == ["N0301"]
    assert written(tmp_path, "method m = darts with { random: on }")[1] == ["N0601"]


def test_a_method_without_a_supernet_goes_by_scores(tmp_path: Path) -> None:
    settings = "    supernet: none\n    maximize: jacob_cov\n"
    method, codes = written(tmp_path, f"method m = nasc with {{\n{settings}}}")
    assert codes == [] and isinstance(method, SampledMethod)
    assert method.supernet is None and method.maximize == ("jacob_cov",)
    shipped = method_of("zerocost")
    assert isinstance(shipped, SampledMethod) and shipped.maximize == ("synflow", "naswot")


def test_scores_and_accuracies_are_of_different_methods(tmp_path: Path) -> None:
    for text, told in (
        ("supernet: none", "`accuracy` takes trained weights"),
        ("supernet: none\n    maximize: naswot, macro_f1", "`macro_f1` takes trained weights"),
        ("maximize: accuracy, synflow", "`synflow` scores networks that nobody has trained"),
        (
            "supernet: none(train: 5)\n    maximize: naswot",
            "`naswot` scores networks that nobody has trained",
        ),
    ):
        path = tmp_path / "mixed.nas"
        path.write_text(f'use "lib/methods.nas"\nmethod m = nasc with {{\n    {text}\n}}\n')
        definitions, _ = resolve(path)
        method, (found,) = read_method(definitions.methods["m"])
        assert method is None and found.code == "N0601" and found.message.startswith(told)
        assert found.span is not None and found.help
