"""Who judges in a search: groups that train no weight, all classes on both sides, every group in its turn."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.data.judge import NAMED, Judge, Member, appoint, holds_apart, judging_groups, parties, told

SPEAKERS = ("ann", "bob", "cem")
MEMBERS = st.lists(st.builds(Member, st.integers(0, 3), st.sampled_from("abcdefgh")), min_size=1, max_size=60)


def full(groups: Sequence[str], classes: int = 3, clips: int = 2) -> list[Member]:
    """Each group has clips of each class."""
    return [Member(label, group) for group in groups for label in range(classes) for _ in range(clips)]


@given(MEMBERS, st.floats(0.05, 0.95), st.integers(0, 50))
def test_groups_that_judge_train_no_weight_and_both_sides_have_all_classes(
    train: list[Member], share: float, seed: int
) -> None:
    judge = appoint("groups", train, ["z"], share, seed)
    assert judge == appoint("groups", list(reversed(train)), ["z"], share, seed)
    if judge.problem:
        assert judge.kind == "clips" and not judge.groups
        return
    judging = [one for one in train if one.group in judge.groups]
    training = [one for one in train if one.group not in judge.groups]
    assert {one.label for one in judging} == {one.label for one in training} == {one.label for one in train}


@given(st.integers(2, 30), st.floats(0.05, 0.95), st.integers(0, 200))
def test_of_groups_with_all_classes_a_share_judges_and_all_take_their_turn(
    count: int, share: float, seed: int
) -> None:
    groups = [f"speaker {number}" for number in range(count)]
    train = full(groups)
    found = judging_groups(train, share, seed)
    assert len(found) == min(count - 1, max(1, int((1 - share) * count + 1e-9)))
    turns = [judging_groups(train, share, seed + turn) for turn in range(count)]
    assert set().union(*turns) == set(groups)


def test_one_of_three_speakers_judges_and_three_seeds_hear_all_of_them() -> None:
    turns = [appoint(None, full(SPEAKERS), ["dan"], 0.5, seed).groups for seed in range(6)]
    assert all(len(turn) == 1 for turn in turns)
    assert turns[0] | turns[1] | turns[2] == set(SPEAKERS)
    assert turns[:3] == turns[3:]


def test_groups_of_a_single_class_are_divided_class_by_class() -> None:
    """As the sources of ESC-50, each of which is a recording of one sound."""
    train = [Member(label, f"{label}-{source}") for label in range(4) for source in range(5)]
    found = judging_groups(train, 0.5, 3)
    assert sorted(name.partition("-")[0] for name in found) == sorted("00112233")


@pytest.mark.parametrize(
    ("train", "test", "apart"),
    [
        ("ab", "c", True),
        ("ab", "bc", False),
        (["", "a"], "c", False),
        ("ab", [""], False),
    ],
)
def test_a_test_is_of_strangers_where_no_group_of_it_trains(
    train: Sequence[str], test: Sequence[str], apart: bool
) -> None:
    assert holds_apart(train, test) == apart
    assert (appoint(None, full(train), test, 0.5, 0).kind == "groups") == apart


def test_who_is_asked_for_counts_for_more_than_the_test() -> None:
    assert appoint("clips", full(SPEAKERS), ["dan"], 0.5, 0) == Judge()
    assert appoint("groups", full(SPEAKERS), SPEAKERS, 0.5, 0).kind == "groups"


@pytest.mark.parametrize(
    ("train", "problem"),
    [
        (full([""]), "does not say which recordings belong together"),
        (full(["ann"]), "a single group"),
        ([*full(SPEAKERS), Member(7, "ann")], "one of the classes would be on one side alone"),
        ([*full(["ann"], 2), *full(["bob"], 4)[4:]], "4 of the classes would be on one side alone"),
    ],
)
def test_where_groups_cannot_judge_clips_do_and_the_reason_is_told(train: list[Member], problem: str) -> None:
    judge = appoint("groups", train, ["dan"], 0.5, 0)
    assert problem in judge.problem
    assert judge.kind == "clips"
    if "" not in {one.group for one in train}:
        assert appoint(None, train, ["dan"], 0.5, 0) == judge


def test_the_parties_have_names_or_are_counted() -> None:
    judge = Judge(frozenset({"bob"}))
    assert parties(judge, SPEAKERS, ["eve", "eve"], ["dan"]) == {
        "train": ["ann", "cem"],
        "architecture": ["bob"],
        "validation": ["eve"],
        "test": ["dan"],
    }
    shared = parties(Judge(), SPEAKERS, SPEAKERS, SPEAKERS)
    assert shared["train"] == shared["architecture"] == list(SPEAKERS)
    assert "architecture" not in parties(None, SPEAKERS, [], ["dan"])
    assert parties(judge, [""], [""], [""]) == {}
    assert told(map(str, range(NAMED + 1))) == NAMED + 1
