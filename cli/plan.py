"""`dslnas plan`: sizes, costs, memory and settings of a run, before it is started."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DataOption, JsonOption, Preset, RootOption, SetOption, SpaceOption

if TYPE_CHECKING:
    from dslnas.ir.analysis.polynomial_order import Order
    from dslnas.runs.experiment import Experiment
    from dslnas.runs.judging import Roles
    from dslnas.runs.latency import Latency
    from dslnas.runs.plan import CellChoices, Figures, Plan, PlannedSampling, Timing

EXAMPLE = "Example: dslnas plan ss1 --data sc09 --set search.channels=8"


def plan(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A space (a file or a shipped name), a genotype (.json or .nas), or a run folder.",
        ),
    ],
    data: DataOption = None,
    data_root: RootOption = None,
    preset: Annotated[
        Preset | None,
        typer.Option("--preset", help="quick, or the published sizes: paper. Default: paper."),
    ] = None,
    settings: SetOption = None,
    space: SpaceOption = None,
    as_json: JsonOption = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Take real steps of search and training, and measure them.")
    ] = False,
) -> None:
    """Show what a run would do: choices, size of the space, parameters, MACs, memory, types and settings.

    The data itself need not be there.
    """
    from dslnas.runs import plan as plans
    from dslnas.runs.request import Request

    from .subject import subject_of
    from .terminal import print_json

    request = Request(data, data_root, preset and preset.value, tuple(settings or ()))
    subject = subject_of(file, request, space, preset="paper")
    roles = plans.planned_roles(subject.experiment, data_root)
    clips = plans.planned_clips(subject.experiment, data_root)
    latency = _latency(subject.experiment) if probe else None
    planned = plans.plan(subject.experiment, subject.genotype, plans.free_memory(), roles, latency, clips)
    timing = plans.probe(subject.experiment, data_root, genotype=subject.genotype) if probe else None
    if as_json:
        print_json(plans.to_json(planned, timing))
    else:
        show(planned, timing)


def _latency(experiment: Experiment) -> Latency | None:
    """The latency of the networks of a sampled method, measured on this machine; None for a relaxed one."""
    from dslnas.methods.method import SampledMethod
    from dslnas.runs.latency import latency_of

    if not isinstance(experiment.method, SampledMethod):
        return None
    return latency_of(experiment.evaluation, experiment.method.keeping)


WHOLE = ("space", "method", "data", "frontend", "domain", "precision")
STAGE_COLUMNS = ("stage#", "repeat#", "candidates#", "dropout#", "parameters#", "MACs#", "memory#")


def show(plan: Plan, timing: Timing | None = None) -> None:
    """Print a plan as tables."""
    from dslnas.runs.load import method_taken

    from .terminal import out, print_diagnostics, table

    console = out()
    console.print(
        f"{plan.space} by {plan.method} on {plan.data} ({plan.classes} classes), preset {plan.preset}"
    )
    if plan.preset == "paper":
        console.print("(`run` on a CPU takes the preset quick; see it with --preset quick)", style="dim")
    if plan.size > 1 and (why := method_taken(plan.settings["origins"], plan.method)):
        console.print(f"({why})", style="dim", soft_wrap=True)
    console.print()
    rows = [
        (
            cell.name,
            str(cell.nodes),
            str(cell.edges),
            str(len(cell.candidates)),
            _kept(cell),
            str(cell.uses),
            _count(cell.size),
            _count(cell.classes),
        )
        for cell in plan.cells
    ]
    if rows:
        of_cells = ("kind", "nodes#", "edges#", "candidates#", "keep#", "uses#", "genotypes#", "as graphs#")
        console.print(table("cells", of_cells, rows))
        for candidates in dict.fromkeys(cell.candidates for cell in plan.cells if cell.candidates):
            console.print(f"candidates: {', '.join(candidates)}")
        console.print()
    if plan.others:
        rows_of_others = [(id, " | ".join(options)) for id, options in plan.others]
        console.print(table("other choices", ("choice", "options"), rows_of_others))
        console.print()
    console.print(table("figures", ("", "", ""), _figures(plan)))
    console.print()
    if plan.sampling is not None:
        columns = ("", "least#", "median#", "greatest#", "")
        drawn = f"networks, as they are retrained; medians of {plan.sampling.drawn:,} drawn at random"
        console.print(table(drawn, columns, _prices(plan.sampling)))
        console.print()
        console.print(table("search by sampling", ("", "", ""), _sampling(plan.sampling)))
        console.print()
    if len(plan.search_stages) > 1:
        console.print(table("stages of the search, at most", STAGE_COLUMNS, _search_stages(plan)))
        console.print()
    if timing is not None:
        console.print(table("measured", ("", "", ""), _times(timing)))
        console.print()
    if plan.roles is not None and plan.roles.groups:
        console.print(table("groups of recordings", ("", "", ""), _groups(plan.roles)))
        console.print()
    console.print(table("front end", ("stage", "type"), plan.frontend))
    console.print()
    console.print(table("supernet", ("stage", "type", "inputs"), _blocks(plan)))
    console.print()
    console.print(table("settings", ("setting", "value", "from"), _settings(plan)))
    print_diagnostics(plan.warnings)


def _kept(cell: CellChoices) -> str:
    """How many edges a node keeps, or pairs of an edge and a candidate."""
    if cell.fixed == cell.nodes:
        return "fixed"
    count = f"1 .. {cell.keep}" if cell.fewer and cell.keep > 1 else str(cell.keep)
    return f"{count} pairs" if cell.pairs else count


PARTS = {
    "train": "train the weights of the search",
    "architecture": "judge: train the architecture, and no weight before the retraining",
    "validation": "validate",
    "test": "are tested",
}


def _groups(roles: Roles) -> list[tuple[str, str, str]]:
    """What each group of recordings does: names, or how many there are."""
    shared = {"train": "train", "architecture": "judge as well: other clips train the architecture"}
    parts = PARTS if roles.judge == "groups" else PARTS | shared
    return [
        (name, str(found) if isinstance(found, int) else ", ".join(found), parts[name])
        for name, found in roles.groups.items()
    ]


def _times(timing: Timing) -> list[tuple[str, str, str]]:
    """The measured times of steps, and the estimate for a whole run."""
    from .terminal import duration

    steps = (("warm-up", timing.warmup_step), ("search", timing.search_step), ("training", timing.train_step))
    where = f"on {timing.device}"
    rows = [(f"a step of the {name}", f"{seconds:.3g} s", where) for name, seconds in steps if seconds]
    if timing.evaluation:
        rows.append(("a candidate", f"{timing.evaluation:.3g} s", f"{where}, of those drawn at random"))
    if timing.search is None or timing.train is None or timing.total is None:
        return [*rows, ("a run", "unknown", "the data is not here, so its clips are not counted")]
    parts = {"search": timing.search, "training": timing.train}
    if timing.evaluation is not None:
        parts = {"supernet": timing.search, "candidates": timing.evolution}
        parts |= {"random search beside": timing.random, "training": timing.train}
    told = ", ".join(f"{name} {duration(seconds)}" for name, seconds in parts.items() if seconds)
    return [*rows, ("a run", duration(timing.total), f"{told}; reading the data and the test come on top")]


def _figures(plan: Plan) -> list[tuple[str, str, str]]:
    from dslnas.runs.plan import gibibytes

    memory, less = plan.memory, plan.recomputing.peak
    saving = [("", gibibytes(less), "with `search.recompute=true`, which takes more time")]
    moving = "choices" if memory.architecture >= memory.weights else "weights"
    needed = [
        (
            "memory of a search step",
            gibibytes(memory.peak),
            f"at its peak, while the {moving} move; the data and the libraries come on top",
        ),
        *(saving if less < memory.peak else []),
    ]
    return [
        ("choice points", str(plan.choices), ""),
        ("genotypes", _count(plan.size), ""),
        ("", _count(plan.classes_of_architectures), "where cells with their nodes renamed are one"),
        *_rows("parameters", plan.params),
        *_rows("MACs per example", plan.macs),
        *_orders(plan.order),
        *_code(plan),
        *(needed if plan.sampling is None or plan.sampling.trains else []),
    ]


def _code(plan: Plan) -> list[tuple[str, str, str]]:
    """What the network takes on a device, as `export --to c` writes it."""
    if not plan.footprints:
        return []
    what = "this genotype" if len(plan.footprints) == 1 else "networks of the fewest and the most MACs"
    kinds = (("flash", "constants"), ("RAM", "buffers"))
    return [
        (
            f"{kind} of its C code",
            " .. ".join(_kilobytes(getattr(one, kind.lower())) for one in plan.footprints),
            f"{held} of {what}, from wave to probabilities" if kind == "flash" else f"{held}",
        )
        for kind, held in kinds
    ]


def _kilobytes(size: int) -> str:
    return f"{size / 1000:,.1f} kB"


def _prices(sampling: PlannedSampling) -> list[tuple[str, ...]]:
    """What networks cost: the least, the median and the greatest of each price."""
    from dslnas.methods.budget import NAMES, shown

    rows: list[tuple[str, ...]] = []
    for one in sampling.prices:
        values = (shown(one.price, value) for value in (one.least, one.median, one.most))
        ends = "of all networks" if one.proven else "of those looked at"
        rows.append((NAMES[one.price], *values, f"least and greatest {ends}"))
    rows += [(NAMES[price], "", "", "", "unknown: `--probe` measures it") for price in sampling.unknown]
    return rows


def _sampling(sampling: PlannedSampling) -> list[tuple[str, str, str]]:
    """How the supernet is trained and the space is searched, and what share of it keeps to the bounds."""
    from dslnas.base.figures import between

    fair = f"fair over {sampling.batches} batches" if sampling.batches > 1 else "their gradients are summed"
    drawn = ("paths of a batch", f"{sampling.paths:,}", f"`{sampling.kind}`: {fair}")
    if not sampling.paths:
        drawn = ("supernet", "none", _without_supernet(sampling))
    told = f"of the evolution; {sampling.beside.told}" if sampling.beside.breeds else "of random search"
    rows = [drawn]
    if sampling.evaluations:
        rows.append(("evaluations", f"{sampling.evaluations:,}", told))
    if (table := sampling.latency) is not None and table.error is not None:
        off = f"of {table.networks} networks, as the median: predictions against what was measured"
        rows.append(("error of latency", f"{table.error:.1%}", off))
    bounds = [(f"`{bound.text}`", share) for bound, share in sampling.shares]
    if sampling.share is not None and len(bounds) > 1:
        bounds.append(("all of these", sampling.share))
    for number, (bound, share) in enumerate(bounds):
        likely = between(share, sampling.drawn)
        rows.append(("" if number else "keep to", f"{share:.1%}", f"{bound}, {likely} of the space"))
    return rows


def _without_supernet(sampling: PlannedSampling) -> str:
    """How networks are compared where there is no supernet."""
    if sampling.trained:
        return f"each network is trained alone, for {sampling.trained:,} steps"
    if sampling.evaluations:
        return "nothing is trained: networks are scored with new weights"
    return "nothing is trained: one network is drawn at random"


def _search_stages(plan: Plan) -> list[tuple[str, ...]]:
    """The stages with their costliest candidates: which ones stay is decided by the search."""
    from dslnas.base.figures import millions
    from dslnas.runs.plan import gibibytes

    return [
        (
            str(number),
            "" if stage.depth is None else str(stage.depth),
            str(stage.candidates),
            f"{stage.dropout:.0%}",
            millions(stage.cost.params),
            millions(stage.cost.macs),
            gibibytes(memory.peak),
        )
        for number, (stage, memory) in enumerate(zip(plan.search_stages, plan.memories, strict=True), start=1)
    ]


def _orders(order: Order) -> list[tuple[str, str, str]]:
    """The orders above 1, of the operations, the cells and the whole network."""
    from math import log10

    shown = f"{order.network:,}" if order.network < 10**9 else f"about 10^{log10(order.network):.1f}"
    rows = [("polynomial order", shown, "deepest path of the network")]
    for what, orders in (("cells", order.cells), ("operations", order.operations)):
        above = ", ".join(f"{name} {one}" for name, one in orders.items() if one > 1)
        rows += [("", str(max(orders.values())), f"{what}: {above}")] if above else []
    return rows


def _count(count: int | str) -> str:
    """A count, or why it is not known."""
    if isinstance(count, str):
        return f"unknown: {count}"
    return f"{count:,}" if count < 10**9 else f"{Decimal(count):.3e}"


def _rows(what: str, figures: Figures) -> list[tuple[str, str, str]]:
    from dslnas.base.figures import millions

    rows = [(what, millions(figures.supernet), "supernet, as it is searched")]
    least, most = millions(figures.pruned.least), millions(figures.pruned.most)
    rows.append(("", f"{least} .. {most}", "pruned network, as it is retrained, over all genotypes"))
    if figures.live is not None:
        rows.append(("", millions(figures.live), "this genotype, as it is retrained"))
    return rows


def _blocks(plan: Plan) -> list[tuple[str, str, str]]:
    return [
        (block.name, block.type, "; ".join(f"{name}: {made}" for name, made in block.inputs))
        for block in plan.network
    ]


def _judge(roles: Roles | None) -> str | None:
    """The judge that nothing sets: it follows from the data."""
    return "groups, where the test is of strangers" if roles is None else roles.judge


def _settings(plan: Plan) -> list[tuple[str, str, str]]:
    """Every setting of search, training and data: its key, its value, and where it was set."""
    from dslnas.resolve.settings import where_said

    origins, beaten = plan.settings["origins"], plan.settings["beaten"]

    def place(key: str, otherwise: str = "default") -> str:
        return where_said(origins.get(key, otherwise), beaten.get(key, ()))

    rows = []
    for group in ("search", "train", "data"):
        for name, value in plan.settings[group].items():
            key = f"{group}.{name}"
            if key == "search.judge" and value is None:
                value = _judge(plan.roles)
            if value is None or key in ("data.name", "search.mixup"):
                continue
            inherited = group == "train" and f"search.{name}" in origins
            rows.append((key, str(value), place(key, "as in the search" if inherited else "default")))
    whole = {**plan.settings, "data": plan.data}
    return rows + [(key, str(whole[key]), place(key)) for key in WHOLE]
