"""`dslnas lsp` where it cannot start; what it does once it runs is told in `tests/editor/lsp`."""

from __future__ import annotations

import importlib.util

import pytest
from typer.testing import CliRunner

from cli.app import app


def test_without_pygls_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "pygls" else found(name, *more)
    )
    result = CliRunner().invoke(app, ["lsp"], env={"COLUMNS": "200"})
    assert result.exit_code == 1 and result.stdout == ""
    assert 'pip install "dslnas[lsp]"' in result.stderr
