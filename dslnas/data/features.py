"""A data set ready for training: raw examples, features and labels of each split.

Waves, pictures and features of recordings are computed once and cached on disk. Images of which many lie in
one file are not: reading them is as fast.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from ..base.cache import cache_folder
from ..base.diagnostics import fail
from ..ir.frontend import FrontEnd
from .cache.made_once import cached
from .cache.tensors import load_tensors, store_tensors
from .dataset import SPLITS, Clip, DataSet, OnProgress, SplitName, silent
from .frontend.frontend import FrontEndModule
from .judge import Member
from .pictures.decoding import cached_pictures, decode_pictures, picture_notes
from .resampling import PRESENT, UNSAID, Resampling
from .sets.images import is_packed, read_images
from .splits import check
from .waves import Decoded, decode, read_noise

VERSION = 2  # of what is cached: raise it when decoding or a step of a front end changes
_BATCH = 256


@dataclass(frozen=True)
class Split:
    """The examples of one split as tensors.

    raw: waves, int16 (N, samples), full scale 32768, or images, uint8 (N, C, F, T); features: float32
    (N, C, F, T), of a complex front end real and imaginary part as channels; labels: int64 (N,). groups: the
    speaker or source of each, "" where it is not known; empty where none is. channels: which channel of its
    recording each is, from 1; empty where channels are mixed down. keys: `Clip.key` of each.
    """

    raw: Tensor
    features: Tensor
    labels: Tensor
    paths: list[str]
    groups: list[str] = field(default_factory=list)
    channels: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.paths)

    def part(self, indices: Tensor) -> Split:
        """The examples at indices (M,)."""
        places = indices.tolist()
        paths = [self.paths[place] for place in places]
        groups = [self.groups[place] for place in places] if self.groups else []
        channels = [self.channels[place] for place in places] if self.channels else []
        keys = [self.keys[place] for place in places] if self.keys else []
        tensors = self.raw[indices], self.features[indices], self.labels[indices]
        return Split(*tensors, paths, groups, channels, keys)

    @property
    def members(self) -> list[Member]:
        """The class and the group of each example."""
        groups = self.groups or [""] * len(self)
        return [Member(label, group) for label, group in zip(self.labels.tolist(), groups, strict=True)]


@dataclass(frozen=True)
class Prepared:
    """A data set as tensors on the CPU; the clips of a split stand in the order of the data set, by class.

    noise: float32 (samples,) at the front end's rate for `FrontEndModule`, None where the data set has none;
    skipped: (path, reason) of every file that is left out; notes: what was done to the recordings;
    clips: those of the splits, in order.
    """

    name: str
    classes: tuple[str, ...]
    frontend: FrontEnd
    train: Split
    validation: Split
    test: Split
    noise: Tensor | None
    skipped: list[tuple[str, str]]
    notes: list[str]
    clips: tuple[Clip, ...] = ()

    def split(self, name: SplitName) -> Split:
        """The split of this name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]


def prepare(
    data: DataSet,
    frontend: FrontEnd,
    cache: Path | None = None,
    on_progress: OnProgress = silent,
    resampling: Resampling = PRESENT,
) -> Prepared:
    """Decode a data set and compute its features, or load both from the cache.

    cache: the cache folder (None: the default one). Its keys are the path, size and time of change of every
    file, the resampling and the fingerprint of the front end; a damaged file is computed anew.
    DslnasError N0605 where more files than `data.skip_limit` are unusable, or a class or split has none left.
    """
    order = {split: place for place, split in enumerate(SPLITS)}
    clips = sorted(data.clips, key=lambda clip: order[clip.split])
    folder = cache_folder(cache) / "features"
    decoded, noise, bad_noises = _read(data, clips, frontend, folder, on_progress, resampling)
    skipped = [*data.skipped, *decoded.skipped]
    _check_skipped(data, skipped)
    used = [clips[index] for index in decoded.kept]
    data = check(replace(data, clips=tuple(used), skipped=tuple(skipped)))
    features = _features(decoded.raw, data.name, clips, frontend, folder, on_progress, resampling)
    train, validation, test = (_split(name, used, decoded.raw, features) for name in SPLITS)
    notes = [*data.notes, *_notes(decoded, frontend, len(skipped), data.what)]
    return Prepared(
        data.name,
        data.classes,
        frontend,
        train,
        validation,
        test,
        noise,
        [*skipped, *bad_noises],
        notes,
        tuple(used),
    )


