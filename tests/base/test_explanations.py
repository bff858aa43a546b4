"""The catalogue of diagnostics: it is whole, and every example does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from generated.examples import codes_in, run_command, write_files

from dslnas.base.diagnostics import CODES
from dslnas.base.explanations import explained, explanation, path_of


def test_every_code_is_explained_and_every_explanation_has_its_code() -> None:
    assert set(explained()) == set(CODES)


@pytest.mark.parametrize("code", explained())
def test_the_wrong_example_yields_its_code_alone(code: str, tmp_path: Path) -> None:
    wrong = explanation(code).wrong
    write_files(tmp_path, wrong.files)
    result = run_command(wrong.command, tmp_path)
    assert set(codes_in(result)) == {code}, result.output
    assert result.exit_code == (1 if f"error[{code}]" in result.stderr else 0)


@pytest.mark.parametrize("code", explained())
def test_the_mended_example_is_without_any(code: str, tmp_path: Path) -> None:
    mended = explanation(code).mended
    write_files(tmp_path, mended.files)
    result = run_command(mended.command, tmp_path)
    assert (result.exit_code, codes_in(result)) == (0, []), result.output
    for name in mended.files:
        if name.endswith(".nas"):
            assert run_command(f"dslnas fmt --check {name}", tmp_path).exit_code == 0


@pytest.mark.parametrize("code", explained())
def test_an_explanation_is_short_and_says_all_its_parts(code: str) -> None:
    one = explanation(code)
    assert 1 <= one.meaning.count(". ") + one.meaning.count(".\n") + 1 <= 3, "about two sentences"
    assert one.meaning.endswith(".") and one.wrong.text.endswith(".") and one.mended.text.endswith(".")
    assert one.changed or one.wrong.command != one.mended.command
    assert max(map(len, path_of(code).read_text(encoding="utf-8").splitlines())) <= 160


def test_a_code_without_an_explanation() -> None:
    with pytest.raises(KeyError, match="N9999"):
        explanation("N9999")
