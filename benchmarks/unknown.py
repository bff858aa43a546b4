"""Sounds of no class: `python benchmarks/unknown.py --out FILE --data FOLDER [--seeds 3] [--steps 600]`.

FOLDER is that of the Free Spoken Digit Dataset. Of its ten digits a seed draws two that are never heard
before the test, two that are other sounds, and six that are classes. One network is trained on the six, and
its thresholds are chosen on validation, as `dslnas test --unknown` does: of the highest probability, and of
the energy of the logits. Another is trained on the six and a class `unknown`, the two other digits; the
thresholds are tried on top of that as well.

Every network is a line of JSON in FILE, and one that is there already is not done again. At the end stands
the table of what FILE holds, in per cent, with deviations over the seeds: how many test clips of the six
classes are known, and rightly told; how many of the never-heard digits are refused; and for a threshold the
area under the curve of known against never heard (AUROC), which depends on no threshold.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from balance import NETWORK
from rows import Row, append, in_columns, rows_of

from dslnas.data.features import load_recordings
from dslnas.runs.begin import start
from dslnas.runs.listening.hearing import Hearing
from dslnas.runs.listening.unknown import CONFIDENCES, choose, confidence_of, kept
from dslnas.runs.load import load
from dslnas.runs.prepared import prepare_data
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.train.observer import Silent
from dslnas.train.testing import evaluate

CLASS = "unknown"
WAYS = ("no class", "class")


def digits(seed: int) -> tuple[list[int], list[int], list[int]]:
    """The digits that are classes, those that are other sounds, and those that are never heard."""
    order = random.Random(seed).sample(range(10), 10)
    return order[:6], order[6:8], order[8:]


def table_of(folder: Path, names: dict[int, str], path: Path) -> str:
    """A table of the recordings of some digits, each under a name, with their speakers: `csv:PATH`."""
    rows = ["file,label,speaker"]
    for file in sorted(folder.rglob("*.wav")):
        digit, speaker, _ = file.stem.split("_")
        if int(digit) in names:
            rows.append(f"{file.absolute()},{names[int(digit)]},{speaker}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return f"csv:{path}"


def area(known: Tensor, others: Tensor) -> float:
    """The share of pairs of which the known sound has the higher confidence; a half of equal ones counts."""
    pairs = known[:, None] - others[None]
    return float(((pairs > 0).double() + (pairs == 0).double() / 2).mean())


def trained(way: str, seed: int, steps: int, folder: Path, scratch: Path) -> tuple[Run, list[str]]:
    """The run of a network; the files of the digits that it never heard."""
    own, other, never = digits(seed)
    names = {digit: str(digit) for digit in own}
    if way == "class":
        names |= dict.fromkeys(other, CLASS)
    (scratch / "plain.nas").write_text(NETWORK, encoding="utf-8")
    data = table_of(folder, names, scratch / "known.csv")
    overrides = (f"train.steps={steps}", "train.batch=64")
    run = start(load(scratch / "plain.nas", Request(data, overrides=overrides, seed=seed)), scratch / "run")
    run.execute()
    strange = [str(file) for file in sorted(folder.rglob("*.wav")) if int(file.stem[0]) in never]
    return Run.open(scratch / "run"), strange


def judged(run: Run, strange: Sequence[str]) -> Iterator[Row]:
    """The figures of a network, by its class `unknown` alone where it has one, and with each threshold."""
    hearing = Hearing.of(run)
    prepared = prepare_data(run.held, None, Silent())
    classes = list(prepared.classes)
    mine = torch.tensor([classes[label] != CLASS for label in prepared.test.labels.tolist()])
    test = evaluate(hearing.network, prepared.test.features, hearing.device)[mine]
    labels = prepared.test.labels[mine]
    waves, _ = load_recordings(strange, prepared.frontend, run.experiment.resampling)
    others = hearing.judge(waves).logits

    def taken(logits: Tensor) -> Tensor:
        """Whether the class is not `unknown`."""
        if CLASS not in classes:
            return torch.ones(len(logits), dtype=torch.bool)
        return logits.argmax(1) != classes.index(CLASS)

    def figures(known: Tensor, refused: Tensor) -> Row:
        right = known & (test.argmax(1) == labels)
        return {
            "known": float(known.float().mean()),
            "right": float(right.float().mean()),
            "refused": float(refused.float().mean()),
        }

    choose(run)
    yield {"by": "nothing", **figures(taken(test), ~taken(others))}
    for name in CONFIDENCES:
        threshold = kept(run, name)
        known = taken(test) & threshold.knows(test)
        row = figures(known, ~(taken(others) & threshold.knows(others)))
        yield {"by": name, **row, "area": area(confidence_of(test, name), confidence_of(others, name))}


def table(rows: Sequence[Row]) -> str:
    """What rows say of each way and each threshold."""
    lines = [
        ["trained with", "threshold", "networks", "known", "rightly told", "never heard: refused", "AUROC"]
    ]
    for way in WAYS:
        for by in ("nothing", *CONFIDENCES):
            own = [one for row in rows if row["way"] == way for one in row["figures"] if one["by"] == by]
            if own:
                shown = [_spread([one[key] for one in own]) for key in ("known", "right", "refused")]
                areas = [one["area"] for one in own if "area" in one]
                lines.append([way, by, str(len(own)), *shown, _spread(areas) if areas else ""])
    return in_columns(lines)


def _spread(values: Sequence[float]) -> str:
    spread = f" ± {100 * stdev(values):.1f}" if len(values) > 1 else ""
    return f"{100 * mean(values):.1f}{spread}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the file does not hold yet, and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=3, metavar="N")
    parser.add_argument("--steps", type=int, default=600, metavar="N")
    given = parser.parse_args(arguments)
    done = {(row["way"], row["seed"], row["steps"]) for row in rows_of(given.out)}
    for seed in range(given.seeds):
        for way in WAYS:
            if (way, seed, given.steps) in done:
                continue
            with tempfile.TemporaryDirectory(prefix="dslnas-unknown-") as name:
                run, strange = trained(way, seed, given.steps, given.data, Path(name))
                figures = list(judged(run, strange))
            append(given.out, {"way": way, "seed": seed, "steps": given.steps, "figures": figures})
    print(table([row for row in rows_of(given.out) if row["steps"] == given.steps]))


if __name__ == "__main__":
    main()
