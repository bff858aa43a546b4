"""`dslnas prune`: removes parts from the trained network of a run and trains what is left again."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Device, DeviceOption, JsonOption, RootOption, RunArgument, ThreadsOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dslnas.runs.run import Run

EXAMPLE = "Example: dslnas prune runs/ss1-fsdd-darts-s0 --method taylor --nodes 1/2"


def prune(
    run: RunArgument,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="METHOD",
            help="gal: adversarial learning; or a rank of parts: chance, l1 (weights), bn (norms), taylor "
            "(gradients); or FILE.nas with a method.",
        ),
    ] = "gal",
    nodes: Annotated[
        str | None,
        typer.Option("--nodes", metavar="SHARE", help="Keep so many of the nodes: 1/2, or 50%."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="BOUND", help="Remove parts until 'params < 60%', or 'macs < 20M'."),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=1, metavar="N", help="The epochs of gal. Default: 100."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a key of the method: method.of=edges."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The folder of the new run. Default: beside the other."),
    ] = None,
    data_root: RootOption = None,
    device: DeviceOption = Device.AUTO,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove parts of single cells from the network of a run, train what is left from scratch, and test it.

    The new folder is a run like any other; `dslnas run --resume` goes on with it where it was stopped.
    """
    from dslnas.runs.begin import start_pruning
    from dslnas.runs.pruning.work import asked_of

    from .running import execute, finish, opened
    from .terminal import print_diagnostics

    source = opened(run, data_root, device)
    asked = asked_of(source.folder, source.experiment, source.genotype, method, nodes, to, epochs, set_ or ())
    print_diagnostics([one for one in source.experiment.warnings if one.code != "N0208"])
    command = shlex.join(["dslnas", *sys.argv[1:]])
    begun = start_pruning(source, asked, _folder(source, asked.named.call, out), command=command)
    metrics = execute(begun, "test", threads, None)
    if not as_json:
        show(metrics)
    finish(begun.path, metrics, as_json)


def _folder(source: Run, method: str, out: Path | None) -> Path:
    """The folder of the new run: as it is named, or the first free one beside the other."""
    if out is not None:
        return out
    word = "".join(one if one.isalnum() or one == "_" else "-" for one in method).strip("-")
    name = f"{source.path.resolve().name}-{word}"
    path, number = source.path.resolve().parent / name, 1
    while path.exists():
        number += 1
        path = path.with_name(f"{name}-{number}")
    return path


def show(metrics: Mapping[str, Any]) -> None:
    """Print what the network was and is, and what each cell keeps."""
    from dslnas.base.figures import millions, percent

    from .terminal import out, table

    found = metrics["pruning"]
    tested = {"before": found["test"]["before"], "after": metrics["test"]["accuracy"]}
    parts = found.get("parts", "nodes")
    rows = [
        *(
            (what, *(str(found[what][side]) for side in ("before", "after")))
            for what in dict.fromkeys(("nodes", parts))
        ),
        ("parameters", *(millions(found["params"][side]) for side in ("before", "after"))),
        ("multiply-accumulates", *(millions(found["macs"][side]) for side in ("before", "after"))),
        ("test accuracy", *("" if one is None else percent(one) for one in tested.values())),
    ]
    console = out()
    console.print(table(f"{found['of']}, pruned by {found['method']}", ("", "before#", "after#"), rows))
    kept = [(place, ", ".join(names) or "none") for place, names in found["kept"].items()]
    console.print(table("", ("cell", f"kept {parts}"), kept))
