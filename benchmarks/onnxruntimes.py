"""What versions of onnxruntime make of exported models: whether they load them and compute the same.

    python benchmarks/onnxruntimes.py    # 1.17 and the newest, each in an environment of its own
    python benchmarks/onnxruntimes.py --python .ort/bin/python

Environments are made in a temporary folder with `pip`, which needs the network; an interpreter that is named
has onnxruntime already.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from dslnas.export import Export, export_onnx
from dslnas.prune.prune import prune
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

VERSIONS = ("1.17.*", "")  # the second is the newest
OLD_NUMPY = "numpy<2"  # what an onnxruntime before 1.19 was built against
SPACES = {
    "lenet": [],
    "ss1": ["nodes=2", "channels=4", "repeat=1"],
    "keywords": [],
    "sspolasym5": ["nodes=1", "channels=2", "repeat=0", "domain=complex"],
}
# Runs in the other environment, which has neither torch nor dslnas.
ASKED = """
import json, sys
import numpy, onnxruntime
for path in sys.argv[1:]:
    told = {"file": path, "version": onnxruntime.__version__}
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        known = numpy.load(path + ".npz")
        (logits,) = session.run(["logits"], {"features": known["features"]})
        told["difference"] = float(abs(logits - known["logits"]).max())
    except Exception as error:
        told["error"] = str(error)[:300]
    print(json.dumps(told))
"""


def answers(python: Path | str, models: Sequence[Path]) -> list[dict[str, object]]:
    """What the onnxruntime of an interpreter makes of models that `written` wrote."""
    command = [str(python), "-c", ASKED, *map(str, models)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in told.splitlines()]


def written(export: Export, path: Path, opset: int | None = None) -> Path:
    """An exported model, and beside it features (3, C, F, T) and the logits of the network for them."""
    import numpy as np

    more = () if opset is None else (opset,)
    export_onnx(export, path, True, *more)
    shape = export.experiment.frontend.output.stored
    x_NCFT = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits = export.network.eval()(x_NCFT)
    np.savez(f"{path}.npz", features=x_NCFT.numpy(), logits=logits.numpy())
    return path


def _exports() -> Iterator[tuple[str, Export]]:
    for name, overrides in SPACES.items():
        experiment = load(name, Request(data="digits", overrides=overrides))
        yield name, Export.of_genotype(experiment, _first(experiment))


def _first(experiment: Experiment) -> object:
    """The genotype that the first options of all choices make."""
    if experiment.only_genotype is not None:
        return experiment.only_genotype
    program = experiment.evaluation
    alpha = {id: [float(-place) for place in range(len(one.options))] for id, one in program.choices.items()}
    gamma = {id: [1.0 for _ in one.sources] for id, one in program.selections.items()}
    keep = {id: one.keep for id, one in program.selections.items()}
    return prune(program, alpha, gamma, keep, experiment.space_hash, "first")


def _environments(folder: Path) -> Iterator[Path]:
    for place, version in enumerate(VERSIONS):
        home = folder / f"environment{place}"
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        python = home / "bin" / "python"
        wanted = [f"onnxruntime=={version}", OLD_NUMPY] if version else ["onnxruntime"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
        yield python


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", action="append", type=Path, help="an interpreter that has onnxruntime")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = [written(export, Path(folder) / f"{name}.onnx") for name, export in _exports()]
        for python in asked.python or _environments(Path(folder)):
            for told in answers(python, models):
                result = told.get("error") or f"differs by {told['difference']:.1e}"
                print(f"onnxruntime {told['version']:<8} {Path(str(told['file'])).stem:<12} {result}")


if __name__ == "__main__":
    main()
