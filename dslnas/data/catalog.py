"""What is known of each data set before it is there: classes, licence, where it lies, how to get it.

Free of torch and numpy: `plan` and `check` need the classes of a data set, not its recordings.
"""

from __future__ import annotations

import csv
import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..diagnostics import DslnasError, fail

AUDIO = frozenset((".wav", ".flac", ".ogg", ".oga"))  # read
OTHER_AUDIO = frozenset(
    (".mp3", ".m4a", ".aac", ".wma", ".opus", ".aif", ".aiff", ".webm")
)  # named, not read
# Folder names of the three splits, as users spell them.
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WORDS = (
    "backward bed bird cat dog down follow forward go happy house learn left marvin no off on right sheila "
    "stop tree up visual wow yes"
)
_ESC50 = (
    "dog rooster pig cow frog cat hen insects sheep crow rain sea_waves crackling_fire crickets "
    "chirping_birds water_drops wind pouring_water toilet_flush thunderstorm crying_baby sneezing clapping "
    "breathing coughing footsteps laughing brushing_teeth snoring drinking_sipping door_wood_knock "
    "mouse_click keyboard_typing door_wood_creaks can_opening washing_machine vacuum_cleaner clock_alarm "
    "clock_tick glass_breaking helicopter chainsaw siren car_horn engine train church_bells airplane "
    "fireworks hand_saw"
)
_ESC10 = "dog rooster rain sea_waves crackling_fire crying_baby sneezing clock_tick helicopter chainsaw"  # by target


@dataclass(frozen=True)
class Download:
    """An archive that may be fetched: its address, its SHA-256, its size in bytes, the folder it becomes."""

    url: str
    sha256: str
    size: int
    folder: str


@dataclass(frozen=True)
class Known:
    """A data set that is known by name.

    folders: names under the data root, tried in order; marks: what one of them must contain (any of these);
    how: how to get it by hand; download: where it can be fetched with a checksum.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    licence: str
    source: str
    folders: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    how: str = ""
    download: Download | None = None


_SPEECH_COMMANDS = Download(
    "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
    "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
    2_428_923_189,
    "speech_commands_v0.02",
)
_SPEECH_COMMANDS_FOLDERS = ("speech_commands_v0.02", "SpeechCommands/speech_commands_v0.02")
_ESC50_HOW = "unpack https://github.com/karolpiczak/ESC-50/archive/master.zip there (600 MB)"

KNOWN: dict[str, Known] = {
    known.name: known
    for known in (
        Known(
            "digits",
            "spoken digits synthesised offline by eSpeak NG",
            _DIGITS,
            "made here; eSpeak NG is GPL-3.0",
            "https://github.com/espeak-ng/espeak-ng",
            how="pip install 'dslnas[digits]'",
        ),
        Known(
            "fsdd",
            "Free Spoken Digit Dataset",
            _DIGITS,
            "CC BY-SA 4.0",
            "https://github.com/Jakobovski/free-spoken-digit-dataset",
            ("free-spoken-digit-dataset", "fsdd", "free-spoken-digit-dataset-master"),
            ("recordings",),
            "git clone https://github.com/Jakobovski/free-spoken-digit-dataset there (16 MB)",
        ),
        Known(
            "sc09",
            "Speech Commands v0.02, the ten digits",
            _DIGITS,
            "CC BY 4.0",
            "https://arxiv.org/abs/1804.03209",
            _SPEECH_COMMANDS_FOLDERS,
            _DIGITS,
            f"unpack {_SPEECH_COMMANDS.url} there as speech_commands_v0.02 (2.4 GB)",
            _SPEECH_COMMANDS,
        ),
        Known(
            "sc35",
            "Speech Commands v0.02, all 35 words",
            (*_DIGITS, *_WORDS.split()),
            "CC BY 4.0",
            "https://arxiv.org/abs/1804.03209",
            _SPEECH_COMMANDS_FOLDERS,
            _DIGITS,
            f"unpack {_SPEECH_COMMANDS.url} there as speech_commands_v0.02 (2.4 GB)",
            _SPEECH_COMMANDS,
        ),
        Known(
            "audiomnist",
            "AudioMNIST",
            _DIGITS,
            "MIT",
            "https://github.com/soerenab/AudioMNIST",
            ("AudioMNIST", "AudioMNIST-master", "audiomnist"),
            ("data/audioMNIST_meta.txt", "data/01"),
            "git clone https://github.com/soerenab/AudioMNIST there (1 GB)",
        ),
        Known(
            "esc10",
            "ESC-10",
            tuple(_ESC10.split()),
            "CC BY 3.0",
            "https://github.com/karolpiczak/ESC-10",
            ("ESC-10", "ESC-10-master", "ESC-50-master", "ESC-50"),
            ("001 - Dog bark", "meta/esc50.csv"),
            _ESC50_HOW,
        ),
        Known(
            "esc50",
            "ESC-50",
            tuple(_ESC50.split()),
            "CC BY-NC 3.0",
            "https://github.com/karolpiczak/ESC-50",
            ("ESC-50-master", "ESC-50"),
            ("meta/esc50.csv",),
            _ESC50_HOW,
        ),
    )
}


@dataclass(frozen=True)
class Spec:
    """What `--data` says: a known data set, or the user's own recordings at a path."""

    kind: Literal["known", "folder", "csv"]
    name: str
    path: Path | None = None

    def __str__(self) -> str:
        return self.name if self.path is None else f"{self.kind}:{self.path}"


