"""Packing and blending: a supernet computes the same numbers and gradients with fewer operators."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import assume, given, settings
from small import SPACES, batch, gradients, one_hot, program_of, random_genotype, random_weights, small, stir
from strategies import SpaceText, concrete_program, spaces, spectrograms
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from dslnas.ir.graph import Graph, Program
from dslnas.ir.tensortype import TensorType
from dslnas.ir.verify import verify
from dslnas.ir.walk import Everything, cost
from dslnas.lower.supernet import Supernet
from dslnas.passes import SUPERNET_PASSES, Pass, supernet_passes
from dslnas.passes.blend import blend
from dslnas.passes.narrow import narrow
from dslnas.passes.pack import lanes_of, pack
from dslnas.passes.recompute import recompute
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

DOMAINS = [*((space, "real") for space in SPACES), ("ss1", "complex"), ("sspolasym4_scaled", "complex")]
ALL_PASSES = (*SUPERNET_PASSES, recompute)
PREFIXES = [ALL_PASSES[:count] for count in range(1, len(ALL_PASSES) + 1)]


def _pair(
    experiment: Experiment, passes: tuple[Pass, ...], dtype: torch.dtype = torch.float64
) -> list[Supernet]:
    """A supernet without passes, and one with them, of the same weights and running statistics."""
    program, method = program_of(experiment), experiment.method
    pair = [Supernet(program, method, 0, one).to(dtype) for one in ((), passes)]
    stir(pair[0], 3)
    pair[1].load_state_dict(pair[0].state_dict())
    return pair


def computed(supernet: Supernet, experiment: Experiment, dtype: torch.dtype) -> dict[str, Tensor | None]:
    """The output, the running statistics after it, and the gradients of all parameters and mixed weights."""
    x, _ = batch(experiment, 2, dtype=dtype)
    weights = random_weights(program_of(experiment), 1, dtype)
    out = supernet(x, weights)
    (out.square().sum() / out.detach().square().sum()).backward()
    statistics = {name: value for name, value in supernet.state_dict().items() if "running" in name}
    mixed = {id: weight.grad for id, weight in weights.items()}
    return {"out": out.detach(), **statistics, **mixed, **gradients(supernet)}


def experiment_of(space: str, domain: str) -> Experiment:
    return small(space, "darts", f"domain={domain}", nodes=2)


@cache
def without_passes(
    space: str, domain: str, dtype: torch.dtype
) -> tuple[dict[str, Tensor], dict[str, Tensor | None]]:
    """The state of a supernet without passes, and what it then computes."""
    experiment = experiment_of(space, domain)
    plain = Supernet(program_of(experiment), experiment.method, 0, ()).to(dtype)
    stir(plain, 3)
    state = {name: value.clone() for name, value in plain.state_dict().items()}
    return state, computed(plain, experiment, dtype)


@pytest.mark.parametrize(("space", "domain"), DOMAINS)
@pytest.mark.parametrize("passes", PREFIXES, ids=lambda passes: "+".join(one.__name__ for one in passes))
def test_outputs_gradients_and_statistics_stay(space: str, domain: str, passes: tuple[Pass, ...]) -> None:
    """In float32 as well where a search runs so: nothing packs a supernet without blending it."""
    experiment = experiment_of(space, domain)
    precisions = {torch.float64: 1e-10} | ({} if passes == (pack,) else {torch.float32: 1e-5})
    for dtype, tolerance in precisions.items():
        state, expected = without_passes(space, domain, dtype)
        passed = Supernet(program_of(experiment), experiment.method, 0, passes).to(dtype)
        passed.load_state_dict(state)
        found = computed(passed, experiment, dtype)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            torch.testing.assert_close(
                found[name], value, rtol=10 * tolerance, atol=tolerance, msg=lambda m, n=name: f"{n}: {m}"
            )


@pytest.mark.parametrize(("space", "domain"), DOMAINS)
def test_in_evaluation_too_and_for_the_architecture_alone(space: str, domain: str) -> None:
    experiment = small(space, "fairdarts", f"domain={domain}", nodes=2)
    plain, passed = (supernet.eval() for supernet in _pair(experiment, SUPERNET_PASSES))
    x, _ = batch(experiment, dtype=torch.float64)
    torch.testing.assert_close(plain(x), passed(x), rtol=1e-10, atol=1e-10)
    found = [
        torch.autograd.grad(supernet(x).square().sum(), list(supernet.architecture.parameters()))
        for supernet in (plain, passed)
    ]
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_a_seed_draws_the_same_weights_with_and_without_passes() -> None:
    experiment = small("sspolasym5", "darts", nodes=3)
    program, method = program_of(experiment), experiment.method
    plain, passed = Supernet(program, method, 7, ()).state_dict(), Supernet(program, method, 7).state_dict()
    assert plain.keys() == passed.keys()
    assert all(torch.equal(value, passed[name]) for name, value in plain.items())


def test_a_state_of_one_loads_into_the_other() -> None:
    experiment = small("sspolasym4", "darts", nodes=3)
    program, method = program_of(experiment), experiment.method
    plain, passed = Supernet(program, method, 0, ()), Supernet(program, method, 1)
    assert plain.state_dict().keys() == passed.state_dict().keys()
    plain.load_state_dict(passed.state_dict())
    loaded = plain.state_dict()
    for name, value in passed.state_dict().items():
        assert torch.equal(loaded[name], value)
    incomplete = dict(passed.state_dict())
    lost = next(name for name in incomplete if name not in dict(passed.named_parameters()))
    del incomplete[lost]
    with pytest.raises(RuntimeError, match="Missing key"):
        passed.load_state_dict(incomplete)


def test_a_one_hot_supernet_reads_nothing_of_other_candidates() -> None:
    experiment = small("ss1", "darts", nodes=3)
    program = program_of(experiment)
    (_, supernet), x = _pair(experiment, SUPERNET_PASSES), batch(experiment, dtype=torch.float64)[0]
    weights = one_hot(program, random_genotype(program, 5))
    before = supernet(x, weights)
    chosen = {id for id, value in weights.items() if float(value.max()) == 1.0}
    assert chosen == set(weights)
    state = supernet.state_dict()
    changed = 0
    for id, point in program.choices.items():
        kind, _, edge = id.partition("/")
        for option, weight in zip(point.options, weights[id].tolist(), strict=True):
            for name in state:
                if f"{edge}/{option}/" in name and weight == 0.0 and name.endswith("weight") and kind in name:
                    state[name] = state[name] + 1.0
                    changed += 1
    assert changed > 100
    supernet.load_state_dict(state)
    torch.testing.assert_close(supernet(x, weights), before, rtol=1e-10, atol=1e-10)


# --- structure ---------------------------------------------------------------------------------------------


def test_the_edges_that_leave_two_sources_are_lanes() -> None:
    """Three nodes: six edges leave `a` and `b`, two leave `n1`, and one leaves `n2`."""
    packed = verify(pack(program_of(small("ss1", nodes=3))), "pack")
    for graph in packed.cells.values():
        widths = Counter(len(node.labels) for node in graph if node.primitive == "dwconv")
        assert widths == {6: 6, 2: 6, 0: 6}
        for node in graph:
            if node.labels and node.kind == "primitive":
                assert len(set(node.labels)) == len(node.labels)


@pytest.mark.parametrize("space", SPACES)
def test_a_program_with_fewer_candidates_is_packed_too(space: str) -> None:
    """Edges then differ in what they offer, so that a lane is gathered from lanes that are gathered."""
    program = program_of(small(space, nodes=3))
    for seed in range(6):
        chance = random.Random(seed)
        kept = {
            id: [option for option in point.options if chance.random() < 0.6] or point.options
            for id, point in program.choices.items()
        }
        narrowed = verify(narrow(program, kept), "narrow")
        blended = verify(blend(verify(pack(narrowed), "pack")), "blend")
        assert cost(blended, Everything()) == cost(narrowed, Everything())


@pytest.mark.parametrize("space", SPACES)
def test_a_passed_program_is_well_formed_and_costs_the_same(space: str) -> None:
    program = program_of(small(space, nodes=3))
    packed = verify(pack(program), "pack")
    blended = verify(blend(packed), "blend")
    assert cost(packed, Everything()) == cost(blended, Everything()) == cost(program, Everything())
    assert not any(graph.of_kind("mix") or graph.of_kind("sum") for graph in blended.cells.values())
    assert sum(map(len, blended.graphs())) < sum(map(len, packed.graphs())) < sum(map(len, program.graphs()))
    for graph in blended.cells.values():
        assert not lanes_of(graph), "a blend reads packed values whole"
        assert _weights_of(graph) == _weights_of_mixes(program.cells[graph.name])


def _weights_of(graph: Graph) -> Counter[tuple[str, int, int]]:
    """How often each weight of an edge's option is used by the blends of a graph."""
    return Counter(
        (weight.selection, weight.port, weight.option)
        for node in graph.of_kind("blend")
        for port in dict(node.attributes)["ports"]
        for weight in port.weights
    )


