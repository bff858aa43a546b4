"""Which phase a complex front end should have: `python benchmarks/phase.py --out FILE [--data fsdd]
[--quick]`.

One genotype of a space (SS1), drawn once, is trained from scratch on five kinds of features:

    real      of a real space
    start     of a complex one, phases from the start of each frame, complex values summed by the mel filters
    centre    the real features with phases from the centre of each frame
    relative  the real features with phases relative to the frame before
    moduli    the real features with phase 0 everywhere, in a complex network: what phases add, or cost

Steps, batches and draws are the same for all. A complex network has fewer channels: as many as bring its
parameters closest to those of the real one. With `--split speaker` each speaker is held out in turn: fold K
tests the K-th. Seeds draw weights and batches.

Every training is a line of JSON in FILE, and one that is there already is not done again: a stopped
measurement goes on where it was, and more seeds are added to those that are done. At the end stands the table
of what FILE holds: accuracies in per cent; `seeds` is the deviation between the seeds of a fold, `folds`
that between the means of folds, and the last columns are mean paired differences, same fold and seed.

`--space FILE` takes another space, such as one with another head, by the name or the path of its text. Where
it has no real form, as with `magnitude`, `--real-space` names the one whose parameters complex networks
match.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from statistics import mean, pstdev, stdev
from unittest.mock import patch

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from rows import Row, append, in_columns, rows_of, rows_with, with_error

from dslnas.base.diagnostics import DslnasError
from dslnas.data import DataOptions, DataSet, Prepared, open_data, prepare, profile_name
from dslnas.data.frontend.phase import ComplexStft
from dslnas.ir.genotype import Genotype
from dslnas.ir.walk import Chosen, cost
from dslnas.prune.prune import prune
from dslnas.prune.validate import validate
from dslnas.resolve.resolve import with_library
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.trainees import retraining
from dslnas.train.devices import pick_device
from dslnas.train.testing import accuracy, test

FORMS = ("real", "start", "centre", "relative", "moduli")


@dataclass(frozen=True)
class Measurement:
    """What is the same for every training. channels: of the real network; drawn: the seed of the genotype."""

    space: str
    data: str
    data_root: Path | None
    split: str
    clips: int
    nodes: int
    repeat: int
    channels: int
    steps: int
    drawn: int
    real_space: str | None = None

    def experiment(self, form: str, channels: int, fold: int = 1, seed: int = 0) -> Experiment:
        """The experiment of a form of features."""
        domain = "real" if form == "real" else "complex"
        sizes = (f"nodes={self.nodes}", f"train.repeat={self.repeat}", f"train.channels={channels}")
        data = (f"data.split={self.split}", f"data.fold={fold}", f"data.clips={self.clips}")
        overrides = (f"domain={domain}", *sizes, *data, f"train.steps={self.steps}")
        request = Request(self.data, self.data_root, overrides=overrides, seed=seed)
        if form == "real":
            return load(self.real_space or self.space, request)
        profile = with_library(load(self.space, request).definitions).profiles[profile_name(self.data)]
        called = profile.values["frontend"][0].span.text.removesuffix(")")
        phase = "centre" if form == "moduli" else form
        front = f"frontend={called}{', ' if '(' in called else '('}phase: {phase})"
        return load(self.space, replace(request, overrides=(*overrides, front)))

    def told(self) -> Row:
        """What decides a training beside its form, fold and seed; where the data lies does not."""
        return {name: value for name, value in vars(self).items() if name != "data_root"}


def drawn_genotype(one: Experiment, seed: int) -> Genotype:
    """A genotype that random weights of all choices lead to."""
    chance, program = random.Random(seed), one.evaluation
    alpha = {id: [chance.random() for _ in point.options] for id, point in program.choices.items()}
    gamma = {id: [chance.random() for _ in one.sources] for id, one in program.selections.items()}
    keep = {id: one.keep for id, one in program.selections.items()}
    return prune(program, alpha, gamma, keep, one.space_hash, one.method.name)


def params_of(one: Experiment, genotype: Genotype) -> int:
    """The real parameters of a genotype: a complex weight is two."""
    return cost(one.evaluation, Chosen.of(genotype)).params


def complex_channels(given: Measurement, genotype: Genotype) -> int:
    """The channels at which a complex network has closest to as many parameters as the real one."""
    wanted = params_of(given.experiment("real", given.channels), genotype)
    found: dict[int, int] = {}
    for channels in range(1, given.channels + 1):
        try:  # not all spaces can have any number
            found[channels] = params_of(given.experiment("start", channels), genotype)
        except DslnasError:
            continue
    return min(found, key=lambda channels: abs(found[channels] - wanted))


def trained(one: Experiment, genotype: Genotype, prepared: Prepared, device: torch.device) -> Row:
    """The figures of one training."""
    genotype = validate(genotype, one.evaluation)
    begun = time.monotonic()
    trainee = retraining(one, genotype, prepared, device)
    loss = torch.zeros((), device=device)
    for step in range(trainee.steps):
        loss = trainee.step(step)["loss"]
    figures = test(trainee.network, prepared.test, prepared.classes, device).figures
    return {
        "params": params_of(one, genotype),
        "accuracy": figures["accuracy"],
        "macro_f1": figures["macro_f1"],
        "validation": accuracy(trainee.network, prepared.validation, device),
        "loss": float(loss),
        "seconds": round(time.monotonic() - begun, 1),
    }


@contextmanager
def phases_of(form: str) -> Iterator[None]:
    """Spectra without their phases where the form has none."""
    if form != "moduli":
        yield
        return

    def alone(stft: ComplexStft, x: Tensor) -> Tensor:
        modulus = torch.complex(*stft.spectrum(x)).abs()
        return torch.stack((modulus, torch.zeros_like(modulus)), 1)

    with patch.object(ComplexStft, "fixed", alone):
        yield


@lru_cache(maxsize=1)
def opened(given: Measurement, fold: int) -> DataSet:
    """The clips of a fold."""
    options = DataOptions(split=given.split, fold=fold, clips=given.clips)
    return open_data(given.data, given.data_root, options)


def measure(
    given: Measurement,
    forms: Sequence[str],
    folds: Sequence[int],
    seeds: Sequence[int],
    out: Path,
    device: torch.device,
) -> None:
    """Do the trainings that are not in the file, seed after seed, so that what is there compares early."""
    done = {_key(row) for row in rows_of(out)}
    named = [(form, fold, seed) for seed in seeds for fold in folds for form in forms]
    rows = ({**given.told(), "form": form, "fold": fold, "seed": seed} for form, fold, seed in named)
    todo = [row for row in rows if _key(row) not in done]
    if not todo:
        return
    genotype = drawn_genotype(given.experiment("real", given.channels), given.drawn)
    narrow = complex_channels(given, genotype)
    for number, row in enumerate(todo, start=1):
        channels = given.channels if row["form"] == "real" else narrow
        one = given.experiment(row["form"], channels, row["fold"], row["seed"])
        data = opened(given, row["fold"])
        tested = sorted({clip.group for clip in data.clips if clip.split == "test"})
        row["tested"] = ", ".join(tested) if len(tested) <= 3 else f"fold {row['fold']}"
        row["own_channels"] = channels
        cache = out.with_suffix(".cache") if row["form"] == "moduli" else None  # not what the text says
        with phases_of(row["form"]):
            row |= trained(one, genotype, prepare(data, one.frontend, cache=cache), device)
        append(out, row)
        named_so = f"{row['form']}, fold {row['fold']}, seed {row['seed']}"
        print(f"{number} of {len(todo)}: {named_so}: {100 * row['accuracy']:.1f} %", file=sys.stderr)


def _key(row: Row) -> str:
    """What names a training."""
    named = [field for field in Measurement.__dataclass_fields__ if field != "data_root"]
    return json.dumps([row.get(name) for name in (*named, "form", "fold", "seed")])


# --- the table ----------------------------------------------------------------------------------------------


def table(rows: Iterable[Row]) -> str:
    """What rows of one measurement say of each form."""
    by_form: dict[str, dict[tuple[int, int], Row]] = {form: {} for form in FORMS}
    for row in rows:
        by_form[row["form"]][row["fold"], row["seed"]] = row
    folds = sorted({fold for found in by_form.values() for fold, _ in found})
    names = {fold: row["tested"] for found in by_form.values() for (fold, _), row in found.items()}
    head = ["features", "parameters", "trainings", "mean", "seeds", "folds", *(names[fold] for fold in folds)]
    lines = [[*head, "less real", "less start"]]
    for form, found in by_form.items():
        if not found:
            continue
        means = {fold: _percents(found, fold) for fold in folds}
        seeds = [stdev(each) for each in means.values() if len(each) > 1]
        per_fold = [mean(each) for each in means.values() if each]
        lines.append(
            [
                form,
                f"{next(iter(found.values()))['params']:,}",
                str(len(found)),
                f"{mean(per_fold):.1f}",
                f"{mean(seed**2 for seed in seeds) ** 0.5:.1f}" if seeds else "",
                f"{pstdev(per_fold):.1f}" if len(per_fold) > 1 else "",
                *(f"{mean(each):.1f}" if each else "" for each in means.values()),
                *(_difference(found, by_form[other]) if other != form else "" for other in ("real", "start")),
            ]
        )
    return in_columns(lines)


def _percents(found: dict[tuple[int, int], Row], fold: int) -> list[float]:
    return [100 * row["accuracy"] for (own, _), row in found.items() if own == fold]


def _difference(found: dict[tuple[int, int], Row], other: dict[tuple[int, int], Row]) -> str:
    """The mean of paired differences, with its standard error."""
    pairs = [100 * (found[key]["accuracy"] - other[key]["accuracy"]) for key in found if key in other]
    return with_error(pairs)


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--out", type=Path, required=True, help="file of results, one a line")
    parser.add_argument("--space", default="ss1")
    parser.add_argument("--real-space", help="the space of the real network, where it is another")
    parser.add_argument("--data", default="fsdd")
    parser.add_argument("--data-root", type=Path, help="where data sets lie, in place of $DSLNAS_DATA")
    parser.add_argument("--split", choices=("speaker", "official"), default="speaker")
    parser.add_argument("--folds", type=int, nargs="+", default=list(range(1, 7)))
    parser.add_argument("--clips", type=int, default=0, help="of the data set; 0 is all")
    parser.add_argument("--forms", choices=FORMS, nargs="+", default=list(FORMS))
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each form on each fold")
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--channels", type=int, default=16, help="of the real network")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=1, help="normal cells between two reductions")
    parser.add_argument("--genotype", type=int, default=0, help="the seed that draws it")
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--quick", action="store_true", help="whether it works: one fold, one seed, two steps"
    )
    given = parser.parse_args(arguments)
    measurement = Measurement(
        space=given.space,
        data=given.data,
        data_root=given.data_root,
        split=given.split,
        clips=200 if given.quick else given.clips,
        nodes=1 if given.quick else given.nodes,
        repeat=0 if given.quick else given.repeat,
        channels=4 if given.quick else given.channels,
        steps=2 if given.quick else given.steps,
        drawn=given.genotype,
        real_space=given.real_space,
    )
    folds, seeds = ([1], [0]) if given.quick else (given.folds, range(given.seeds))
    try:
        measure(measurement, given.forms, folds, seeds, given.out, pick_device(given.device))
    except DslnasError as error:
        parser.error(str(error))
    print(table(rows_with(given.out, measurement.told())))


if __name__ == "__main__":
    main()