def parse_spec(text: str) -> Spec:
    """The data set that `digits`, `fsdd`, ..., `folder:PATH`, `csv:PATH` names; DslnasError N0604 if none."""
    kind, colon, path = text.partition(":")
    if colon and kind in ("folder", "csv"):
        if not path:
            raise fail("N0604", f"`{text}` names no path", help=f"write `{kind}:PATH`")
        return Spec("folder" if kind == "folder" else "csv", "recordings", Path(path).expanduser())
    if text in KNOWN:
        return Spec("known", text)
    raise fail("N0604", f"no data set is called `{text}`", help=_suggestion(text))


def _suggestion(text: str) -> str:
    known = ", ".join(KNOWN)
    if Path(text).is_dir():
        return f"for a folder with one sub-folder a class write `folder:{text}`"
    if text.endswith(".csv"):
        return f"for a table of recordings write `csv:{text}`"
    close = difflib.get_close_matches(text.lower(), KNOWN, n=1)
    did_you_mean = f"did you mean `{close[0]}`? " if close else ""
    return f"{did_you_mean}known are {known}, folder:PATH and csv:PATH"


def profile_name(text: str) -> str:
    """The profile that a data set is trained under: its name, or `recordings` for the user's own."""
    return parse_spec(text).name


def class_names(text: str, root: Path | None = None) -> tuple[str, ...]:
    """The classes of a data set in the order of its labels; of the user's own recordings, sorted.

    Known data sets answer without being there. DslnasError N0604 where the spec or its path is unknown.
    """
    spec = parse_spec(text)
    if spec.path is None:
        return KNOWN[spec.name].classes
    if spec.kind == "folder":
        return tuple(sorted({folder.name for _, folder in class_folders(spec.path)}))
    return tuple(sorted({row["label"] for row in table(spec.path) if row["label"]}))


def class_folders(path: Path) -> list[tuple[str | None, Path]]:
    """The class folders of `folder:PATH` in sorted order, each with its split where train/ ... hold them.

    A folder whose name starts with `.` or `_` is no class. DslnasError N0604 where the path is no folder,
    N0605 where it holds no class folder.
    """
    if not path.is_dir():
        raise fail(
            "N0604",
            f"the folder {path} does not exist" if not path.exists() else f"{path} is not a folder",
            help="folder:PATH needs a folder with one sub-folder of recordings for each class",
        )
    found: list[tuple[str | None, Path]] = [(None, folder) for folder in _sub_folders(path)]
    splits = {folder.name: SPLIT_NAMES.get(folder.name.lower()) for _, folder in found}
    if {"train", "test"} <= set(splits.values()):
        found = [(splits[f.name], below) for _, f in found if splits[f.name] for below in _sub_folders(f)]
    if not found:
        raise fail(
            "N0605",
            f"the folder {path} has no sub-folders",
            help="put the recordings of each class in a sub-folder named after the class",
        )
    return found


def _sub_folders(path: Path) -> list[Path]:
    try:
        return sorted(p for p in path.iterdir() if p.is_dir() and p.name[0] not in "._")
    except OSError as error:
        raise fail("N0604", f"the folder {path} cannot be read: {error.strerror or error}") from None


def table(path: Path) -> list[dict[str, str]]:
    """The rows of `csv:PATH` with the keys file, label, split, speaker (empty where the table has none).

    DslnasError N0604 where the file cannot be read, N0605 where its header is not `file,label,...`.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, restval="")
            header = [str(name).strip().lower() for name in rows.fieldnames or ()]
            if not {"file", "label"} <= set(header):
                raise fail(
                    "N0605",
                    f"the header of {path} is `{','.join(header)}`",
                    help="the first line must name the columns: `file,label`, and if you like `split`, `speaker`",
                )
            rows.fieldnames = header
            return [{key: (row.get(key) or "").strip() for key in _COLUMNS} for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise fail("N0604", f"the table {path} cannot be read: {reason}") from None


_COLUMNS = ("file", "label", "split", "speaker")


def cache_folder(given: Path | None = None) -> Path:
    """Where downloads, synthesised digits and features are kept.

    `given`, else $DSLNAS_CACHE, else dslnas under $XDG_CACHE_HOME, else ~/.cache/dslnas.
    """
    if given is not None:
        return given
    if own := os.environ.get("DSLNAS_CACHE"):
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared).expanduser() if shared else Path.home() / ".cache") / "dslnas"


def data_roots(root: Path | None, cache: Path | None = None) -> tuple[Path, ...]:
    """Where data sets are looked for, in order: `--data-root` or else $DSLNAS_DATA, then the cache folder."""
    named = root or (Path(os.environ["DSLNAS_DATA"]) if os.environ.get("DSLNAS_DATA") else None)
    return (*((named.expanduser(),) if named else ()), cache_folder(cache))


def places(known: Known, root: Path | None, cache: Path | None = None) -> list[Path]:
    """Every folder that may hold a known data set, in order; a root may itself be that folder."""
    return [base / name for base in data_roots(root, cache) for name in (*known.folders, "")]


def locate(known: Known, root: Path | None, cache: Path | None = None) -> Path | None:
    """The folder of a known data set, or None where it is in none of its places."""
    for place in places(known, root, cache):
        if any((place / mark).exists() for mark in known.marks):
            return place
    return None


def not_found(known: Known, root: Path | None, cache: Path | None = None, reason: str = "") -> DslnasError:
    """The one message for a data set that is neither there nor to be downloaded.

    reason: why the download did not happen, where one was tried.
    """
    roots = data_roots(root, cache)
    where = ", ".join(str(base / name) for base in roots for name in known.folders)
    why = f"; {reason}" if reason else ""
    return fail(
        "N0604",
        f"the data set `{known.name}` ({known.title}) was not found: looked for {where}{why}",
        help=f"go to {roots[0]} and {known.how}, or name the folder that holds it with --data-root or $DSLNAS_DATA; "
        "`--data digits` needs no data at all",
    )
