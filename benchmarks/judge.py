"""Who should judge a search: `python benchmarks/judge.py --out FILE [--data fsdd] [--quick]`.

The same search is done with both judges of `search.judge`, and what each finds is trained alike:

    clips    half of the clips of every training speaker train the architecture
    groups   speakers who train no weight of the search do

The test is of speakers whom neither has heard: with `--split speaker` each is held out in turn, fold K tests
the K-th. Seeds draw weights, batches and the judge; with three speakers to train on, three seeds in a row let
each of them judge once. Steps, batches, sizes and the training of what was found are the same for both
judges, and so is its seed.

Every search with its training is a line of JSON in FILE, and one that is there already is not done again: a
stopped measurement goes on where it was, and more seeds are added to those that are done. At the end stands
the table of what FILE holds: accuracies on the unheard speakers in per cent, and `less clips`, the mean
paired difference, same fold and seed, with its standard error over all pairs and, as seeds of a fold are not
independent, over the means of folds. `halves` and `chance` are of the signal: the share of choices at which
two halves of the judge's clips favour the same option.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import torch

sys.path.insert(0, str(Path(__file__).parent))
from rows import Row, append, in_columns, rows_of, rows_with, with_error

from dslnas.base.diagnostics import DslnasError
from dslnas.data import Prepared
from dslnas.ir.genotype import to_json
from dslnas.ir.walk import Chosen, cost
from dslnas.prune.prune import prune_as
from dslnas.prune.validate import validate
from dslnas.runs.experiment import Experiment
from dslnas.runs.judging import roles_in
from dslnas.runs.load import load
from dslnas.runs.prepared import prepare_data
from dslnas.runs.request import Request
from dslnas.runs.trainees import retraining, searching
from dslnas.train.devices import pick_device
from dslnas.train.observer import Silent
from dslnas.train.testing import accuracy, test

JUDGES = ("clips", "groups")
Pairs = dict[tuple[int, int], Row]  # by fold and seed


@dataclass(frozen=True)
class Measurement:
    """What is the same for every search."""

    space: str
    method: str
    data: str
    data_root: Path | None
    split: str
    clips: int
    nodes: int
    repeat: int
    channels: int
    batch: int
    search_steps: int
    train_steps: int

    def experiment(self, judge: str, fold: int, seed: int) -> Experiment:
        """The experiment of a judge."""
        sizes = (f"nodes={self.nodes}", f"repeat={self.repeat}", f"channels={self.channels}")
        steps = (f"search.steps={self.search_steps}", f"train.steps={self.train_steps}")
        batches = (f"search.batch={self.batch}", f"train.batch={self.batch}")
        data = (f"data.split={self.split}", f"data.fold={fold}", f"data.clips={self.clips}")
        overrides = (f"method={self.method}", f"search.judge={judge}", *sizes, *steps, *batches, *data)
        return load(self.space, Request(self.data, self.data_root, overrides=overrides, seed=seed))

    def told(self) -> Row:
        """What decides a figure beside its judge, fold and seed; where the data lies does not."""
        return {name: value for name, value in vars(self).items() if name != "data_root"}


def searched(one: Experiment, prepared: Prepared, device: torch.device) -> Row:
    """The figures of a search and of the training of what it finds."""
    begun = time.monotonic()
    found = searching(one, prepared, device)
    for step in range(found.steps):
        found.step(step)
    search = found.search
    chosen = prune_as(search.method, search.program, *search.mixed(), one.space_hash)
    genotype = validate(chosen, one.evaluation)
    searched_by = time.monotonic()
    trainee = retraining(one, genotype, prepared, device)
    for step in range(trainee.steps):
        trainee.step(step)
    figures = test(trainee.network, prepared.test, prepared.classes, device).figures
    return {
        **roles_in(one, prepared, True).figures,
        "accuracy": figures["accuracy"],
        "macro_f1": figures["macro_f1"],
        "validation": accuracy(trainee.network, prepared.validation, device),
        "params": cost(one.evaluation, Chosen.of(genotype)).params,
        "gap": search.gap(),
        **found.agreements(),
        "genotype": to_json(genotype),
        "search_seconds": round(searched_by - begun, 1),
        "seconds": round(time.monotonic() - begun, 1),
    }


def measure(
    given: Measurement, folds: Sequence[int], seeds: Sequence[int], out: Path, device: torch.device
) -> None:
    """Do what is not in the file, seed after seed, so that what is there compares early."""
    done = {_key(row) for row in rows_of(out)}
    named = [(judge, fold, seed) for seed in seeds for fold in folds for judge in JUDGES]
    rows = ({**given.told(), "asked": judge, "fold": fold, "seed": seed} for judge, fold, seed in named)
    todo = [row for row in rows if _key(row) not in done]
    for number, row in enumerate(todo, start=1):
        one = given.experiment(row["asked"], row["fold"], row["seed"])
        row |= searched(one, prepare_data(one, given.data_root, Silent()), device)
        append(out, row)
        named_so = f"{row['asked']}, fold {row['fold']}, seed {row['seed']}"
        print(f"{number} of {len(todo)}: {named_so}: {100 * row['accuracy']:.1f} %", file=sys.stderr)


def _key(row: Row) -> str:
    """What names a search."""
    named = [field for field in Measurement.__dataclass_fields__ if field != "data_root"]
    return json.dumps([row.get(name) for name in (*named, "asked", "fold", "seed")])


# --- the table ----------------------------------------------------------------------------------------------


def table(rows: Iterable[Row]) -> str:
    """What rows of one measurement say of each judge."""
    by_judge: dict[str, Pairs] = {judge: {} for judge in JUDGES}
    for row in rows:
        by_judge[row["asked"]][row["fold"], row["seed"]] = row
    folds = sorted({fold for found in by_judge.values() for fold, _ in found})
    head = ["judge", "searches", "mean", *(f"fold {fold}" for fold in folds)]
    lines = [[*head, "validation", "halves", "chance", "less clips", "over folds"]]
    for judge, found in by_judge.items():
        if not found:
            continue
        means = {
            fold: _mean([row for (own, _), row in found.items() if own == fold], "accuracy") for fold in folds
        }
        known = [one for one in means.values() if one is not None]
        signals = [row["signal"] for row in found.values() if "halves" in row.get("signal", {})]
        compared = _differences(found, by_judge["clips"]) if judge != "clips" else ("", "")
        lines.append(
            [
                judge,
                str(len(found)),
                f"{mean(known):.1f}",
                *("" if one is None else f"{one:.1f}" for one in means.values()),
                _shown(_mean(list(found.values()), "validation")),
                _shown(_mean([one["halves"] for one in signals], "same")),
                _shown(_mean(signals, "chance")),
                *compared,
            ]
        )
    return in_columns(lines)


def _mean(rows: Sequence[Row], name: str) -> float | None:
    """The mean of a share in per cent; None where there is none."""
    return mean(100 * row[name] for row in rows) if rows else None


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _differences(found: Pairs, other: Pairs) -> tuple[str, str]:
    """The mean paired difference with its standard error: over all pairs, and over the means of folds."""
    pairs = {key: 100 * (found[key]["accuracy"] - other[key]["accuracy"]) for key in found if key in other}
    folds = {fold for fold, _ in pairs}
    by_fold = [mean(one for (own, _), one in pairs.items() if own == fold) for fold in folds]
    return with_error(list(pairs.values())), with_error(by_fold)


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--out", type=Path, required=True, help="file of results, one a line")
    parser.add_argument("--space", default="ss1")
    parser.add_argument("--method", default="darts")
    parser.add_argument("--data", default="fsdd")
    parser.add_argument("--data-root", type=Path, help="where data sets lie, in place of $DSLNAS_DATA")
    parser.add_argument("--split", choices=("speaker", "official"), default="speaker")
    parser.add_argument("--folds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--clips", type=int, default=0, help="of the data set; 0 is all")
    parser.add_argument("--seeds", type=int, default=3, help="searches with each judge on each fold")
    parser.add_argument("--search-steps", type=int, default=240)
    parser.add_argument("--train-steps", type=int, default=240)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=0, help="normal cells between two reductions")
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--quick", action="store_true", help="whether it works: one fold, one seed, a few steps"
    )
    given = parser.parse_args(arguments)
    measurement = Measurement(
        space=given.space,
        method=given.method,
        data=given.data,
        data_root=given.data_root,
        split=given.split,
        clips=200 if given.quick else given.clips,
        nodes=1 if given.quick else given.nodes,
        repeat=0 if given.quick else given.repeat,
        channels=4 if given.quick else given.channels,
        batch=8 if given.quick else given.batch,
        search_steps=6 if given.quick else given.search_steps,
        train_steps=2 if given.quick else given.train_steps,
    )
    folds, seeds = ([1], [0]) if given.quick else (given.folds, range(given.seeds))
    try:
        measure(measurement, folds, seeds, given.out, pick_device(given.device))
    except DslnasError as error:
        parser.error(str(error))
    print(table(rows_with(given.out, measurement.told())))


if __name__ == "__main__":
    main()
