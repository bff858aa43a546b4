"""The pictures of the site: cells as dslnas draws them, chains of layers and of phases."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from dslnas.ir.graph import GraphNode, Program
from dslnas.ir.primitives import REGISTRY
from dslnas.report.render.pictures import drawing_of_kind, render
from dslnas.runs.load import load
from dslnas.runs.request import Request

from .chains import Box, chain

# What flows between the phases, and the phase that makes it: before PyTorch and with it.
_PHASES = (
    (
        Box("text"),
        Box("syntax tree", arrow="parse"),
        Box("definitions", arrow="resolve"),
        Box("graph", arrow="elaborate"),
        Box("proven space", arrow="check"),
    ),
    (
        Box("supernet", arrow="passes, lower"),
        Box("genotype", arrow="search, prune"),
        Box("pruned network", arrow="lower"),
        Box("report", arrow="train, test"),
    ),
)
_ACROSS = 5  # layers in a row
# Layers that a picture of a network leaves out: they change no shape.
_QUIET = {"bn", "inorm"} | {name for name, one in REGISTRY.items() if one.stateless}


def compiler() -> str:
    """The road from a text to a trained network: a row of phases before `lower`, a row after it."""
    return chain(_PHASES)


@cache
def of_space(path: Path) -> str:
    """The cells of a space before the search; of a space without cells, its layers."""
    program = load(path, Request(preset="paper")).supernet
    return _cells(program) if program.kinds else _layers(program)


def _cells(program: Program) -> str:
    drawings = [drawing_of_kind(kind, program) for kind in program.kinds.values()]
    with TemporaryDirectory() as folder:
        picture = render(drawings, Path(folder) / "picture.svg", program.space)
        return picture.read_text(encoding="utf-8")


def _layers(program: Program) -> str:
    """The stages of the network with their types, operations as one; choices open, with their options.

    Of stages that are there in variants the last one is drawn, which is the widest.
    """
    stages: dict[str, GraphNode] = {}  # by the first part of their names; of an operation its last node
    options: dict[str, int] = {}
    for node in program.network:
        point = program.choices[node.choice] if node.choice else None
        name = point.called.label if point and point.varies else node.id
        name = name.partition("/")[0].partition(" [")[0]
        if point is not None:
            options[name] = len(point.options)
        if node.kind != "output" and (point is None or point.varies in (None, "depth")):
            stages[name] = node
    boxes = []
    for name, node in stages.items():
        if node.name == name and node.primitive in _QUIET:
            continue
        count = options.get(name, 0)
        boxes.append(Box(name, str(node.type), f"{count} options" if count else "", bool(count)))
    return chain([boxes[start : start + _ACROSS] for start in range(0, len(boxes), _ACROSS)])
