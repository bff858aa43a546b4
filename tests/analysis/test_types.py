"""The types and the costs that editors show are those that the compiler comes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import SpaceText, drawn, spaces, symbolic_program

from dslnas.analysis.types import facts_of
from dslnas.analysis.workspace import Workspace
from dslnas.library import shipped
from dslnas.lower.walk import Everything, cost


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(space=spaces())
def test_every_node_of_a_program_has_the_type_that_is_told_of_its_text(
    space: SpaceText, tmp_path: Path
) -> None:
    definitions = space.resolve(tmp_path)
    program = symbolic_program(definitions)
    facts = facts_of(tmp_path / "drawn.nas", definitions, sound=False)
    told = {span: {fact.type for fact in found} for span, found in facts.symbolic.items()}
    for graph in program.graphs():
        for node in graph:
            if node.kind in ("primitive", "call", "mix"):
                assert node.span is not None
                assert node.type in told[node.span], (node, node.span.location)
    assert told[drawn(definitions).network.span] == {program.network.output.type}


@pytest.mark.parametrize("name", ["ss1", "sspolasym5", "sspolattention"])
def test_a_network_costs_what_its_supernet_does(name: str) -> None:
    analysis = Workspace().analysis((shipped() / f"{name}.nas").resolve())
    experiment = analysis.facts.experiment
    assert experiment is not None
    (fact,) = analysis.facts.concrete[experiment.space.network.span]
    assert fact.cost == cost(experiment.supernet, Everything())
    assert fact.type == experiment.supernet.network.output.type


def test_a_file_with_errors_has_types_where_they_are_known(tmp_path: Path) -> None:
    path = tmp_path.resolve() / "it.nas"
    workspace = Workspace()
    text = (
        "op odd = x -> nothing\nspace S(channels = 4) {\n    network = input -> conv(3) -> odd -> relu\n}\n"
    )
    workspace.put(path, text)
    facts = workspace.analysis(path).facts
    told = {span.text: [str(fact.type) for fact in found] for span, found in facts.symbolic.items()}
    assert told == {"input": ["1 x F x T"], "conv(3)": ["C x F x T"], "x": ["C x F x T"]}
    assert facts.concrete == {} and facts.experiment is None
