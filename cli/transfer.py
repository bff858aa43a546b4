"""`dslnas transfer`: tests a trained network on another data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import Device, DeviceOption, JsonOption, RootOption, RunArgument

if TYPE_CHECKING:
    from dslnas.runs.transfer import Transfer

EXAMPLE = "Example: dslnas transfer runs/ss1-fsdd-darts-s0 --data sc09 --retrain-head"


def transfer(
    run: RunArgument,
    data: Annotated[
        str, typer.Option("--data", metavar="DATA", help="The other data set, named as for `dslnas run`.")
    ],
    retrain_head: Annotated[
        bool, typer.Option("--retrain-head", help="Also train the last layer anew, for the other classes.")
    ] = False,
    data_root: RootOption = None,
    device: DeviceOption = Device.AUTO,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the data: data.split=speaker."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Test the trained network of a run on another data set, as it is and with a new last layer.

    Recordings are read through the run's own front end. The confusion matrix has the classes of the data as
    rows and those of the network as columns; results lie in transfer/ in the run's folder.
    """
    from dslnas.runs.transfer import transfer as transferred

    from .progress import watcher
    from .running import opened
    from .terminal import print_json

    other = opened(run, data_root, device)
    with watcher() as observer:
        result = transferred(other, data, retrain_head, tuple(settings or ()), observer)
    if as_json:
        print_json({"run": str(run), "folder": str(result.folder), **result.to_json()})
    else:
        show(result)


def show(result: Transfer) -> None:
    """Print the figures as a table, and the paths of the pictures."""
    from dslnas.base.figures import between, percent

    from .terminal import out, table

    found, trained = result.as_it_is, result.retrained
    known = f"{len(found.known)} of {len(result.classes)}"
    rows = [("classes of the data that the network has", known)]
    if found.accuracy is not None:
        told = f"{percent(found.accuracy)} ({between(found.accuracy, found.clips)})"
        rows.append((f"accuracy on their {found.clips:,} clips", told))
    if trained is not None:
        figures = trained.figures
        rows.append(
            (
                f"accuracy of a new last layer, {figures['clips']:,} clips",
                f"{percent(figures['accuracy'])} ({between(figures['accuracy'], figures['clips'])})",
            )
        )
        rows.append(("its macro F1", f"{100 * figures['macro_f1']:.2f} %"))
    out().print(table(f"{result.data}, test split", ("", ""), rows))
    out().print(f"confusion matrix: {result.folder / 'confusion.svg'}", soft_wrap=True)
