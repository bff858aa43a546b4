"""Which files are recordings, by their endings, and every file below a folder, links included."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

# What libsndfile reads by the names that its formats go by.
_READ = (
    ".wav .wave .bwf .rf64 .w64 .flac .ogg .oga .opus .mp1 .mp2 .mp3 .mpeg .aif .aiff .aifc .au .snd .caf "
    ".voc .sf .ircam .paf .fap .svx .iff .8svx .nist .sph .avr .htk .mat .mat4 .mat5 .pvf .xi .sds .sd2 .wve "
    ".mpc"
)
# What holds sound too and libsndfile does not read.
_UNREAD = (
    ".m4a .m4b .aac .wma .webm .amr .awb .3gp .3g2 .mp4 .mov .mkv .mka .ape .wv .tta .dsf .dff .ra .rm .gsm "
    ".ac3 .dts .spx .mid .midi .raw .pcm"
)
AUDIO, OTHER_AUDIO = frozenset(_READ.split()), frozenset(_UNREAD.split())
CONVERT = "is not read: convert it to wav, flac or ogg"


def kind_of(path: Path) -> str:
    """`audio` for what is read, `other` for sound that is not, `` for what is no recording."""
    ending = path.suffix.lower()
    return "audio" if ending in AUDIO else "other" if ending in OTHER_AUDIO else ""


def files_below(folder: Path) -> list[Path]:
    """Every visible file below a folder in the order of the paths; links are followed, each folder once."""
    found: list[Path] = []
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place) / name for name in names if not name.startswith(".")]
    return sorted(found)


def told(paths: Iterable[Path]) -> str:
    """Files by their endings, `.txt (3), .jpg (1)`."""
    counts = Counter(path.suffix.lower() or "without an ending" for path in paths)
    return ", ".join(f"{ending} ({count})" for ending, count in sorted(counts.items()))
