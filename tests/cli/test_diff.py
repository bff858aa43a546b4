"""`dslnas diff`: spaces, genotypes, pictures, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small import program_of, random_genotype, small
from typer.testing import CliRunner, Result

from cli.app import app
from dslnas.ir.genotype import to_json
from dslnas.resolve.genotype_text import text_of
from dslnas.runs.begin import start

SIZES = ("--data", "fsdd", "--set", "nodes=2", "--set", "channels=4", "--set", "repeat=1")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["diff", *map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture
def genotypes(tmp_path: Path) -> tuple[Path, Path]:
    """One as JSON, one as source."""
    program = program_of(small("ss1", "darts", "repeat=1"))
    first, second = tmp_path / "first.json", tmp_path / "second.nas"
    first.write_text(json.dumps(to_json(random_genotype(program, 1))))
    second.write_text(text_of(random_genotype(program, 2)))
    return first, second


def test_two_spaces() -> None:
    lines = run("ss1", "sspolasym5", *SIZES).stdout.splitlines()
    assert "  - candidates.sep_conv_5x5 = sep_conv(5)" in lines
    assert "  + candidates.sep_conv_5x5 = asym5(7, 1)" in lines
    assert [line for line in lines if not line.startswith(" ")] == [
        *("space", "operations", "candidates", "size"),
    ]


def test_removed_parts_are_a_difference(genotypes: tuple[Path, Path], tmp_path: Path) -> None:
    data = json.loads(genotypes[0].read_text())
    edge = {"from": data["cells"]["reduction"]["nodes"]["n1"][0]["from"], "to": "n1"}
    removed = {
        "network/normal_1": {"cell": "normal", "removed": ["n1", "n2"]},
        "network/reduction_1": {"cell": "reduction", "removed": [], "edges": [edge], "channels": 6},
    }
    data |= {"version": 3, "positions": removed}
    pruned = tmp_path / "pruned.json"
    pruned.write_text(json.dumps(data))
    lines = run(genotypes[0], pruned).stdout.splitlines()
    removed_edge = f"  + network/reduction_1: reduction: {edge['from']} -> n1"
    assert lines == [
        *("removed nodes", "  + network/normal_1: normal: n1, n2"),
        *("removed edges", removed_edge),
        *("kept channels", "  + network/reduction_1: reduction: 6"),
    ]


def test_a_space_and_itself() -> None:
    result = run("ss1", "ss1", *SIZES)
    assert (result.exit_code, result.stdout) == (0, "no difference\n")


def test_json_has_numbers() -> None:
    found = json.loads(run("ss1", "sspolasym4", *SIZES, "--json").stdout)
    assert (found["before"], found["after"]) == ("ss1", "sspolasym4")
    sizes = {change["name"]: change for change in found["changes"] if change["part"] == "size"}
    params = sizes["parameters, supernet"]
    assert isinstance(params["before"], int) and params["before"] != params["after"]


def test_two_genotypes_and_their_picture(genotypes: tuple[Path, Path], tmp_path: Path) -> None:
    picture = tmp_path / "both.svg"
    result = run(*genotypes, "-o", picture)
    assert result.exit_code == 0
    assert "cell normal" in result.stdout and str(picture) in result.stdout
    svg = picture.read_text()
    for name in (f"normal: {genotypes[0]}", f"reduction: {genotypes[1]}"):
        assert name[:20] in svg


def test_two_runs_differ_in_settings_and_in_what_they_found(tmp_path: Path) -> None:
    """A run that found nothing yet is compared by what it does."""
    folders = []
    for seed, method in enumerate(("darts", "fairdarts", "darts")):
        experiment = small("ss1", method, "repeat=1")
        folders.append(start(experiment, tmp_path / f"run{seed}").path)
        if seed < 2:
            genotype = random_genotype(program_of(experiment), seed)
            (folders[-1] / "genotype.json").write_text(json.dumps(to_json(genotype)))
    parts = [line for line in run(*folders[:2]).stdout.splitlines() if not line.startswith(" ")]
    assert {"method", "cell normal", "cell reduction"} <= set(parts)
    assert "cell normal" not in run(*folders[1:]).stdout
    assert "  + a -> n1: " in run(folders[0], folders[1] / "genotype.json").stdout


def test_a_genotype_is_no_space(genotypes: tuple[Path, Path]) -> None:
    for arguments in ((genotypes[0], "ss1"), ("ss1", genotypes[1])):
        result = run(*arguments)
        assert result.exit_code == 1 and "is a genotype, and the other is none" in result.stderr


def test_spaces_have_no_picture_of_their_differences(tmp_path: Path) -> None:
    result = run("ss1", "sspolasym5", "-o", tmp_path / "x.svg")
    assert result.exit_code == 1 and "ss1 holds no genotype" in result.stderr


def test_a_space_that_is_wrong_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wrong.nas"
    path.write_text("space S { network = inputt }\n")
    result = run("ss1", path)
    assert result.exit_code == 1 and "error[N0201]" in result.stderr
