"""`dslnas bench`: how fast a trained network is on this machine, in each of its forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Device, JsonOption, RootOption

if TYPE_CHECKING:
    from dslnas.data.features import Prepared
    from dslnas.export.bench import Bench

EXAMPLE = "Example: dslnas bench runs/ss1-digits-darts-s0"


def bench(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run with a trained network.")],
    data_root: RootOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the trained network of a run: latency, sizes and memory, in PyTorch, ONNX and C.

    Latencies are of one clip and of 32, on one thread and on all, from wave to probabilities. They are kept
    in the run as bench.json, and its report shows them. A form that cannot be had here is told with why.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.base.files import write_json
    from dslnas.base.run_folder import BENCH
    from dslnas.export import Export
    from dslnas.export.bench import bench as measure
    from dslnas.export.bench import stages
    from dslnas.report.page import write_report
    from dslnas.runs.prepared import prepare_data

    from .progress import watcher
    from .running import opened
    from .terminal import print_json

    export = Export.of_run(opened(run, data_root, Device.CPU))
    if not export.trained:
        raise fail(
            "N0701", f"{run} has no trained network yet", help=f"`dslnas run --resume {run}` trains it"
        )
    with watcher() as observer:

        def read() -> Prepared:
            prepared = prepare_data(export.experiment, data_root, observer)
            observer.begin("bench", stages())  # reading has a bar of its own
            return prepared

        found = measure(export, run, read, observer)
    write_json(run / BENCH, found.figures)
    write_report(run)
    if as_json:
        print_json(found.figures)
    else:
        show(found)


def show(found: Bench) -> None:
    """Print what was measured as a table."""
    from dslnas.report.reader.bench import table_of

    from .terminal import out, table

    told, console = table_of(found.figures), out()
    columns = ("form", "file#", *(f"{case}#" for case in told.cases))
    console.print(table(f"latency on {told.machine}", columns, told.rows))
    weights = "" if found.weights is None else f", {found.weights / 1000:,.0f} kB of weights"
    console.print(
        f"{found.parameters:,} parameters{weights}; {found.macs:,} MACs and "
        f"{found.memory / 1000:,.0f} kB of buffers for a clip",
        soft_wrap=True,
    )
    for form, reason in found.missing.items():
        console.print(f"{form} is missing: {reason}", soft_wrap=True)
