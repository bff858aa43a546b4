"""What somebody who writes PyTorch tries first is told how it is written here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import Diagnostic, errors
from dslnas.check.check import check_file
from dslnas.check.mending import mend

SOUND = """space S(channels = 16) {
    network = input -> conv(3, channels) -> global_pool -> linear(classes)
}
"""
CONV, POOL = "conv(3, channels)", "global_pool"


@pytest.mark.parametrize(
    ("right", "guess", "help"),
    [
        ("", "import torch.nn as nn\n", '`use "lib/darts.nas"` brings what a file defines'),
        ("", "from lib import darts\n", '`use "lib/darts.nas"` brings'),
        ("", "def block(x):\n    return conv(3)(x)\n", "an operation is written `op name(k) = x -> conv(k)`"),
        ("", "class Net(nn.Module):\n    pass\n", "a network is written `space Name(channels = 16) {"),
        ("", '"""A space."""\n', "a comment begins with `#`"),
        ("", "// a space\n", "a comment begins with `#`"),
        ("", "/* a space */\n", "a comment begins with `#`"),
        (
            "",
            "op block(k) {\n    return x -> conv(k)\n}\n",
            "leave `return` out: the last expression is the value",
        ),
        (CONV, "conv(3, channels ^ 2)", "write a power as a product: `x * x`"),
        (CONV, "conv(3, channels ** 2)", "write a power as a product: `x * x`"),
        (CONV, "conv(3, channels, stride=2)", "an argument is named by a colon: `stride: ...`"),
        ("channels = 16", "channels: 16", "a parameter gets its value by `=`: `channels = ...`"),
        (CONV, f"choose [{CONV}, conv(5, channels)]", "options stand in braces: `choose {a, b}`"),
        (CONV, f"[{CONV}, relu]", "there are no lists: a pipe is `a -> b`"),
        (CONV, f"({CONV} | relu)", "`choose {a, b}` is one of several"),
        (CONV, f"for i in 1..3 {{ {CONV} }}", "`3 times block` repeats a stage"),
        (CONV, "(relu if channels > 8 else silu)", "write `if stride == 1 then a else b`"),
        (CONV, "Conv2d(1, 16, 3)", "it is called `conv(3)` here"),
        (CONV, "nn.Conv2d(1, 16, 3)", "it is called `conv` here"),
        (CONV, f"{CONV} -> BatchNorm2d(16)", "it is called `bn` here"),
        (POOL, "AdaptiveAvgPool2d", "it is called `global_pool` here"),
        (POOL, f"nn.MaxPool2d(2) -> {POOL}", "it is called `maxpool` here"),
        (POOL, f"F.relu -> {POOL}", "it is called `relu` here"),
        (CONV, f"one_of({CONV}, relu)", "write `choose {a, b}`: one of them"),
        (CONV, f"{CONV} -> repeat(3, relu)", "write `3 times block`"),
        (CONV, f"Sequential({CONV}, relu)", "write a pipe"),
        (CONV, "conv(kernel_size: 3)", "did you mean `kernel`?"),
        (CONV, "conv(3, out_channels: 16)", "did you mean `out`?"),
        (CONV, "conv(3, in_channels: 16)", "leave it out: how many come in is known"),
        (CONV, f"{CONV} -> conv(3, bias: false)", "`conv(3) -> bias` has one"),
        (POOL, f"{POOL} -> linear(32, bias: None)", "leave the argument out"),
        (CONV, f"relu({CONV})", "`conv(3, channels) -> relu`"),
        (CONV, f"{CONV} -> x + relu(x)", "`x -> relu`"),
        (CONV, f"{CONV} -> x + relu(bn(conv(x, 3)))", "`x -> conv(3) -> bn -> relu`"),
        (CONV, f"{CONV} -> x + conv(3)(x)", "`x -> conv(3)`"),
        ("input ->", "conv(input, 3) ->", "`input -> conv(3)`"),
        ("input ->", "conv(size(input)) ->", "`x -> conv(...)`"),
        (CONV, "conv(3x3, channels)", "a square kernel is `3`, another `(3, 5)`: frequency, time"),
        ("input", "input(1, 32, 32)", "`input` stands without parentheses"),
        ("linear(classes)", "linear(classes) -> softmax", "end on `linear(classes)`"),
        ("linear(classes)", "linear(num_classes)", "did you mean `classes`?"),
        ("linear(classes)", "linear(classes);", "begin a new line instead"),
    ],
)
def test_a_first_guess_meets_help(right: str, guess: str, help: str, tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(SOUND.replace(right, guess, 1) if right else guess + SOUND, encoding="utf-8")
    found = errors(check_file(path))
    assert help in found[0].help
    assert all('`use "handmade' not in one.help for one in found)


@pytest.mark.parametrize(
    ("called", "pipe"),
    [
        ("relu(bn(conv(x, 3)))", "x -> conv(3) -> bn -> relu"),
        ("x * softmax(x * x, axis: time)", "x * x -> softmax(axis: time)"),
        ("x + conv(concat(x, x), 3)", "concat(x, x) -> conv(3)"),
        ("x + inner(inner(x, 5), 3)", "x -> inner(5) -> inner(3)"),
        ("conv(x, 5)", "x -> conv(5)"),
    ],
)
def test_calls_within_calls_are_told_as_a_pipe_that_is_sound(called: str, pipe: str, tmp_path: Path) -> None:
    def found(body: str) -> list[Diagnostic]:
        ops = f"op inner(k) = x -> conv(k, C_in)\nop block = {body}\n"
        path = tmp_path / "it.nas"
        path.write_text(ops + SOUND.replace(CONV, f"{CONV} -> block"), encoding="utf-8")
        return errors(check_file(path))

    assert any(f"`{pipe}`" in one.help for one in found(called))
    assert found(pipe) == []


@pytest.mark.parametrize(
    ("right", "guess"),
    [
        (CONV, "conv(3, channels, stride=2)"),
        ("channels = 16", "channels: 16"),
        ("channels = 16", "channels : 16"),
        (CONV, "nn.Conv2d(3, channels)"),
        (CONV, f"{CONV} -> nn.ReLU"),
        ("linear(classes)\n", "linear(num_classes) -> softmax;\n"),
        ("", "// a space\n"),
    ],
)
def test_a_first_guess_is_mended(right: str, guess: str, tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(SOUND.replace(right, guess, 1) if right else guess + SOUND, encoding="utf-8")
    found = mend(path)
    assert (errors(found.wrong) != [], errors(found.left)) == (True, [])


def test_a_method_in_quotes_is_named_without_them(tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(f'{SOUND}experiment {{\n    space: "S"\n    method: "darts"\n}}\n', encoding="utf-8")
    assert "    method: darts\n" in mend(path).after.text
