"""Parts of the clips that no test needs: the official folds of a data set, or so many of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from ..base.diagnostics import DslnasError
from .dataset import Clip, DataOptions
from .opening import open_data
from .splits import digest, grouped

Part = frozenset[str]  # keys of clips


def official_parts(spec: str, root: Path | None, options: DataOptions) -> list[Part]:
    """The clips that each official fold of a data set holds out, without those of the fold that is tested.

    Where all folds share one test, those that each of them validates with. Empty for a data set without
    folds. Raises DslnasError as `open_data` does.
    """
    clips = [open_data(spec, root, replace(options, fold=1)).clips]
    for fold in count(2):
        try:
            found = open_data(spec, root, replace(options, fold=fold)).clips
        except DslnasError as error:
            if all(one.code == "N0603" for one in error.diagnostics):
                break  # there are no more folds
            raise
        if found in clips:
            break  # folds change nothing
        clips.append(found)
    own = open_data(spec, root, options).clips
    tested = _keys(own, "test")
    tests = [_keys(found, "test") for found in clips]
    held = tests if len(set(tests)) > 1 else [_keys(found, "validation") for found in clips]
    return [part for part in (one - tested for one in held) if part] if len(clips) > 1 else []


def own_parts(clips: Sequence[Clip], parts: int) -> list[Part]:
    """Clips in so many parts: whole groups (speakers, source recordings) where there are enough of them.

    Else the clips of each class are dealt out in turn. What goes where follows from the hashes of names.
    """
    groups = {clip.group for clip in clips}
    if "" not in groups and len(groups) >= parts:
        dealt = {group: place % parts for place, group in enumerate(sorted(groups, key=digest))}
        return [frozenset(c.key for c in clips if dealt[c.group] == part) for part in range(parts)]
    found: list[set[str]] = [set() for _ in range(parts)]
    for members in grouped(clips, lambda clip: clip.label).values():
        for place, key in enumerate(sorted({clip.key for clip in members} - set().union(*found), key=digest)):
            found[place % parts].add(key)
    return list(map(frozenset, found))


def _keys(clips: Sequence[Clip], split: str) -> Part:
    return frozenset(clip.key for clip in clips if clip.split == split)