def load_recordings(
    paths: Sequence[str | Path], frontend: FrontEnd, resampling: Resampling = PRESENT
) -> tuple[Tensor, list[tuple[str, str]]]:
    """Recordings to predict, prepared as those of training: waves int16 (N, samples) in the given order.

    For a front end that sees images pictures, uint8 (N, channels, height, width). Those that cannot be used
    are missing, and listed with their reason.
    """
    decoded = decode_for(paths, frontend, resampling)
    return decoded.raw, decoded.skipped


def decode_for(paths: Sequence[str | Path], frontend: FrontEnd, resampling: Resampling = PRESENT) -> Decoded:
    """Recordings or pictures as `load_recordings` prepares them, with what was done to them."""
    if frontend.sees_images:
        return decode_pictures([str(path) for path in paths], frontend, silent)
    return decode([str(path) for path in paths], frontend.rate, frontend.clip, silent, resampling)


def notes_of(decoded: Decoded, frontend: FrontEnd) -> list[str]:
    """What was done to recordings or pictures to make of them what a front end takes, in words."""
    return picture_notes(decoded) if frontend.sees_images else decoded.notes(frontend.rate, frontend.clip)


def _read(
    data: DataSet,
    clips: Sequence[Clip],
    frontend: FrontEnd,
    folder: Path,
    on_progress: OnProgress,
    resampling: Resampling,
) -> tuple[Decoded, Tensor | None, list[tuple[str, str]]]:
    """The raw examples; noise; and (path, reason) of the noise recordings that cannot be used.

    DslnasError N0605 where packed images cannot be read, or have another shape than the front end expects.
    """
    if frontend.sees_images:
        if any(not is_packed(clip) for clip in clips):
            paths = [clip.path for clip in clips]
            return cached_pictures(data.name, paths, frontend, folder, on_progress), None, []
        on_progress("reading images", 0, len(clips))
        return Decoded(read_images(clips, frontend.raw_shape), [*range(len(clips))]), None, []
    decoded = _decoded(data.name, clips, frontend, folder, on_progress, resampling)
    noise, bad_noises = read_noise(data.noises, frontend.rate, resampling)
    return decoded, noise, bad_noises


def _check_skipped(data: DataSet, skipped: Sequence[tuple[str, str]]) -> None:
    total = len(data.clips) + len(data.skipped)
    if len(skipped) <= data.skip_limit * total:
        return
    more = len(skipped) - 10
    raise fail(
        "N0605",
        f"{data.name}: {len(skipped)} of {total} {data.what} cannot be used, "
        f"more than the limit of {data.skip_limit:.0%}",
        notes=(
            *(f"{path}: {reason}" for path, reason in skipped[:10]),
            *((f"and {more} more",) if more > 0 else ()),
        ),
        help="mend or remove them, or raise the limit with --set data.skip_limit=50%",
    )


def _split(name: SplitName, clips: Sequence[Clip], raw: Tensor, features: Tensor) -> Split:
    """The clips of one split; they are sorted by split, so that its tensors are slices."""
    places = [place for place, clip in enumerate(clips) if clip.split == name]
    rows = slice(places[0], places[-1] + 1)
    labels = torch.tensor([clip.label for clip in clips[rows]], dtype=torch.int64)
    paths, groups = [clip.path for clip in clips[rows]], [clip.group for clip in clips[rows]]
    channels = [clip.channel for clip in clips[rows] if clip.channel is not None]
    keys = [clip.key for clip in clips[rows]]
    return Split(raw[rows], features[rows], labels, paths, groups, channels, keys)


def _notes(decoded: Decoded, frontend: FrontEnd, skipped: int, what: str) -> list[str]:
    notes = notes_of(decoded, frontend)
    if skipped:
        notes.append(f"{skipped} {what} cannot be used and were left out")
    return notes


