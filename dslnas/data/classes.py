"""The class names of a data set, and how it is split, without reading its recordings."""

from __future__ import annotations

from ..base.diagnostics import DslnasError
from .catalog import KNOWN, Spec, parse_spec


def class_names(text: str) -> tuple[str, ...]:
    """The classes of a data set in the order of its labels; of the user's own recordings, sorted.

    Those of known data sets need no files. DslnasError N0604 where the spec or its path is unknown.
    """
    spec = parse_spec(text)
    if spec.path is None:
        return KNOWN[spec.name].classes
    from .own.layout import spellings

    return tuple(sorted(set(spellings(_labels(spec)).values())))


def _labels(spec: Spec) -> list[str]:
    """The labels of the user's own recordings as they are spelled."""
    from .own.layout import layout_of
    from .own.tables import read_table

    assert spec.path is not None
    if spec.kind == "folder":
        return layout_of(spec.path).labels
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
            layout = layout_of(spec.path)
            return "hash" if not layout.names_splits else "table" if layout.rows else "folders"
        return "table" if any(row.split for row in read_table(spec.path).rows) else "hash"
    except DslnasError:
        return split
