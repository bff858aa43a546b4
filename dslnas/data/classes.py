"""What a data set is of, its class names, and how it is split, without reading its recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..base.diagnostics import DslnasError
from .catalog import KNOWN, Spec, parse_spec

if TYPE_CHECKING:
    from .own.endings import Sort


def own_sort(spec: Spec) -> Sort:
    """What a folder or a table of the user's is of: pictures where there is no recording among them.

    Recordings where there is nothing of either, or nothing can be read.
    """
    from .own.endings import RECORDINGS, sort_of, walked
    from .own.tables import read_table

    assert spec.path is not None
    if spec.kind == "folder":
        return sort_of(walked(spec.path))
    try:
        return sort_of(Path(row.file) for row in read_table(spec.path).rows)
    except DslnasError:
        return RECORDINGS


def holds_images(text: str) -> bool:
    """Whether a data set holds images; else it holds recordings."""
    spec = parse_spec(text)
    return KNOWN[spec.name].holds != "recordings" if spec.path is None else own_sort(spec).kind == "picture"


def packed(text: str) -> bool:
    """Whether many examples of a data set lie in one file, as those of CIFAR and MNIST do."""
    spec = parse_spec(text)
    return spec.path is None and KNOWN[spec.name].holds == "images"


def profile_name(text: str) -> str:
    """The profile of a data set: its name; `recordings` or `pictures` for the user's own."""
    spec = parse_spec(text)
    return spec.name if spec.path is None else own_sort(spec).what


def class_names(text: str, root: Path | None = None) -> tuple[str, ...]:
    """The classes of a data set in the order of its labels; of the user's own recordings, sorted.

    Those of known data sets need no files, but for speakers, which are those of the folder where it is there.
    root: `--data-root`. DslnasError N0604 where the spec or its path is unknown.
    """
    spec = parse_spec(text)
    if spec.path is None:
        known = KNOWN[spec.name]
        if known.on_disk:
            from .sets.voxceleb import speakers_of

            return speakers_of(known, root)
        return known.classes
    from .own.layout import spellings

    return tuple(sorted(set(spellings(_labels(spec)).values())))


def _labels(spec: Spec) -> list[str]:
    """The labels of the user's own recordings as they are spelled."""
    from .own.layout import layout_of
    from .own.tables import read_table

    assert spec.path is not None
    if spec.kind == "folder":
        return layout_of(spec.path, own_sort(spec)).labels
    return [row.label for row in read_table(spec.path).rows if row.label]


def split_called(text: str, split: str, folds: int = 0) -> str:
    """What the split of a data set is called: `official`, `speaker`, or who decides on one's own recordings.

    That is `folders` or `table` where they name the splits, and `hash` where the names of the files decide.
    `split`: what is asked for; it stays where the recordings cannot be read. folds: into how many the set is
    divided, which is then what it is called: `5 folds`.
    """
    if folds:
        return f"{folds} folds"
    spec = parse_spec(text)
    if spec.path is None or split != "official":
        return split
    from .own.layout import layout_of
    from .own.tables import read_table

    try:
        if spec.kind == "folder":
            layout = layout_of(spec.path, own_sort(spec))
            return "hash" if not layout.names_splits else "table" if layout.rows else "folders"
        return "table" if any(row.split for row in read_table(spec.path).rows) else "hash"
    except DslnasError:
        return split
