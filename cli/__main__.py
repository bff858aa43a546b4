"""`python -m dslnas.cli`, and `python -m cli` in a checkout."""

from .app import app

app(prog_name="dslnas")
