"""The class names of a data set, without reading its recordings."""

from __future__ import annotations

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
