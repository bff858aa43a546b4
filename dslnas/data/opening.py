"""Finds, downloads or synthesises a data set and lists its clips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from ..base.diagnostics import fail
from .catalog import KNOWN, Known, Spec, parse_spec
from .classes import own_sort
from .dataset import DataOptions, DataSet, OnProgress, silent
from .download import DownloadError, fetch
from .locations import locate, not_found
from .own.windows import in_windows
from .pictures.cats_vs_dogs import read_cats_vs_dogs
from .sets.audiomnist import read_audiomnist
from .sets.cifar import read_cifar
from .sets.dcase import read_dcase2018
from .sets.digits import read_digits
from .sets.esc import read_esc
from .sets.fsdd import read_fsdd
from .sets.mnist import read_mnist
from .sets.recordings import read_csv, read_folder
from .sets.speech_commands import read_speech_commands
from .sets.voxceleb import read_voxceleb1, read_voxceleb1_min
from .splits import check, in_own_folds, thin

# The reader of each known data set that lies in a folder.
READERS: Mapping[str, Callable[[Known, Path, DataOptions], DataSet]] = {
    "fsdd": read_fsdd,
    "sc09": read_speech_commands,
    "sc35": read_speech_commands,
    "audiomnist": read_audiomnist,
    "esc10": read_esc,
    "esc50": read_esc,
    "dcase2018": read_dcase2018,
    "cifar10": read_cifar,
    "cifar100": read_cifar,
    "mnist": read_mnist,
    "fashionmnist": read_mnist,
    "cats_vs_dogs": read_cats_vs_dogs,
    "voxceleb1": read_voxceleb1,
    "voxceleb1_min": read_voxceleb1_min,
}


def open_data(
    spec: str,
    root: Path | None = None,
    options: DataOptions | None = None,
    on_progress: OnProgress = silent,
    kept: Callable[[DataSet], DataSet] | None = None,
) -> DataSet:
    """Find, download or synthesise a data set and list its clips, without decoding them.

    spec: `digits`, `fsdd`, ..., `folder:PATH`, `csv:PATH`; root: `--data-root`. kept: makes the clips of all
    those of the data set what a run keeps, in place of `data.clips`.
    DslnasError N0604 where it is not found, N0603 for an option that does not apply to it, N0605 where it
    lacks the clips for classes or splits.
    """
    return check(listed(spec, root, options, on_progress, kept))


def listed(
    spec: str,
    root: Path | None = None,
    options: DataOptions | None = None,
    on_progress: OnProgress = silent,
    kept: Callable[[DataSet], DataSet] | None = None,
) -> DataSet:
    """The clips of a data set as `open_data` lists them, whether or not they train and test a classifier."""
    parsed = parse_spec(spec)
    options = options or DataOptions()
    if options.split == "pieces" and parsed.name != "voxceleb1_min":
        message = f"`data.split` is `pieces`, which {spec} does not have"
        raise fail("N0603", message, help="`voxceleb1_min` has it; use `official`")
    data = _read(parsed, root, options, on_progress)
    if options.folds and parsed.path is None and not KNOWN[parsed.name].folds:
        data = _in_own_folds(data, options)
    data = replace(data, skip_limit=options.skip_limit)
    if options.by_path:
        data = replace(data, clips=tuple(replace(clip, name="") for clip in data.clips))
    if options.window and parsed.path is not None:
        data = in_windows(data, options.window)
    if kept is not None:
        return kept(data)
    if options.clips and parsed.name != "digits":
        data = thin(data, options.clips)
    return data


def _read(spec: Spec, root: Path | None, options: DataOptions, on_progress: OnProgress) -> DataSet:
    if spec.path is not None:
        read = read_folder if spec.kind == "folder" else read_csv
        return read(spec.path, options, on_progress, own_sort(spec))
    known = KNOWN[spec.name]
    if options.folds and not known.folds:  # its official split is not asked for
        options = replace(options, split="official", fold=1)
    if spec.name == "digits":
        return read_digits(known, options, on_progress)
    folder = _folder(known, root, options, on_progress)
    return _named(READERS[spec.name](known, folder, options), folder)


def _in_own_folds(data: DataSet, options: DataOptions) -> DataSet:
    """A known data set that comes in no folds, in folds of our own."""
    clips, notes = in_own_folds(data.clips, options)
    first, *more = notes
    told = (*data.notes, f"in place of its official split, {first}", *more)
    return replace(data, clips=tuple(clips), notes=told)


def _named(data: DataSet, folder: Path) -> DataSet:
    """The clips of a known data set with their names in its folder."""
    start = f"{folder}/"
    clips = (clip if clip.name else replace(clip, name=clip.path.removeprefix(start)) for clip in data.clips)
    return replace(data, clips=tuple(clips))


def _folder(known: Known, root: Path | None, options: DataOptions, on_progress: OnProgress) -> Path:
    """The folder of a known data set, downloaded into the cache where that is allowed and needed.

    A root that the user names and that lacks the data is a mistake to report, not a reason to download.
    """
    if found := locate(known, root, options.cache):
        return found
    reason = ""
    if known.download is not None and root is None:
        try:
            return fetch(known.download, options.cache, on_progress)
        except DownloadError as error:
            reason = f"the download failed: {error}"
    raise not_found(known, root, options.cache, reason)
