"""The parameters that are shown while a call is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.editor.call import call_at
from dslnas.editor.places.lookup import Place
from dslnas.editor.workspace import Workspace

KNOWN = """\
use "lib/methods.nas"
op twice(k, wide = 2) = x -> conv(k, wide * C) -> conv(k)   # two of them
"""
# What is written so far, then the signature and the parameter that is being given.
CASES = {
    "the first": ("op f = x -> conv(", "conv(kernel, out = C, stride = 1,", "kernel"),
    "the second": ("op f = x -> conv(3, ", "conv(kernel,", "out"),
    "by name": ("op f = x -> conv(3, dilation: 2", "conv(kernel,", "dilation"),
    "after a pair": ("op f = x -> conv((5, 1), ", "conv(kernel,", "out"),
    "after a choice": ("op f = x -> conv(choose {3, 5}, ", "conv(kernel,", "out"),
    "beyond the last": ("op f = x -> mel(32, 1, 2, ", "mel(bands", None),
    "an operation": ("op f = x -> twice(3, ", "op twice(k, wide = 2)", "wide"),
    "of two the inner": ("op f = concat(x -> twice(3, wide: ", "op twice(k, wide = 2)", "wide"),
    "a method": ("experiment {\n    method: darts(", "method darts(order = 1)", "order"),
    "an optimizer": ("method m {\n    arch: adam(lr: 1e-3, betas: (0.5, ", "adam(lr:, betas:,", "betas"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_parameter_that_is_being_given(case: str, tmp_path: Path) -> None:
    written, text, active = CASES[case]
    workspace, path = Workspace(), tmp_path.resolve() / "it.nas"
    workspace.put(path, KNOWN + written)
    lines = (KNOWN + written).split("\n")
    found = call_at(workspace, path, Place(len(lines), len(lines[-1]) + 1))
    assert found is not None and found.signature.text.startswith(text)
    names = [name for name, _ in found.signature.parameters]
    assert (None if found.active is None else names[found.active]) == active
    if case == "an operation":
        assert found.signature.doc == "two of them"


@pytest.mark.parametrize("written", ["op f = ", "op f = x -> conv(3)", "op f(", "op f = unknown(", "# conv("])
def test_no_call_no_signature(written: str, tmp_path: Path) -> None:
    workspace, path = Workspace(), tmp_path.resolve() / "it.nas"
    workspace.put(path, written)
    assert call_at(workspace, path, Place(1, len(written) + 1)) is None