def _weights_of_mixes(graph: Graph) -> Counter[tuple[str, int, int]]:
    return Counter(
        (node.choice, port, option)
        for node in graph.of_kind("sum")
        for port, mix in enumerate(graph.inputs(node.id))
        for option in range(len(graph[mix].labels))
    )


IRREGULAR = """
use "lib/darts.nas"
use "lib/methods.nas"

op square {
    let a = x -> dwconv(3, stride)
    a * a -> bn
}
op both {
    let a = x -> dwconv(3, stride)
    let b = x -> dwconv(3, stride)
    a * b -> bn
}

space Irregular(channels = 4) {
    candidates { skip_connect = skip
        same = skip
        sep = sep_conv(3)
        square = square
        both = both }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..3] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, 2 * channels) -> bn(affine: true) -> normal -> reduction
        -> global_pool -> linear(classes)
}

experiment { space: Irregular
    method: darts }
"""


def test_equal_candidates_and_products_of_one_value_keep_apart(tmp_path: Path) -> None:
    """Two candidates hand on the source itself, and `a * a` is no lane of `a * b`."""
    path = tmp_path / "irregular.nas"
    path.write_text(IRREGULAR)
    experiment = load(path, Request(data="fsdd"))
    plain, passed = _pair(experiment, SUPERNET_PASSES)
    x, _ = batch(experiment, dtype=torch.float64)
    weights = random_weights(program_of(experiment), 2)
    found = []
    for supernet in (plain, passed):
        out = supernet(x, weights)
        found.append([out, *torch.autograd.grad(out.square().sum(), list(weights.values()))])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(spaces(domains=("real", "complex")), spectrograms())
