"""The page of a cross-validation: its figures, and the way to the report of each fold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...base.figures import from_to
from ...base.files import write_atomically
from ...base.run_folder import REPORT
from ..confusion import confusion_matrix
from ..findings import percent
from ..render.figure import saved
from ..render.palette import css_variables
from ..render.svg import inline

TEMPLATE = "folds.html.j2"
# The run of a fold, its accuracy with the 95 % interval, its macro F1, and how many clips it tests.
Row = tuple[str, float, tuple[float, float], float, int]


def write_page(
    path: Path,
    lines: Sequence[str],
    rows: Sequence[Row],
    unfinished: Sequence[tuple[str, str]],
    classes: Sequence[str],
    confusion: Sequence[Sequence[int]],
) -> None:
    """Write the page of a cross-validation; raises DslnasError N0701 where it cannot be written.

    lines: what the folds say together; unfinished: the runs that are not done, with their errors; confusion:
    of all clips, a row for each true class.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("dslnas.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, from_to=from_to)
    matrix = None
    if classes and confusion:
        picture = saved(confusion_matrix(classes, [list(row) for row in confusion]), "svg", "none").decode()
        matrix = Markup(inline(picture, "matrix-", "confusion matrix of all folds"))
    page = environment.get_template(TEMPLATE).render(
        title=f"Cross-validation in {len(rows) + len(unfinished)} folds",
        colours=css_variables(),
        lines=lines,
        rows=rows,
        unfinished=unfinished,
        report=REPORT,
        matrix=matrix,
    )
    write_atomically(path, page.encode("utf-8", "replace"), "N0701")
