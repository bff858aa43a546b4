"""`dslnas front`: the best networks of a search by sampling, also within other bounds."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Device, DeviceOption, JsonOption, RootOption, RunArgument, ThreadsOption

if TYPE_CHECKING:
    from dslnas.runs.found.again import Answer
    from dslnas.search.evolved.front_file import Front

EXAMPLE = "Example: dslnas front runs/keywords-fsdd-nasc-s0 --require 'params < 50k'"


def front(
    run: RunArgument,
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require",
            metavar="BOUNDS",
            help="What a network must keep to: 'params < 50k, macs < 20M, memory < 110KB'. Repeatable.",
        ),
    ] = None,
    evolve: Annotated[
        bool,
        typer.Option(
            "--evolve/--no-evolve",
            help="Compare more networks where too few that were compared keep to it. Default: evolve.",
            show_default=False,
        ),
    ] = True,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="GENOTYPE",
            help="A network of the space (.json, .nas or a run), judged alike and drawn beside the front.",
        ),
    ] = None,
    data_root: RootOption = None,
    device: DeviceOption = Device.AUTO,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the best networks that a search by sampling found, or those that keep to other bounds.

    Bounds are answered from the networks that were compared. Where fewer of these keep to them than a
    population has, evolution goes on from there; the supernet is not trained again. The front is that of the
    run from then on: `dslnas train RUN --pick` and the report go by it.
    """
    from .fronts import show_baseline, show_front
    from .terminal import print_json, say

    beside = _baseline(run, baseline, data_root, device, threads) if baseline else {}
    if require:
        answer = _answer(run, ", ".join(require), evolve, data_root, device, threads)
    else:
        answer = _as_it_is(run)
    if as_json:
        from dslnas.search.evolved.front_file import front_json

        told = {"baseline": beside} if baseline else {}
        print_json({"run": str(run), "compared_now": answer.new, **told, **front_json(answer.front)})
        return
    if answer.new:
        say(f"{answer.new} more networks were compared")
    show_front(answer.front, run)
    if baseline:
        show_baseline(baseline, beside)


def _answer(
    run: Path, require: str, evolve: bool, data_root: Path | None, device: Device, threads: int | None
) -> Answer:
    """The front that keeps to bounds."""
    from dslnas.methods.budget import parse_requirements
    from dslnas.runs.found.again import ask_again
    from dslnas.runs.threads import Threads, free_threads

    from .progress import watcher
    from .running import opened

    asked = parse_requirements(require, "--require")
    going_on = opened(run, data_root, device)
    with watcher() as observer:
        taken = free_threads() if threads is None else Threads(threads)
        taken.take(None, observer.say)
        return ask_again(going_on, asked, observer, evolve)


def _baseline(
    run: Path, baseline: Path, data_root: Path | None, device: Device, threads: int | None
) -> dict[str, float]:
    """The figures of a network with the weights of the supernet."""
    from dslnas.base.diagnostics import fail
    from dslnas.runs.found.again import compare
    from dslnas.runs.threads import Threads, free_threads

    from .progress import watcher
    from .running import opened
    from .subject import genotype_in

    genotype = genotype_in(baseline)
    if genotype is None:
        raise fail("N0501", f"{baseline} holds no genotype", help="name a genotype or a run that found one")
    judging = opened(run, data_root, device)
    with watcher() as observer:
        taken = free_threads() if threads is None else Threads(threads)
        taken.take(None, observer.say)
        return compare(judging, genotype, baseline.stem, observer)


def _as_it_is(run: Path) -> Answer:
    """The front in the folder of a run; it is made again where it is missing or broken."""
    from dslnas.base.diagnostics import DslnasError
    from dslnas.base.run_folder import RunFolder
    from dslnas.report.front.files import read_front
    from dslnas.runs.found.again import Answer, ask_again
    from dslnas.runs.run import Run

    RunFolder.open(run)
    found: Front | None = None
    with suppress(DslnasError):  # a broken one is written anew
        found = read_front(run)
    return Answer(found, 0) if found is not None else ask_again(Run.open(run), (), evolve=False)
