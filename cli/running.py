"""What `run`, `search` and `train` share: preset, device, run folder, execution and the final summary."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from dslnas.base.figures import between, from_to, is_number, millions, percent, percents

from .options import Confidence, Device, Engine, Log, Preset

if TYPE_CHECKING:
    from dslnas.ir.genotype import Genotype
    from dslnas.runs.baseline.asked import Baseline
    from dslnas.runs.experiment import Experiment
    from dslnas.runs.listening.unknown import Threshold
    from dslnas.runs.run import Run

Stage = Literal["search", "train", "test"]


def checked_device(device: Device) -> str:
    """The name of the device; raises DslnasError N0603 where this machine does not have it."""
    if device in (Device.CUDA, Device.MPS):
        import torch

        there = torch.cuda.is_available() if device == Device.CUDA else torch.backends.mps.is_available()
        if not there:
            from dslnas.base.diagnostics import fail

            raise fail(
                "N0603", f"there is no {device.value} device here", help="leave out --device, or say cpu"
            )
    return device.value


def check_log(log: Log | None) -> None:
    """Raise DslnasError N0603 where a log is wanted that cannot be written, before there is a run folder."""
    if log is not None:
        from dslnas.train.events import EventLog

        EventLog(Path())


def preset_for(preset: Preset | None, device: str) -> str:
    """The given preset; else paper on CUDA and quick elsewhere."""
    if preset is not None:
        return preset.value
    if device == "auto":
        import torch

        return "paper" if torch.cuda.is_available() else "quick"
    return "paper" if device == "cuda" else "quick"


def folder_for(experiment: Experiment, out: Path | None, more: str = "") -> Path:
    """The path of a new run: `out`, which must be empty (else DslnasError N0701), or one under `runs/`.

    more: what its name there ends with.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.base.files import occupied
    from dslnas.data import profile_name

    if out is not None:
        if occupied(out):
            resume = f"dslnas run --resume {shlex.quote(str(out))}"
            raise fail(
                "N0701", f"{out} is there already", help=f"go on with `{resume}`, or name another folder"
            )
        return out
    data, space = profile_name(experiment.data), experiment.space.name.lower()
    name = f"{space}-{data}-{experiment.method.name}-s{experiment.settings.seed}{more}"
    path, number = Path("runs") / name, 1
    while path.exists():
        number += 1
        path = Path("runs") / f"{name}-{number}"
    return path


def started(
    experiment: Experiment,
    out: Path | None,
    data_root: Path | None,
    device: str,
    genotype: Genotype | None = None,
    engine: Engine = Engine.HERE,
    searched: bool = False,
) -> Run:
    """Create a new run, of a genotype where one is given; prints the warnings of the experiment.

    engine: where its search evaluates candidates. searched: whether these settings found the genotype.
    """
    from dslnas.runs import begin
    from dslnas.runs.load import method_taken
    from dslnas.runs.searches.cluster import check_engine

    from .terminal import print_diagnostics, say

    if genotype is None and experiment.only_genotype is None:
        _check_shared(experiment)
        check_engine(experiment, engine.value)
    print_diagnostics(experiment.warnings)
    if genotype is None and experiment.only_genotype is not None:
        say(f"`{experiment.space.name}` leaves nothing to choose: its network is trained without a search")
    elif genotype is None and (why := method_taken(experiment.settings.origins, experiment.method.name)):
        say(why)
    folder = folder_for(experiment, out)
    command = shlex.join(["dslnas", *sys.argv[1:]])
    if genotype is None:
        new = begin.start(experiment, folder, data_root=data_root, device=device, command=command)
        return replace(new, engine="ray") if engine == Engine.RAY else new
    return begin.train_genotype(
        genotype,
        experiment,
        folder,
        data_root=data_root,
        device=device,
        command=command,
        searched=searched,
    )


def asked_baseline(text: str | None, experiment: Experiment) -> Baseline | None:
    """The baseline that `--baseline` names; raises DslnasError N0603 where the run could not have it."""
    if text is None:
        return None
    from dslnas.runs.baseline.asked import check_baseline, read_baseline

    asked = read_baseline(text)
    check_baseline(asked, experiment)
    return asked


