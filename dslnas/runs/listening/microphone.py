"""Microphones, by way of the package `sounddevice`: which there are, and the sound of one in blocks."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ...base.diagnostics import fail

if TYPE_CHECKING:
    from ...data.audio import Wave

MOST_CHANNELS = 2  # some systems name devices of a hundred
WAITING = 100  # blocks at most that wait for the network
BLOCK = 0.05  # seconds
CODE = "N0603"


@dataclass(frozen=True)
class Microphone:
    """A device that records. number: by which it is named; rate: its own, in hertz."""

    number: int
    name: str
    channels: int
    rate: int
    default: bool = False


def microphones() -> list[Microphone]:
    """All of them; DslnasError N0603 where `sounddevice` cannot be used."""
    library = _library()
    try:
        devices = list(library.query_devices())
        first = library.default.device[0]
    except library.PortAudioError as error:
        raise _failed(error) from None
    return [
        Microphone(
            number,
            str(one["name"]),
            int(one["max_input_channels"]),
            round(one["default_samplerate"]),
            number == first,
        )
        for number, one in enumerate(devices)
        if one["max_input_channels"] > 0
    ]


def pick(named: str | None) -> Microphone:
    """The microphone of a number or of a part of its name; without one the system's own.

    Raises DslnasError N0603 where there is none, or the name fits none or several.
    """
    found = microphones()
    if not found:
        raise fail(CODE, "there is no microphone here", help="listen to a recording: `--file FILE`")
    if named is None:
        return next((one for one in found if one.default), found[0])
    fits = [one for one in found if named == str(one.number)]
    fits = fits or [one for one in found if named.lower() in one.name.lower()]
    if len(fits) != 1:
        listed = ", ".join(f"{one.number} ({one.name})" for one in found)
        message = f"{'several microphones are' if fits else 'no microphone is'} called `{named}`"
        raise fail(CODE, message, help=f"there are: {listed}")
    return fits[0]


@contextmanager
def recording(microphone: Microphone, ended: Callable[[], bool]) -> Iterator[Iterator[Wave]]:
    """A context in which a microphone records: its blocks (n, channels), until `ended` says so.

    Blocks for which the network is too slow are silent, so that times stay right, and so are samples that are
    no numbers. Raises DslnasError N0603 where it cannot be opened.
    """
    import numpy as np

    library, waiting = _library(), queue.Queue[Any](WAITING)
    lost = [0]

    def arrived(block: Any, frames: int, time: Any, status: Any) -> None:
        try:
            waiting.put_nowait(block.copy())
        except queue.Full:
            lost[0] += frames

    def blocks() -> Iterator[Wave]:
        while not ended():
            try:
                block = waiting.get(timeout=BLOCK)
            except queue.Empty:
                continue
            missing, lost[0] = lost[0], 0
            while missing > 0 and not ended():
                silent = np.zeros_like(block[:missing])
                missing -= len(silent)
                yield silent
            yield np.clip(np.nan_to_num(block, posinf=0.0, neginf=0.0), -1.0, 1.0)

    try:
        stream = library.InputStream(
            device=microphone.number,
            channels=heard_channels(microphone),
            samplerate=microphone.rate,
            blocksize=round(BLOCK * microphone.rate),
            dtype="float32",
            callback=arrived,
        )
        stream.start()
    except library.PortAudioError as error:
        raise _failed(error) from None
    try:
        yield blocks()
    finally:
        stream.stop()
        stream.close()


def heard_channels(microphone: Microphone) -> int:
    """How many of its channels are recorded."""
    return min(microphone.channels, MOST_CHANNELS)


def _library() -> Any:
    try:
        return import_module("sounddevice")
    except ImportError:
        help = "`pip install 'dslnas[listen]'`, or listen to a recording: `--file FILE`"
        raise fail(CODE, "a microphone needs `sounddevice`, which is not installed", help=help) from None
    except OSError as error:  # it finds no PortAudio
        help = "install PortAudio (`apt install libportaudio2`), or listen to a recording: `--file FILE`"
        raise fail(CODE, f"`sounddevice` cannot be used: {error}", help=help) from None


def _failed(error: Exception) -> Exception:
    text = str(error.args[0] if error.args else error)
    return fail(CODE, f"the microphone cannot be used: {text}", help="listen to a recording: `--file FILE`")
