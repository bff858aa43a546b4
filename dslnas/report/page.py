"""The report of a run as one self-contained HTML page.

It is made from the files of the run folder alone, so that it can be written again at any time, also midway.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import run_folder
from ..base.files import write_atomically
from ..resolve.settings import where_said
from .fields import Tree, length, mapping, sequence
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
from .honesty import honesty_of
from .render.drawing import shown
from .render.palette import Style, css_variables, styles
from .render.pictures import drawing_of, svg_text
from .rundata import FILES, Record, RunData, read_run
from .signal import roles, signal
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


def _page(run: RunData) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dslnas.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, duration=duration, shown=shown)
    return environment.get_template(TEMPLATE).render(
        title=_title(run),
        data=run.metrics.get("data") if isinstance(run.metrics.get("data"), dict) else {},
        data_counts=counts(run.metrics.get("data")) if isinstance(run.metrics.get("data"), dict) else "",
        headlines=headlines(run),
        missing=run.missing,
        files=FILES,
        names=run_folder,
        genotype=run.genotype,
        honesty=honesty_of(run),
        accuracies=accuracies(run),
        roles=roles(run.metrics),
        signal=signal(run.metrics),
        metrics=run.metrics,
        transfers=transfers(run.metrics),
        search_stages=search_stages(run.metrics),
        below_threshold=below_threshold(run.metrics),
        settings=_settings(run.settings),
        versions=[item for item in run.metrics.flat() if item[0].startswith(("versions.", "machine."))],
        command=_command(run),
        space=run.space,
        colours=css_variables(),
        **_pictures(run),
        **_test_findings(run),
    )


def _settings(settings: Tree) -> list[tuple[str, str, str]]:
    """Each setting with its value and where that was said, over which other values."""
    origins, beaten = (mapping(settings.get(key) or {}, settings.file, key) for key in ("origins", "beaten"))
    rows = []
    for name, text in settings.flat():
        if name.partition(".")[0] in ("command", "origins", "beaten"):
            continue
        key = "data" if name == "data.name" else name
        weaker = [
            [str(part) for part in sequence(one, settings.file, f"beaten {key}")]
            for one in sequence(beaten.get(key, []), settings.file, f"beaten {key}")
        ]
        for one in weaker:
            length(one, 2, settings.file, f"beaten {key}")
        rows.append((name, text, where_said(str(origins.get(key, "")), weaker)))
    return rows


def _title(run: RunData) -> str:
    parts = [run.genotype.space, run.genotype.method] if run.genotype else [run.folder.resolve().name]
    name = run.metrics.get("data.name")
    return " · ".join(filter(None, [*parts, name if isinstance(name, str) else ""]))


def _command(run: RunData) -> str:
    command = run.settings.get("command")
    if isinstance(command, list):
        return shlex.join(map(str, command))
    return command if isinstance(command, str) else ""


def _test_findings(run: RunData) -> dict[str, Any]:
    clips, wrong = mistakes(run.test) if run.test else ([], 0)
    return {
        "test": run.test,
        "confusions": confusions(run.test) if run.test else [],
        "mistakes": clips,
        "wrong": wrong,
    }


def _pictures(run: RunData) -> dict[str, Any]:
    """The charts as SVG, each None or empty where there is nothing to draw."""
    from .charts import learning_curves
    from .confusion import confusion_matrix

    search, train = run.stage("search"), run.stage("train")
    pictures: dict[str, Any] = {"cells": None, "matrix": None, "curves": []}
    if run.genotype and run.genotype.cells:
        pictures["cells"] = _safe(svg_text([drawing_of(cell) for cell in run.genotype.cells]))
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


def _safe(svg: str) -> Any:
    """Mark SVG as needing no further escapes: an XML writer has made it."""
    from markupsafe import Markup

    return Markup(svg)
