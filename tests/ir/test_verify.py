"""The verifier admits what is well formed and names what is not; graphs have an order of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from small import SPACES, small, unshared

from dslnas.ir.graph import ChoicePoint, Graph, GraphNode, Program, Selection
from dslnas.ir.names import PointName, Site
from dslnas.ir.tensortype import TensorType, tensor
from dslnas.ir.verify import VerifyError, verify

T = tensor("real", 4, 8, 8)
ON_EDGE = PointName("normal", "", site=Site("n1", "a"))
HALF = tensor("real", 4, 4, 4)


def node(id: str, kind: str, type: TensorType = T, **more: object) -> GraphNode:
    return GraphNode(id, kind, type, **more)  # type: ignore[arg-type]


def relu(id: str, type: TensorType = T) -> GraphNode:
    return node(id, "primitive", type, primitive="relu")


def cell() -> Graph:
    """Two edges, of which one has a choice, into one node."""
    graph = Graph("normal", "real", 1)
    graph.add(node("a", "input"))
    graph.add(node("b", "input"))
    graph.add(relu("r"), ["a"])
    graph.add(relu("s"), ["b"])
    graph.add(node("m", "mix", choice="normal/n1<-a", labels=("one", "two")), ["r", "a"])
    graph.add(node("n1", "sum", choice="normal/n1", labels=("a", "b")), ["m", "s"])
    graph.add(node("output", "output"), ["n1"])
    return graph


def network() -> Graph:
    graph = Graph("network", "real")
    graph.add(node("input", "input"))
    graph.add(node("normal_1", "call", cell="normal:1"), ["input", "input"])
    graph.add(node("output", "output"), ["normal_1"])
    return graph


def program(network_: Graph | None = None, cell_: Graph | None = None) -> Program:
    choices = {"normal/n1<-a": ChoicePoint(ON_EDGE, ("one", "two"))}
    selection = Selection("normal", "n1", ("a", "b"), ("normal/n1<-a", ""), 1)
    cells = {"normal:1": cell_ or cell()}
    return Program("S", network_ or network(), cells, {}, choices, {"normal/n1": selection})


def changed(graph: Graph, id: str, **values: object) -> Graph:
    graph._nodes[id] = replace(graph[id], **values)  # type: ignore[arg-type]
    return graph


def fed(graph: Graph, id: str, *inputs: str) -> Graph:
    """The graph with a node that is fed otherwise than `add` allows."""
    graph._inputs[id] = inputs
    return graph


def test_a_sound_program_is_handed_back() -> None:
    sound = program()
    assert verify(sound, "test") is sound


@pytest.mark.parametrize("space", SPACES)
def test_the_shipped_spaces_are_sound(space: str) -> None:
    verify(unshared(small(space)), "build")


def _cycle(graph: Graph) -> Graph:
    return fed(graph, "r", "a", "n1")


def _second_output(graph: Graph) -> Graph:
    graph.add(node("again", "output"), ["n1"])
    return graph


def _no_output(graph: Graph) -> Graph:
    graph.remove(["output"])
    return graph


def _dead(graph: Graph) -> Graph:
    graph.add(relu("dead"), ["a"])
    return graph


def _extra_input(graph: Graph) -> Graph:
    return fed(graph, "s", *graph.inputs("s"), "a")


def _fed_input(graph: Graph) -> Graph:
    return fed(graph, "b", "a")


BROKEN_CELLS: dict[str, tuple[Callable[[Graph], Graph], str]] = {
    "a cycle": (_cycle, "there is a cycle"),
    "two outputs": (_second_output, "2 outputs"),
    "no output": (_no_output, "0 outputs"),
    "a dead node": (_dead, "dead reaches no output"),
    "too many inputs": (_extra_input, "node s: 2 inputs"),
    "an input that is fed": (_fed_input, "node b: an input is fed"),
    "an unknown primitive": (lambda g: changed(g, "r", primitive="frelu"), "no primitive frelu"),
    "a type that its rule denies": (lambda g: changed(g, "r", type=HALF), "node r: typed .*, its rule says"),
    "a primitive that refuses its input": (
        lambda g: changed(g, "r", primitive="linear", attributes=(("out", 3),)),
        "node r: `linear` works on features",
    ),
    "an unknown choice point": (
        lambda g: changed(g, "m", choice="normal/n9<-a"),
        "no choice point normal/n9",
    ),
    "an unknown selection": (lambda g: changed(g, "n1", choice="normal/n9"), "no choice point normal/n9"),
    "labels of another choice": (lambda g: changed(g, "m", labels=("one", "three")), "node m: labels"),
    "labels in another order": (lambda g: changed(g, "n1", labels=("b", "a")), "node n1: labels"),
    "too few labels": (lambda g: changed(g, "m", labels=("one",)), "node m: labels"),
    "a mix of another type than its inputs": (
        lambda g: changed(g, "m", type=HALF),
        "inputs of different types",
    ),
    "an output of another type": (lambda g: changed(g, "output", type=HALF), "another type than its input"),
}


@pytest.mark.parametrize("name", BROKEN_CELLS)
def test_a_broken_cell_is_named(name: str) -> None:
    break_it, message = BROKEN_CELLS[name]
    with pytest.raises(VerifyError, match=f"after test, in graph normal:1.*{message}"):
        verify(program(cell_=break_it(cell())), "test")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cell": "normal:2"}, "no cell normal:2"),
        ({"type": HALF}, "typed 4 x 4 x 4, its cell hands out"),
    ],
)
def test_a_broken_call_is_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(VerifyError, match=message):
        verify(program(changed(network(), "normal_1", **values)), "test")


def test_a_call_with_other_inputs_than_its_cell_is_named() -> None:
    graph = fed(network(), "normal_1", "input")
    with pytest.raises(VerifyError, match="its cell reads"):
        verify(program(graph), "test")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"edges": ("normal/n1<-a",)}, "1 edges"),
        ({"edges": ("normal/n1<-a", "normal/n1<-b")}, "no choice point normal/n1<-b"),
        ({"keep": 0}, "keeps 0"),
        ({"keep": 3}, "keeps 3"),
    ],
)
def test_a_broken_selection_is_named(values: dict[str, object], message: str) -> None:
    sound = program()
    selection = replace(sound.selections["normal/n1"], **values)  # type: ignore[arg-type]
    with pytest.raises(VerifyError, match=message):
        verify(replace(sound, selections={"normal/n1": selection}), "test")


def test_nodes_come_after_what_they_read_in_the_order_they_were_added() -> None:
    order = [n.id for n in cell()]
    assert order == ["a", "b", "r", "s", "m", "n1", "output"]


def test_inputs_keep_their_ports() -> None:
    graph = Graph("g", "real")
    for name in ("x", "y"):
        graph.add(node(name, "input"))
    graph.add(node("c", "primitive", tensor("real", 12, 8, 8), primitive="concat"), ["y", "x", "y"])
    assert graph.inputs("c") == ["y", "x", "y"]
