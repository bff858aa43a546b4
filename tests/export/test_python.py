"""Exported PyTorch files: they compute what the network computes, need torch alone, and are clean to read."""

from __future__ import annotations

import ast
import random
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import genotype_of_pairs, joins_twice
from pixels import SafeStrides
from ruff.__main__ import find_ruff_bin
from small import stir
from strategies import SpaceText, concrete_program, drawn, spaces, spectrograms

from dslnas.data import FrontEndModule
from dslnas.export import Export, export_python
from dslnas.export.graphs import NetworkWriter
from dslnas.export.naming import Names
from dslnas.export.python import OWN_NAMES, PythonFile, python_file
from dslnas.export.recipe import classes_of, weight_names
from dslnas.export.source import PARTS, class_text, parts_of
from dslnas.export.words import Words
from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.places import places
from dslnas.ir.positions import network_of, positions_without
from dslnas.ir.tensortype import TensorType
from dslnas.ir.walk import Chosen, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.parse.vocabulary import PHASES
from dslnas.passes import PIPELINE, run_passes
from dslnas.prune.parts import instances
from dslnas.prune.prune import prune
from dslnas.resolve.library import shipped
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.predict import predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run

SHIPPED = sorted(path.stem for path in shipped().glob("*.nas") if path.stem != "vgg16")  # for large pictures
HEAD = "import math\nimport torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"


def any_genotype(program: Program, seed: int) -> Genotype:
    """A genotype that random weights of all choices lead to."""
    chance = random.Random(seed)
    alpha = {id: [chance.random() for _ in point.options] for id, point in program.choices.items()}
    gamma = {id: [chance.random() for _ in one.sources] for id, one in program.selections.items()}
    keep = {id: one.keep for id, one in program.selections.items()}
    return prune(program, alpha, gamma, keep, "sha256:0", "darts")


