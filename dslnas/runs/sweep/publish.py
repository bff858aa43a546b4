"""The tables and figures of a sweep as files, made from its run folders at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...base.files import write_atomically
from .folder import TABLES, SweepFolder
from .results import Architecture, Row, architectures, presets
from .tables import as_csv, latex, markdown, table_of


def publish(folder: SweepFolder) -> list[Path]:
    """Write the tables and figures of every sweep of a folder to its `tables/`; returns the files.

    `SWEEP.md`, `.tex` and `.csv`; `SWEEP-accuracy` and `SWEEP-polynomials`, each `.svg` and `.png`. Figures
    without results yet are left out. Raises DslnasError N0701 where a file cannot be written.
    """
    out = folder.path / TABLES
    out.mkdir(exist_ok=True)
    written: list[Path] = []
    for sweep in folder.sweeps:
        found = architectures(folder, sweep)
        for name, data in (*_texts(folder, sweep, found), *_figures(sweep, found)):
            write_atomically(out / name, data)
            written.append(out / name)
    return written


def _texts(folder: SweepFolder, sweep: str, found: Sequence[Architecture]) -> Iterator[tuple[str, bytes]]:
    table, words = table_of(found), caption(folder, found)
    yield f"{sweep}.md", markdown(table, words).encode("utf-8", "backslashreplace")
    yield f"{sweep}.tex", latex(table, words).encode("utf-8", "backslashreplace")
    yield f"{sweep}.csv", as_csv(found).encode("utf-8", "backslashreplace")


def caption(folder: SweepFolder, found: Sequence[Architecture]) -> str:
    """The caption of a table: what its figures are."""
    most = max((one.planned for one in found), default=0)
    parts = [
        f"Mean test accuracy ± standard deviation of {most} retrainings with seeds of their own"
        if most > 1
        else "Test accuracy of one retraining",
        "95 % interval of that mean over tests of as many clips (Wilson)",
        "live parameters of the retrained network, and with the edges that pruning dropped",
    ]
    if any(one.gap is not None for one in found):
        parts.append("gap between the supernet and the pruned network (equation 6 of the ForceDARTS paper)")
    if any(one.polynomials for one in found):
        parts.append("share of the kept edges whose operation is a polynomial of order two or more")
    kinds = presets(folder)
    return f"{'; '.join(parts)}. Preset {', '.join(f'`{kind}`' for kind in kinds)}."


def _figures(sweep: str, found: Sequence[Architecture]) -> Iterator[tuple[str, bytes]]:
    from ...report.render.figure import saved
    from ...report.sweeps import Bar, Point, accuracy_bars, polynomial_regression

    tested = [(one, one.accuracy) for one in found if one.accuracy is not None]
    names = _short_names(found)
    bars = [Bar(o.data, names[o.row], o.letter, accuracy, o.deviation, o.clips) for o, accuracy in tested]
    points = [
        Point(one.domain, one.data, one.polynomials, accuracy)
        for one, accuracy in tested
        if one.polynomials is not None
    ]
    figures = {"accuracy": accuracy_bars(bars) if bars else None}
    if any(point.share for point in points):
        figures["polynomials"] = polynomial_regression(points)
    for name, figure in figures.items():
        for suffix in ("svg", "png") if figure is not None else ():
            assert figure is not None
            yield f"{sweep}-{name}.{suffix}", saved(figure, suffix)


def _short_names(found: Sequence[Architecture]) -> dict[Row, str]:
    """Short names of rows: domain, space and method, as far as they differ."""
    rows = list(dict.fromkeys(one.row for one in found))
    parts = [index for index in (1, 2, 3) if len({row[index] for row in rows if row[3]}) > 1] or [3]
    return {row: " ".join(row[i] for i in parts) if row[3] else row[2] for row in rows}
