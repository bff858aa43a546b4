"""`dslnas listen`: what a network hears in sound that goes on, as events with times."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    Device,
    DeviceOption,
    HopOption,
    IgnoreOption,
    JsonOption,
    RunArgument,
    SmoothOption,
    UnknownOption,
)

if TYPE_CHECKING:
    from dslnas.runs.listening.events import Event, Score
    from dslnas.runs.listening.hearing import Hearing
    from dslnas.runs.run import Run

EXAMPLE = "Example: dslnas listen runs/ss1-digits-darts-s0 --file evening.wav --json"


def _list_microphones(wanted: bool) -> None:
    if wanted:
        from dslnas.runs.listening.microphone import microphones

        from .terminal import out, say, table

        found = microphones()
        if not found:
            say("there is no microphone here")
        rows = [
            (str(one.number), one.name + ", the default" * one.default, str(one.channels), str(one.rate))
            for one in found
        ]
        if rows:
            out().print(table("", ("number#", "name", "channels#", "rate (Hz)#"), rows))
        raise typer.Exit


def listen(
    run: RunArgument,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="WAV", help="A recording of any length, in place of a microphone."),
    ] = None,
    microphone: Annotated[
        str | None,
        typer.Option(
            "--microphone", metavar="NAME", help="Its number, or a part of its name. Default: the system's."
        ),
    ] = None,
    microphones: Annotated[
        bool,
        typer.Option(
            "--microphones", callback=_list_microphones, is_eager=True, help="List the microphones and stop."
        ),
    ] = False,
    threshold: Annotated[
        float, typer.Option("--threshold", min=0, max=1, help="The least probability of an event.")
    ] = 0.5,
    hop: HopOption = None,
    smooth: SmoothOption = 3,
    ignore: IgnoreOption = None,
    unknown: UnknownOption = None,
    device: DeviceOption = Device.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Listen to a microphone or a long recording, and say which sounds are heard, from when to when.

    Windows as long as a clip slide over the sound. An event is a stretch of windows of which one class is the
    likeliest and has at least the threshold; it is printed when it has ended, with --json as an object a
    line. Its times are those of the middles of its windows. A microphone needs the extra `listen`; Ctrl-C
    ends it.
    """
    from dslnas.runs.listening.events import events
    from dslnas.runs.listening.hearing import HOPS, Hearing

    from .listening import check_known, check_odd
    from .running import checked_device, opened, threshold_of

    check_odd(smooth)
    if file is not None and microphone is not None:
        raise typer.BadParameter("--file stands in place of a microphone: leave one out")
    source = opened(run, None, device)
    hearing = Hearing.listening(source, checked_device(device), threshold_of(source, unknown))
    check_known(source, ignore or [])
    step = hearing.hop(hop or hearing.clip / HOPS)
    scores = _of_microphone(source, hearing, microphone, step, smooth)
    if file is not None:
        scores = _of_file(source, hearing, file, step, smooth)
    for event in events(scores, source.experiment.classes, step, threshold, ignore or ()):
        _print(event, as_json)


def _of_file(run: Run, hearing: Hearing, path: Path, hop: float, smooth: int) -> Iterator[Score]:
    """The scores of a recording; raises DslnasError N0605 where it cannot be used."""
    from dslnas.base.diagnostics import fail
    from dslnas.data.audio import UnusableRecording
    from dslnas.data.own.streams import from_file

    from .terminal import say

    rate = run.decided.experiment.frontend.rate
    try:
        yield from hearing.follow(from_file(path, rate, run.experiment.resampling, say), hop, smooth)
    except UnusableRecording as error:
        raise fail("N0605", f"{path}: {error}") from None


def _of_microphone(run: Run, hearing: Hearing, named: str | None, hop: float, smooth: int) -> Iterator[Score]:
    """The scores of what a microphone hears, until Ctrl-C."""
    from dslnas.data.own.streams import from_blocks
    from dslnas.runs.listening.microphone import heard_channels, pick, recording

    from .terminal import say

    microphone, rate = pick(named), run.decided.experiment.frontend.rate
    with _interrupted() as ended, recording(microphone, ended) as blocks:
        say(f"listening to {microphone.name}; Ctrl-C ends it")
        channels, resampling = heard_channels(microphone), run.experiment.resampling
        sound = from_blocks(blocks, channels, microphone.rate, rate, resampling)
        yield from hearing.follow(sound, hop, smooth, together=1)


@contextmanager
def _interrupted() -> Iterator[Callable[[], bool]]:
    """A context in which Ctrl-C is no error: whether it has been pressed. Pressed again, it is one."""
    pressed: list[int] = []

    def press(number: int, frame: object) -> None:
        pressed.append(number)
        if len(pressed) > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def _print(event: Event, as_json: bool) -> None:
    """Print an event as a line, at once."""
    if as_json:
        print(
            json.dumps(
                {
                    "label": event.label,
                    "begin": round(event.begin, 4),
                    "end": round(event.end, 4),
                    "peak": round(event.peak, 4),
                    "probability": round(event.probability, 6),
                }
            ),
            flush=True,
        )
        return
    from .terminal import tell

    tell(f"{event.begin:9.2f} {event.end:9.2f}  {event.label}  {100 * event.probability:.1f} %")
