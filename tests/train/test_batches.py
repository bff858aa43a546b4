"""Batches follow from the seed and the step alone; the halves of a search share no clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small import small
from torch import Tensor

from dslnas.base.diagnostics import DslnasError
from dslnas.data.cache.rows import open_rows, write_rows
from dslnas.data.features import Split
from dslnas.data.frontend.frontend import FrontEndModule
from dslnas.train.batches import Batches, halves, seeded

CPU = torch.device("cpu")


@given(st.lists(st.integers(0, 4), min_size=2, max_size=60), st.floats(0.05, 0.95), st.integers(0, 9))
def test_the_halves_are_disjoint_and_hold_every_clip(labels: list[int], share: float, seed: int) -> None:
    counts = {label: labels.count(label) for label in set(labels)}
    if max(counts.values()) < 2:
        return
    first, second = (half.tolist() for half in halves(torch.tensor(labels), share, seed))
    assert sorted(first + second) == list(range(len(labels)))
    for label, count in counts.items():
        ours = sum(labels[clip] == label for clip in first)
        assert 1 <= ours <= max(1, count - 1)
        assert abs(ours - share * count) <= 1


def test_the_seed_decides_the_halves() -> None:
    labels = torch.arange(40) % 4
    assert torch.equal(halves(labels, 0.5, 1)[0], halves(labels, 0.5, 1)[0])
    assert not torch.equal(halves(labels, 0.5, 1)[0], halves(labels, 0.5, 2)[0])


def test_a_class_with_one_clip_trains_the_weights() -> None:
    first, second = halves(torch.tensor([0, 0, 1]), 0.5, 0)
    assert 2 in first.tolist()
    assert len(second) == 1


def test_classes_of_one_clip_each_cannot_be_halved() -> None:
    with pytest.raises(DslnasError, match="no class has two recordings") as caught:
        halves(torch.tensor([0, 1, 2]), 0.5, 0)
    assert caught.value.diagnostics[0].code == "N0605"


def batches(
    clips: int, batch: int, seed: int = 0, name: str = "train", indices: Sequence[int] = ()
) -> Batches:
    frontend = small().frontend
    waves = torch.randint(-9000, 9000, (clips, frontend.samples), generator=torch.Generator().manual_seed(0))
    features = torch.zeros(clips, 1, 1, 1)
    # the label of a clip is its number, so that a batch says which clips it holds
    split = Split(waves.to(torch.int16), features, torch.arange(clips), [str(i) for i in range(clips)])
    chosen = torch.tensor(indices) if indices else torch.arange(clips)
    return Batches(split, chosen, batch, FrontEndModule(frontend), seed, name, CPU)


@pytest.mark.parametrize(("clips", "batch", "per_epoch"), [(9, 4, 2), (8, 4, 2), (3, 4, 1), (1, 4, 1)])
def test_an_epoch_leaves_the_last_smaller_batch_out_where_there_is_another(
    clips: int, batch: int, per_epoch: int
) -> None:
    some = batches(clips, batch)
    assert some.per_epoch == per_epoch
    for epoch in range(2):
        found = [
            label for step in range(per_epoch) for label in some.at(epoch * per_epoch + step)[1].tolist()
        ]
        assert len(found) == len(set(found)) == min(clips, per_epoch * batch)


def test_a_batch_follows_from_the_seed_the_name_and_the_step() -> None:
    whole, late = batches(9, 2), batches(9, 2)
    expected = [whole.at(step) for step in range(12)]
    for step in (7, 3, 11):  # in another order, as after a resumption
        _same(late.at(step), expected[step])
    assert not torch.equal(batches(9, 2, seed=1).at(0)[0], expected[0][0])
    assert not torch.equal(batches(9, 2, name="other").at(0)[0], expected[0][0])
    orders = [[whole.at(4 * epoch + step)[1].tolist() for step in range(4)] for epoch in range(2)]
    assert orders[0] != orders[1]


def _same(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> None:
    assert torch.equal(one[0], other[0])
    assert torch.equal(one[1], other[1])


def test_batches_keep_to_their_clips() -> None:
    some = batches(9, 2, indices=(1, 4, 6, 8))
    assert {label for step in range(8) for label in some.at(step)[1].tolist()} == {1, 4, 6, 8}


def test_every_epoch_augments_anew() -> None:
    some = batches(1, 1)
    assert not torch.equal(some.at(0)[0], some.at(1)[0])


# --- classes of different sizes ---------------------------------------------------------------------------

UNEVEN = [0] * 3 + [1] * 17 + [3] * 8  # of five classes


def uneven(balance: str, batch: int = 7) -> Batches:
    frontend = small().frontend
    waves = torch.randint(-9000, 9000, (28, frontend.samples), generator=torch.Generator().manual_seed(0))
    names = [str(number) for number in range(28)]
    split = Split(waves.to(torch.int16), torch.zeros(28, 1, 1, 1), torch.tensor(UNEVEN), names)
    module = FrontEndModule(frontend)
    return Batches(split, torch.arange(28), batch, module, 0, "train", CPU, balance, classes=5)


@pytest.mark.parametrize("balance", ["sampling", "mixing"])
def test_an_epoch_has_as_many_clips_of_each_class(balance: str) -> None:
    some = uneven(balance)
    for epoch in range(3):
        drawn = torch.cat([some.at(4 * epoch + step)[1] for step in range(4)])
        counts = torch.bincount(drawn, minlength=5).tolist()
        assert sorted(counts) == [0, 0, 9, 9, 10] and counts[2] == counts[4] == 0


@pytest.mark.parametrize("balance", ["loss", "sampling", "mixing"])
def test_balanced_batches_follow_from_the_seed_and_the_step(balance: str) -> None:
    whole, late = uneven(balance), uneven(balance)
    expected = [whole.at(step) for step in range(8)]
    for step in (6, 1, 7):
        _same(late.at(step), expected[step])


def test_clips_that_come_again_are_mixed_and_no_others() -> None:
    drawn, mixed = uneven("sampling"), uneven("mixing")
    again = torch.cat([(drawn.at(step), drawn._again[7 * step : 7 * step + 7])[1] for step in range(4)])
    plain = torch.cat([drawn.at(step)[0] for step in range(4)])
    made = torch.cat([mixed.at(step)[0] for step in range(4)])
    different = (plain != made).flatten(1).any(1)
    assert torch.equal(different, again) and 0 < int(again.sum()) < 28


def test_classes_count_alike_in_the_loss_only_where_it_is_asked_for() -> None:
    assert uneven("none").weights is None and uneven("sampling").weights is None
    weights = uneven("loss").weights
    assert weights is not None
    in_all = weights * torch.bincount(torch.tensor(UNEVEN), minlength=5)
    torch.testing.assert_close(in_all, torch.tensor([28 / 3, 28 / 3, 0.0, 28 / 3, 0.0]))
    _same(uneven("loss").at(5), uneven("none").at(5))


def test_generators_follow_from_all_their_parts() -> None:
    def draw(*parts: Any) -> float:
        return float(torch.rand((), generator=seeded(*parts)))

    assert draw(0, "a", 1) == draw(0, "a", 1)
    assert len({draw(0, "a", 1), draw(1, "a", 1), draw(0, "b", 1), draw(0, "a", 2), draw(0, "a", 11)}) == 5


def test_no_clip_of_a_search_is_in_both_halves(tmp_path: Path) -> None:
    """The order and the augmentation of the halves differ too: they have names of their own."""
    labels = torch.arange(20) % 2
    first, second = halves(labels, 0.5, 3)
    one = batches(20, 4, name="search-train", indices=first.tolist())
    two = batches(20, 4, name="search-held", indices=second.tolist())
    seen = [{label for step in range(10) for label in some.at(step)[1].tolist()} for some in (one, two)]
    assert not seen[0] & seen[1]


@pytest.mark.parametrize("balance", ["none", "loss", "sampling", "mixing"])
def test_clips_on_disk_make_the_same_batches_from_any_step_on(balance: str, tmp_path: Path) -> None:
    held = batches(20, 6)
    labels = torch.arange(20) % 3 // 2
    waves = held.split.raw

    def write(add: Callable[[Tensor], None]) -> dict[str, Any]:
        add(waves[:])
        return {}

    write_rows(tmp_path / "x", "waves", waves.shape[1:], torch.int16, write, "")
    opened = open_rows(tmp_path / "x", "waves", waves.shape[1:], torch.int16)
    assert opened is not None
    split = replace(held.split, labels=labels)
    one = replace(held, split=split, balance=balance, classes=2)
    other = replace(one, split=replace(split, raw=opened[0]))
    few = torch.tensor([3, 5, 1, 12, 8, 9, 17])
    for first, second in ((one, other), (one.part(few, "few"), other.part(few, "few"))):
        for step in (0, 1, 2, 3, 4, 9, 10, 2):
            for mine, theirs in zip(first.at(step), second.at(step), strict=True):
                assert torch.equal(mine, theirs)