def ask(asked: Baseline | None, run: Run) -> None:
    """Note that a run is to have a baseline, where one is asked for."""
    if asked is not None:
        from dslnas.runs.baseline import asked as baselines

        baselines.ask(asked, run.folder)


def _check_shared(experiment: Experiment) -> None:
    """Raise DslnasError N0603 where `torchrun` has started several processes for what one does alone."""
    from dslnas.base.processors import launched

    if launched():
        from dslnas.runs.together import check_shared

        check_shared(experiment)


def opened(
    path: Path,
    data_root: Path | None,
    device: Device,
    engine: Engine = Engine.HERE,
    data: str | None = None,
) -> Run:
    """The run in a folder, on the given device, or for `auto` on that of its settings.

    data: where its data lies now, if it has moved. Prints the warnings about its plugins.
    """
    from dslnas.base.run_folder import GENOTYPE
    from dslnas.runs.run import Run
    from dslnas.runs.searches.cluster import check_engine

    from .terminal import print_diagnostics

    name = checked_device(device)
    run = Run.open(path, data_root, None if name == "auto" else name, data)
    print_diagnostics([one for one in run.experiment.warnings if one.code == "N0208"])
    if not (path / GENOTYPE).is_file():
        _check_shared(run.experiment)
        check_engine(run.experiment, engine.value)
    return replace(run, engine="ray") if engine == Engine.RAY else run


def threshold_of(run: Run, unknown: Confidence | None) -> Threshold | None:
    """The threshold of a run below which a sound is unknown; DslnasError N0701 where it keeps none."""
    from dslnas.runs.listening.unknown import CONFIDENCES, kept

    return next((kept(run, one) for one in CONFIDENCES if one == unknown), None)


def execute(run: Run, until: Stage, threads: int | None, log: Log | None) -> dict[str, Any]:
    """Do what is left of a run up to a stage, with progress; returns its metrics.

    threads: the processor threads that the user states; None: as many as are free.
    """
    from dslnas.runs.threads import Threads, free_threads

    taken = free_threads() if threads is None else Threads(threads)
    return watched(run, lambda observer: run.execute(observer, until, taken, log is not None))


def execute_rest(run: Run, threads: int | None, log: Log | None) -> dict[str, Any]:
    """Do what is left of a run, and of its ensemble where it is to have one; returns the metrics of the run.

    Raises DslnasError N0701 for a member of an ensemble, which goes on with that.
    """
    from dslnas.base.run_folder import ENSEMBLE, ensemble_around

    if (run.path / ENSEMBLE).is_file():
        return execute_ensemble(run, threads, log)
    if (whole := ensemble_around(run.path)) is not None:
        from dslnas.base.diagnostics import fail

        help = f"go on with all of it: `dslnas run --resume {shlex.quote(str(whole))}`"
        raise fail("N0701", f"{run.path} is a member of an ensemble", help=help)
    return execute(run, "test", threads, log)


def execute_ensemble(run: Run, threads: int | None, log: Log | None) -> dict[str, Any]:
    """Do what is left of a run and of its ensemble, with progress; returns the metrics of the run."""
    from dslnas.runs.found import ensemble
    from dslnas.runs.threads import Threads, free_threads

    taken = free_threads() if threads is None else Threads(threads)
    return watched(run, lambda observer: ensemble.finish(run, observer, taken, log is not None))


