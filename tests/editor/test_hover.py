"""What is told of the text at a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.editor.hover import hover
from dslnas.editor.places.lookup import Place
from dslnas.editor.workspace import Workspace

TEXT = """\
use "lib/darts.nas"
use "lib/methods.nas"

# Blurs what it sees.
op blur(k) {                # a mean
    let a = x -> avgpool(k, stride)
    a -> conv(1, along: time)
}
profile mine {
    quick.search: (batch: 8, steps: 2)
}
space S(channels = 4) {
    candidates { soft = blur(3), none = skip }
    cell normal(prev2, prev) {
        node n[1..2] = sum(choose candidates(p) for p in earlier)
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, channels) -> normal -> reduction -> global_pool -> linear(classes)
}
experiment {
    space: S
    method: darts
    search.batch: 4
}
"""
TOLD = {
    "an operation": (
        "= |blur(3)",
        "blur",
        ["op blur(k)", "*operation*: Blurs what it sees.\na mean"],
    ),
    "its definition": ("op |blur", "blur", ["op blur(k)", "`C x F x T`, `C x F/2 x T/2`"]),
    "a primitive": ("x -> |avgpool", "avgpool(k, stride)", ["avgpool(kernel, stride = 1)", "a whole number"]),
    "a parameter": ("blur(|k", "k", ["```nas\nk\n```", "*parameter*"]),
    "an intermediate": ("|a -> conv", "a", ["a = x -> avgpool(k, stride)", "*intermediate*", "`C x F x T`"]),
    "a pipe": ("a -|> conv", "a -> conv(1, along: time)", ["`C x F x T`", "| `4 x 32 x 32` | 16 | 16,384 |"]),
    "an argument": ("|along", "along", ["`along` of `conv`: `time` or `frequency`"]),
    "the place": ("k, |stride", "stride", ["the stride that the place of use asks for"]),
    "a candidate": ("|soft", "soft", ["soft = blur(3)", "*candidate*"]),
    "a set": ("choose |candidates", "candidates", ["candidates { soft, none }", "*set*"]),
    "a node": ("concat(|n", "n", ["node n[1..2]", "*node*", "`C x F x T`"]),
    "a function": ("|concat", "concat(n)", ["concat(a, b, ...)", "`2C x F x T`"]),
    "a cell": ("-> |reduction", "reduction", ["cell reduction = normal with { ... }", "`2C x F/2 x T/2`"]),
    "the key of a cell": ("with { |stride", "stride", ["stride: 2", "halves the size"]),
    "a space": ("space: |S", "S", ["space S(channels = 4)", "*space*"]),
    "a method": ("method: |darts", "darts", ["method darts(order = 1)", "Liu et al., 2019"]),
    "a key": ("|method: darts", "method", ["method: a method", "how it is searched"]),
    "a key with a dot": ("search.|batch", "batch", ["search.batch: 96", "examples a step"]),
    "the key of a profile": ("quick|.search", "quick", ["the sizes of the search under the preset `quick`"]),
    "a size of a profile": ("|steps: 2", "steps", ["steps: 240", "how long the stage is, in steps"]),
    "the name of the network": (
        "|network = input",
        "network",
        ["the whole network", "`classes`", "| `10` |"],
    ),
    "the network": ("input |-> conv(3", None, ["`classes`", "| `10` |"]),
}


@pytest.mark.parametrize("what", TOLD)
def test_what_is_told(what: str, tmp_path: Path) -> None:
    marked, spanned, parts = TOLD[what]
    path, workspace = tmp_path.resolve() / "it.nas", Workspace()
    workspace.put(path, TEXT)
    assert workspace.analysis(path).diagnostics == []
    start = TEXT.index(marked.replace("|", "")) + marked.index("|")
    place = Place(TEXT.count("\n", 0, start) + 1, start - TEXT.rfind("\n", 0, start))
    told = hover(workspace, path, place)
    assert told is not None
    for part in parts:
        assert part in told.text
    assert spanned is None or told.span.text == spanned


def test_nothing_is_told_of_comments_and_blanks(tmp_path: Path) -> None:
    path, workspace = tmp_path.resolve() / "it.nas", Workspace()
    workspace.put(path, TEXT)
    assert hover(workspace, path, Place(3, 1)) is None
    assert hover(workspace, path, Place(4, 5)) is None
