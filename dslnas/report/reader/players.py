"""Recordings inside of a page, to be heard where they were misclassified.

A page that is passed on has them with it: they are data URIs, of mono FLAC at the rate of their files.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

from ...data.audio import UnusableRecording, read_recording
from ...data.dataset import Segment

MOST_BYTES = 3_000_000  # of all recordings of a page, as text


@dataclass(frozen=True)
class Players:
    """The data URI of each recording, empty for those left out, and a sentence on these; empty for none."""

    sources: tuple[str, ...]
    left_out: str = ""


def players(paths: Sequence[str], most: int = MOST_BYTES, segments: Sequence[Segment | None] = ()) -> Players:
    """The players of recordings, or of segments of them, as many from the first on as `most` bytes hold."""
    sources: list[str] = []
    missing: list[str] = []
    room, full = most, 0
    for path, segment in zip(paths, segments or [None] * len(paths), strict=True):
        try:
            source = _data_uri(path, segment)
        except UnusableRecording as error:
            missing.append(str(error))
            sources.append("")
            continue
        if len(source) > room:
            full += 1
            source = ""
        room -= len(source)
        sources.append(source)
    return Players(tuple(sources), _left_out(len(paths), full, missing, most))


def _left_out(count: int, full: int, missing: Sequence[str], most: int) -> str:
    told = []
    if full:
        told.append(f"{full} of {count} are too long for this page, which holds {most / 1e6:.0f} MB of sound")
    if missing:
        reasons = "; ".join(dict.fromkeys(missing))
        told.append(f"{len(missing)} of {count} could not be read when this page was written ({reasons})")
    return "; ".join(told)


def _data_uri(path: str, segment: Segment | None = None) -> str:
    """A recording as a data URI; raises UnusableRecording where it cannot be read."""
    import soundfile

    recording = read_recording(path, segment=segment)
    encoded = io.BytesIO()
    try:
        soundfile.write(encoded, recording.wave, recording.rate, format="FLAC", subtype="PCM_16")
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:  # a rate that FLAC does not know
        raise UnusableRecording(f"a browser does not play it: {error}") from None
    return "data:audio/flac;base64," + base64.b64encode(encoded.getvalue()).decode()
