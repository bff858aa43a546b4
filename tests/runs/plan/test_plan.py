"""`plan`: the published parameter counts, sizes against closed forms, ranges against every genotype."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations, product
from math import comb
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.analysis import extent
from dslnas.ir.genotype import Cell, Edge, Genotype, Node
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen, cost
from dslnas.parse.vocabulary import PHASES
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.request import Request

TINY = """
use "lib/darts.nas"
use "lib/methods.nas"

space Tiny(nodes = 2, channels = 4, repeat = 1, domain = real) {
    candidates {
        pool = max_pool(3)
        skip = skip
        conv = sep_conv(3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> conv(3) -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep KEEP
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, 3 * channels) -> normal -> reduction(channels: 2C) -> TAIL
        -> global_pool -> linear(classes)
}
"""


def tiny(folder: Path, keep: str = "1", tail: str = "normal", **changes: str) -> Experiment:
    """A space small enough to try every genotype; with `keep 1` adapters and nodes may be dead."""
    text = TINY.replace("KEEP", keep).replace("TAIL", tail)
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / "tiny.nas"
    path.write_text(text, encoding="utf-8")
    return load(path, Request(preset="paper", overrides=["nodes=2", "train.channels=6"]))


def every_genotype(program: Program, keep: int | None = None) -> list[Chosen]:
    """All genotypes of a program, by brute force."""
    kept_sources = [
        list(combinations(s.sources, s.keep if keep is None else min(keep, s.keep)))
        for s in program.selections.values()
    ]
    options = [point.options for point in program.choices.values()]
    return [
        Chosen(
            dict(zip(program.choices, taken, strict=True)), dict(zip(program.selections, kept, strict=True))
        )
        for kept in product(*kept_sources)
        for taken in product(*options)
    ]


@pytest.mark.parametrize(("data", "millions"), [("sc09", 1.609), ("sc35", 3.037), ("esc50", 3.039)])
def test_supernet_parameters_are_those_of_table_2(data: str, millions: float) -> None:
    planned = plan(load("ss1", Request(data=data, preset="paper")))
    assert round(planned.params.supernet / 1e6, 3) == millions
    assert planned.params.pruned.least < planned.params.pruned.most


@pytest.mark.parametrize("nodes", [1, 2, 4])
def test_the_size_of_ss1_is_its_closed_form(nodes: int) -> None:
    """Per cell the product over its nodes of C(edges, 2), and seven candidates on each kept edge."""
    program = load("ss1", Request(data="sc09", preset="paper", overrides=[f"nodes={nodes}"])).supernet
    cell = 7 ** (2 * nodes)
    for node in range(nodes):
        cell *= comb(2 + node, 2)
    assert extent.size(program) == cell**2
    assert len(program.choices) == 2 * sum(2 + node for node in range(nodes))


def test_what_the_method_keeps_counts_where_it_is_less() -> None:
    program = load("ss1", Request(data="sc09", preset="paper")).supernet
    assert extent.size(program, 1) == (2 * 3 * 4 * 7**3) ** 2
    assert extent.size(program, 5) == extent.size(program)


def test_the_size_counts_every_genotype(tmp_path: Path) -> None:
    program = tiny(tmp_path, "1", "normal", **{"        skip = skip\n": ""}).supernet
    distinct = {
        tuple((id, s, one.options[f"{id}<-{s}"]) for id, kept in one.sources.items() for s in kept)
        for one in every_genotype(program)
    }
    assert extent.size(program) == len(distinct) == (2 * 3 * 2**2) ** 2


@pytest.mark.parametrize(
    ("keep", "fewer"), [("1", "        pool = max_pool(3)\n"), ("2", "        skip = skip\n")]
)
def test_the_range_of_the_pruned_network_is_that_of_every_genotype(
    tmp_path: Path, keep: str, fewer: str
) -> None:
    """Two kinds of cells, adapters that may be dead, cells of one kind with different adapters."""
    program = tiny(tmp_path, keep, "normal", **{fewer: ""}).evaluation
    assert extent.params_extremes(program) == brute_force(program, "params")
    assert extent.macs_extremes(program) == brute_force(program, "macs")


def test_dead_nodes_and_adapters_are_left_out_of_the_range(tmp_path: Path) -> None:
    """The cell hands out its last node alone, so that the first node and an adapter may be dead."""
    changes = {"concat(n)": "n[2] -> conv(1)", "        pool = max_pool(3)\n": ""}
    program = tiny(tmp_path, "1", "normal", **changes).evaluation
    assert extent.params_extremes(program) == brute_force(program, "params")


def brute_force(program: Program, figure: str) -> extent.Extremes:
    """The extremes over all genotypes. The kinds of cells share no choice: each is tried by itself."""
    base = getattr(cost(program, _first(program)), figure)
    kinds = [[getattr(cost(program, one), figure) for one in _every(program, kind)] for kind in program.kinds]
    # What the other kinds cost at their first options is in every figure, and counted once.
    shared = (len(kinds) - 1) * base
    return extent.Extremes(sum(map(min, kinds)) - shared, sum(map(max, kinds)) - shared)


def _first(program: Program) -> Chosen:
    return Chosen(
        {id: point.options[0] for id, point in program.choices.items()},
        {id: s.sources[: s.keep] for id, s in program.selections.items()},
    )


def _every(program: Program, kind: str) -> list[Chosen]:
    """Every genotype of a kind of cell, the other kinds at their first options."""
    first = _first(program)
    selections = [s for s in program.selections.values() if s.cell == kind]
    points = [edge for s in selections for edge in s.edges]
    return [
        Chosen(
            {**first.options, **dict(zip(points, taken, strict=True))},
            {**first.sources, **{s.id: k for s, k in zip(selections, kept, strict=True)}},
        )
        for kept in product(*(combinations(s.sources, s.keep) for s in selections))
        for taken in product(*(program.choices[point].options for point in points))
    ]


LAYERS = """
op block(k = choose {3, 5, 7}, wide = choose {1, 2}) = x
    -> conv(1, wide * C) -> bn -> dwconv(k) -> conv(1) -> bn

space Layers(channels = 4) {
    network = input -> conv(3) -> block -> choose {conv(3), x -> conv(5) -> block, block} -> global_pool
        -> linear(classes)
}
"""


def test_a_layer_wise_space_with_choices_inside_of_choices(tmp_path: Path) -> None:
    path = tmp_path / "layers.nas"
    path.write_text(LAYERS, encoding="utf-8")
    program = load(path, Request(preset="paper")).supernet
    costs = [cost(program, one) for one in every_genotype(program)]
    assert extent.size(program) == 6 * (1 + 6 + 6)
    for figure, found in (
        ("params", extent.params_extremes(program)),
        ("macs", extent.macs_extremes(program)),
    ):
        values = [getattr(one, figure) for one in costs]
        assert (found.least, found.most) == (min(values), max(values))


def test_a_large_cell_is_no_large_computation() -> None:
    program = load("ss1", Request(data="sc09", preset="quick", overrides=["nodes=7", "repeat=0"])).evaluation
    found = extent.params_extremes(program)
    assert 0 < found.least < found.most


def genotype_of(program: Program, operation: str, space_hash: str) -> Genotype:
    """The genotype whose nodes keep their first edges, with one operation on all of them."""
    cells = tuple(
        Cell(
            kind.name,
            kind.inputs,
            tuple(
                Node(s.node, tuple(Edge(source, operation) for source in s.sources[: s.keep]))
                for s in program.selections.values()
                if s.cell == kind.name
            ),
            kind.output,
        )
        for kind in program.kinds.values()
    )
    return Genotype(program.space, space_hash, "darts", cells)


def test_the_live_parameters_of_a_genotype_lie_in_the_range() -> None:
    experiment = load("ss1", Request(data="sc09", preset="quick", overrides=["nodes=2"]))
    program = experiment.evaluation
    found = {}
    for operation in ("max_pool_3x3", "sep_conv_3x3", "sep_conv_5x5"):
        planned = plan(experiment, genotype_of(program, operation, experiment.space_hash))
        live = planned.params.live
        assert live is not None and planned.warnings == ()
        assert planned.params.pruned.least <= live <= planned.params.pruned.most
        found[operation] = live
    assert found["max_pool_3x3"] == planned.params.pruned.least
    assert found["max_pool_3x3"] < found["sep_conv_3x3"] < found["sep_conv_5x5"] == planned.params.pruned.most


def test_a_genotype_of_another_version_of_the_space_is_a_warning() -> None:
    experiment = load("ss1", Request(data="sc09", preset="quick", overrides=["nodes=1"]))
    genotype = genotype_of(experiment.evaluation, "max_pool_3x3", "sha256:0")
    (warning,) = plan(experiment, genotype).warnings
    assert warning.code == "N0502" and warning.severity == "warning"


def test_a_genotype_that_does_not_fit_is_an_error() -> None:
    experiment = load("ss1", Request(data="sc09", preset="quick", overrides=["nodes=1"]))
    genotype = genotype_of(experiment.evaluation, "sep_conv_9x9", experiment.space_hash)
    with pytest.raises(DslnasError) as caught:
        plan(experiment, genotype)
    assert caught.value.diagnostics[0].code == "N0502"
    assert "sep_conv_9x9" in caught.value.diagnostics[0].message


def test_json_has_the_documented_keys() -> None:
    experiment = load("ss1", Request(data="sc09", preset="paper", overrides=["search.epochs=7"]))
    data = to_json(plan(experiment))
    assert data["params"]["supernet"] == 1_609_370
    assert set(data["params"]["pruned"]) == {"min", "max"} and "live" not in data["params"]
    assert data["macs"]["supernet"] > 0 and data["choices"] == 18
    assert data["size"] == (comb(2, 2) * comb(3, 2) * comb(4, 2) * 7**6) ** 2
    assert data["cells"]["normal"]["uses"] == 6 and data["cells"]["reduction"]["uses"] == 3
    assert data["types"]["network"][-1] == {"stage": "linear_2", "type": "10", "inputs": {}}
    assert data["types"]["frontend"][-1]["type"] == "1 x 32 x 32"
    assert data["settings"]["origins"]["search.epochs"] == "--set search.epochs"
    assert "time" not in data


@pytest.mark.parametrize("phase", PHASES)
def test_a_plan_says_from_where_the_phases_of_a_complex_front_end_count(phase: str) -> None:
    told = {}
    for domain in ("real", "complex"):
        overrides = [f"domain={domain}", f"frontend=logmel(32, phase: {phase})"]
        found = to_json(plan(load("ss1", Request(data="sc09", overrides=overrides))))["types"]["frontend"]
        told[domain] = {stage["stage"]: stage["type"] for stage in found}
    assert told["real"]["stft"] == "1 x 513 x 32"
    assert told["complex"][f"stft(phase: {phase})"] == "complex 1 x 513 x 32"


def test_a_plan_needs_no_torch() -> None:
    code = (
        "import sys; from dslnas.runs.load import load; from dslnas.runs.plan import plan; "
        "from dslnas.runs.request import Request; plan(load('ss1', Request('sc09'))); "
        "print({'torch', 'numpy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_probe_takes_real_steps_and_adds_them_up(data_root: Path) -> None:
    import torch

    from dslnas.runs.plan import probe

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        sizes = ["nodes=1", "channels=2", "repeat=0", "search.batch=4", "search.epochs=2"]
        sizes += ["search.warmup=25%", "train.batch=8", "train.epochs=3"]
        experiment = load("ss1", Request(data="fsdd", overrides=sizes))
        found = probe(experiment, data_root, "cpu")
        absent = probe(experiment, Path("nowhere"), "cpu")
    finally:
        torch.set_num_threads(threads)
    assert min(found.search_step, found.warmup_step, found.train_step) > 0 and found.device == "cpu"
    assert found.clips == 1600
    steps = 2 * (800 // 4)
    assert found.search == pytest.approx(steps / 4 * found.warmup_step + 3 * steps / 4 * found.search_step)
    assert found.train == pytest.approx(3 * (1600 // 8) * found.train_step)
    assert found.total == pytest.approx((found.search or 0) + (found.train or 0))
    assert absent.clips is None and absent.total is None and absent.train_step > 0


def test_a_probe_trains_the_largest_network_where_no_genotype_is_named() -> None:
    from dslnas.runs.plan.probe import _largest

    experiment = load("sspolasym5", Request(data="sc09", preset="quick", overrides=["nodes=2"]))
    genotype = _largest(experiment)
    planned = plan(experiment, genotype)
    assert planned.macs.live == planned.macs.pruned.most
    layers = load("nasc", Request(data="sc09", preset="quick"))
    assert plan(layers, _largest(layers)).macs.live == plan(layers).macs.pruned.most
