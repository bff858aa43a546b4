"""`dslnas report`: writes the report page of a run again."""

from __future__ import annotations

from .options import RunArgument

EXAMPLE = "Example: dslnas report runs/ss1-digits-darts-s0"


def report(run: RunArgument) -> None:
    """Write the report of a run again and print its path."""
    from dslnas.report.page import write_report

    from .terminal import out

    out().print(str(write_report(run)), soft_wrap=True)
