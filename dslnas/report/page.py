"""The report of a run as one self-contained HTML page.

It is made from the files of the run folder, so that it can be written again at any time, also midway. The
recordings that were misclassified are added where they still are on the machine.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import run_folder
from ..base.diagnostics import DslnasError
from ..base.files import write_atomically
from ..base.places import found_from, without_places
from ..data.catalog import KNOWN, parse_spec
from ..data.dataset import DataOptions
from ..data.locations import locate
from ..data.sets.digits import folder_of
from .findings import (
    accuracies,
    below_threshold,
    chosen_operations,
    confusions,
    counts,
    duration,
    final_weights,
    headlines,
    kept_sources,
    mistakes,
    percent,
    search_stages,
)
from .front.picked import ensemble_rows, pick_told
from .front.section import Section, section_of
from .honesty import honesty_of
from .reader.bench import benched
from .reader.calibration import calibrated
from .reader.decided import decided
from .reader.layers import drawings_of_layers
from .reader.players import players
from .reader.probe import beside_probe, worse_than_probe
from .reader.settings import setting_rows
from .reader.smaller import smaller
from .reader.usage import again, facts, sees_images, uses
from .reader.wording import Wording, legend, space_of, worded, wording_of
from .render.drawing import drawings_at, shown
from .render.palette import Style, css_variables, styles
from .render.pictures import drawings_of, svg_text
from .rundata import FILES, Record, RunData, read_run
from .signal import ending, roles, signal
from .transfers import transfers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .charts import Line

TEMPLATE = "report.html.j2"


def write_report(run: Path) -> Path:
    """Write `report.html` into the run folder; returns its path.

    Sections whose files are missing say so. Raises DslnasError N0701 where `run` is no run
    folder, a file of it is broken, or the page cannot be written.
    """
    data = read_run(run)
    path = run / run_folder.REPORT
    write_atomically(path, _page(data).encode("utf-8", "replace"), "N0701")
    return path


def _page(found: RunData) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    wording = wording_of(found)
    run, folders = worded(found, wording), _folders(found)
    front = section_of(run, wording)
    environment = Environment(
        loader=PackageLoader("dslnas.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Every text of a run goes through here: a page is passed on, and the folders it came from are not.
        finalize=lambda value: without_places(value, folders) if type(value) is str else value,
    )
    environment.filters.update(percent=percent, duration=duration, shown=shown)
    return environment.get_template(TEMPLATE).render(
        title=_title(run),
        data=run.metrics.get("data") if isinstance(run.metrics.get("data"), dict) else {},
        data_counts=counts(run.metrics.get("data")) if isinstance(run.metrics.get("data"), dict) else "",
        headlines=headlines(run, gap=front is None),
        missing=run.missing,
        files=FILES,
        names=run_folder,
        genotype=run.genotype,
        honesty=honesty_of(run),
        accuracies=accuracies(run, sampled=front is not None),
        roles=roles(run.metrics),
        signal=signal(run.metrics),
        ending=ending(run.metrics),
        decided=decided(run.metrics),
        probe=beside_probe(run.metrics),
        calibrated=calibrated(run.metrics),
        no_better=worse_than_probe(run.metrics),
        metrics=run.metrics,
        transfers=transfers(run.metrics),
        smaller=smaller(run.metrics),
        search_stages=search_stages(run.metrics),
        below_threshold=below_threshold(run.metrics),
        settings=setting_rows(run.settings),
        versions=[item for item in run.metrics.flat() if item[0].startswith(("versions.", "machine."))],
        uses=uses(run),
        benched=benched(run.folder),
        command=again(run),
        facts=facts(run),
        space=run.space,
        colours=css_variables(),
        inputs=_inputs(wording),
        legend=legend(run, wording),
        front=front,
        picked=pick_told(run.metrics),
        ensemble=ensemble_rows(run.metrics),
        front_pictures=_front_pictures(front) if front else {},
        **_pictures(run),
        **_test_findings(run, folders),
    )


def _folders(run: RunData) -> list[Path]:
    """The folders of the machine that texts of a run may name: of the run, of the data."""
    named = [_data_root(run), run.folder.resolve().parent, Path.cwd()]
    try:
        path = _data_path(run)
        named += [path, path.parent] if path is not None else []
    except DslnasError:
        pass  # a data set that this version does not know has no folder of its own
    return [Path(str(folder)) for folder in named if folder]


def _data_path(run: RunData) -> Path | None:
    """The folder or table of the user's own recordings; None of a data set that is known by name."""
    path = parse_spec(str(run.settings.get("data.name"))).path
    place = run.settings.get("data.place")
    return None if path is None else found_from(path, run.folder, place if type(place) is str else "")


def _data_root(run: RunData) -> Path | None:
    root, place = run.settings.get("data_root"), run.settings.get("data_root_place")
    return found_from(root, run.folder, place if type(place) is str else "") if type(root) is str else None


def _recordings(run: RunData) -> Path:
    """The folder that the names of the clips of a test are from."""
    try:
        path = _data_path(run)
        if path is not None:
            return path if path.is_dir() else path.parent
        known = KNOWN[parse_spec(str(run.settings.get("data.name"))).name]
        if known.name == "digits":
            return folder_of(DataOptions(clips=round(run.settings.number("data.clips") or 0)))
        return locate(known, _data_root(run)) or run.folder
    except DslnasError:
        return run.folder


def _title(run: RunData) -> str:
    parts = [run.genotype.space, run.genotype.method] if run.genotype else [run.folder.resolve().name]
    name = run.metrics.get("data.name")
    return " · ".join(filter(None, [*parts, name if isinstance(name, str) else ""]))


