"""Classes of different sizes: `python benchmarks/balance.py --out FILE [--data fsdd] [--seeds 3]`.

The training split is thinned until the rarest class has `--rare` clips and each further one more, up to all
of the largest, evenly on a logarithmic scale; validation and test stay whole. The same small network is
trained on it with every value of `train.balance`, and tested. A seed draws the weights, the batches and which
classes are rare.

Every training is a line of JSON in FILE, and one that is there already is not done again. At the end stands
the table of what FILE holds: accuracy, macro F1, and the recall of the three rarest classes, in per cent,
each with its deviation; `less none` is the mean paired difference of macro F1 with its standard error.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import torch

sys.path.insert(0, str(Path(__file__).parent))
from rows import Row, append, in_columns, rows_of, with_error

from dslnas.data import Prepared
from dslnas.ir.primitives.registry import KIND_OPTIONS
from dslnas.runs.load import load
from dslnas.runs.prepared import prepare_data
from dslnas.runs.request import Request
from dslnas.runs.trainees import retraining
from dslnas.train.devices import pick_device
from dslnas.train.observer import Silent
from dslnas.train.testing import test

BALANCES = KIND_OPTIONS["balance"]
RARE = 3  # classes whose recall is shown
NETWORK = """use "lib/methods.nas"

op norm       = x -> bn(affine: true)
op mix        = x -> conv(1, 2 * C_in) -> norm -> relu -> conv(1, C_in) -> norm
op block      = x + (x -> dwconv(3) -> norm -> mix)
op enter(out, stride = 2) = x -> dwconv(3, stride) -> norm -> conv(1, out) -> norm -> relu

space Plain {
    network = input
        -> conv(3, 8, stride: 2) -> norm -> relu
        -> enter(32, stride: 1) -> 2 times block
        -> enter(48) -> 2 times block
        -> enter(48) -> 2 times block
        -> global_pool -> linear(classes)
}

method plain = nasc with {
    average:  none
    retrain:  adam(lr: 3e-3, weight_decay: 1e-4)
    schedule: cosine(1e-5)
}

experiment {
    method:             plain
    train.lr:           3e-3
    train.weight_decay: 1e-4
}
"""


def sizes(classes: int, most: int, least: int, seed: int) -> dict[int, int]:
    """How many clips of each class train: from `least` to `most`, evenly on a logarithmic scale."""
    order = random.Random(seed).sample(range(classes), classes)
    ratio = most / least
    return {label: round(least * ratio ** (place / (classes - 1))) for place, label in enumerate(order)}


def thinned(prepared: Prepared, kept: Mapping[int, int], seed: int) -> Prepared:
    """The data with so many training clips of each class."""
    generator = torch.Generator().manual_seed(seed)
    chosen = []
    for label, count in kept.items():
        clips = torch.nonzero(prepared.train.labels == label).flatten()
        chosen.append(clips[torch.randperm(len(clips), generator=generator)[:count]])
    return replace(prepared, train=prepared.train.part(torch.cat(chosen).sort().values))


def trained(network: Path, told: Row, root: Path | None, device: torch.device) -> Row:
    """The figures of one training."""
    overrides = (
        f"train.balance={told['balance']}",
        f"train.steps={told['steps']}",
        f"train.batch={told['batch']}",
    )
    one = load(network, Request(told["data"], root, overrides=overrides, seed=told["seed"]))
    prepared = prepare_data(one, root, Silent())
    most = int(prepared.train.labels.bincount().min())
    kept = sizes(len(prepared.classes), most, told["rare"], told["seed"])
    genotype = one.only_genotype
    assert genotype is not None
    trainee = retraining(one, genotype, thinned(prepared, kept, told["seed"]), device)
    for step in range(trainee.steps):
        trainee.step(step)
    tested = test(trainee.network, prepared.test, prepared.classes, device)
    confusion = torch.tensor(tested.details["confusion"]).float()
    recalls = confusion.diagonal() / confusion.sum(1)
    rarest = sorted(kept, key=kept.__getitem__)[:RARE]
    return {
        "accuracy": tested.figures["accuracy"],
        "macro_f1": tested.figures["macro_f1"],
        "rare": float(recalls[rarest].mean()),
        "clips": sum(kept.values()),
    }


def table(rows: Sequence[Row]) -> str:
    """What rows say of each balance."""
    lines = [["balance", "trainings", "accuracy", "macro F1", "recall of the rarest", "less none"]]
    plain = {row["seed"]: row["figures"]["macro_f1"] for row in rows if row["balance"] == "none"}
    for balance in BALANCES:
        own = [row for row in rows if row["balance"] == balance]
        if own:
            shown = [
                _spread([row["figures"][key] for row in own]) for key in ("accuracy", "macro_f1", "rare")
            ]
            pairs = [row for row in own if row["seed"] in plain and balance != "none"]
            less = with_error([100 * (row["figures"]["macro_f1"] - plain[row["seed"]]) for row in pairs])
            lines.append([balance, str(len(own)), *shown, less])
    return in_columns(lines)


def _spread(values: Sequence[float]) -> str:
    deviation = f" ± {100 * stdev(values):.1f}" if len(values) > 1 else ""
    return f"{100 * mean(values):.1f}{deviation}"


def main() -> None:
    """Measure what is not there yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", default="fsdd")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rare", type=int, default=10)
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    told = {key: getattr(given, key) for key in ("data", "steps", "batch", "rare")}
    done = [{key: value for key, value in row.items() if key != "figures"} for row in rows_of(given.out)]
    device = pick_device(given.device)
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "plain.nas"
        network.write_text(NETWORK, encoding="utf-8")
        for seed in range(given.seeds):
            for balance in BALANCES:
                row = {**told, "balance": balance, "seed": seed}
                if row not in done:
                    figures = trained(network, row, given.data_root, device)
                    append(given.out, {**row, "figures": figures})
                    print(f"{balance}, seed {seed}: {100 * figures['macro_f1']:.1f} %", file=sys.stderr)
    print(table([row for row in rows_of(given.out) if told.items() <= row.items()]))


if __name__ == "__main__":
    main()
