"""Shipped spaces, methods, sizes of input: told beforehand what is wrong, or searched, trained and exported.

Selected so that any space, method, length of clip and number of bands comes together with any other at least
once: what fails depends on few of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch
from torch import Tensor

from dslnas.base.diagnostics import DslnasError
from dslnas.check.check import check
from dslnas.data.features import Prepared, Split
from dslnas.data.frontend.frontend import FrontEndModule
from dslnas.export.python import python_file
from dslnas.ir.analysis.genes import Genes
from dslnas.ir.genotype import Genotype
from dslnas.methods.method import SampledMethod
from dslnas.prune.prune import prune_as
from dslnas.prune.validate import validate
from dslnas.resolve.definitions import Definitions
from dslnas.resolve.library import shipped
from dslnas.resolve.resolve import resolve
from dslnas.runs.begin import start
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import assemble, fitting
from dslnas.runs.request import Request
from dslnas.runs.trainees import retraining, sampling, searching

CPU = torch.device("cpu")
# Of the cells of `darts`, of its candidates where every edge remains, and of the blocks of `resnet18`.
ALIKE = {"darts_gal", "nasbench201", "resnet18_pictures"}
SPACES = tuple(sorted({path.stem for path in shipped().glob("*.nas")} - ALIKE))
METHODS = ("darts", "fairdarts", "forcedarts", "idarts", "gdas", "pcdarts", "pdarts", "random", "nasc")
CLIPS = ("100ms", "250ms", "500ms", "1s", "2s")
BANDS = (1, 2, 8, 16, 32, 64)
SIZES = {"nodes": 2, "channels": 4, "repeat": 0, "width": 8}  # of the networks, where a space has them
TOO_SMALL, UNFIT = "N0307", "N0601"  # a map that is too small, a method that cannot search the space
LAYERS = ("keywords", "lenet", "lenet_wide", "nasc", "nasc_baseline", "nasc_vgg", "resnet18")
LARGE = ("vgg16",)  # which need 224 x 224
CELLS = frozenset(SPACES) - {*LAYERS, *LARGE}

# That of the library, with its steps short enough for the shortest clip and for a single band.
HEARD = """
frontend heard(bands = 8, rate = 16kHz, clip = 1s, window = 64ms, hop = 32ms) = wave(rate, clip)
    -> gain(-6dB .. 6dB) -> fade(50ms)
    -> stft(window: window, hop: hop) -> mel(bands) -> log
    -> add_noise(probability: 0.5) -> stretch(0.9 .. 1.1) -> mask_time(1) -> mask_freq(1)
"""


@dataclass(frozen=True)
class Case:
    """A space, a method and an input. batch: the examples of a batch."""

    space: str
    method: str
    clip: str
    bands: int
    domain: str
    batch: int

    def __str__(self) -> str:
        return "-".join(map(str, (self.space, self.method, self.clip, self.bands, self.domain, self.batch)))

    @property
    def must_work(self) -> bool:
        """Whether nothing is too small, and the method one for cells."""
        return (
            self.space in CELLS and self.method != "nasc" and self.clip in ("1s", "2s") and self.bands >= 16
        )


def cases() -> Iterator[Case]:
    """Each space with each method, and sizes that go round at different paces."""
    for (place, space), (turn, method) in product(enumerate(SPACES), enumerate(METHODS)):
        clip, bands = CLIPS[(place + turn) % len(CLIPS)], BANDS[(turn - place) % len(BANDS)]
        domain = "complex" if (place + turn // 2) % 3 == 0 else "real"
        yield Case(space, method, clip, bands, domain, 1 if (place + 2 * turn) % 4 == 3 else 2)


CASES = tuple(cases())


def test_any_two_come_together() -> None:
    values = (SPACES, METHODS, CLIPS, BANDS)
    found = [(case.space, case.method, case.clip, case.bands) for case in CASES]
    for one, other in combinations(range(len(values)), 2):
        assert {(case[one], case[other]) for case in found} == set(product(values[one], values[other]))


@cache
def definitions_of(space: str) -> tuple[Path, Definitions]:
    """The definitions of a shipped space, checked, with the front end beside them; where its file was."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{space}_heard.nas"
        path.write_text((shipped() / f"{space}.nas").read_text(encoding="utf-8") + HEARD, encoding="utf-8")
        definitions, found = resolve(path)
        assert check(definitions, found) == []
        return path, definitions