def test_random_spaces_compute_the_same(space: SpaceText, input: TensorType) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = concrete_program(space.resolve(Path(folder)), space.channels, input)
    assume(program.choices or program.selections)
    method = small().method
    plain, passed = (Supernet(program, method, 0, passes).double() for passes in ((), SUPERNET_PASSES))
    passed.load_state_dict(plain.state_dict())
    (read,) = program.network.of_kind("input")
    x = torch.randn(2, *read.type.stored, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    weights = random_weights(program, 1)
    found = []
    for supernet in (plain, passed):
        out = supernet(x, weights)
        mixed = torch.autograd.grad(out.sum(), list(weights.values()), allow_unused=True)
        found.append([out, *(torch.zeros(()) if one is None else one for one in mixed)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-8, equal_nan=True)


class Dispatched(TorchDispatchMode):
    """Counts the operators that compute: no views, no allocations."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        views = any(r.alias_info and not r.alias_info.is_write for r in func._schema.returns)
        self.count += not views and "empty" not in func.name()
        return func(*args, **(kwargs or {}))


def test_packing_saves_operators() -> None:
    """`blend` alone does not: it sums what `pack` has put together."""
    experiment = small("ss1", "darts", nodes=3)
    x, labels = batch(experiment)
    counts = []
    for passes in ((), (blend,), SUPERNET_PASSES):
        supernet = Supernet(program_of(experiment), experiment.method, 0, passes)
        with Dispatched() as dispatched:
            nn.functional.cross_entropy(supernet(x), labels).backward()
        counts.append(dispatched.count)
    assert min(counts[:2]) > 1.7 * counts[2]


def test_a_pruned_network_is_not_packed() -> None:
    experiment = small("ss1", nodes=3)
    program: Program = experiment.evaluation
    assert not any(node.labels and node.kind == "primitive" for graph in program.graphs() for node in graph)


def test_candidates_are_joined_while_a_cpu_caches_them_and_always_elsewhere() -> None:
    """8 channels of 32x32 are 1 MiB in a batch of 32, and 16 channels of it 2 MiB."""
    few, many = (
        load("ss1", Request(data="sc09", overrides=[f"search.channels={channels}"])).supernet
        for channels in (8, 16)
    )
    assert supernet_passes(few, 32) == SUPERNET_PASSES
    assert supernet_passes(few, 49) == supernet_passes(many, 32) == ()
    assert supernet_passes(many, 24) == supernet_passes(many, 96, device="cuda") == SUPERNET_PASSES
    assert supernet_passes(many, 96, save_memory=True) == (recompute,)
    overrides = ["search.channels=8", "domain=complex"]
    numbers = load("ss1", Request(data="sc09", overrides=overrides)).supernet  # a complex number counts once
    assert (supernet_passes(numbers, 48), supernet_passes(numbers, 49)) == (SUPERNET_PASSES, ())
