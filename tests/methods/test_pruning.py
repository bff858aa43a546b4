"""The text of methods that make a network smaller: what it says, and what is wrong with it, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.check.check import check_file
from dslnas.methods.adversarial import Adversarial, PruningMethod
from dslnas.methods.read import read_call, read_pruning_call, read_pruning_method
from dslnas.parse.parse import parse_value
from dslnas.resolve.resolve import library, resolve


def called(text: str) -> PruningMethod:
    (expr,) = parse_value(text, "--method")
    method, found = read_pruning_method(*read_pruning_call(expr, library().methods))
    assert method is not None and found == []
    return method


def said(folder: Path, text: str) -> list[str]:
    """What is said of a file with a method `m`, with its line and column."""
    path = folder / "methods.nas"
    path.write_text(f'use "lib/methods.nas"\n{text}\n')
    return [
        f"{one.span.line}:{one.span.column} {one.code} {one.message}" if one.span else one.message
        for one in check_file(path)
    ]


def test_gal_says_what_the_paper_and_the_code_that_it_builds_on_say() -> None:
    game = called("gal").game
    assert game == Adversarial(keep=1e-2, patience=10, trials=6)
    assert (game.logits, game.adversarial, game.sparse, game.hidden) == (1.0, 0.1, 0.6, (128, 256, 128))
    assert [called(name).rank for name in ("chance", "l1", "bn", "taylor")] == [
        "random",
        "l1",
        "bn",
        "taylor",
    ]


def test_a_method_derives_from_another_and_has_parameters(tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "lib/methods.nas"\nmethod mine = gal with {\n    generator: 2 * logits + 3 * sparse(masks)\n}\n'
        "method own(n = 7) {\n    prune: adversarial(epochs: n)\n    patience: none\n}\n"
    )
    definitions, _ = resolve(path)
    mine, _ = read_pruning_method(definitions.methods["mine"])
    assert mine is not None
    assert (mine.game.logits, mine.game.adversarial, mine.game.sparse, mine.game.keep) == (2, 0, 3, 1e-2)
    (expr,) = parse_value("own(n: 3)", "--method")
    own, _ = read_pruning_method(*read_pruning_call(expr, definitions.methods))
    assert own is not None and (own.name, own.game.epochs) == ("own(n: 3)", 3)


@pytest.mark.parametrize(
    ("keys", "place", "message"),
    [
        ("prune: adversarial(epoch: 3)", "3:24 N0204", "has no argument `epoch`"),
        ("prune: adversarial(epochs: 0)", "3:24 N0301", "whole number of at least 1"),
        ("prune: adversarial(noise: 100%)", "3:24 N0301", "drops every value"),
        ("prune: taylor(3)", "3:12 N0301", "takes how what goes is ranked"),
        ("prune: taylor\n    keep: 1e-2", "4:5 N0601", "has no use for `keep`"),
        ("prune: adversarial\n    loss: cross_entropy", "4:5 N0601", "has no use for `loss`"),
        ("prune: adversarial\n    split: 50%", "4:5 N0601", "has no use for `split`"),
        ("prune: adversarial\n    kep: 0", "4:5 N0204", "has no key `kep`"),
        ("keep: 1e-2", "2:8 N0601", "does not say `prune`"),
        ("prune: adversarial\n    keep: 1", "4:11 N0301", "is the mask below which"),
        ("prune: adversarial\n    of: layers", "4:9 N0301", "says what goes"),
        ("prune: adversarial\n    discriminator: mlp", "4:20 N0301", "takes the widths"),
        ("prune: adversarial\n    discriminator: mlp(99999)", "4:20 N0301", "at most 16,384 units"),
        ("prune: adversarial\n    masks: fista(lr: 0)", "4:18 N0301", "remove nothing"),
        ("prune: adversarial\n    masks: sgd(lr: 1)", "4:12 N0301", "takes a proximal step"),
        ("prune: adversarial\n    generator: logits", "4:16 N0601", "presses no mask to 0"),
        ("prune: adversarial\n    generator: sparse(masks)", "4:16 N0601", "follows its teacher in nothing"),
        ("prune: adversarial\n    generator: logits + logits", "4:25 N0202", "added twice"),
        ("prune: adversarial\n    generator: logits + cross_entropy", "4:25 N0206", "no term"),
        ("prune: adversarial\n    patience: 0", "4:15 N0301", "whole number of at least 1"),
        ("loss: cross_entropy\n    discriminator: mlp(3)", "4:5 N0601", "has no use for `discriminator`"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, keys: str, place: str, message: str) -> None:
    (found,) = said(tmp_path, f"method m {{\n    {keys}\n}}")
    assert found.startswith(place) and message in found


def test_a_method_does_what_it_is_for(tmp_path: Path) -> None:
    text = "experiment {\n    space: S\n    method: gal\n}\nspace S { network = input -> linear(classes) }"
    assert "4:13 N0601 method `gal` makes a trained network smaller, and does not search" in said(
        tmp_path, text
    )
    (expr,) = parse_value("gal", "--set method")
    with pytest.raises(DslnasError) as caught:
        read_call(expr, library().methods)
    assert "dslnas prune RUN --method gal" in caught.value.diagnostics[0].help
    (expr,) = parse_value("darts", "--method")
    with pytest.raises(DslnasError) as caught:
        read_pruning_call(expr, library().methods)
    assert caught.value.diagnostics[0].help == "known: gal, chance, l1, bn, taylor"
