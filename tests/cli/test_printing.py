"""`dslnas print`, and what the other commands do with a genotype as source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small import program_of, random_genotype, small
from typer.testing import CliRunner

from cli.app import app
from cli.subject import subject_of
from dslnas.ir.genotype import Genotype, to_json
from dslnas.resolve.genotype_text import read_source, text_of
from dslnas.runs.request import Request

SIZES = ("--set", "nodes=2", "--set", "channels=4", "--data", "fsdd")


@pytest.fixture
def genotype() -> Genotype:
    return random_genotype(program_of(small("ss1", "darts", "repeat=1")), 3)


@pytest.fixture
def file(genotype: Genotype, tmp_path: Path) -> Path:
    path = tmp_path / "genotype.json"
    path.write_text(json.dumps(to_json(genotype)))
    return path


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_a_genotype_is_printed_as_source(genotype: Genotype, file: Path) -> None:
    assert run("print", file) == text_of(genotype)
    assert run("print", file, "--name", "best") == text_of(genotype, "best")
    assert run(file) == text_of(genotype)


def test_a_run_folder_prints_its_genotype(genotype: Genotype, file: Path) -> None:
    assert run("print", file.parent) == text_of(genotype)
    assert run(file.parent) == text_of(genotype)


def test_json_to_text_and_back(genotype: Genotype, file: Path, tmp_path: Path) -> None:
    written = tmp_path / "best.nas"
    assert run("print", file, "-o", written) == ""
    assert read_source(written) == genotype
    assert json.loads(run("print", written, "--json")) == to_json(genotype)


@pytest.mark.parametrize("content", ["space S", "", "op own = x"])
def test_what_holds_no_genotype_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.nas"
    path.write_text(content)
    assert "holds no genotype" in run("print", path, code=1)


def test_a_name_that_is_none_is_told(file: Path) -> None:
    assert "`my cells` is no name" in run("print", file, "--name", "my cells", code=1)


def test_plans_and_pictures_take_both_forms_alike(file: Path, tmp_path: Path) -> None:
    text = tmp_path / "best.nas"
    run("print", file, "-o", text)
    assert run("plan", text, "--json", *SIZES) == run("plan", file, "--json", *SIZES)
    for source in (file, text):
        run("render", source, "-o", source.with_suffix(".dot"))
    assert text.with_suffix(".dot").read_text() == file.with_suffix(".dot").read_text()


def test_a_genotype_finds_its_space(genotype: Genotype, file: Path, tmp_path: Path) -> None:
    """In a file that it uses, else as a shipped one."""
    shipped = subject_of(str(file), Request(overrides=("nodes=2",)))
    assert (shipped.genotype, shipped.experiment.space.name) == (genotype, "SS1")
    text = tmp_path / "best.nas"
    own = text_of(genotype).replace("of SS1", "of Own")
    text.write_text(f'use "own.nas"\n{own}')
    (tmp_path / "own.nas").write_text('use "ss1.nas"\nspace Own = SS1 with { nodes: 2 }\n')
    found = subject_of(str(text), Request())
    assert found.genotype == read_source(text) is not None
    assert found.experiment.space.name == "Own"
