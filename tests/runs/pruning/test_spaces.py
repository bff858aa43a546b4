"""Networks of each kind made smaller: complex, polynomial, published; layer-wise ones are told."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from recordings import refused, tiny
from small import random_genotype

from dslnas.base.run_folder import GENOTYPE, METRICS, PRUNING, SETTINGS, TEACHER, WEIGHTS
from dslnas.base.source import Source
from dslnas.export import Export, export_onnx
from dslnas.ir.genotype import Genotype, read
from dslnas.methods.adversarial import PruningMethod
from dslnas.prune.darts_text import read_published
from dslnas.prune.published import adopted
from dslnas.runs.begin import start_pruning, train_genotype
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.pruning.asked import Asked, check
from dslnas.runs.pruning.named import Named
from dslnas.runs.pruning.work import asked_of
from dslnas.runs.request import Request
from dslnas.runs.run import Run

pytestmark = pytest.mark.usefixtures("tiny_runs")
SHORT = ("train.epochs=1", "train.mixup=0")
PUBLISHED = Path(__file__).parents[2] / "prune" / "published_genotypes.txt"


def published(experiment: Experiment) -> Genotype:
    found = read_published(Source(PUBLISHED.name, PUBLISHED.read_text()), "DARTS_V2")
    return adopted(found, experiment.evaluation, experiment.space_hash, PUBLISHED.name)


def drawn(experiment: Experiment) -> Genotype:
    return random_genotype(experiment.evaluation, 3)


KINDS = {
    "complex": (("ss1", "domain=complex", "nodes=1"), drawn),
    "polynomial": (("sspolasym4",), drawn),
    "published": (("darts", "nodes=4", "train.repeat=1", "channels=2", "train.affine=true"), published),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_trained_network_of_each_kind_is_made_smaller_and_exported(
    kind: str, tones: Path, tmp_path: Path
) -> None:
    """Trained, played against itself, trained again; as ONNX it computes what it computes here."""
    (space, *sizes), genotype_of = KINDS[kind]
    experiment = tiny(tones, *sizes, *SHORT, space=space)
    whole = train_genotype(genotype_of(experiment), experiment, tmp_path / "whole", device="cpu")
    whole.execute()
    asked = asked_of(whole.folder, whole.experiment, whole.genotype, "gal", nodes="1/2", epochs=1)
    run = start_pruning(Run.open(whole.path), asked, tmp_path / "smaller")
    found = run.execute()["pruning"]
    assert found["nodes"]["before"] / 2 <= found["nodes"]["after"] < found["nodes"]["before"]
    assert found["macs"]["after"] < found["macs"]["before"]
    assert read(run.path / GENOTYPE).positions and found["kinds"].keys() == found["kept"].keys()
    if kind != "polynomial":
        return  # one of them tells; others are exported as they are
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    export = Export.of_run(Run.open(run.path))
    export_onnx(export, tmp_path / "smaller.onnx", features=True)
    x = torch.randn(3, *experiment.frontend.output.stored, generator=torch.Generator().manual_seed(0))
    session = onnxruntime.InferenceSession((tmp_path / "smaller.onnx").read_bytes())
    (logits,) = session.run(["logits"], {"features": x.numpy()})
    with torch.no_grad():
        expected = export.network.eval()(x)
    torch.testing.assert_close(torch.from_numpy(logits), expected, rtol=1e-3, atol=1e-4)


def test_a_network_without_cells_is_told_at_its_space() -> None:
    experiment = load("nasc", Request(data="fsdd"))
    genotype = random_genotype(experiment.evaluation, 0)
    asked = Asked("run", genotype, Named(PruningMethod("l1", "l1"), "", "l1"), "1/2", None, None, {})
    with pytest.raises(Exception) as caught:
        check(asked, experiment)
    (diagnostic,) = caught.value.diagnostics  # type: ignore[attr-defined]
    assert diagnostic.code == "N0603" and "space `NASC` has no cell with nodes" in diagnostic.message
    assert diagnostic.span is not None and diagnostic.span.source.name.endswith("nasc.nas")


@pytest.mark.parametrize("after", [PRUNING, TEACHER, METRICS, SETTINGS])
def test_a_kill_while_a_run_is_laid_down(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """Whatever is there then: a whole order, which is done, or no run, which is told."""
    source = Run.open(whole)
    asked = asked_of(source.folder, source.experiment, source.genotype, "chance", nodes="1/2")
    out = tmp_path / "killed"
    start_pruning(source, asked, out)
    order = sorted(out.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    at = next(place for place, path in enumerate(order) if path.name == after)
    for path in order[at + 1 :]:
        path.unlink()
    if after == SETTINGS:
        assert Run.open(out).folder.has(PRUNING) and (out / TEACHER).is_file()
        assert not (out / WEIGHTS).exists()
    else:
        refused("N0701", "is no run folder", lambda: Run.open(out))
