"""Where a diagnostic asks `did you mean ...?`, the repair is what was meant; where it names a `use`, that."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.editor.navigation import replaced
from dslnas.editor.repairs import repairs
from dslnas.editor.workspace import Workspace

TEXT = """\
use "lib/darts.nas"
use "lib/methods.nas"
method mine = darts with {
    mix.edges: sigmoid
    arch:      adam(lr: 3e-4)
}
frontend quiet(rate = 16kHz) = wave(rate, 1s) -> stft(window: 64ms, hop: 32ms) -> mel(32) -> log
op blur(k) = x -> avgpool(k, stride) -> conv(1, C, dilation: 2) -> bn
space Base(channels = 4) {
    candidates { soft = blur(3), own = skip }
    cell normal(prev2, prev) {
        node n[1..2] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    network = input -> conv(3, 2channels) -> conv(1, channels) -> normal -> global_pool -> linear(classes)
}
space Mine = Base with { candidates.soft = blur(5) }
experiment {
    space:        Base
    search.batch: 4
}
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"lib/darts.nas"', '"lib/dart.nas"'),
        ("mix.edges", "mix.edgs"),
        ("darts with", "dart with"),
        ("sigmoid", "sigmod"),
        ("16kHz", "16kHzz"),
        ("stft", "sftt"),
        ("avgpool", "avgpol"),
        ("dilation", "dilatio"),
        ("(k, stride)", "(k, strid)"),
        ("blur(3)", "blurr(3)"),
        ("choose candidates", "choose candidate"),
        ("2channels", "2chanels"),
        ("Base with", "Bas with"),
        ("candidates.soft", "candidatess.soft"),
        ("Base\n", "Baze\n"),
        ("space: ", "spce: "),
    ],
)
def test_a_repair_mends_the_text(right: str, wrong: str, tmp_path: Path) -> None:
    path, workspace = tmp_path.resolve() / "it.nas", Workspace()
    workspace.put(path, TEXT.replace(right, wrong, 1))
    lines = TEXT.count("\n")
    found = list(repairs(workspace.analysis(path), 1, lines))
    line = TEXT.count("\n", 0, TEXT.index(right)) + 1
    assert [one.span.line for one in found] == [line]
    (one,) = found
    assert one.diagnostic in workspace.analysis(path).diagnostics
    assert replaced(workspace.read(path), [one.span], one.text) == TEXT
    assert list(repairs(workspace.analysis(path), line + 1, lines)) == []


@pytest.mark.parametrize(
    ("use", "text"),
    [
        ('use "lib/darts.nas"', "op down = x -> max_pool(3) -> relu\n"),
        ('use "lib/methods.nas"', "method mine = darts with { clip: 4 }\n"),
        (
            'use "lib/darts.nas"',
            "space S(channels = 4) {\n    candidates { one = skip, two = relu }\n"
            "    cell c(p) {\n        node n[1..1] = sum(choose candidates(p) for p in earlier)\n"
            "        concat(n)\n    }\n"
            "    network = input -> conv(3, channels) -> c -> global_pool -> linear(classes)\n}\n",
        ),
        ('use "ss1.nas"', "experiment {\n    space: SS1\n}\n"),
        ('use "ss1.nas"', "space Mine = SS1 with { nodes: 2 }\n"),
    ],
)
def test_a_use_that_is_missing_comes_first(use: str, text: str, tmp_path: Path) -> None:
    path, workspace = tmp_path.resolve() / "it.nas", Workspace()
    workspace.put(path, text)
    (one,) = repairs(workspace.analysis(path), 1, text.count("\n"))
    assert (one.title, one.diagnostic.code) == (f"Insert `{use}`", "N0201")
    mended = replaced(workspace.read(path), [one.span], one.text)
    assert mended == f"{use}\n{text}"
    workspace.put(path, mended)
    assert workspace.analysis(path).diagnostics == []


def test_a_sound_text_needs_no_repair(tmp_path: Path) -> None:
    path, workspace = tmp_path.resolve() / "it.nas", Workspace()
    workspace.put(path, TEXT)
    assert workspace.analysis(path).diagnostics == []
    assert list(repairs(workspace.analysis(path), 1, TEXT.count("\n"))) == []
