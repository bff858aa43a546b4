"""`dslnas report`: writes the report page of a run again."""

from __future__ import annotations

from .options import RunArgument

EXAMPLE = "Example: dslnas report runs/ss1-digits-darts-s0"


def report(run: RunArgument) -> None:
    """Write the report of a run again, or that of a cross-validation, and print its path."""
    from dslnas.report.page import write_report
    from dslnas.runs.folds.folder import FoldsFolder
    from dslnas.runs.folds.results import results_of, write_results

    from .terminal import out

    if FoldsFolder.is_one(run):
        folder = FoldsFolder.open(run)
        path = write_results(folder, results_of(folder))
    else:
        path = write_report(run)
    out().print(str(path), soft_wrap=True)