def _decoded(
    name: str,
    clips: Sequence[Clip],
    frontend: FrontEnd,
    folder: Path,
    on_progress: OnProgress,
    resampling: Resampling,
) -> Decoded:
    """The waves of the clips of a data set, from the cache or from their files."""
    path = folder / f"{_key(clips, frontend, resampling)}.safetensors"

    def make() -> Decoded:
        paths = [clip.path for clip in clips]
        channels = [clip.channel for clip in clips]
        segments = [clip.segment for clip in clips]
        decoded = decode(paths, frontend.rate, frontend.clip, on_progress, resampling, channels, segments)
        _store(path, name, decoded)
        return decoded

    decoded = cached(path, lambda: _stored(path, frontend.samples), make)
    on_progress("reading recordings", len(clips), len(clips))
    return decoded


def _stored(path: Path, samples: int) -> Decoded | None:
    """Decoded waves from the cache; None where there are none, or not of so many samples."""
    if (loaded := load_tensors(path, ("waves", "kept"))) is None:
        return None
    tensors, facts = loaded
    if tensors["waves"].shape != (len(tensors["kept"]), samples):
        return None
    return Decoded(
        tensors["waves"],
        tensors["kept"].tolist(),
        [(path, reason) for path, reason in facts["skipped"]],
        facts["mixed"],
        facts["longer"],
        Counter({int(rate): count for rate, count in facts["rates"].items()}),
        Counter(facts["traits"]),
    )


def _store(path: Path, name: str, decoded: Decoded) -> None:
    facts = {
        "data": name,
        "skipped": decoded.skipped,
        "mixed": decoded.mixed,
        "longer": decoded.longer,
        "rates": dict(decoded.rates),
        "traits": dict(decoded.traits),
    }
    kept = torch.tensor(decoded.kept, dtype=torch.int64)
    store_tensors(path, {"waves": decoded.raw, "kept": kept}, facts)


def _features(
    raw: Tensor,
    name: str,
    clips: Sequence[Clip],
    frontend: FrontEnd,
    folder: Path,
    on_progress: OnProgress,
    resampling: Resampling,
) -> Tensor:
    """The features of raw examples, (N, C, F, T): of images computed, of waves from the cache or computed."""
    if frontend.sees_images:
        return _computed(raw, frontend, on_progress)
    path = folder / f"{_key(clips, frontend, resampling)}-{frontend.fingerprint}.safetensors"
    shape = (len(raw), *frontend.output.stored)

    def find() -> Tensor | None:
        loaded = load_tensors(path, ("features",))
        return loaded[0]["features"] if loaded and loaded[0]["features"].shape == shape else None

    def make() -> Tensor:
        features = _computed(raw, frontend, on_progress)
        store_tensors(path, {"features": features}, {"data": name})
        return features

    features = cached(path, find, make)
    on_progress("computing features", len(raw), len(raw))
    return features


def _computed(raw: Tensor, frontend: FrontEnd, on_progress: OnProgress) -> Tensor:
    """The features of raw examples, computed in batches."""
    module = FrontEndModule(frontend)
    features = torch.empty(len(raw), *frontend.output.stored)
    for start in range(0, len(raw), _BATCH):
        features[start : start + _BATCH] = module.features(raw[start : start + _BATCH])
        on_progress("computing features", min(start + _BATCH, len(raw)), len(raw))
    return features


def _key(clips: Sequence[Clip], frontend: FrontEnd, resampling: Resampling) -> str:
    """A hash of the files and of what decoding makes of them.

    What was cached before there was a choice of resampling is found again by runs that do not name theirs.
    """
    made = [VERSION, frontend.rate, frontend.samples, *([] if resampling == UNSAID else [resampling])]
    hashed = hashlib.sha256(json.dumps(made).encode())
    for clip in clips:
        try:
            facts = Path(clip.path).stat()
            stamp = f"{facts.st_size} {facts.st_mtime_ns}"
        except OSError:
            stamp = "missing"
        channel = "" if clip.channel is None else f"\t{clip.channel}"
        segment = "" if clip.segment is None else f"\t{clip.segment}"
        hashed.update(f"\n{clip.path}\t{stamp}{channel}{segment}".encode("utf-8", "surrogateescape"))
    return hashed.hexdigest()[:32]
