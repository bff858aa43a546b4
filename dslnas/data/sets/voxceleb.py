"""VoxCeleb1 (Nagrani et al., arXiv:1706.08612), who speaks: `wav/{speaker}/{video}/{n}.wav`, 16 kHz, 16 bits.

`iden_split.txt` is the split of its identification task, lines `1 id10003/na8-QEFmj44/00003.wav`: 1 train, 2
validation, 3 test. `voxceleb1_min` is the subset of the DARTS-GAL paper (section 3.4): the 100 speakers whose
speaking times differ least, cut to pieces of three seconds, twenty pieces a speaker to test.

The paper does not promise that the pieces of a recording stay together, and a piece is easily told by the
others of its recording. Here they stay together (`data.split: official`); `pieces` draws them one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import Clip, DataOptions, DataSet, SplitName
from ..locations import locate
from ..splits import digest, grouped

LIST = "iden_split.txt"
SPLIT_OF: dict[str, SplitName] = {"1": "train", "2": "validation", "3": "test"}
SPEAKERS, SECONDS, TESTED = (
    100,
    3,
    20,
)  # of the subset: how many, the length of a piece, pieces to test of each
SHARE = 5  # where a speaker has few pieces, at most one of so many is tested
_HEADER, _BYTES = 44, 32_000  # of a wav file; a second of 16 kHz and 16 bits


@dataclass(frozen=True)
class Recording:
    """A recording that the list names. seconds: by the size of its file; 0 where it is not there."""

    name: str
    split: SplitName
    seconds: float

    @property
    def speaker(self) -> str:
        """The first folder of its name."""
        return self.name.partition("/")[0]

    @property
    def video(self) -> str:
        """The folder of its name: what was recorded at one time and place."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True)
class _Piece:
    recording: Recording
    number: int

    @property
    def name(self) -> str:
        return f"{self.recording.name}@{self.number}"


def speakers_of(known: Known, root: Path | None) -> tuple[str, ...]:
    """The speakers of the folder of a data set, sorted; those that stand for them where it is not there."""
    folder = locate(known, root)
    if folder is None:
        return known.classes
    found = _recordings(folder)
    return _alike(found)[0] if known.name == "voxceleb1_min" else _speakers(found)