def _inputs(wording: Wording) -> list[tuple[str, str]]:
    """The inputs of cells that the genotype names otherwise, each `(input, its name there)` once."""
    pairs = [(text, name) for cell in wording.inputs.values() for name, text in cell.items() if name != text]
    return list(dict.fromkeys(pairs))


def _test_findings(run: RunData, folders: list[Path]) -> dict[str, Any]:
    clips, wrong = mistakes(run.test) if run.test else ([], 0)
    base = _recordings(run)
    heard = players([] if sees_images(run) else [str(base / clip.path) for clip in clips])
    sources = heard.sources or ("",) * len(clips)
    clips = [replace(clip, path=without_places(clip.path, folders)) for clip in clips]
    return {
        "test": run.test,
        "confusions": confusions(run.test) if run.test else [],
        "mistakes": list(zip(clips, map(_safe, sources), strict=True)),
        "wrong": wrong,
        "audible": any(heard.sources),
        "unheard": heard.left_out,
    }


def _pictures(run: RunData) -> dict[str, Any]:
    """The charts as SVG, each None or empty where there is nothing to draw."""
    from .charts import learning_curves
    from .confusion import confusion_matrix

    search, train = run.stage("search"), run.stage("train")
    pictures: dict[str, Any] = {"cells": None, "layers": None, "matrix": None, "curves": [], "cut": []}
    if run.genotype and run.genotype.cells:
        pictures["cells"] = _safe(svg_text(drawings_of(replace(run.genotype, positions=()))))
        pictures["cut"] = [
            (place, _safe(svg_text(pair, prefix=f"cut-{number}-")))
            for number, (place, pair) in enumerate(drawings_at(run.genotype).items())
        ]
    elif run.genotype and (space := space_of(run)):
        rows = drawings_of_layers(space, dict(run.genotype.choices))
        pictures["layers"] = _safe(svg_text(rows, prefix="layers-"))
    for name, records in (("search", search), ("train", train)):
        if panels := _curves(records, name):
            title = {"search": "The search", "train": "The training from scratch"}[name]
            pictures["curves"].append(
                (title, _svg(learning_curves(panels), f"curves-{name}-", f"learning curves: {title}"))
            )
    if run.test and run.test.classes:
        matrix = confusion_matrix(run.test.classes, run.test.confusion)
        pictures["matrix"] = _svg(matrix, "matrix-", "confusion matrix")
    return pictures | {"evolution": _evolution(run, search)}


def _front_pictures(front: Section) -> dict[str, Any]:
    """The charts of a search by sampling by their place, and the pictures of its networks."""
    charts = {
        name: _svg(figure, f"front-{name}-", title) for name, (title, figure) in front.figures().items()
    }
    networks = [
        (number, figures, _safe(svg_text(drawings, prefix=f"network-{number}-")))
        for number, figures, drawings in front.drawings
    ]
    return {"course": None, "ranking": None, **charts, "networks": networks}


def _evolution(run: RunData, search: list[Record]) -> list[dict[str, Any]]:
    """For each cell: the heat map, the weights of candidates on edges, the weights of edges into nodes."""
    from .charts import edge_evolution, node_evolution
    from .heatmap import heat_map

    chosen, kept = chosen_operations(run), kept_sources(run)
    worn = styles(name for edge in run.edges for name in edge.candidates)
    last = final_weights(run, "alpha")
    found = []
    for index, cell in enumerate(dict.fromkeys([*(e.cell for e in run.edges), *(n.cell for n in run.nodes)])):
        edges = [edge for edge in run.edges if edge.cell == cell]
        nodes = [node for node in run.nodes if node.cell == cell]
        section: dict[str, Any] = {"cell": cell, "heat": None, "edges": None, "nodes": None}
        if any(edge.identifier in last for edge in edges):
            heat = heat_map(edges, last, chosen)
            section["heat"] = _svg(heat, f"heat-{index}-", f"final weights of cell {shown(cell)}")
            figure = edge_evolution(edges, search, worn, chosen)
            section["edges"] = _svg(figure, f"alpha-{index}-", f"candidate weights of cell {shown(cell)}")
        if any(node.identifier in record.gamma for node in nodes for record in search):
            figure = node_evolution(nodes, search, kept)
            section["nodes"] = _svg(figure, f"gamma-{index}-", f"edge weights of cell {shown(cell)}")
        found.append(section)
    return [section for section in found if section["heat"] or section["nodes"]]


def _curves(records: list[Record], stage: str) -> list[tuple[str, list[Line], bool]]:
    """The panels of a stage's learning curves, without those that would be empty."""
    from .charts import Line

    looks = {"training": Style("#0072b2", ()), "validation": Style("#d55e00", (4.0, 1.6))}
    third = (
        ("gap", "gap between supernet and pruned")
        if stage == "search"
        else ("learning_rate", "learning rate")
    )
    wanted = [
        ("loss", {"training": "loss", "validation": "validation_loss"}, False),
        ("accuracy", {"training": "accuracy", "validation": "validation_accuracy"}, True),
        (third[1], {third[0].replace("_", " "): third[0]}, False),
    ]
    panels = []
    for title, names, share in wanted:
        lines = []
        for name, key in names.items():
            points = [(record.at, record.values[key]) for record in records if key in record.values]
            look = looks.get(name, Style("#009e73", ()))
            if points:
                lines.append(Line(name, [x for x, _ in points], [y for _, y in points], look))
        if lines:
            panels.append((title, lines, share))
    return panels


def _svg(figure: Figure, prefix: str, title: str) -> Any:
    from .render.figure import saved
    from .render.svg import inline

    return _safe(inline(saved(figure, "svg", "none").decode(), prefix, title))


def _safe(text: str) -> Any:
    """Mark a text as needing no further escapes: an XML writer or an encoder has made it."""
    from markupsafe import Markup

    return Markup(text)
