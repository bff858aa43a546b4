"""`plan`: the published parameter counts, and what it says of a genotype."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.genotype import Cell, Edge, Genotype, Node
from dslnas.ir.graph import Program
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.request import Request


@pytest.mark.parametrize(("data", "millions"), [("sc09", 1.609), ("sc35", 3.037), ("esc50", 3.039)])
def test_supernet_parameters_are_those_of_table_2(data: str, millions: float) -> None:
    planned = plan(load("ss1", Request(data=data, preset="paper")))
    assert round(planned.params.supernet / 1e6, 3) == millions
    assert planned.params.pruned.least < planned.params.pruned.most


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


def test_a_plan_needs_no_torch() -> None:
    code = (
        "import sys; from dslnas.runs.load import load; from dslnas.runs.plan import plan; "
        "from dslnas.runs.request import Request; plan(load('ss1', Request('sc09'))); "
        "print({'torch', 'numpy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
