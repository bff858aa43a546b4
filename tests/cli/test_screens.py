"""What stands on screens of 60, 80 and 120 columns, and in a log, word by word.

`DSLNAS_WRITE_CASES=1 python -m pytest tests/cli/test_screens.py` writes the golden texts again.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from fake_runs import METRICS
from rich.console import Console

from cli import fronts, rank, running, sweeping, terminal
from cli.progress import Bars, Lines
from cli.terminal import table, tail_of
from dslnas.ir.genotype import Genotype
from dslnas.runs.sweep import estimate, trials
from dslnas.search.evolved.front_file import Front, Point

SCREENS = Path(__file__).with_name("screens")
WIDTHS = (60, 80, 120)
FIGURES = {
    "epochs": 60.0,
    "loss": 0.512,
    "accuracy": 0.931,
    "validation_accuracy": 0.905,
    "gap": 0.301,
    "learning_rate": 0.025,
}


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def console_of(text: io.StringIO, width: int | None) -> Console:
    """A screen, or for None what is no terminal, of which nothing is folded."""
    if width is None:
        return Console(file=text, width=terminal.UNBOUNDED, markup=False, highlight=False)
    plain: dict[str, Any] = {"color_system": None, "markup": False, "highlight": False}
    return Console(file=text, force_terminal=True, width=width, **plain)


def bars(width: int) -> str:
    """A run on a terminal in the middle of its search."""
    text, clock = io.StringIO(), Clock()
    console = console_of(text, width)
    shown = Bars(console, clock)
    shown.begin("data", 2000)
    clock.seconds = 4.0
    shown.advance("data", 2000)
    shown.begin("search", 2400)
    for step in range(1, 1201, 40):
        clock.seconds += 12.0
        shown.advance("search", step, epoch=step / 40, **FIGURES)
    console.print(shown.display)
    return text.getvalue()


def lines() -> str:
    """A run in a log, whose epochs take a minute."""
    text, clock = io.StringIO(), Clock()
    with Lines(console_of(text, None), clock) as shown:
        for _ in range(2):  # once decoded, once its features computed
            shown.begin("data", 2000)
            shown.advance("data", 2000)
            shown.advance("data", 2000)
        shown.say("400 of 2000 clips are used, as `data.clips` says")
        shown.begin("search", 120)
        for step in range(1, 121):
            clock.seconds += 1.0
            shown.advance("search", step, epoch=step / 60, **FIGURES | {"epochs": 2.0})
    return text.getvalue()


def summary(width: int | None) -> str:
    """The end of a run in a folder of a long name."""
    text = io.StringIO()
    test = {"accuracy": 22 / 24, "accuracy_interval": [0.7415, 0.9768], "macro_f1": 0.91, "clips": 24}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal, "out", lambda: console_of(text, width))
        path = Path("runs") / "sspolasym5_with_two_more_candidates-recordings-of-the-winter-forcedarts-s0"
        running.summarise(path, METRICS | {"test": test})
    return text.getvalue()


def front(width: int | None) -> str:
    """The front at the end of a search by sampling within two bounds, as much of it as is shown."""
    text = io.StringIO()
    genotype = Genotype("Keywords", "0", "sketch", (), ())
    points = tuple(
        Point(
            number,
            {
                "accuracy": 0.45 + 0.5 * number / (number + 4),
                "macro_f1": 0.44 + 0.5 * number / (number + 4),
                "macs": 250_000 * number,
                "params": 5_300 * number,
                "memory": 40_000.0 + 1_000 * number,
            },
            number < 20,
            number == 4,
            genotype,
        )
        for number in range(1, 22)
    )
    objectives = ("accuracy", "macro_f1"), ("macs", "params")
    found = Front(*objectives, ("params < 100k", "memory < 60KB"), 480, points, (), (), (), (), {}, (), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal, "out", lambda: console_of(text, width))
        fronts.show_front(found, Path("runs/keywords-fsdd-sketch-s0"), fronts.MOST_ROWS)
    return text.getvalue()


def ranking(width: int | None) -> str:
    """What `dslnas rank` says of four networks."""
    text = io.StringIO()
    networks = [{"inherited": 0.81 - place / 20, "retrained": 0.92 - place / 30} for place in range(4)]
    told = {"of": "random", "among": 480, "steps": 200, "n": 4, "tau": 1.0, "interval": [0.12, 1.0]}
    told |= {"figure": "accuracy", "beside": {"params": 0.67, "macs": None}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal, "out", lambda: console_of(text, width))
        rank.show(Path("runs/keywords-fsdd-sketch-s0"), told | {"networks": networks})
    return text.getvalue()


def dry_run(width: int | None, capsys: pytest.CaptureFixture[str]) -> str:
    """The trials of a sweep, after the line that says what is being done."""
    text = io.StringIO()
    file = Path(__file__).parents[2] / "docs" / "sweeps" / "methods.nas"

    def estimates(found: object, listed: list[trials.Trial], device: str) -> list[estimate.Estimate]:
        return [estimate.Estimate(one, 123_456 + place, 42.0) for place, one in enumerate(listed)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal, "out", lambda: console_of(text, width))
        patch.setattr(estimate, "estimates", estimates)
        capsys.readouterr()
        sweeping.dry(str(file), None, "cpu", None, (), "*fsdd-forcedarts-A*", False)
    return capsys.readouterr().err + text.getvalue()


def clips(width: int | None) -> str:
    """Recordings with long paths, as `dslnas predict` lists them."""
    text = io.StringIO()
    console = console_of(text, width)
    path = "recordings/of/the/winter/2024-01-{}/station_north/microphone_2/clip_0001.wav"
    paths = [path.format(day) for day in ("03", "04")]
    room = console.width - 40
    rows = [(tail_of(path, room), "nine", "97.1 %", "five 1.2 %") for path in paths]
    console.print(table("", ("recording", "label", "probability#", "then"), rows))
    return text.getvalue()


def screen(width: int | None, capsys: pytest.CaptureFixture[str]) -> str:
    progress = lines() if width is None else bars(width)
    parts = (progress, summary(width), front(width), ranking(width), dry_run(width, capsys), clips(width))
    rule = "-" * (width or 80)
    return f"\n{rule}\n".join("\n".join(line.rstrip() for line in part.splitlines()) for part in parts) + "\n"


@pytest.mark.parametrize("width", [*WIDTHS, None])
def test_screens_are_as_they_were(width: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    found, path = screen(width, capsys), SCREENS / f"{width or 'log'}.txt"
    if os.environ.get("DSLNAS_WRITE_CASES"):
        SCREENS.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, *WIDTHS, 200])
def test_progress_never_loses_the_time_left_and_cuts_no_word(width: int) -> None:
    shown = bars(width).splitlines()
    assert len(shown) == 2, "a row for each stage, on one line"
    assert shown[1].rstrip().endswith("left 06:12") and "…" not in shown[1]
    assert max(map(len, shown)) <= width