def loaded(case: Case) -> Experiment:
    """The experiment of a case, of tiny sizes; raises DslnasError where it is refused."""
    path, definitions = definitions_of(case.space)
    known = definitions.spaces[definitions.own_spaces[-1]].parameters
    sizes = {**SIZES, "domain": case.domain}
    stages = 3 if case.method == "pdarts" else 1
    overrides = [
        f"frontend=heard({case.bands}, clip: {case.clip})",
        f"method={case.method}",
        *(f"{key}={value}" for key, value in sizes.items() if key in known),
        *(f"{stage}.batch={case.batch}" for stage in ("search", "train")),
        *("search.warmup=0", f"search.steps={stages}", "train.steps=1", "train.mixup=0.2"),
    ]
    return fitting(assemble(path, definitions, Request(data="fsdd", overrides=overrides)))


def noise(experiment: Experiment) -> Prepared:
    """Noise of two classes in place of recordings."""
    frontend, generator = experiment.frontend, torch.Generator().manual_seed(0)
    raw = torch.randint(-8192, 8192, (8, *frontend.raw_shape), generator=generator).to(torch.int16)
    background = torch.randn(frontend.rate, generator=generator) / 10
    features = FrontEndModule(frontend, background).features(raw)
    split = Split(raw, features, torch.arange(8) % 2, [""] * 8)
    return Prepared("noise", experiment.classes, frontend, split, split, split, background, [], [])


def searched(experiment: Experiment, prepared: Prepared) -> Genotype:
    """The genotype after a step of each stage of the search; of a sampled method, one of its paths."""
    if isinstance(experiment.method, SampledMethod):
        if experiment.method.supernet is not None:
            inputs = len(experiment.supernet.network.of_kind("input"))
            supernet = sampling(experiment, [prepared] * inputs, CPU)
            assert torch.isfinite(supernet.step(0)["loss"])
        genes = Genes.of(experiment.supernet, experiment.method.keeping, experiment.evaluation)
        drawn = genes.genotype(genes.draw(Random(0)), experiment.space_hash, experiment.method.name)
        return validate(drawn, experiment.supernet)
    trainee = searching(experiment, prepared, CPU)
    for step in range(trainee.steps):
        assert torch.isfinite(trainee.step(step)["loss"])
    search = trainee.search
    alpha, gamma = search.mixed()
    found = prune_as(search.method, search.program, alpha, gamma, experiment.space_hash)
    return validate(found, experiment.supernets[-1])


def exported(experiment: Experiment, genotype: Genotype, network: torch.nn.Module, raw: Tensor) -> Tensor:
    """What the exported file makes of waves, with the weights of the network."""
    file = python_file(experiment, genotype, "network.pt", "Tried.")
    names: dict[str, Any] = {}
    exec(compile(file.text, "network.py", "exec"), names)
    copy = names["Network"]()
    copy.load_state_dict(file.weights(network.state_dict()))
    result: Tensor = copy.eval()(names["FrontEnd"]()(raw.float() / 32768))
    return result


def begun(case: Case, folder: Path) -> Experiment | set[str]:
    """The experiment of a case, whose run begins in a folder, or the codes of what is wrong with it."""
    try:
        experiment = loaded(case)
        start(experiment, folder, device="cpu")
    except DslnasError as error:
        return {one.code for one in error.diagnostics if one.severity == "error"}
    return experiment


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_told_what_is_wrong_or_it_works(case: Case, tmp_path: Path) -> None:
    """Where maps come out too small, the same is tried on larger ones."""
    experiment = begun(case, tmp_path / "run")
    if experiment == {TOO_SMALL}:
        assert not case.must_work
        experiment = begun(replace(case, clip="1s", bands=64, batch=2), tmp_path / "larger")
    if isinstance(experiment, set):
        if case.space in LARGE and experiment == {TOO_SMALL}:
            return
        assert experiment == {UNFIT} and (case.method in ("nasc", "pcdarts") or case.space not in CELLS)
        return
    prepared = noise(experiment)
    genotype = experiment.only_genotype or searched(experiment, prepared)
    trained = retraining(experiment, genotype, prepared, CPU)
    assert torch.isfinite(trained.step(0)["loss"])
    trained.network.eval()
    with torch.no_grad():
        logits = trained.network(prepared.test.features)
        copied = exported(experiment, genotype, trained.network, prepared.test.raw)
    assert torch.isfinite(logits).all()
    torch.testing.assert_close(copied, logits, rtol=1e-3, atol=1e-3)
