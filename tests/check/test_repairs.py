"""A repair mends what its diagnostic complains of, and it is safe where it says what was meant alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError, errors
from dslnas.base.source import Source, Span
from dslnas.check.check import check_file
from dslnas.check.repairs import Repair, at_once, diagnostic_json, mended, repairs
from dslnas.resolve.library import read_source

SPACE = "space S(channels = 4) {\n    network = input -> conv(3) -> global_pool -> linear(classes)\n}\n"


def found_in(path: Path) -> list[Repair]:
    try:
        return list(repairs(check_file(path), read_source(path)))
    except DslnasError as error:
        return list(repairs(error.diagnostics, read_source(path)))


@pytest.mark.parametrize(
    ("wrong", "right", "safe"),
    [
        ("-> conv(3)", "-> batchnorm", None),
        ("-> conv(3)", "-> conv(3) -> batchnorm -> relu", "-> conv(3) -> bn -> relu"),
        ("-> conv(3)", "-> conv(3) -> group_norm(2)", "-> conv(3) -> gn(2)"),
        ("-> conv(3)", "-> conv(3) -> in", "-> conv(3) -> inorm"),
        ("linear(classes)", "linear(classes) -> softmax", "linear(classes)"),
        ("linear(classes)", "softmax", "linear(classes)"),
        ("}\n", "}\n// end\n", "}\n# end\n"),
        ("linear(classes)\n", "linear(classes);\n", "linear(classes)\n"),
        ("}\n", "}\nexperiment {\n    space: S  method: darts\n}\n", "space: S\n    method: darts"),
        ("}\n", "}\nspace T = S with { channels = 8 }\n", "with { channels: 8 }"),
        ("}\n", "}\nexperiment {\n    spce: S\n}\n", "    space: S"),
    ],
)  # fmt: skip
def test_a_safe_repair_says_what_was_meant(wrong: str, right: str, safe: str | None, tmp_path: Path) -> None:
    """`wrong` of a sound space is replaced by `right`; `safe` stands in the text when it is mended."""
    path = tmp_path / "it.nas"
    path.write_text(SPACE.replace(wrong, right, 1), encoding="utf-8")
    found = [one for one in found_in(path) if one.safe]
    source = read_source(path)
    text = mended(source, at_once(source, found))
    assert safe is None or (found and safe in text)


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [
        ("-> global_pool", "-> fc -> global_pool", "linear(128)"),  # a number that nobody wrote
        (" -> linear(classes)", "", " -> linear(classes)"),  # an operation more
        ("channels = 4", "channels = 4, domain = kompl", "complex"),  # hardly alike
    ],
)
def test_what_the_author_must_judge_is_not_safe(right: str, wrong: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(SPACE.replace(right, wrong, 1), encoding="utf-8")
    assert [(one.text, one.safe) for one in found_in(path)] == [(text, False)]


def test_a_repair_of_another_year_is_not_safe(tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(f"{SPACE}experiment {{\n    space: S\n    data:  dcase2019\n}}\n", encoding="utf-8")
    assert [(one.text, one.safe) for one in found_in(path)] == [("dcase2018", False)]


def test_repairs_that_overlap_are_done_one_after_another() -> None:
    source = Source("it.nas", "one two\nthree")
    (diagnostic, *_) = [None]

    def repair(line: int, column: int, end: int, text: str) -> Repair:
        return Repair(Span(source, line, column, line, end), text, diagnostic)  # type: ignore[arg-type]

    late, early, inside, twice = (
        repair(2, 1, 6, "3"),
        repair(1, 1, 8, "1 2"),
        repair(1, 5, 8, "2"),
        repair(2, 1, 6, "3"),
    )
    assert at_once(source, [late, early, inside, twice]) == [early, late]
    assert mended(source, [early, late]) == "1 2\n3"
    assert mended(source, [repair(3, 1, 1, "\nmore")]) == "one two\nthree\nmore"


def test_json_has_the_repair_with_the_diagnostic(tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(SPACE.replace("conv(3)", "cnv(3) -> sep_conv(3) -> nothing_like_it", 1), encoding="utf-8")
    found = errors(check_file(path))
    fixes = [diagnostic_json(one)["fix"] for one in found]
    assert fixes[2] is None
    assert fixes[0] == {
        "title": "Change to `conv`", "safe": True, "text": "conv",
        "line": 2, "column": 24, "end_line": 2, "end_column": 27,
    }  # fmt: skip
    assert fixes[1] == {
        "title": 'Insert `use "lib/darts.nas"`', "safe": True, "text": 'use "lib/darts.nas"\n',
        "line": 1, "column": 1, "end_line": 1, "end_column": 1,
    }  # fmt: skip