def watched(run: Run, work: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Do work on a run with an observer that shows progress; Ctrl-C prints how to resume."""
    from .progress import watcher
    from .terminal import say

    try:
        with watcher() as observer:
            return work(observer)
    except KeyboardInterrupt:
        say(f"interrupted; go on with: dslnas run --resume {shlex.quote(str(run.path))}")
        raise typer.Exit(130) from None


def finish(path: Path, metrics: Mapping[str, Any], as_json: bool) -> None:
    """Print the metrics of a run as JSON, or as the summary."""
    from dslnas.base.files import read_json
    from dslnas.base.run_folder import FRONT
    from dslnas.report.front.files import read_front

    from .fronts import MOST_ROWS, show_front
    from .terminal import print_json

    if as_json:
        found = {"front": read_json(path / FRONT)} if (path / FRONT).is_file() else {}
        print_json({"run": str(path), **metrics, **found})
        return
    if (front := read_front(path)) is not None:
        show_front(front, path, MOST_ROWS)
    summarise(path, metrics)


def summarise(path: Path, metrics: Mapping[str, Any]) -> None:
    """Print the summary of a run: figures, caveats, differences from the paper's sizes, the report's path."""
    from dslnas.base.run_folder import REPORT

    from .terminal import out, table

    console = out()
    rows = [(name, shown) for name, key, show in _ROWS if (shown := _show(metrics, key, show))]
    console.print(str(path), style="bold", soft_wrap=True)
    console.print(table("", ("", ""), rows))
    for line in (*_beside_probe(metrics), *_honesty(metrics)):
        console.print(line, soft_wrap=True)
    if cut := metrics.get("cut"):
        console.print(f"against the published settings: {'; '.join(cut)}", style="dim", soft_wrap=True)
    report = path / REPORT
    if report.is_file():
        console.print(f"report: {report}", soft_wrap=True)


def _beside_probe(metrics: Mapping[str, Any]) -> Iterator[str]:
    """How the network does beside the probe of the run; nothing where there is none."""
    from dslnas.base.run_folder import METRICS
    from dslnas.report.fields import Tree
    from dslnas.report.reader.probe import beside_probe, worse_than_probe

    tree = Tree(METRICS, metrics)
    if sentence := beside_probe(tree):
        yield f"warning: {sentence}" if worse_than_probe(tree) else sentence


def _honesty(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What each cell keeps, how close the decisions were, and whether the architecture looks degenerate."""
    honesty = metrics.get("honesty") or {}
    for name, cell in honesty.get("cells", {}).items():
        yield (
            f"cell {name}: {cell['edges']} edges, {cell['skips']} of them skips, "
            f"{cell['parameter_free']} without parameters, {cell['polynomials']} polynomials"
        )
    yield from filter(None, (honesty.get(name) for name in ("settled", "verdict", "meaning")))


def _duration(value: Any) -> str:
    from .terminal import duration

    return duration(float(value))


_ROWS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("test accuracy", "test.accuracy", percent),
    ("95 % interval", "test.accuracy_interval", from_to),
    ("test accuracy of recordings", "test.recordings.accuracy", percent),
    ("test macro F1", "test.macro_f1", percent),
    ("macro F1 of channels", "test.macro_f1_channels", percents),
    ("classes without a test clip", "test.untested", ", ".join),
    ("accuracy of the ensemble", "ensemble.accuracy", percent),
    ("its macro F1", "ensemble.macro_f1", percent),
    ("its macro F1 of channels", "ensemble.macro_f1_channels", percents),
    ("live parameters", "params.live", millions),
    ("with dead edges", "params.with_dead_edges", millions),
    ("supernet parameters", "params.supernet", millions),
    ("validation: supernet", "validation.supernet", percent),
    ("validation: pruned", "validation.discretised", percent),
    ("validation: pruned, norms anew", "validation.recalibrated", percent),
    ("validation: retrained", "validation.retrained", percent),
    ("gap of the search", "search.gap", lambda value: f"{value:.3f}"),
    ("time for the data", "time.data", _duration),
    ("time of the search", "time.search", _duration),
    ("time of the training", "time.train", _duration),
    ("time of the test", "time.test", _duration),
    ("time in all", "time.total", _duration),
)


def _show(metrics: Mapping[str, Any], key: str, show: Callable[[Any], str]) -> str:
    from dslnas.report.fields import value_at

    value = value_at(metrics, key)
    if value is None:
        return ""
    group, _, name = key.rpartition(".")
    clips = value_at(metrics, f"{group}.clips" if group != "test.recordings" else f"{group}.count")
    with_interval = group in ("validation", "ensemble", "test.recordings") and show is percent
    if with_interval and name != "macro_f1" and is_number(clips) and clips:
        return f"{show(value)} ({between(value, clips)})"
    return show(value)
