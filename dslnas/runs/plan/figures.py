"""The plan of an experiment, without building a network: choices, sizes, costs, types and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...base.diagnostics import Diagnostic, DslnasError
from ...check.budget import unmet
from ...ir.analysis import extent
from ...ir.analysis.extent import Extremes
from ...ir.analysis.polynomial_order import Order, order_of
from ...ir.frontend import FrontEnds
from ...ir.genotype import Genotype
from ...ir.graph import Graph, Keep, Program
from ...ir.positions import network_of
from ...ir.primitives import REGISTRY
from ...ir.walk import Everything, cost, walk
from ...prune.validate import validate
from ..experiment import Experiment, describe_settings
from ..judging import Counted, Roles
from ..latency import Latency
from .footprint import Footprint, footprint
from .memory import Memory, memory, shortage
from .sampling import PlannedSampling, planned_sampling
from .stages import PlannedSearchStage, planned_stages


@dataclass(frozen=True)
class CellChoices:
    """The choices of one kind of cell. uses: how many cells of this kind the supernet has.

    size: the number of its genotypes; classes: the same up to isomorphism, or why it is not known.
    fixed: how many of the nodes the space fixes, so that there is no choice. pairs: `keep` counts pairs of an
    edge and a candidate. fewer: a node may keep fewer.
    """

    name: str
    nodes: int
    edges: int
    candidates: tuple[str, ...]
    keep: int
    uses: int
    size: int
    classes: int | str
    fixed: int = 0
    pairs: bool = False
    fewer: bool = False


@dataclass(frozen=True)
class NetworkBlock:
    """A block of the network: its name, the type of its output, and how a cell adapts its inputs."""

    name: str
    type: str
    inputs: tuple[tuple[str, str], ...] = ()  # input of the cell -> the primitives that adapt it


@dataclass(frozen=True)
class Figures:
    """Parameters, or multiply-accumulates for one example.

    supernet: of the supernet, in the largest stage of the search. pruned: the extremes over all genotypes, at
    the sizes of the retraining. live: of one genotype.
    """

    supernet: int
    pruned: Extremes
    live: int | None = None


@dataclass(frozen=True)
class Plan:
    """The plan of an experiment: all that is known of it before it runs."""

    space: str
    method: str
    data: str
    preset: str
    classes: int
    cells: tuple[CellChoices, ...]
    others: tuple[
        tuple[str, tuple[str, ...]], ...
    ]  # choice points that are no edge of a cell, with their options
    choices: int
    size: int
    classes_of_architectures: int | str  # genotypes up to isomorphism, or why that is not known
    params: Figures
    macs: Figures
    order: Order  # of the supernet
    memory: Memory  # of the search stage that needs most
    recomputing: Memory
    search_stages: tuple[PlannedSearchStage, ...]
    memories: tuple[Memory, ...]  # of each search stage
    frontend: tuple[tuple[str, str], ...]  # (step, type)
    network: tuple[NetworkBlock, ...]  # of the supernet
    settings: Mapping[str, Any]
    warnings: tuple[Diagnostic, ...]
    roles: Roles | None = None  # which groups of the data do what; None where the data is not there
    sampling: PlannedSampling | None = None  # of a sampled method
    footprints: tuple[Footprint, ...] = ()  # of the C code of the genotype; else of the least and most MACs


def plan(
    experiment: Experiment,
    genotype: Genotype | None = None,
    free: int | None = None,
    roles: Roles | None = None,
    latency: Latency | None = None,
    clips: Counted | None = None,
) -> Plan:
    """The plan of an experiment, and of one of its genotypes.

    Raises DslnasError N0502 where that does not fit, and N0601 for a bound that no network keeps to.
    free: the free memory of the machine in bytes; the plan warns where a step of the search needs more.
    roles: which groups of the data do what, see `planned_roles`. latency: of the networks, where it is known.
    clips: the training clips of the data, where they are known.
    """
    supernet, evaluation = experiment.supernet, experiment.evaluation
    keep = experiment.method.keeping
    if impossible := unmet(experiment.method, evaluation):
        raise DslnasError(*impossible)
    found = validate(genotype, evaluation) if genotype else experiment.only_genotype
    stages = planned_stages(experiment)
    live = cost(*network_of(evaluation, found)) if found else None
    memories = tuple(memory(experiment, stage.program) for stage in stages)
    needed = max(memories, key=lambda one: one.peak)
    recomputing = max(
        (memory(experiment, stage.program, recompute=True) for stage in stages), key=lambda one: one.peak
    )
    params, macs = max(stage.cost.params for stage in stages), max(stage.cost.macs for stage in stages)
    searched = planned_sampling(experiment, latency, clips)
    short: list[Diagnostic] = []
    if searched is None or searched.trains:
        short = shortage(needed, recomputing, free, experiment.settings.search.batch)
    cells = _cells(supernet, keep)
    return Plan(
        space=experiment.space.name,
        method=experiment.method.name,
        data=experiment.data,
        preset=experiment.settings.preset,
        classes=len(experiment.classes),
        cells=cells,
        others=_others(supernet),
        choices=len(supernet.choices),
        size=extent.size(supernet, keep),
        classes_of_architectures=_classes(supernet, cells),
        params=Figures(params, extent.params_extremes(evaluation, keep), live.params if live else None),
        macs=Figures(macs, extent.macs_extremes(evaluation, keep), live.macs if live else None),
        order=order_of(experiment.built(experiment.settings.search)),
        memory=needed,
        recomputing=recomputing,
        search_stages=stages,
        memories=memories,
        frontend=_frontend(experiment.frontends.decided(dict(found.choices) if found else {})),
        network=_network(supernet),
        settings=describe_settings(experiment),
        warnings=(*experiment.warnings, *_stale(genotype, experiment), *short, *_unheard(roles)),
        roles=roles,
        sampling=searched,
        footprints=_footprints(experiment, found),
    )


def _footprints(experiment: Experiment, genotype: Genotype | None) -> tuple[Footprint, ...]:
    """What the C code of the genotype takes; without one, of the networks of the fewest and the most MACs.

    None where the front end is yet to be chosen, or a primitive is a user's own, which no code can hold.
    """
    evaluation = experiment.evaluation
    nodes = (node for graph in evaluation.graphs() for node in graph if node.kind == "primitive")
    ways = experiment.frontends.decided(dict(genotype.choices) if genotype else {}).ways
    if len(ways) > 1 or any(REGISTRY[node.primitive].origin for node in nodes):
        return ()
    if genotype is not None:
        return (footprint(*network_of(evaluation, genotype), ways[0].frontend),)
    keep = experiment.method.keeping
    ends = (extent.extreme(evaluation, keep, lambda one: one.macs, sign) for sign in (1, -1))
    return tuple(footprint(evaluation, chosen, ways[0].frontend) for chosen in ends)


def _unheard(roles: Roles | None) -> list[Diagnostic]:
    return [] if roles is None or roles.problem is None else [roles.problem]


def _classes(program: Program, cells: Sequence[CellChoices]) -> int | str:
    """The number of genotypes up to renaming of nodes in cells; or why it is not known."""
    for cell in cells:
        if isinstance(cell.classes, str):
            return f"cell `{cell.name}`: {cell.classes}"
    known = {cell.name: cell.classes for cell in cells if isinstance(cell.classes, int)}
    return extent.architectures(program, known)


def _stale(genotype: Genotype | None, experiment: Experiment) -> list[Diagnostic]:
    if genotype is None or genotype.space_hash == experiment.space_hash:
        return []
    message = f"the genotype was found in another version of space `{experiment.space.name}`"
    return [
        Diagnostic("N0502", message, severity="warning", help="its choices fit, its operations may differ")
    ]


def _cells(program: Program, keep: Keep) -> tuple[CellChoices, ...]:
    uses = [program.cells[node.cell].kind for node in program.network.of_kind("call")]
    sizes, classes = extent.cell_sizes(program, keep), extent.cell_classes(program, keep)
    found = []
    for name, kind in program.kinds.items():
        selections = [s for s in program.selections.values() if s.cell == name]
        edges = [edge for s in selections for edge in s.edges]
        offered = dict.fromkeys(
            o for edge in edges if edge in program.choices for o in program.choices[edge].options
        )
        kept = max((s.keep if keep.most is None else keep.most for s in selections), default=0)
        fixed = kind.fixed
        count = len(edges) + sum(len(node.edges) for node in fixed)
        shape = (len(kind.nodes), count, tuple(offered), kept, uses.count(name))
        found.append(
            CellChoices(name, *shape, sizes[name], classes[name], len(fixed), keep.pairs, keep.fewer)
        )
    return tuple(found)


def _others(program: Program) -> tuple[tuple[str, tuple[str, ...]], ...]:
    edges = {edge for selection in program.selections.values() for edge in selection.edges}
    return tuple((id, point.options) for id, point in program.choices.items() if id not in edges)


def _frontend(frontends: FrontEnds) -> tuple[tuple[str, str], ...]:
    """The steps of the front end with their types; of several front ends, those of each."""
    rows = []
    for way in frontends.ways:
        frontend, taken = way.frontend, ", ".join(way.taken.values())
        source = frontend.source.primitive
        what = str(frontend.input) if frontend.sees_images else f"{frontend.rate} Hz, {frontend.clip:g} s"
        rows.append((f"{source} [{taken}]" if taken else source, what))
        for step in frontend.steps:
            phased = f"stft(phase: {frontend.phase})" if step.primitive == "stft" and frontend.phase else ""
            rows.append((phased or step.primitive, str(step.output)))
    return tuple(rows)


def _network(program: Program) -> tuple[NetworkBlock, ...]:
    blocks = []
    for step in walk(program.network, Everything()):
        node = step.node
        if node.kind == "call":
            graph = program.cells[node.cell]
            kind = program.kinds[graph.kind]
            made = tuple((name, _adapter(graph, name)) for name in kind.inputs)
            blocks.append(NetworkBlock(node.id, str(node.type), made))
        elif node.kind != "output" and not node.site.options:
            blocks.append(NetworkBlock(node.id, str(node.type)))
    return tuple(blocks)


def _adapter(graph: Graph, name: str) -> str:
    """The primitives that a cell applies to an input before its edges, separated by spaces."""
    parts = [node.primitive for node in graph if node.kind == "primitive" and node.site.let == name]
    return " ".join(parts) or "the input itself"
