"""The types and the costs that editors show are those that the compiler comes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import SpaceText, drawn, spaces, symbolic_program

from dslnas.editor.inlays import inlays
from dslnas.editor.types import types_of
from dslnas.editor.workspace import Workspace
from dslnas.ir.walk import Everything, cost
from dslnas.resolve.library import shipped


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(space=spaces())
def test_every_node_of_a_program_has_the_type_that_is_told_of_its_text(
    space: SpaceText, tmp_path: Path
) -> None:
    definitions = space.resolve(tmp_path)
    program = symbolic_program(definitions)
    told = {span: {fact.type for fact in found} for span, found in types_of(definitions).items()}
    for graph in program.graphs():
        for node in graph:
            if node.kind in ("primitive", "call", "mix"):
                assert node.span is not None
                assert node.type in told[node.span], (node, node.span.location)
    assert told[drawn(definitions).network.value.span] == {program.network.output.type}


@pytest.mark.parametrize("name", ["ss1", "sspolasym5", "sspolattention"])
def test_a_network_costs_what_its_supernet_does(name: str) -> None:
    costs = Workspace().analysis((shipped() / f"{name}.nas").resolve()).costs
    assert costs is not None
    (fact,) = costs.facts[costs.experiment.space.network.value.span]
    assert fact.cost == cost(costs.experiment.supernet, Everything())
    assert fact.type == costs.experiment.supernet.network.output.type


def test_a_file_with_errors_has_types_where_they_are_known(tmp_path: Path) -> None:
    path = tmp_path.resolve() / "it.nas"
    workspace = Workspace()
    text = (
        "op odd = x -> nothing\nspace S(channels = 4) {\n    network = input -> conv(3) -> odd -> relu\n}\n"
    )
    workspace.put(path, text)
    analysis = workspace.analysis(path)
    told = {span.text: [str(fact.type) for fact in found] for span, found in analysis.types.items()}
    assert told == {"input": ["1 x F x T"], "conv(3)": ["C x F x T"], "x": ["C x F x T"]}
    assert analysis.costs is None


def test_a_library_has_the_types_of_the_spaces_that_use_it(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    library, user = folder / "library.nas", folder / "user.nas"
    library.write_text("op twice(k) {\n    let a = x -> conv(k)\n    a -> conv(k)\n}\n", encoding="utf-8")
    network = "network = input -> twice(3) -> global_pool -> linear(classes)"
    user.write_text(f'use "library.nas"\nspace S(channels = 4) {{\n    {network}\n}}\n', encoding="utf-8")
    for workspace, known in ((Workspace([folder]), [": C x F x T"]), (Workspace(), [])):
        workspace.put(library, library.read_text(encoding="utf-8"))
        assert [one.text for one in inlays(workspace, library)] == known
