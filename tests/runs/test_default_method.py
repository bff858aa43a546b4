"""The method of a file that names none, whatever it has to choose, and a line that says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from dslnas.cli.app import app
from typer.testing import CliRunner

from dslnas.runs.load import DEFAULT_METHOD, load, method_taken

ALIKE, WIDTHS = "conv(3, 8) -> choose {relu, silu}", "conv(3, choose {8, 16}) -> bn"


def written(folder: Path, layers: str, more: str = "") -> Path:
    path = folder / "space.nas"
    network = f"network = input -> {layers} -> global_pool -> linear(classes)"
    path.write_text(f"space S {{\n    {network}\n}}\n{more}")
    return path


@pytest.mark.parametrize("layers", [ALIKE, WIDTHS])
def test_it_is_chance_also_where_choices_cannot_be_mixed(tmp_path: Path, layers: str) -> None:
    path = written(tmp_path, layers)
    experiment = load(path)
    assert experiment.method.name == DEFAULT_METHOD
    told = method_taken(experiment.settings.origins, DEFAULT_METHOD)
    assert told is not None and f"`{DEFAULT_METHOD}`" in told
    result = CliRunner().invoke(app, ["plan", str(path)])
    assert result.exit_code == 0 and " ".join(told.split()) in " ".join(result.output.split())


def test_what_is_named_is_taken_without_a_word(tmp_path: Path) -> None:
    experiment = load(written(tmp_path, ALIKE, "experiment {\n    space:  S\n    method: darts\n}\n"))
    assert experiment.method.name == "darts"
    assert method_taken(experiment.settings.origins, "random") is None
