"""Sampled methods as data."""

from __future__ import annotations

from pathlib import Path

import pytest
from read_methods import method_of, written

from dslnas.methods.method import Optimizer, SampledMethod, Sampling


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
    )


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
