"""`dslnas rank`: what the accuracies of a supernet are worth, or the scores of a search without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Device, DeviceOption, JsonOption, RootOption, RunArgument, ThreadsOption

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXAMPLE = "Example: dslnas rank runs/keywords-fsdd-nasc-s0 --sample 20 --steps 200"


def rank(
    run: RunArgument,
    sample: Annotated[
        int, typer.Option("--sample", min=2, metavar="N", help="How many networks are trained anew.")
    ] = 20,
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps",
            min=1,
            metavar="N",
            help="The steps of each training. Default: a fifth of the training of the run.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, metavar="N", help="The seed by which the sample is drawn.")
    ] = 0,
    data_root: RootOption = None,
    device: DeviceOption = Device.AUTO,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a sample of the networks that a search by sampling compared, short and alike, and compare ranks.

    Kendall's tau is 1 where the supernet ranks networks as training anew does, and 0 where it says nothing
    about it; likewise of a score. Beside it stands that of parameters, the plain rival. The same command goes
    on where it was stopped. The figure stands in the run's report.
    """
    from dslnas.runs.found.rank import rank as ranked
    from dslnas.runs.threads import Threads, free_threads

    from .progress import watcher
    from .running import opened
    from .terminal import print_json, say

    other = opened(run, data_root, device)
    with watcher() as observer:
        taken = free_threads() if threads is None else Threads(threads)
        taken.take(None, observer.say)
        result = ranked(other, sample, steps, seed, observer)
    if result["n"] < sample:
        say(f"the search compared {result['n']} networks, and no {sample}")
    if as_json:
        print_json({"run": str(run), **result})
    else:
        show(run, result)


WHICH = {
    "random": "drawn by random search",
    "first": "drawn at random, before the evolution bred others,",
    "all": "compared by the search",
}


def show(run: Path, result: Mapping[str, Any]) -> None:
    """Print tau with its interval, and the networks by the figure that they were compared by."""
    from dslnas.base.figures import percent
    from dslnas.base.run_folder import REPORT
    from dslnas.report.front.wording import before_told, value_of

    from .terminal import out, table

    console = out()
    of = WHICH[result["of"]]
    figure = result["figure"]
    rows = [
        (value_of(figure, one["inherited"]), percent(one["retrained"]))
        for one in sorted(result["networks"], key=lambda one: -float(one["inherited"]))
    ]
    column = before_told(figure, result.get("trained", 0))
    console.print(table("", (f"{column}#", "trained anew#"), rows))
    interval = ""
    if result["interval"] is not None:
        low, high = result["interval"]
        interval = f", 95 % interval {low:.2f} to {high:.2f}"
    tau = "has no value" if result["tau"] is None else f"{result['tau']:.2f}"
    console.print(
        f"Kendall's tau {tau}{interval}; {result['n']} of {result['among']} networks {of}, "
        f"{result['steps']:,} steps each",
        soft_wrap=True,
    )
    others = [f"{name} {'none' if one is None else f'{one:.2f}'}" for name, one in result["beside"].items()]
    console.print(f"tau of others: {', '.join(others)}", soft_wrap=True)
    console.print(f"report: {run / REPORT}", soft_wrap=True)
