"""The class names of a data set, and how it is split, without reading its recordings."""

from __future__ import annotations

from ..base.diagnostics import DslnasError
from .catalog import KNOWN, parse_spec


def class_names(text: str) -> tuple[str, ...]:
    """The classes of a data set in the order of its labels; of the user's own recordings, sorted.

    Those of known data sets need no files. DslnasError N0604 where the spec or its path is unknown.
    """
    spec = parse_spec(text)
    if spec.path is None:
        return KNOWN[spec.name].classes
    from .sets.recordings import class_folders, table

    if spec.kind == "folder":
        return tuple(sorted({folder.name for _, folder in class_folders(spec.path)}))
    return tuple(sorted({row["label"] for row in table(spec.path) if row["label"]}))


def split_called(text: str, split: str) -> str:
    """What the split of a data set is called: `official`, `speaker`, or who decides on one's own recordings.

    That is `folders` or `table` where they name the splits, and `hash` where the names of the files decide.
    `split`: what is asked for; it stays where the recordings cannot be read.
    """
    spec = parse_spec(text)
    if spec.path is None or split != "official":
        return split
    from .sets.recordings import class_folders, table

    try:
        if spec.kind == "folder":
            return "folders" if any(part for part, _ in class_folders(spec.path)) else "hash"
        return "table" if any(row["split"] for row in table(spec.path)) else "hash"
    except DslnasError:
        return split
