"""Which files are recordings or pictures, by their endings; every file below a folder, links included."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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
# What Pillow reads everywhere, and what holds a picture too and it does not, or not everywhere.
_SEEN = ".png .apng .jpg .jpeg .jpe .jfif .bmp .gif .tif .tiff .webp .ppm .pgm .pbm .pnm"
_UNSEEN = ".heic .heif .avif .jxl .jp2 .svg .psd .xcf .cr2 .cr3 .nef .arw .dng .orf .rw2 .exr .hdr"


@dataclass(frozen=True)
class Sort:
    """What a data set is of. kind: of files that are read; read, unread: their endings, and those of others.

    what: such files in the plural; convert: what to do about one of `unread`.
    """

    kind: str
    what: str
    read: frozenset[str]
    unread: frozenset[str]
    convert: str


RECORDINGS = Sort("audio", "recordings", AUDIO, OTHER_AUDIO, CONVERT)
PICTURES = Sort(
    "picture",
    "pictures",
    frozenset(_SEEN.split()),
    frozenset(_UNSEEN.split()),
    "is not read: convert it to png or jpeg",
)


def kind_of(path: Path, sort: Sort = RECORDINGS) -> str:
    """`audio` (`picture`) for what is read, `other` for such a file that is not, `` for any other file."""
    ending = path.suffix.lower()
    return sort.kind if ending in sort.read else "other" if ending in sort.unread else ""


def sort_of(paths: Iterable[Path]) -> Sort:
    """Pictures where there are some and no recording among the files; else recordings."""
    seen = False
    for path in paths:
        if kind_of(path):
            return RECORDINGS
        seen = seen or bool(kind_of(path, PICTURES))
    return PICTURES if seen else RECORDINGS


def files_below(folder: Path) -> list[Path]:
    """Every visible file below a folder in the order of the paths; links are followed, each folder once."""
    return sorted(walked(folder))


def walked(folder: Path, refused: Callable[[OSError], object] | None = None) -> Iterator[Path]:
    """The same files as they are found, a folder after the other.

    refused: is told of the folders that cannot be read; else they count as empty.
    """
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=refused, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place) / name for name in names if not name.startswith("."))


def told(paths: Iterable[Path]) -> str:
    """Files by their endings, `.txt (3), .jpg (1)`."""
    counts = Counter(path.suffix.lower() or "without an ending" for path in paths)
    return ", ".join(f"{ending} ({count})" for ending, count in sorted(counts.items()))
