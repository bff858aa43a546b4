"""`dslnas test`: tests the network of a run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import Device, DeviceOption, JsonOption, MovedOption, RootOption, RunArgument

if TYPE_CHECKING:
    from dslnas.runs.run import Run

EXAMPLE = "Example: dslnas test runs/ss1-digits-darts-s0"


def test(
    run: RunArgument,
    unknown: Annotated[
        bool,
        typer.Option(
            "--unknown", help="Choose on validation below which confidence sounds are unknown, and keep it."
        ),
    ] = False,
    keep: Annotated[
        float,
        typer.Option("--keep", min=0.5, max=1, metavar="SHARE", help="Of these clips that are then known."),
    ] = 0.95,
    data: MovedOption = None,
    data_root: RootOption = None,
    device: DeviceOption = Device.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Test the trained network of a run on the test split of its data.

    The clips are those that the run keeps a list of, whatever has come to the data since. With --unknown
    nothing is tested: `predict --unknown` and `listen --unknown` go by what is chosen.
    """
    from dslnas.runs.run import retest

    from .running import finish, opened, watched

    tested = opened(run, data_root, device, data=data)
    if unknown:
        _choose(tested, keep, as_json)
        return
    finish(run, watched(tested, lambda observer: retest(tested, observer)), as_json)


def _choose(run: Run, keep: float, as_json: bool) -> None:
    """Choose the thresholds of unknown sounds, and print them."""
    from dslnas.base.run_folder import UNKNOWN
    from dslnas.runs.listening.unknown import CONFIDENCES, choose

    from .running import watched
    from .terminal import out, print_json, table

    found = watched(run, lambda observer: choose(run, observer, keep))
    if as_json:
        print_json({"run": str(run.path), **found})
        return
    rows = [(name, f"{found[name]:.4g}") for name in CONFIDENCES]
    out().print(table("", ("known from", "threshold#"), rows))
    out().print(
        f"{keep:.0%} of {found['clips']} validation clips are known: {run.path / UNKNOWN}", soft_wrap=True
    )