def assert_equal(network: PrunedNetwork, file: PythonFile, input: TensorType) -> None:
    """A network and the one of a file with its weights compute the same, in training and in evaluation.

    Neither has a strided 1x1 convolution that is not safe to train on a CPU.
    """
    stir(network, 0)
    names: dict[str, Any] = {}
    exec(compile(file.text, "network.py", "exec"), names)
    copy = names["Network"]()
    copy.load_state_dict(file.weights(network.state_dict()))  # strictly: no weight is missing, none is left
    x = torch.randn(3, *input.stored, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for train in (False, True):
        with SafeStrides():
            ours, theirs = network.double().train(train)(x), copy.double().train(train)(x)
        torch.testing.assert_close(theirs, ours, rtol=1e-9, atol=1e-9)
    same = file.weights(network.state_dict())
    for name, value in copy.state_dict().items():
        if not name.endswith("num_batches_tracked"):  # our norms do not count
            torch.testing.assert_close(value, same[name], rtol=1e-9, atol=1e-9)


def small_export(space: str) -> tuple[Experiment, Genotype]:
    """A random genotype at small sizes, where the space has any."""
    front = ["frontend=logmel(40, clip: 1s)"] if space.startswith("nasc") else []
    known = load(space, Request(data="fsdd", overrides=front)).space.parameters
    sizes = [f"{name}={size}" for name, size in {"nodes": 2, "channels": 4, "repeat": 1}.items()]
    own = [size for size in sizes if size.partition("=")[0] in known]
    experiment = load(space, Request(data="fsdd", overrides=[*front, *own]))
    return experiment, any_genotype(experiment.evaluation, seed=3)


@pytest.mark.parametrize("space", SHIPPED)
def test_a_shipped_space_computes_what_the_network_computes(space: str, tmp_path: Path) -> None:
    experiment, genotype = small_export(space)
    file = python_file(experiment, genotype, "network.pt", "New.")
    network = PrunedNetwork(experiment.evaluation, genotype, seed=0)
    assert_equal(network, file, experiment.frontend.output)
    (tmp_path / "network.py").write_text(file.text, encoding="utf-8")
    rules = ["--isolated", "--line-length", "110", "--select", "E,F,W,I,B,UP,SIM,C4,PIE,RET"]
    for command in (["check", *rules], ["format", "--check", "--isolated", "--line-length", "100"]):
        ran = subprocess.run([find_ruff_bin(), *command, "network.py"], cwd=tmp_path, capture_output=True)
        assert ran.returncode == 0, ran.stdout.decode()


@pytest.mark.parametrize("space", ["ss1", "sspolasym5", "darts"])
def test_cells_that_differ_by_position_are_written_as_they_are(space: str) -> None:
    experiment, genotype = small_export(space)
    first, second, *_, last = places(experiment.evaluation, Chosen.of(genotype))
    edge = instances(experiment.evaluation, genotype, "edges")[-1][1]
    removed = {first.name: first.nodes, second.name: second.nodes[:1], last.name: (*last.nodes[1:], edge)}
    channels = {place: [0] for place, unit in instances(experiment.evaluation, genotype, "channels") if unit}
    del channels[first.name]  # it has no node left that could be narrower
    removed |= {place: (*channels[place], *removed.get(place, ())) for place in channels}
    own = positions_without(experiment.evaluation, genotype, removed)
    pruned = replace(genotype, positions=own)
    file = python_file(experiment, pruned, "network.pt", "New.")
    network = PrunedNetwork(experiment.evaluation, pruned, seed=0)
    assert_equal(network, file, experiment.frontend.output)
    assert (
        sum(one.numel() for one in network.parameters())
        == cost(*network_of(experiment.evaluation, pruned)).params
    )


def test_several_operations_between_two_nodes_are_modules_of_their_own() -> None:
    experiment, _ = small_export("ss1")
    program = experiment.evaluation
    genotype = genotype_of_pairs(program, seed=1)
    assert joins_twice(genotype)
    file = python_file(experiment, genotype, "network.pt", "New.")
    assert_equal(PrunedNetwork(program, genotype, seed=0), file, experiment.frontend.output)
    for node in (node for cell in genotype.cells for node in cell.nodes):
        for source, operations in node.operations.items():
            names = [f"_{one}" for one in operations] if len(operations) > 1 else [""]
            for name, operation in zip(names, operations, strict=True):
                made = f"self.{node.name}_from_{source}{name} = " in file.text
                assert made or operation == "skip_connect"  # which is nothing where the size stays


@settings(max_examples=15, deadline=None)
@given(spaces(("real", "complex")), spectrograms(), st.integers(0, 2**16))
def test_any_space_computes_what_the_network_computes(space: SpaceText, input: TensorType, seed: int) -> None:
    with TemporaryDirectory() as folder:
        definitions = space.resolve(Path(folder))
    program = concrete_program(definitions, space.channels, input)
    genotype = any_genotype(program, seed)
    words = Words(drawn(definitions), definitions)
    recipe = NetworkWriter(program, Chosen.of(genotype), words).network()
    texts = [class_text(one) for one in classes_of([recipe], Names([*OWN_NAMES, *PARTS]))]
    file = PythonFile(
        "\n\n".join([HEAD, *parts_of(texts), *texts]), tuple(weight_names(recipe, "", "network."))
    )
    shared = run_passes(program, PIPELINE)
    assert_equal(PrunedNetwork(shared, genotype, seed), file, shared.network.of_kind("input")[0].type)


@pytest.mark.parametrize(("domain", "phase"), [("real", "start"), *(("complex", phase) for phase in PHASES)])
def test_the_front_end_of_a_file_is_the_one_of_the_run(domain: str, phase: str) -> None:
    """Of a complex space too, which nothing but its domain makes complex."""
    front = f"frontend=logmel(32, window: 40.0625ms, phase: {phase})"  # 641 samples
    sizes = ("nodes=1", "channels=2", "repeat=0", f"domain={domain}", front)
    experiment = load("sspolasym5", Request(data="fsdd", overrides=sizes))
    export = Export.of_genotype(experiment, any_genotype(experiment.evaluation, seed=0))
    file = python_file(experiment, export.genotype, "network.pt", export.about)
    assert_equal(export.network, file, experiment.frontend.output)
    names: dict[str, Any] = {}
    exec(compile(file.text, "network.py", "exec"), names)
    waves = torch.rand(2, experiment.frontend.samples, generator=torch.Generator().manual_seed(0)) - 0.5
    ours = FrontEndModule(experiment.frontend).features(waves)
    torch.testing.assert_close(names["FrontEnd"]()(waves), ours, rtol=1e-5, atol=1e-5)


def test_the_file_of_a_run_classifies_recordings_as_the_run_does(copy: Path, tmp_path: Path) -> None:
    run = Run.open(copy)
    exported = export_python(Export.of_run(run), tmp_path / "tones.py")
    assert exported.difference < 1e-5
    assert [path.name for path in exported.files] == ["tones.py", "tones.pt"]
    text = (tmp_path / "tones.py").read_text(encoding="utf-8")
    assert imported(text) <= {"math", "torch"}
    names: dict[str, Any] = {}
    exec(compile(text, "tones.py", "exec"), names)
    network = names["Network"]().eval()
    network.load_state_dict(torch.load(tmp_path / "tones.pt", weights_only=True))
    for name, wave, subtype in sounds(names["RATE"], names["SAMPLES"]):
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, wave.numpy().T, names["RATE"], subtype=subtype)
        ((said,), _) = predict(run, [path], "cpu")
        told = names["classify"](network, wave)
        assert (told or {}) == pytest.approx(said.probabilities, abs=1e-5), name
        assert (told is None) == (said.label is None) == (name == "silence")
    bytes = torch.tensor([[0, 255, 128, 64]] * 500, dtype=torch.uint8).flatten()  # 128 is silence
    assert names["classify"](network, bytes) == pytest.approx(
        names["classify"](network, (bytes.float() - 128) / 128), abs=1e-6
    )
    assert names["classify"](network, torch.full((9000,), 128, dtype=torch.uint8)) is None


