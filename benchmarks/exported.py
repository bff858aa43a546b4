"""What an exported network is beside its run: `python benchmarks/exported.py RUN... --clips FOLDER
[--number 200] [--json]`.

The ONNX model of each run, from waves to probabilities, hears recordings of a folder, drawn at random, and is
compared with what `dslnas predict` says of them: the largest difference of a probability, and the share of
equal labels. Recordings that are not at the rate of the run, or not mono, are left out, since a model takes
waves as they are. A size is told beside that of the weights and of the kernels of the transform. The time is
that of one second of noise, on one thread, in milliseconds: the least of the medians of some rounds, since
what else a machine does comes and goes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parent))
from rows import in_columns

from dslnas.base.diagnostics import DslnasError
from dslnas.data.frontend.frontend import FrontEndModule
from dslnas.data.frontend.spectrum import Stft
from dslnas.export import Export, export_onnx
from dslnas.export.waves import Convolved
from dslnas.runs.predict import predict
from dslnas.runs.run import Run

ROUNDS, RUNS = 20, 20
KB = 1000


def recordings(folder: Path, rate: int, number: int) -> list[Path]:
    """Recordings of a folder, drawn at random, mono and at a rate."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".wav", ".flac", ".ogg"))
    chosen = []
    for path in random.Random(0).sample(found, len(found)):
        about = soundfile.info(path)
        if (about.samplerate, about.channels) == (rate, 1):
            chosen.append(path)
        if len(chosen) == number:
            break
    return chosen


def kernels(run: Run) -> int:
    """The bytes of the kernels of the transform; 0 where there is none."""
    steps = FrontEndModule(run.decided.experiment.frontend).steps
    return sum(Convolved(step.length, step.hop).kernels.nbytes for step in steps if isinstance(step, Stft))


def milliseconds(session: Any, rate: int) -> float:
    """How long one second of noise takes."""
    wave = np.random.default_rng(0).normal(0, 0.1, (1, rate)).astype(np.float32)

    def once() -> float:
        begun = time.perf_counter()
        session.run(None, {"wave": wave})
        return time.perf_counter() - begun

    return 1000 * min(median(once() for _ in range(RUNS)) for _ in range(ROUNDS))


def measured(folder: Path, clips: Path, number: int) -> dict[str, Any]:
    """The figures of one run."""
    import onnxruntime

    run = Run.open(folder)
    export, options = Export.of_run(run), onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    with TemporaryDirectory(prefix="dslnas-exported-") as scratch:
        (path,) = export_onnx(export, Path(scratch) / "network.onnx").files
        model = path.read_bytes()
    session = onnxruntime.InferenceSession(model, options)
    rate = run.decided.experiment.frontend.rate
    said, skipped = predict(run, recordings(clips, rate, number), "cpu")
    differences, equal = [], 0
    for one in said:
        wave, _ = soundfile.read(one.path, dtype="float32")
        (found,) = session.run(None, {"wave": wave[None]})
        theirs = np.array(list(one.probabilities.values()))
        differences.append(float(np.abs(found[0] - theirs).max()))
        equal += int(found[0].argmax()) == int(theirs.argmax())
    weights = sum(value.nbytes for value in export.network.state_dict().values())
    return {
        "run": folder.name,
        "clips": len(said),
        "skipped": len(skipped),
        "parameters": export.parameters,
        "difference": max(differences),
        "same_labels": equal / len(said),
        "weights": weights,
        "kernels": kernels(run),
        "file": len(model),
        "milliseconds": milliseconds(session, rate),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures of the runs."""
    head = ["run", "parameters", "clips", "difference", "same labels", "weights", "kernels", "file", "times"]
    lines = [[*head, "ms"]]
    for row in rows:
        own = row["weights"] + row["kernels"]
        lines.append(
            [
                row["run"],
                f"{row['parameters']:,}",
                str(row["clips"]),
                f"{row['difference']:.1e}",
                f"{100 * row['same_labels']:.1f} %",
                *(f"{row[name] / KB:,.0f} KB" for name in ("weights", "kernels", "file")),
                f"{row['file'] / own:.2f}",
                f"{row['milliseconds']:.2f}",
            ]
        )
    return in_columns(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of runs with a trained network")
    parser.add_argument("--clips", type=Path, required=True, help="a folder of recordings")
    parser.add_argument("--number", type=int, default=200, help="of recordings")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        rows = [measured(folder, given.clips, given.number) for folder in given.runs]
    except DslnasError as error:
        parser.error(str(error))
    print(json.dumps(rows, indent=2) if given.json else table(rows))


if __name__ == "__main__":
    main()
