"""How much of a supernet's accuracy survives pruning: `python benchmarks/survival.py --out DIR
[--data digits] [--way "method=forcedarts search.travel=5"] [--quick]`.

A search decides where the network that is left, with the weights of the supernet and norms estimated anew,
still recognises what the supernet did; where it is at chance, another architecture would have done as well.
Each way is the overrides of a search, as `--set` takes them, and is searched with every seed. What survives
is the accuracy above chance of what is left, beside that of the supernet, on the validation clips. A value
with spaces stands in quotes: `--way "method=darts 'method.prune=rerank(sample: 32)'"`.

A search is a run folder in DIR, and one that is there already is not done again. With `--retrain` what was
found is trained and tested as well. The table gives means over seeds, and deviations where there are several;
seconds are those of the search and of deciding what is left.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from math import isnan, nan
from pathlib import Path
from statistics import mean, stdev
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from rows import in_columns

import dslnas
from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import SETTINGS
from dslnas.runs.run import Run, Until

WAYS = ("", "method=darts", "method=fairdarts", "method=forcedarts", "method=gdas")
COLUMNS = ("supernet", "pruned", "survives", "gap", "undecided", "tested", "seconds")
Row = dict[str, float]


def settings_of(way: str) -> dict[str, str]:
    """The overrides that a way names."""
    return dict(one.split("=", 1) for one in shlex.split(way))


def folder_of(out: Path, data: str, space: str, way: str, seed: int) -> Path:
    """Where the search of a way lies."""
    called = re.sub(r"[^A-Za-z0-9.]+", "-", way).strip("-") or "default"
    return out / f"{Path(space).stem}-{data}-{called}-s{seed}"


def searched(folder: Path, space: dslnas.Space, until: Until) -> Row:
    """The figures of a search, which goes on where it was stopped."""
    begun = (folder / SETTINGS).exists()
    run = Run.open(folder, data_root=space.data_root) if begun else space.start(folder)
    return figures(run.execute(until=until))


def figures(metrics: dict[str, Any]) -> Row:
    """What a table shows of the metrics of a run; accuracies in per cent, no numbers without a supernet."""
    found, margins = metrics["validation"], [one["margin"] for one in metrics["honesty"]["decisions"]]
    found = {"supernet": nan, "recalibrated": nan} | found
    above = found["supernet"] - found["chance"]
    row = {
        "supernet": 100 * found["supernet"],
        "pruned": 100 * found["recalibrated"],
        "survives": 0.0 if above <= 0.005 else 100 * (found["recalibrated"] - found["chance"]) / above,
        "gap": metrics["search"].get("gap", nan),
        "undecided": 100 * mean(margin < 0.05 for margin in margins) if margins else nan,
        "seconds": metrics["time"]["search"] + metrics["time"].get("decide", 0.0),
    }
    tested = metrics.get("test", {}).get("accuracy")
    return row if tested is None else row | {"tested": 100 * tested}


def table(rows: dict[str, list[Row]]) -> str:
    """Means over seeds, with deviations where there are several, a way a line."""
    columns = [name for name in COLUMNS if all(name in row for found in rows.values() for row in found)]
    lines = [["way", *columns]]
    for way, found in rows.items():
        lines.append([way or "(default)", *(_shown([row[name] for row in found]) for name in columns)])
    return in_columns(lines)


def _shown(values: Sequence[float]) -> str:
    if any(map(isnan, values)):  # nothing was decided by weights
        return "-"
    digits = 1 if max(values) > 1 else 3
    spread = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{mean(values):.{digits}f}{spread}"


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--out", type=Path, required=True, help="folder of runs")
    parser.add_argument("--space", default="sspolasym5")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--data-root", type=Path, help="where data sets lie, in place of $DSLNAS_DATA")
    parser.add_argument("--way", action="append", help=f"repeatable; default: {', '.join(WAYS[1:])}")
    parser.add_argument("--set", action="append", default=[], help="an override of every way; repeatable")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--retrain", action="store_true", help="train and test what was found")
    parser.add_argument("--quick", action="store_true", help="whether it works: one seed, two steps")
    given = parser.parse_args(arguments)
    shared = [*given.set, *(("search.steps=2", "nodes=1", "train.steps=2") if given.quick else ())]
    rows: dict[str, list[Row]] = {}
    try:
        for seed in range(1 if given.quick else given.seeds):
            for way in given.way or WAYS:
                settings = settings_of(" ".join((*map(shlex.quote, shared), way)))
                space = dslnas.load(
                    given.space, data=given.data, data_root=given.data_root, settings=settings, seed=seed
                )
                folder = folder_of(given.out, given.data, given.space, way, seed)
                found = searched(folder, space, "test" if given.retrain else "search")
                rows.setdefault(way, []).append(found)
                print(f"{folder.name}: {found}", file=sys.stderr, flush=True)
    except DslnasError as error:
        parser.error(str(error))
    print(table(rows))


if __name__ == "__main__":
    main()
