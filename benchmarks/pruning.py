"""Which parts should go: `python benchmarks/pruning.py --out FILE [--of nodes edges channels] [--quick]`.

A network is searched and trained, and then made smaller by each method of `dslnas prune` to the same goals;
what is left is trained again with the settings of the first. A goal is a share of the nodes that are kept
(`1/2`) or a bound (`"macs < 60%"`), at which what goes can be compared: nodes, edges or channels (`--of`; the
last two have bounds alone). The test is of speakers whom nobody has heard: with `--split speaker`
fold K holds back the K-th. A seed draws the search, all weights, all batches, and what `chance` removes.

Every network is a run in a folder beside FILE (or in `--runs`), and a line of JSON in FILE. What is there
already is not done again, a run that was stopped goes on from its checkpoint, and more seeds, methods or
goals are added to those that are done. At the end stands the table of what FILE holds: nodes, parameters and
multiply-accumulates that are left in per cent; the accuracy on validation right after the cut; the accuracy
on the test, trained again, with its deviation over seeds; and `less random`, the mean paired difference to
random removal with its standard error.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from rows import Row, append, in_columns, rows_with, with_error

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import SETTINGS
from dslnas.methods.adversarial import PARTS
from dslnas.runs.begin import start, start_pruning
from dslnas.runs.load import load
from dslnas.runs.pruning.work import asked_of
from dslnas.runs.request import Request
from dslnas.runs.run import Run

BEFORE = "before"
METHODS = ("gal", "chance", "l1", "bn", "taylor")
NODES = "nodes"
GAME, CHANCE = "gal", "chance"


@dataclass(frozen=True)
class Measurement:
    """What is the same for every network. overrides: the texts of `--set`. epochs: of the game."""

    space: str
    method: str
    data: str
    split: str
    fold: int
    overrides: tuple[str, ...]
    epochs: int

    def told(self) -> Row:
        """What decides a figure beside its method, goal and seed."""
        return {**vars(self), "overrides": list(self.overrides)}

    def request(self, seed: int, data_root: Path | None) -> Request:
        """What the network of a seed is asked for."""
        data = (f"data.split={self.split}", f"data.fold={self.fold}") if self.split else ()
        method = (f"method={self.method}",) if self.method else ()
        return Request(self.data, data_root, overrides=(*method, *data, *self.overrides), seed=seed)


@dataclass(frozen=True)
class Trained:
    """What is trained: a searched network (`before`, no goal) or one that is made smaller, of a seed.

    of: what goes.
    """

    pruning: str
    goal: str
    seed: int
    of: str = NODES

    @property
    def folder(self) -> str:
        """The name of the folder of its run."""
        goal = "".join(one if one.isalnum() else "-" for one in self.goal.replace("/", "of").replace(" ", ""))
        of = "" if self.of == NODES else self.of
        return "-".join(part for part in (self.pruning, of, goal, f"s{self.seed}") if part)


def planned(
    methods: Sequence[str], goals: Sequence[str], seeds: Iterable[int], parts: Sequence[str] = (NODES,)
) -> Iterator[Trained]:
    """Everything there is to train, seed after seed, so that what is there compares early.

    A share of the nodes is a goal for nodes alone.
    """
    for seed in seeds:
        yield Trained(BEFORE, "", seed)
        for goal in goals:
            for of in parts:
                if of == NODES or _is_bound(goal):
                    yield from (Trained(method, goal, seed, of) for method in methods)


def _is_bound(goal: str) -> bool:
    """Whether a goal is a bound on a cost, and no share of the nodes."""
    return "<" in goal


def run_of(one: Trained, given: Measurement, runs: Path, data_root: Path | None, device: str) -> Run:
    """The run of a network: the one that is there, or a new one."""
    path = runs / one.folder
    if (path / SETTINGS).is_file():
        return Run.open(path, data_root, device)
    if one.pruning == BEFORE:
        experiment = load(given.space, given.request(one.seed, data_root))
        return start(experiment, path, data_root=data_root, device=device)
    source = Run.open(runs / Trained(BEFORE, "", one.seed).folder, data_root, device)
    goal = {"to" if _is_bound(one.goal) else "nodes": one.goal}
    epochs = given.epochs if one.pruning == GAME else None
    asked = asked_of(
        *(source.folder, source.experiment, source.genotype, one.pruning),
        **goal,
        epochs=epochs,
        overrides=[f"method.of={one.of}"],
    )
    return start_pruning(source, asked, path)


def figures(metrics: dict[str, Any]) -> Row:
    """What a line says of a finished run."""
    found = metrics.get("pruning", {})
    told: Row = {
        "accuracy": metrics["test"]["accuracy"],
        "validation": metrics["validation"]["retrained"],
        "params": metrics["params"]["live"],
        "macs": metrics["macs"]["live"],
        "times": metrics["time"],
    }
    if found:
        told |= {"nodes": found["nodes"], "kept": found["kept"], "cut": found["validation"]["cut"]}
    return told


def measure(
    given: Measurement, todo: Sequence[Trained], out: Path, runs: Path, root: Path | None, device: str
) -> None:
    """Do what is not in the file, in order."""
    done = {
        Trained(row["pruning"], row["goal"], row["seed"], row.get("of", NODES))
        for row in rows_with(out, given.told())
    }
    left = [one for one in todo if one not in done]
    for number, one in enumerate(left, start=1):
        begun = time.monotonic()
        row = figures(run_of(one, given, runs, root, device).execute())
        append(out, {**given.told(), **vars(one), **row, "seconds": round(time.monotonic() - begun, 1)})
        what = " ".join(part for part in (one.pruning, f"of {one.of}" if one.goal else "", one.goal) if part)
        shown = f"{number} of {len(left)}: {what}, seed {one.seed}: {100 * row['accuracy']:.1f} %"
        print(shown, file=sys.stderr, flush=True)


# --- the table ----------------------------------------------------------------------------------------------


def table(rows: Sequence[Row]) -> str:
    """What rows of one measurement say of each method at each goal."""
    before = {row["seed"]: row for row in rows if row["pruning"] == BEFORE}
    head = ["network", "of", "goal", "seeds", "nodes %", "params %", "MACs %", "cut", "test", "deviation"]
    lines = [[*head, "less random"]]
    for goal, of in dict.fromkeys((row["goal"], row.get("of", NODES)) for row in rows):
        same = [row for row in rows if (row["goal"], row.get("of", NODES)) == (goal, of)]
        chance = {row["seed"]: row for row in same if row["pruning"] == CHANCE}
        for name in dict.fromkeys(row["pruning"] for row in same):
            found = [row for row in same if row["pruning"] == name]
            what = of if goal else ""
            lines.append([name, what, goal, str(len(found)), *_of(found, before), _less(found, chance)])
    return in_columns(lines)


def _of(found: Sequence[Row], before: dict[int, Row]) -> list[str]:
    """The figures of one method at one goal."""
    nodes = [row["nodes"]["after"] / row["nodes"]["before"] for row in found if "nodes" in row]
    shares = [
        [row[name] / before[row["seed"]][name] for row in found if row["seed"] in before]
        for name in ("params", "macs")
    ]
    tested = [100 * row["accuracy"] for row in found]
    cut = [row["cut"] for row in found if "cut" in row]
    deviation = f"{stdev(tested):.1f}" if len(tested) > 1 else ""
    return [*(map(_percent, (nodes or [1.0], *shares, cut))), f"{mean(tested):.1f}", deviation]


def _percent(values: Sequence[float]) -> str:
    return f"{100 * mean(values):.1f}" if values else ""


def _less(found: Sequence[Row], chance: dict[int, Row]) -> str:
    """The mean paired difference to random removal, in points, with its standard error."""
    pairs = [(row, chance[row["seed"]]) for row in found if row["seed"] in chance]
    return with_error(
        [100 * (row["accuracy"] - other["accuracy"]) for row, other in pairs if row is not other]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--out", type=Path, required=True, help="file of results, one a line")
    parser.add_argument("--runs", type=Path, help="where the runs lie; by default a folder beside the file")
    parser.add_argument("--space", default="darts")
    parser.add_argument("--method", default="forcedarts", help="of the search; empty: that of the file")
    parser.add_argument("--data", default="fsdd")
    parser.add_argument("--data-root", type=Path, help="where data sets lie, in place of $DSLNAS_DATA")
    parser.add_argument("--split", default="speaker", help="empty: that of the data set")
    parser.add_argument("--fold", type=int, default=1)
    parser.add_argument("--methods", nargs="+", default=METHODS, help="of pruning")
    parser.add_argument("--of", nargs="+", default=[NODES], choices=PARTS, help="what goes")
    parser.add_argument("--goals", nargs="+", default=["1/2", "1/3"], help="shares of nodes, or bounds")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=30, help="of the adversarial game")
    parser.add_argument(
        "--set",
        action="append",
        metavar="KEY=VALUE",
        help="of the search and the training; by default train.affine=true, which bn needs",
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--quick", action="store_true", help="whether it works: one seed, a few steps")
    given = parser.parse_args(arguments)
    tiny = ("channels=4", "repeat=0", "nodes=2", "search.steps=2", "train.steps=2", "train.batch=8")
    asked = given.set if given.set is not None else ["train.affine=true"]
    measurement = Measurement(
        space=given.space,
        method=given.method,
        data=given.data,
        split=given.split,
        fold=given.fold,
        overrides=(*asked, *(tiny if given.quick else ())),
        epochs=1 if given.quick else given.epochs,
    )
    todo = list(planned(given.methods, given.goals, [0] if given.quick else given.seeds, given.of))
    runs = given.runs or given.out.with_suffix("")
    try:
        measure(measurement, todo, given.out, runs, given.data_root, given.device)
    except DslnasError as error:
        parser.error(str(error))
    print(table(rows_with(given.out, measurement.told())))


if __name__ == "__main__":
    main()
