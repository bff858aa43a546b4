"""A data set ready for training: raw examples, features and labels of each split.

Waves, pictures and features of recordings are computed once and cached on disk. Images of which many lie in
one file are not: reading them is as fast. A set of recordings or of pictures that is larger than
`memory_limit` stays on disk (`StoredRows`), its features too, and gives the same examples bit by bit.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..base.cache import cache_folder
from ..base.diagnostics import fail
from ..ir.frontend import FrontEnd
from .cache.limit import MEMORY, memory_limit
from .cache.made_once import cached
from .cache.rows import Examples, StoredRows, open_rows, some, write_rows
from .cache.tensors import load_tensors, store_tensors
from .dataset import SPLITS, Clip, DataSet, OnProgress, SplitName, silent
from .frontend.frontend import FrontEndModule
from .judge import Member
from .pictures.decoding import decode_pictures, picture_notes, pictures_key
from .resampling import PRESENT, UNSAID, Resampling
from .sets.images import is_packed, read_images
from .splits import check
from .waves import LOUDEST, Decoded, decode, read_noise

VERSION = 2  # of what is cached: raise it when decoding or a step of a front end changes
_BATCH = 256


@dataclass(frozen=True)
class Split:
    """The examples of one split as tensors, or as rows on disk where there are too many.

    raw: waves, int16 (N, samples), full scale 32768, or images, uint8 (N, C, F, T); features: float32
    (N, C, F, T), of a complex front end real and imaginary part as channels; labels: int64 (N,). groups: the
    speaker or source of each, "" where it is not known; empty where none is. channels: which channel of its
    recording each is, from 1; empty where channels are mixed down. keys: `Clip.key` of each. wholes: the
    recording that each is a window of, or its own key; empty where there are no windows.
    """

    raw: Examples
    features: Examples
    labels: Tensor
    paths: list[str]
    groups: list[str] = field(default_factory=list)
    channels: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    wholes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.paths)

    def part(self, indices: Tensor) -> Split:
        """The examples at indices (M,)."""
        places = indices.tolist()
        paths = [self.paths[place] for place in places]
        groups = [self.groups[place] for place in places] if self.groups else []
        channels = [self.channels[place] for place in places] if self.channels else []
        keys = [self.keys[place] for place in places] if self.keys else []
        wholes = [self.wholes[place] for place in places] if self.wholes else []
        raw, features = some(self.raw, indices), some(self.features, indices)
        return Split(raw, features, self.labels[indices], paths, groups, channels, keys, wholes)

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
    source = _Source(data.name, clips, frontend, folder, on_progress, resampling)
    raw, decoded, noise, bad_noises = _read(data, source)
    skipped = [*data.skipped, *decoded.skipped]
    _check_skipped(data, skipped)
    used = [clips[index] for index in decoded.kept]
    data = check(replace(data, clips=tuple(used), skipped=tuple(skipped)))
    features = _features(raw, source)
    train, validation, test = (_split(name, used, raw, features) for name in SPLITS)
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


def notes_of(decoded: Decoded, frontend: FrontEnd, longer: str = LOUDEST) -> list[str]:
    """What was done to recordings or pictures to make of them what a front end takes, in words.

    longer: what becomes of recordings that are longer than a clip.
    """
    if frontend.sees_images:
        return picture_notes(decoded)
    return decoded.notes(frontend.rate, frontend.clip, longer)


@dataclass(frozen=True)
class _Source:
    """What examples are made of, recordings or pictures that are a file each, and where they are kept."""

    name: str
    clips: Sequence[Clip]
    frontend: FrontEnd
    folder: Path
    on_progress: OnProgress
    resampling: Resampling

    @property
    def paths(self) -> list[str]:
        """The files of the clips, in order."""
        return [clip.path for clip in self.clips]

    @property
    def key(self) -> str:
        """A hash of the files and of what decoding makes of them."""
        if self.frontend.sees_images:
            return pictures_key(self.paths, self.frontend)
        return _key(self.clips, self.frontend, self.resampling)

    @property
    def raw_name(self) -> str:
        """What the raw examples are called in the cache."""
        return "pictures" if self.frontend.sees_images else "waves"

    @property
    def raw_type(self) -> torch.dtype:
        """The type of the numbers of a raw example."""
        return torch.uint8 if self.frontend.sees_images else torch.int16

    @property
    def size(self) -> int:
        """The bytes of the raw examples and the features of all clips."""
        raw = self.raw_type.itemsize * prod(self.frontend.raw_shape)
        return len(self.clips) * (raw + torch.float32.itemsize * prod(self.frontend.output.stored))

    def path(self, of_features: bool, on_disk: bool) -> Path:
        """The file of the cache for raw examples, or for features; that of rows has a name of its own."""
        features = f"-{self.frontend.fingerprint}" if of_features else ""
        return self.folder / f"{self.key}{features}{'.rows' if on_disk else ''}.safetensors"

    def all_read(self) -> None:
        """Tell that all files are read."""
        what = "pictures" if self.frontend.sees_images else "recordings"
        self.on_progress(f"reading {what}", len(self.clips), len(self.clips))

    def decode(self, into: Callable[[Tensor], None] | None = None) -> Decoded:
        """Decode the clips; `into` takes the raw examples instead of `Decoded.raw`.

        DslnasError N0605 where a picture cannot have as many channels as the front end sees.
        """
        if self.frontend.sees_images:
            return decode_pictures(self.paths, self.frontend, self.on_progress, into)
        return decode(
            self.paths,
            self.frontend.rate,
            self.frontend.clip,
            self.on_progress,
            self.resampling,
            [clip.channel for clip in self.clips],
            [clip.segment for clip in self.clips],
            into,
        )


def _read(data: DataSet, source: _Source) -> tuple[Examples, Decoded, Tensor | None, list[tuple[str, str]]]:
    """The raw examples; how they were decoded; noise; the noise recordings that are no use, with the reason.

    DslnasError N0605 where packed images cannot be read, or have another shape than the front end expects.
    """
    clips, frontend = source.clips, source.frontend
    if frontend.sees_images and all(is_packed(clip) for clip in clips):
        source.on_progress("reading images", 0, len(clips))
        decoded = Decoded(read_images(clips, frontend.raw_shape), [*range(len(clips))])
        return decoded.raw, decoded, None, []
    raw, decoded = _raw_on_disk(source) if source.size > memory_limit() else _raw_in_memory(source)
    noises = () if frontend.sees_images else data.noises
    noise, bad_noises = read_noise(noises, frontend.rate, source.resampling) if noises else (None, [])
    return raw, decoded, noise, bad_noises


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


def _split(name: SplitName, clips: Sequence[Clip], raw: Examples, features: Examples) -> Split:
    """The clips of one split; they are sorted by split, so that its tensors are slices."""
    places = [place for place, clip in enumerate(clips) if clip.split == name]
    rows = slice(places[0], places[-1] + 1)
    labels = torch.tensor([clip.label for clip in clips[rows]], dtype=torch.int64)
    paths, groups = [clip.path for clip in clips[rows]], [clip.group for clip in clips[rows]]
    channels = [clip.channel for clip in clips[rows] if clip.channel is not None]
    keys = [clip.key for clip in clips[rows]]
    wholes = [clip.whole or clip.key for clip in clips[rows]] if any(clip.whole for clip in clips) else []
    return Split(some(raw, rows), some(features, rows), labels, paths, groups, channels, keys, wholes)


def _notes(decoded: Decoded, frontend: FrontEnd, skipped: int, what: str) -> list[str]:
    notes = notes_of(decoded, frontend)
    if skipped:
        notes.append(f"{skipped} {what} cannot be used and were left out")
    return notes


def _raw_in_memory(source: _Source) -> tuple[Tensor, Decoded]:
    """The raw examples of a data set, from the cache or from their files."""
    path = source.path(of_features=False, on_disk=False)

    def make() -> Decoded:
        decoded = source.decode()
        _store(path, source, decoded)
        return decoded

    decoded = cached(path, lambda: _stored(path, source), make)
    source.all_read()
    return decoded.raw, decoded


def _raw_on_disk(source: _Source) -> tuple[StoredRows, Decoded]:
    """The raw examples of a large data set, which stay in a file of the cache."""
    row, dtype = source.frontend.raw_shape, source.raw_type

    def make(add: Callable[[Tensor], None]) -> Mapping[str, Any]:
        decoded = source.decode(add)
        return {"kept": decoded.kept, **_facts(decoded)}

    rows, facts = _rows(source, False, source.raw_name, row, dtype, make)
    source.all_read()
    return rows, _from_facts(torch.zeros(0, *row, dtype=dtype), facts["kept"], facts)


def _rows(
    source: _Source,
    of_features: bool,
    name: str,
    row: tuple[int, ...],
    dtype: torch.dtype,
    make: Callable[[Callable[[Tensor], None]], Mapping[str, Any]],
) -> tuple[StoredRows, dict[str, Any]]:
    """Rows from the cache with their facts, or else those that `make` adds; DslnasError N0604 for no room."""
    path = source.path(of_features, on_disk=True)

    def find() -> tuple[StoredRows, dict[str, Any]] | None:
        return open_rows(path, name, row, dtype)

    def made() -> tuple[StoredRows, dict[str, Any]]:
        try:
            write_rows(path, name, row, dtype, make, source.name)
        except OSError as error:
            message = (
                f"{source.name} takes {source.size / 1e9:.1f} GB, more than is held in memory, and "
                f"{path.parent} cannot take it: {error.strerror or error}"
            )
            help = f"name a folder with room, $DSLNAS_CACHE, or allow more memory, ${MEMORY}=8G"
            raise fail("N0604", message, help=help) from None
        found = find()
        assert found is not None, "it has just been written"
        return found

    return cached(path, find, made)


def _stored(path: Path, source: _Source) -> Decoded | None:
    """Raw examples from the cache; None where there are none, or not of their shape."""
    name = source.raw_name
    if (loaded := load_tensors(path, (name, "kept"))) is None:
        return None
    tensors, facts = loaded
    if tensors[name].shape != (len(tensors["kept"]), *source.frontend.raw_shape):
        return None
    return _from_facts(tensors[name], tensors["kept"].tolist(), facts)


def _store(path: Path, source: _Source, decoded: Decoded) -> None:
    kept = torch.tensor(decoded.kept, dtype=torch.int64)
    store_tensors(
        path, {source.raw_name: decoded.raw, "kept": kept}, {"data": source.name, **_facts(decoded)}
    )


def _facts(decoded: Decoded) -> dict[str, Any]:
    """What was done to recordings or pictures, as JSON data."""
    return {
        "skipped": decoded.skipped,
        "mixed": decoded.mixed,
        "longer": decoded.longer,
        "rates": dict(decoded.rates),
        "traits": dict(decoded.traits),
    }


def _from_facts(raw: Tensor, kept: list[int], facts: Mapping[str, Any]) -> Decoded:
    """The inverse of `_facts`; of pictures, earlier versions stored no facts of recordings."""
    return Decoded(
        raw,
        kept,
        [(path, reason) for path, reason in facts["skipped"]],
        facts.get("mixed", 0),
        facts.get("longer", 0),
        Counter({int(rate): count for rate, count in facts.get("rates", {}).items()}),
        Counter(facts["traits"]),
    )


def _features(raw: Examples, source: _Source) -> Examples:
    """The features of raw examples, (N, C, F, T): of images in memory computed, else found or computed."""
    frontend, on_progress = source.frontend, source.on_progress
    if isinstance(raw, StoredRows):
        features: Examples = _rows_of_features(raw, source)
    elif frontend.sees_images:
        return _computed(raw, frontend, on_progress)
    else:
        path = source.path(of_features=True, on_disk=False)
        shape = (len(raw), *frontend.output.stored)

        def find() -> Tensor | None:
            loaded = load_tensors(path, ("features",))
            return loaded[0]["features"] if loaded and loaded[0]["features"].shape == shape else None

        def make() -> Tensor:
            features = _computed(raw, frontend, on_progress)
            store_tensors(path, {"features": features}, {"data": source.name})
            return features

        features = cached(path, find, make)
    on_progress("computing features", len(raw), len(raw))
    return features


def _rows_of_features(raw: StoredRows, source: _Source) -> StoredRows:
    """The features of raw examples on disk, which stay there too."""

    def make(add: Callable[[Tensor], None]) -> Mapping[str, Any]:
        for block in _blocks(raw, source.frontend, source.on_progress):
            add(block)
        return {}

    shape = tuple(source.frontend.output.stored)
    return _rows(source, True, "features", shape, torch.float32, make)[0]


def _computed(raw: Examples, frontend: FrontEnd, on_progress: OnProgress) -> Tensor:
    """The features of raw examples, in memory."""
    features = torch.empty(len(raw), *frontend.output.stored)
    for number, block in enumerate(_blocks(raw, frontend, on_progress)):
        features[number * _BATCH : (number + 1) * _BATCH] = block
    return features


def _blocks(raw: Examples, frontend: FrontEnd, on_progress: OnProgress) -> Iterator[Tensor]:
    """The features of raw examples, in batches of `_BATCH`."""
    module = FrontEndModule(frontend)
    for start in range(0, len(raw), _BATCH):
        yield module.features(raw[start : start + _BATCH])
        on_progress("computing features", min(start + _BATCH, len(raw)), len(raw))


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
