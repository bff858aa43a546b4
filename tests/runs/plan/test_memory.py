"""The planned peak of a search step against every allocation of a real one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import torch
from allocations import resting
from hypothesis import HealthCheck, assume, given, settings
from small import SPACES, batch, random_genotype
from strategies import SpaceText, concrete_program, spaces, spectrograms

from benchmarks.peak import peak_of
from dslnas.ir.tensortype import TensorType
from dslnas.ir.walk import Chosen
from dslnas.lower.pruned import PrunedNetwork
from dslnas.methods.read import read_method
from dslnas.passes import SUPERNET_PASSES, Pass, run_passes, supernet_passes
from dslnas.passes.dropout import drop_skips
from dslnas.resolve.resolve import library
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import machine
from dslnas.runs.plan.memory import Memory, memory, shortage
from dslnas.runs.plan.tape import Tape
from dslnas.runs.request import Request
from dslnas.search.relaxed.step import RelaxedSearch

DOMAINS = [*((space, "real") for space in SPACES), ("ss1", "complex"), ("sspolasym4", "complex")]
DOMAINS += [("sspolasym4_bounded", "complex"), ("sspolasym4_scaled", "real")]
PROMISED = 0.15
KEPT, KEPT_BY_HALVES = 0.05, 0.1  # on the shipped spaces


def experiment(space: str, examples: int, nodes: int, *more: str) -> Experiment:
    sizes = (f"search.batch={examples}", f"nodes={nodes}", "repeat=0", *more)
    return load(space, Request(data="sc09", preset="quick", overrides=sizes))


def measured(one: Experiment, first: tuple[Pass, ...] = ()) -> Memory:
    """The peaks of the second step, when the optimizers have their state. first: passes before all others."""
    stage = one.settings.search
    passes = (*first, *supernet_passes(one.supernet, stage.batch, stage.recompute))
    search = RelaxedSearch(one.supernet, one.method, 0, None, torch.device("cpu"), passes)
    if one.settings.precision == "bfloat16":
        search.use_bfloat16()
    x, labels = batch(one, one.settings.search.batch)
    search.step((x, labels), (x, labels), 1.0)
    return Memory(
        architecture=peak_of(lambda: search._architecture_step((x, labels), (x, labels), 1.0)),
        weights=peak_of(lambda: search._weight_step(x, labels)),
        resting=resting(search) + 2 * x.untyped_storage().nbytes(),
    )


def assert_close(planned: Memory, found: Memory) -> None:
    assert planned.architecture == pytest.approx(found.architecture, rel=KEPT_BY_HALVES)
    assert planned.weights == pytest.approx(found.weights, rel=KEPT_BY_HALVES)
    assert planned.resting == pytest.approx(found.resting, rel=KEPT)
    assert planned.peak == pytest.approx(found.peak, rel=KEPT)


@pytest.mark.parametrize(("space", "domain"), DOMAINS)
def test_the_planned_peak_is_the_measured_one_on_every_space(space: str, domain: str) -> None:
    one = experiment(space, 8, 3, f"domain={domain}")
    assert_close(memory(one, one.supernet), measured(one))


def test_the_planned_peak_is_the_measured_one_where_skips_lose_values() -> None:
    one = experiment("ss1", 8, 3)
    assert_close(memory(one, drop_skips(one.supernet)), measured(one, (drop_skips,)))


@pytest.mark.parametrize(
    ("examples", "nodes", "more"),
    [
        (32, 3, ("channels=8",)),
        (8, 4, ("channels=8", "repeat=1")),
        (8, 3, ("channels=16", "method=forcedarts")),
        (32, 3, ("precision=bfloat16",)),
        (8, 2, ("method.weights=adam(lr: 1e-3)",)),
        (8, 2, ("method.weights=sgd(lr: 0.1)",)),
        (8, 3, ("channels=8", "repeat=1", "search.recompute=true")),
        (8, 2, ("method=darts(order: 2)",)),
    ],
)
def test_the_planned_peak_is_the_measured_one_for_several_sizes(
    examples: int, nodes: int, more: tuple[str, ...]
) -> None:
    one = experiment("sspolasym5", examples, nodes, *more)
    assert_close(memory(one, one.supernet), measured(one))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(spaces(), spectrograms())
def test_the_planned_peak_is_the_measured_one_on_drawn_spaces(space: SpaceText, input: TensorType) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = concrete_program(space.resolve(Path(folder)), space.channels * 2, input)
    assume(program.choices or program.selections)
    method, _ = read_method(library().methods["darts"])
    assert method is not None
    search = RelaxedSearch(program, method, 0, None, torch.device("cpu"))
    x, labels = torch.randn(2, *input.shape), torch.arange(2)
    search.step((x, labels), (x, labels), 1.0)
    architecture = peak_of(lambda: search._architecture_step((x, labels), (x, labels), 1.0))
    weights = peak_of(lambda: search._weight_step(x, labels))
    lowered = run_passes(program, SUPERNET_PASSES)
    assert Tape(lowered, "architecture", 2, 4).peak() == pytest.approx(architecture, rel=PROMISED)
    assert Tape(lowered, "weights", 2, 4).peak() == pytest.approx(weights, rel=PROMISED)


def test_the_planned_peak_of_one_path_is_the_measured_one() -> None:
    """What a sampled method trains at a time, and what is retrained in the end."""
    one = experiment("sspolasym5", 8, 3)
    genotype = random_genotype(one.evaluation, 3)
    network = PrunedNetwork(one.evaluation, genotype, 0)
    x, labels = batch(one, 8)
    work = lambda: torch.nn.functional.cross_entropy(network(x), labels).backward()  # noqa: E731
    work()
    network.zero_grad()
    planned = Tape(one.evaluation, "weights", 8, 4, Chosen.of(genotype)).peak()
    assert planned == pytest.approx(peak_of(work), rel=KEPT)


def test_a_sampled_method_needs_less_than_one_that_mixes_everything() -> None:
    sampled, mixed = (
        load("nasc", Request(data="sc09", preset="quick", overrides=[f"method={name}"]))
        for name in ("nasc", "darts")
    )
    path, all_paths = memory(sampled, sampled.supernet), memory(mixed, mixed.supernet)
    assert 0 == path.architecture < path.weights < all_paths.weights < all_paths.architecture


RECURRENT = """
space Recurrent(channels = 4) {
    network = input -> conv(choose {3, 5}) -> relu -> gru(16, layers: 2) -> last -> linear(classes)
}
"""


def test_the_planned_peak_is_the_measured_one_with_a_recurrent_layer(tmp_path: Path) -> None:
    path = tmp_path / "recurrent.nas"
    path.write_text(RECURRENT, encoding="utf-8")
    overrides = ["method=darts", "search.batch=8"]
    one = load(path, Request(data="sc09", preset="quick", overrides=overrides))
    assert_close(memory(one, one.supernet), measured(one))


def test_what_passes_grows_with_the_batch_and_halves_with_bfloat16() -> None:
    def passing(*more: str) -> int:
        one = experiment("ss1", 32, 1, *more)
        return memory(one, one.supernet).passing

    assert passing("search.batch=64") == 2 * passing()
    indices = (
        8
        * 32
        * sum(
            node.type.numbers
            for graph in experiment("ss1", 32, 1).supernet.cells.values()
            for node in graph
            if node.primitive == "maxpool"
        )
    )  # positions are as long in every precision
    assert 2 * (passing("precision=bfloat16") - indices) == passing() - indices


def test_a_shortage_names_a_batch_that_fits() -> None:
    one = experiment("ss1", 32, 1)
    needed = memory(one, one.supernet)
    assert shortage(needed, needed, needed.peak, 32) == shortage(needed, needed, None, 32) == []
    (warning,) = shortage(needed, needed, needed.peak - 1, 32)
    assert warning.code == "N0607" and warning.severity == "warning"
    assert "search.batch=31" in warning.help
    smaller = experiment("ss1", 31, 1)
    assert memory(smaller, smaller.supernet).peak < needed.peak
    (hopeless,) = shortage(needed, needed, 10, 32)
    assert "batch" not in hopeless.help


def test_a_shortage_names_recomputing_where_that_fits() -> None:
    one = experiment("ss1", 8, 3, "repeat=2")
    needed, less = memory(one, one.supernet), memory(one, one.supernet, recompute=True)
    assert less.peak < 0.6 * needed.peak
    (warning,) = shortage(needed, less, less.peak, 8)
    assert "search.recompute=true" in warning.help
    (warning,) = shortage(needed, less, less.peak - 1, 8)
    assert "search.batch=" in warning.help


def test_free_memory_is_what_the_system_and_the_container_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meminfo, group = tmp_path / "meminfo", tmp_path / "group"
    monkeypatch.setattr(machine, "MEMINFO", meminfo)
    monkeypatch.setattr(machine, "GROUP", group)
    meminfo.write_text("MemTotal:       99 kB\nMemAvailable:   50 kB\n")
    assert machine.free_memory() == 50 * 1024
    group.mkdir()
    (group / "memory.max").write_text("30000\n")
    (group / "memory.current").write_text("10000\n")
    assert machine.free_memory() == 20000
    (group / "memory.max").write_text("max\n")
    assert machine.free_memory() == 50 * 1024
    meminfo.unlink()
    assert (machine.free_memory() or 0) > 2**20  # what the machine has in all
