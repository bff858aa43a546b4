"""What `run`, `search` and `train` share: choosing a preset and a folder, running, and telling how it went."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from .options import Preset

if TYPE_CHECKING:
    from dslnas.experiment import Experiment
    from dslnas.runs import Run

Stage = Literal["search", "train", "test"]


def preset_for(preset: Preset | None, device: str) -> str:
    """The preset that is asked for; else quick on a CPU and paper on an accelerator."""
    if preset is not None:
        return preset.value
    if device == "auto":
        import torch

        return "paper" if torch.cuda.is_available() else "quick"
    return "quick" if device == "cpu" else "paper"


def folder_for(experiment: Experiment, out: Path | None) -> Path:
    """The folder of a new run: `out`, which must not hold anything, or a new one under `runs/`."""
    from dslnas.data import profile_name
    from dslnas.diagnostics import fail

    if out is not None:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            resume = f"dslnas run --resume {shlex.quote(str(out))}"
            raise fail("N0701", f"{out} is there already", help=f"go on with `{resume}`, or name another folder")
        return out
    data, space = profile_name(experiment.data), experiment.space.name.lower()
    name = f"{space}-{data}-{experiment.method.name}-s{experiment.settings.seed}"
    path, number = Path("runs") / name, 1
    while path.exists():
        number += 1
        path = Path("runs") / f"{name}-{number}"
    return path


def command_line() -> str:
    """The command as it was typed, for the run folder."""
    return shlex.join(["dslnas", *sys.argv[1:]])


def execute(run: Run, until: Stage, data_root: Path | None, device: str) -> dict[str, Any]:
    """Do what is left of a run, with progress; returns its metrics. Ctrl-C ends with a line on how to go on."""
    return watched(run, lambda watcher: run.execute(watcher, until, data_root=data_root, device=device))


def watched(run: Run, work: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """The result of some work on a run, which is given an observer that shows its progress."""
    from .progress import watcher
    from .terminal import say

    try:
        with watcher() as observer:
            return work(observer)
    except KeyboardInterrupt:
        say(f"interrupted; go on with: dslnas run --resume {shlex.quote(str(run.path))}")
        raise typer.Exit(130) from None


def summarise(path: Path, metrics: Mapping[str, Any]) -> None:
    """The table at the end of a run, what the preset quick cut, and where the report is."""
    from .terminal import out, table

    console = out()
    rows = [(name, shown) for name, key, show in _ROWS if (shown := _show(metrics, key, show))]
    console.print(table(str(path), ("", ""), rows))
    for note in cuts(path):
        console.print(note, style="dim", soft_wrap=True)
    report = path / "report.html"
    if report.is_file():
        console.print(f"report: {report}", soft_wrap=True)


def _percent(value: Any) -> str:
    return f"{100 * value:.2f} %"


def _millions(value: Any) -> str:
    from .terminal import millions

    return millions(int(value))


def _duration(value: Any) -> str:
    from .terminal import duration

    return duration(float(value))


_ROWS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("test accuracy", "test.accuracy", _percent),
    ("test macro F1", "test.macro_f1", _percent),
    ("live parameters", "params.live", _millions),
    ("with dead edges", "params.with_dead_edges", _millions),
    ("supernet parameters", "params.supernet", _millions),
    ("gap of the search", "search.gap", lambda value: f"{value:.3f}"),
    ("time for the data", "time.data", _duration),
    ("time of the search", "time.search", _duration),
    ("time of the training", "time.train", _duration),
    ("time of the test", "time.test", _duration),
    ("time in all", "time.total", _duration),
)


def value_of(metrics: Mapping[str, Any], key: str) -> Any:
    """The value at `a.b` in nested metrics; None where there is none."""
    value: Any = metrics
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _show(metrics: Mapping[str, Any], key: str, show: Callable[[Any], str]) -> str:
    value = value_of(metrics, key)
    return "" if value is None else show(value)


def cuts(path: Path) -> list[str]:
    """What the preset quick made smaller than the published settings of the same data set."""
    from dslnas.experiment import describe_settings

    from .subject import Wish, subject_of

    quick = describe_settings(subject_of(str(path), Wish()).experiment)
    if quick["preset"] != "quick":
        return []
    paper = describe_settings(subject_of(str(path), Wish(preset="paper")).experiment)
    notes = []
    for stage in ("search", "train"):
        cut = [
            f"{key} {value} instead of {paper[stage][key]}"
            for key, value in quick[stage].items()
            if key != "travel" and paper[stage].get(key) != value
        ]
        if cut:
            notes.append(f"the preset quick cut the {stage}: {', '.join(cut)}")
    return notes