def sounds(rate: int, samples: int) -> list[tuple[str, torch.Tensor, str]]:
    """Waves of every kind, and how a file holds the same."""
    tone = torch.sin(torch.arange(2 * samples + 100) ** 1.1) / 3
    short = tone[: samples // 2]
    whole = (short * 32767).round().short()
    return [
        ("short", short, "FLOAT"),
        ("long", tone, "FLOAT"),
        ("half silent", torch.cat([tone[:samples], torch.zeros(samples)]), "FLOAT"),
        ("int16", whole, "PCM_16"),
        ("int32", whole.int() * 65536, "PCM_32"),
        ("float as int16", short * 32767, "FLOAT"),
        ("too loud", short * 6, "FLOAT"),
        ("two channels", torch.stack([short, short.flip(0)]), "FLOAT"),
        ("out of phase", torch.stack([short, -0.9 * short]), "FLOAT"),
        ("silence", torch.zeros(samples), "FLOAT"),
    ]


def test_a_chosen_front_end_is_the_one_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "heard.nas"
    path.write_text(
        "space Heard { network = input -> conv(3, 4) -> global_pool -> linear(classes) }\n"
        "experiment {\n    space: Heard\n    method: nasc\n"
        "    frontend: logmel(choose {8, 16}, clip: 200ms, window: 32ms, hop: 16ms)\n}\n",
        encoding="utf-8",
    )
    experiment = load(path, Request(data="digits"))
    for seed in range(3):
        genotype = any_genotype(experiment.evaluation, seed)
        (bands,) = dict(genotype.choices).values()
        export = Export.of_genotype(experiment, genotype)
        assert export_python(export, tmp_path / "heard.py").difference < 1e-5
        assert f"bands={bands.rpartition(' ')[2]}," in (tmp_path / "heard.py").read_text(encoding="utf-8")


def test_an_exported_network_sees_images_as_it_did_here(tmp_path: Path) -> None:
    experiment = load("darts", Request(data="cifar10", overrides=["channels=4", "repeat=0"]))
    genotype = any_genotype(experiment.evaluation, 0)
    assert export_python(Export.of_genotype(experiment, genotype), tmp_path / "seen.py").difference < 1e-5
    names: dict[str, Any] = {}
    exec((tmp_path / "seen.py").read_text(encoding="utf-8"), names)
    images = torch.rand(2, *names["SHAPE"])
    features = names["FrontEnd"]()(images)
    torch.testing.assert_close(features, FrontEndModule(experiment.frontend).features(images))
    network = names["Network"]().eval()
    assert sum(names["classify"](network, images[0]).values()) == pytest.approx(1)


def imported(text: str) -> set[str]:
    """The packages that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found