def read_voxceleb1(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The recordings in `folder` in the official split.

    DslnasError N0603 for a split by speakers, N0604, N0605 for a list that cannot be read.
    """
    _refuse_speakers(known, options)
    found = _recordings(folder)
    speakers = _speakers(found)
    clips = [
        Clip(str(folder / "wav" / one.name), speakers.index(one.speaker), one.split, one.video)
        for one in found
        if one.seconds
    ]
    notes = [_few(len(speakers), len(known.classes))] if len(speakers) < len(known.classes) else []
    videos = grouped(clips, lambda clip: clip.split)
    trained = {clip.group for clip in videos.get("train", [])}
    shared = sum(clip.group in trained for clip in videos.get("test", []))
    if shared:
        total = len(videos["test"])
        notes.append(f"{shared} of {total} recordings of the test are of a video that trains")
    return _data_set(known, speakers, clips, notes, _missing(folder, found))


def read_voxceleb1_min(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The pieces of the subset in `folder`.

    `official`: of each speaker whole videos are tested and validated, where there are three or more, else
    whole recordings; what a tested one has beyond the twenty pieces is left out. `pieces`: as the paper may
    have it, any pieces. DslnasError N0603 for a split by speakers, N0604, N0605 for the list.
    """
    _refuse_speakers(known, options)
    found = _recordings(folder)
    speakers, notes = _alike(found)
    clips: list[Clip] = []
    used: dict[_Piece, SplitName] = {}
    drawn: dict[_Piece, SplitName] = {}
    cut = files = 0  # pieces that there are; speakers of whom recordings are set apart and not videos
    for label, speaker in enumerate(speakers):
        own = [one for one in found if one.speaker == speaker]
        pieces = [_Piece(one, number) for one in own for number in range(int(one.seconds // SECONDS))]
        whole = len({one.recording.video for one in pieces}) >= 3
        any_pieces = _drawn(pieces)
        sides = any_pieces if options.split == "pieces" else _apart(pieces, whole)
        for piece, side in sides.items():
            start = float(piece.number * SECONDS)
            path = str(folder / "wav" / piece.recording.name)
            clips.append(Clip(path, label, side, _unit(piece, whole), segment=(start, start + SECONDS)))
        cut, files = cut + len(pieces), files + (not whole)
        drawn.update(any_pieces)
        used.update(sides)
    short = sum(0 < one.seconds < SECONDS for one in found if one.speaker in speakers)
    told = [f"{short} recordings are shorter than {SECONDS} s and give no piece"] if short else []
    if left := cut - len(used):
        told.append(f"{left} pieces of what is tested are left out, so that none of them trains")
    if files and options.split != "pieces":
        told.append(f"{files} speakers have too few videos to set some apart: recordings are")
    told.append(f"of the test {_shared(used)} with what trains or validates")
    if options.split != "pieces":
        told.append(f"with `data.split=pieces`, as the paper may have it, {_shared(drawn)} with it")
    return _data_set(known, speakers, clips, [*notes, *told], _missing(folder, found))


def _data_set(
    known: Known,
    speakers: Sequence[str],
    clips: Sequence[Clip],
    notes: Sequence[str],
    skipped: list[tuple[str, str]],
) -> DataSet:
    return DataSet(
        known.name,
        tuple(speakers),
        tuple(clips),
        licence=known.licence,
        notes=tuple(notes),
        skipped=tuple(skipped),
    )


def _refuse_speakers(known: Known, options: DataOptions) -> None:
    if options.split == "speaker":
        message = f"`data.split` is `speaker`, but the classes of {known.name} are its speakers"
        raise fail("N0603", message, help="use `official`")


def _few(there: int, wanted: int) -> str:
    return f"{there} speakers are there, of {wanted}: figures are not those of the whole set"


def _missing(folder: Path, found: Sequence[Recording]) -> list[tuple[str, str]]:
    return [(str(folder / "wav" / one.name), "listed, but not there") for one in found if not one.seconds]


def _speakers(found: Sequence[Recording]) -> tuple[str, ...]:
    return tuple(sorted({one.speaker for one in found if one.seconds}))


def _alike(found: Sequence[Recording]) -> tuple[tuple[str, ...], list[str]]:
    """The speakers whose speaking times differ least, sorted by name, and a note on them.

    In the order of speaking time these are so many in a row, whose longest is least above their shortest.
    """
    times = {
        name: sum(one.seconds for one in own) for name, own in grouped(found, lambda one: one.speaker).items()
    }
    order = sorted((name for name in times if times[name]), key=lambda name: (times[name], name))
    wanted = min(SPEAKERS, len(order))
    starts = range(len(order) - wanted + 1)
    start = (
        min(starts, key=lambda place: times[order[place + wanted - 1]] - times[order[place]]) if wanted else 0
    )
    chosen = order[start : start + wanted]
    notes = [_few(len(order), SPEAKERS)] if len(order) < SPEAKERS else []
    if chosen:
        shortest, longest = (times[name] / 60 for name in (chosen[0], chosen[-1]))
        notes.append(
            f"{len(chosen)} of {len(order)} speakers, who speak for {shortest:.2f} to {longest:.2f} minutes"
        )
    return tuple(sorted(chosen)), notes


def _unit(piece: _Piece, whole: bool) -> str:
    """What stays together: the video of a piece, or its recording."""
    return piece.recording.video if whole else piece.recording.name


def _wanted(pieces: Sequence[_Piece]) -> tuple[int, int]:
    """How many pieces of a speaker are tested and validated at least."""
    tested = min(TESTED, max(1, len(pieces) // SHARE))
    return tested, max(1, (len(pieces) - tested) // 10)


def _apart(pieces: Sequence[_Piece], whole: bool) -> dict[_Piece, SplitName]:
    """The side of each piece that is used, where units stay together, by hashes of their names."""
    tested, validated = _wanted(pieces)
    sides: dict[_Piece, SplitName] = {}
    units = sorted(
        grouped(pieces, lambda piece: _unit(piece, whole)).items(), key=lambda unit: digest(unit[0])
    )
    counts = {"test": 0, "validation": 0}
    for place, (_, own) in enumerate(units):
        last = place == len(units) - 1 and place > 0  # something must train
        if counts["test"] < tested and not last:
            for piece in sorted(own, key=lambda piece: digest(piece.name))[: tested - counts["test"]]:
                sides[piece] = "test"
                counts["test"] += 1
        elif counts["validation"] < validated and not last:
            sides.update(dict.fromkeys(own, "validation"))
            counts["validation"] += len(own)
        else:
            sides.update(dict.fromkeys(own, "train"))
    return sides


def _drawn(pieces: Sequence[_Piece]) -> dict[_Piece, SplitName]:
    """The side of each piece, drawn one by one."""
    tested, validated = _wanted(pieces)
    order = sorted(pieces, key=lambda piece: digest(piece.name))
    return {
        piece: "test" if place < tested else "validation" if place < tested + validated else "train"
        for place, piece in enumerate(order)
    }


def _shared(sides: dict[_Piece, SplitName]) -> str:
    """How many pieces of the test have a recording, or a video, that is not of the test alone."""
    tested = [piece.recording for piece, side in sides.items() if side == "test"]
    others = [piece.recording for piece, side in sides.items() if side != "test"]
    recordings, videos = {one.name for one in others}, {one.video for one in others}
    by_name = sum(one.name in recordings for one in tested)
    by_video = sum(one.video in videos for one in tested)
    return f"{by_name} of {len(tested)} pieces share their recording, {by_video} their video,"


def _recordings(folder: Path) -> tuple[Recording, ...]:
    try:
        stamp = (folder / LIST).stat().st_mtime_ns
    except OSError as error:
        raise fail("N0604", f"the list {folder / LIST} cannot be read: {error}") from None
    return _listed(folder, stamp)


@lru_cache(maxsize=4)
def _listed(folder: Path, stamp: int) -> tuple[Recording, ...]:
    """The recordings that the list names, in its order. stamp: when the list was changed."""
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise fail("N0604", f"the list {folder / LIST} cannot be read: {error}") from None
    found: list[Recording] = []
    for number, line in enumerate(lines, start=1):
        words = line.split(maxsplit=1)
        if not words:
            continue
        if len(words) != 2 or words[0] not in SPLIT_OF or words[1].count("/") != 2 or ".." in words[1]:
            message = f"{folder / LIST}:{number}: this is no `1 SPEAKER/VIDEO/FILE`"
            raise fail("N0605", message, help="1 is the training, 2 the validation, 3 the test")
        found.append(
            Recording(words[1].strip(), SPLIT_OF[words[0]], _seconds(folder / "wav" / words[1].strip()))
        )
    return tuple(found)


def _seconds(path: Path) -> float:
    try:
        return max(0.0, (path.stat().st_size - _HEADER) / _BYTES)
    except OSError:
        return 0.0
