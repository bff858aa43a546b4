"""The verifier admits what is well formed and names what is not; graphs have an order of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from repository import ROOT
from small import SPACES, small, unshared

from dslnas.ir.graph import CellKind, ChoicePoint, Graph, GraphNode, Program, Selection
from dslnas.ir.names import NOWHERE, PointName, Site
from dslnas.ir.tensortype import TensorType, tensor
from dslnas.ir.verify import VerifyError, verify
from dslnas.passes.blend import blend
from dslnas.passes.pack import pack
from dslnas.passes.share import share
from dslnas.runs.load import load
from dslnas.runs.request import Request

SHIPPED = sorted(path.stem for path in (ROOT / "spaces").glob("*.nas"))
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
    graph.add(replace(relu("r"), site=ON_EDGE.taking("one")), ["a"])
    graph.add(relu("s"), ["b"])
    graph.add(
        node("", "mix", choice="normal/n1<-a", labels=("one", "two"), site=ON_EDGE.site), ["n1<-a/one/r", "a"]
    )
    graph.add(node("n1", "sum", choice="normal/n1", labels=("a", "b")), ["n1<-a", "s"])
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
    kinds = {"normal": CellKind("normal", ("a", "b"), ("n1",), ("n1",))}
    return Program("S", network_ or network(), cells, kinds, choices, {"normal/n1": selection})


def changed(graph: Graph, id: str, **values: object) -> Graph:
    graph._nodes[id] = replace(graph[id], **values)  # type: ignore[arg-type]
    return graph


def moved(graph: Graph, id: str, **values: object) -> Graph:
    """The graph with a node that is called otherwise or elsewhere."""
    result, ids = graph.empty(), {}
    for one in graph:
        made = replace(one, **values) if one.id == id else one  # type: ignore[arg-type]
        ids[one.id] = result.add(made, [ids[source] for source in graph.inputs(one.id)])
    return result


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


@pytest.mark.parametrize("space", SHIPPED)
def test_values_and_choices_of_the_shipped_spaces_say_where_they_are(space: str) -> None:
    """Ids are made of what values and choice points say of themselves, before and after passes."""
    built = unshared(load(space, Request(preset="quick")))
    for one in (built, blend(pack(share(built)))):
        verify(one, "build")
        for graph in one.graphs():
            for value in graph:
                beginning = "/".join(value.site.path)
                assert value.id.startswith(beginning)
                assert beginning or value.id.startswith(value.name)
                for point, option in value.site.options:  # what a space is fixed to is no choice of it
                    assert point.id not in one.choices or option in one.choices[point.id].options
    for point in built.choices.values():
        assert point.id == f"{point.called.owner}/{point.called.label}"
        assert point.called.name.startswith(point.called.stem)
    for selection in built.selections.values():
        assert selection.node in built.kinds[selection.cell].nodes
        assert set(selection.sources) <= {
            *built.kinds[selection.cell].inputs,
            *built.kinds[selection.cell].nodes,
        }


def test_an_id_is_made_of_all_that_is_around() -> None:
    inner = PointName("normal", "conv_1", "conv", ON_EDGE.taking("one"))
    value = replace(relu("relu_1"), site=inner.taking("kernel = 3"), variant=((inner, "kernel = 3"),))
    assert inner.id == "normal/n1<-a/one/conv_1"
    assert value.site.options == ((ON_EDGE, "one"), (inner, "kernel = 3"))
    assert value.id == "n1<-a/one/conv_1/kernel = 3/relu_1 [n1<-a/one/conv_1: kernel = 3]"
    decision = inner.decision("kernel = 3")
    assert (decision.name, decision.edge, decision.around) == ("conv_1", ("normal/n1", "a"), (ON_EDGE.id,))


def _cycle(graph: Graph) -> Graph:
    return fed(graph, "n1<-a/one/r", "a", "n1")


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
    "an unknown primitive": (lambda g: changed(g, "n1<-a/one/r", primitive="frelu"), "no primitive frelu"),
    "a type that its rule denies": (
        lambda g: changed(g, "n1<-a/one/r", type=HALF),
        "node n1<-a/one/r: typed .*, its rule says",
    ),
    "a primitive that refuses its input": (
        lambda g: changed(g, "n1<-a/one/r", primitive="last", attributes=()),
        "node n1<-a/one/r: `last` takes the last step",
    ),
    "an unknown choice point": (
        lambda g: changed(g, "n1<-a", choice="normal/n9<-a"),
        "no choice point normal/n9",
    ),
    "an unknown selection": (lambda g: changed(g, "n1", choice="normal/n9"), "no choice point normal/n9"),
    "labels of another choice": (
        lambda g: changed(g, "n1<-a", labels=("one", "three")),
        "node n1<-a: labels",
    ),
    "labels in another order": (lambda g: changed(g, "n1", labels=("b", "a")), "node n1: labels"),
    "too few labels": (lambda g: changed(g, "n1<-a", labels=("one",)), "node n1<-a: labels"),
    "a mix of another type than its inputs": (
        lambda g: changed(g, "n1<-a", type=HALF),
        "inputs of different types",
    ),
    "a mix beside its edge": (
        lambda g: moved(g, "n1<-a", name="n1<-a", site=NOWHERE),
        "mixes normal/n1<-a, which is elsewhere",
    ),
    "a sum of another node": (lambda g: moved(g, "n1", name="n2"), "node n2: sums normal/n1"),
    "a value on an edge and in a `let`": (
        lambda g: moved(g, "s", site=Site("n1", "b", "c")),
        "on an edge and in a `let`",
    ),
    "an option of another cell": (
        lambda g: moved(g, "s", site=replace(ON_EDGE, owner="reduction").taking("two")),
        "in an option of reduction",
    ),
    "an option of another edge": (
        lambda g: moved(g, "s", site=replace(ON_EDGE.taking("two"), source="b")),
        "normal/n1<-a is elsewhere",
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
        ({"edges": ("", "normal/n1<-a")}, "normal/n1<-a is another edge"),
        ({"node": "n2"}, "selection normal/n2 is called normal/n1"),
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
    assert order == ["a", "b", "n1<-a/one/r", "s", "n1<-a", "n1", "output"]


def test_inputs_keep_their_ports() -> None:
    graph = Graph("g", "real")
    for name in ("x", "y"):
        graph.add(node(name, "input"))
    graph.add(node("c", "primitive", tensor("real", 12, 8, 8), primitive="concat"), ["y", "x", "y"])
    assert graph.inputs("c") == ["y", "x", "y"]
