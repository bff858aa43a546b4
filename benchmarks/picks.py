"""Is what a search picks better than chance at the same price: `python benchmarks/picks.py RUN... --out FILE
--budgets "macs < 0.5M" "params < 10k" [--steps 800]`.

For each search by sampling and each budget, the pick is the network that the search holds to be the most
accurate within it: what `dslnas train RUN --pick BUDGET` trains. Beside it stand networks of the space that
are drawn at random, each decision as likely as another, among those that cost what the pick costs: what the
budget bounds first, multiply-accumulates or parameters, differs by 5 per cent at most. All are trained from
scratch, alike, with the batches of the run, on all clips that the run trains a network on, and tested.

Every training is a line of JSON in FILE, and one that is there already is not done again. At the end stands
the table of what FILE holds: accuracies of the test in per cent, means and deviations over runs and
trainings; `less random` is the mean difference between a pick and the mean of its own rivals, with its
standard error over the runs.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev

import torch

sys.path.insert(0, str(Path(__file__).parent))
from rows import Row, append, in_columns, rows_of, with_error

from dslnas.base.diagnostics import DslnasError
from dslnas.data import Prepared
from dslnas.ir.analysis.prices import Pricing
from dslnas.ir.genotype import Genotype
from dslnas.ir.walk import Chosen
from dslnas.runs.experiment import Experiment
from dslnas.runs.found.pick import picked
from dslnas.runs.prepared import prepare_data
from dslnas.runs.run import Run
from dslnas.runs.searches.sampled import genes_of
from dslnas.runs.trainees import retraining
from dslnas.train.observer import Silent
from dslnas.train.testing import test

WITHIN = 0.05  # of what the pick costs
DRAWS = 100_000
KEY = ("run", "budget", "kind", "number", "steps")


def alike(experiment: Experiment, pick: Genotype, cost: str, seed: int) -> Iterator[Genotype]:
    """Other networks of a space that cost what the pick costs, at random and without repetitions.

    cost: `macs` or `params`, in which they are alike.
    """
    genes, pricing = genes_of(experiment), Pricing(experiment.evaluation)
    chance, seen = random.Random(f"{seed}/picks"), {genes.key(genes.candidate(pick))}
    wanted = getattr(pricing.prices(Chosen.of(pick)), cost)
    for _ in range(DRAWS):
        drawn = genes.draw(chance)
        genotype = genes.genotype(drawn, experiment.space_hash, experiment.method.name)
        if genes.key(drawn) in seen:
            continue
        if abs(getattr(pricing.prices(Chosen.of(genotype)), cost) - wanted) <= WITHIN * wanted:
            seen.add(genes.key(drawn))
            yield genotype


def trained(
    experiment: Experiment, genotype: Genotype, prepared: Prepared, steps: int, device: torch.device
) -> Row:
    """What a network costs, and its accuracies after a training from scratch."""
    own = experiment.shortened(steps).decided_by(genotype)
    trainee = retraining(own, genotype, prepared, device)
    for step in range(trainee.steps):
        trainee.step(step)
    with trainee.averaged():
        figures = {
            name: test(trainee.network, split, prepared.classes, device).figures["accuracy"]
            for name, split in (("validation", prepared.validation), ("accuracy", prepared.test))
        }
    costs = Pricing(experiment.evaluation).prices(Chosen.of(genotype))
    return {"params": costs.params, "macs": costs.macs, **figures}


def measure(folder: Path, budgets: Sequence[str], rivals: int, steps: int, out: Path) -> None:
    """Do the trainings of one search that are not in the file."""
    from dslnas.train.devices import pick_device

    run = Run.open(folder)
    done = {tuple(row[name] for name in KEY) for row in rows_of(out)}
    prepared = prepare_data(run.experiment, run.data_root, Silent())
    for budget in budgets:
        pick = picked(folder, budget, run.experiment)
        seed = run.experiment.settings.seed
        others = alike(
            run.experiment, pick.genotype, "params" if budget.startswith("params") else "macs", seed
        )
        for number in range(rivals + 1):
            genotype = next(others, None) if number else pick.genotype
            if genotype is None:
                print(f"{folder}, {budget}: only {number - 1} networks cost the same", file=sys.stderr)
                break
            kind = "random" if number else "pick"
            row: Row = {"run": str(folder), "budget": budget, "kind": kind, "number": number, "steps": steps}
            if tuple(row[name] for name in KEY) in done:
                continue
            if not number:
                row["inherited"] = pick.figures["accuracy"]
            row |= trained(run.experiment, genotype, prepared, steps, pick_device(run.device))
            append(out, row)
            print(f"{folder}, {budget}, {kind} {number}: {100 * row['accuracy']:.1f} %", file=sys.stderr)


def table(rows: Sequence[Row]) -> str:
    """What the rows say of each budget."""
    lines = [["budget", "runs", "MACs of picks", "parameters", "picks", "random", "less random"]]
    for budget in dict.fromkeys(row["budget"] for row in rows):
        picks = {row["run"]: row for row in rows if row["budget"] == budget and row["kind"] == "pick"}
        others = {
            run: [
                100 * row["accuracy"]
                for row in rows
                if (row["budget"], row["run"], row["kind"]) == (budget, run, "random")
            ]
            for run in picks
        }
        whole = [run for run in picks if others[run]]
        chance = [one for run in whole for one in others[run]]
        lines.append(
            [
                budget,
                str(len(whole)),
                f"{mean(picks[run]['macs'] for run in whole) / 1e6:.2f} M",
                f"{mean(picks[run]['params'] for run in whole):,.0f}",
                _spread([100 * picks[run]["accuracy"] for run in whole]),
                _spread(chance),
                with_error([100 * picks[run]["accuracy"] - mean(others[run]) for run in whole]),
            ]
        )
    return in_columns(lines)


def _spread(figures: Sequence[float]) -> str:
    return f"{mean(figures):.1f} ± {stdev(figures):.1f}" if len(figures) > 1 else f"{figures[0]:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of searches by sampling")
    parser.add_argument("--out", type=Path, required=True, help="file of results, one a line")
    parser.add_argument("--budgets", nargs="+", default=["macs < 0.5M", "macs < 1M", "macs < 2M"])
    parser.add_argument("--rivals", type=int, default=5, help="networks at random beside each pick")
    parser.add_argument("--steps", type=int, default=800, help="of each training")
    given = parser.parse_args(arguments)
    try:
        for folder in given.runs:
            measure(folder, given.budgets, given.rivals, given.steps, given.out)
    except DslnasError as error:
        parser.error(str(error))
    print(table([row for row in rows_of(given.out) if row["steps"] == given.steps]))


if __name__ == "__main__":
    main()
