"""Chooses who judges in a search: groups of recordings (speakers, sources, sessions) that train no weight.

Where the test is of strangers, an architecture is good if it is good on strangers. Clips of speakers that the
weights know do not tell that: there nearly every architecture is right. So whole groups are set apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .splits import digest

JudgeKind = Literal["groups", "clips"]
NAMED = 12  # groups that are told by name; of more their number


@dataclass(frozen=True)
class Member:
    """A clip as the judge sees it: its class, and its group, "" where none is known."""

    label: int
    group: str


@dataclass(frozen=True)
class Judge:
    """Who judges in a search.

    groups: those that judge and train no weight; empty where clips of all groups do. problem: why groups were
    wanted and cannot judge; empty where nothing went wrong.
    """

    groups: frozenset[str] = frozenset()
    problem: str = ""

    @property
    def kind(self) -> JudgeKind:
        """Whether groups or clips judge."""
        return "groups" if self.groups else "clips"


def holds_apart(train: Iterable[str], test: Iterable[str]) -> bool:
    """Whether a split tests strangers: all clips have a group, and none of the test's trains."""
    trained, tested = set(train), set(test)
    return "" not in trained | tested and not trained & tested


def appoint(
    asked: str | None, train: Sequence[Member], test: Iterable[str], share: float, seed: int
) -> Judge:
    """The judge of a search over the clips of the training split.

    asked: `groups`, `clips`, or None for groups where the test, whose groups are given, is of strangers.
    share: of the groups of each class that trains the weights. seed: see `judging_groups`.
    """
    if asked == "clips" or (asked is None and not holds_apart((one.group for one in train), test)):
        return Judge()
    groups = {one.group for one in train}
    if "" in groups:
        return Judge(problem="the data set does not say which recordings belong together")
    if len(groups) < 2:
        return Judge(problem="there is a single group to train on")
    found = judging_groups(train, share, seed)
    if lost := _uncovered(train, found):
        classes = f"{len(lost)} of the classes" if len(lost) > 1 else "one of the classes"
        return Judge(
            problem=f"{classes} would be on one side alone, of those who train or of those who judge"
        )
    return Judge(found)


def judging_groups(train: Sequence[Member], share: float, seed: int) -> frozenset[str]:
    """Groups that judge: of each class `1 - share` of its groups, rounded down, and one at least.

    Each class keeps a group that trains, where it has two. The groups stand in an order by a hash, and a
    seed begins where the one before it ended: where each group has all classes, seeds that follow one another
    take the groups in turn.
    """
    classes: dict[str, set[int]] = {}
    for one in train:
        classes.setdefault(one.group, set()).add(one.label)
    held = Counter(label for labels in classes.values() for label in labels)
    wanted = {label: max(1, int((1.0 - share) * count + 1e-9)) for label, count in held.items()}
    order = sorted(classes, key=digest)
    start = seed * max(1, int((1.0 - share) * len(order) + 1e-9)) % len(order)
    order = order[start:] + order[:start]
    found: set[str] = set()
    taken: Counter[int] = Counter()

    def take(wishes: Mapping[int, int]) -> None:
        for group in order:
            own = classes[group]
            spared = all(taken[label] + 1 < held[label] for label in own)
            if group not in found and spared and any(taken[label] < wishes.get(label, 0) for label in own):
                found.add(group)
                taken.update(own)

    for label in sorted(held, key=lambda label: (held[label], label)):  # the scarcest class first
        take({label: 1})
    take(wanted)
    return frozenset(found)


def _uncovered(train: Sequence[Member], judging: frozenset[str]) -> set[int]:
    """The classes that lack a group that judges, or one that trains."""
    sides = [{one.label for one in train if (one.group in judging) == side} for side in (True, False)]
    return sides[0] ^ sides[1]


Told = list[str] | int


def told(groups: Iterable[str]) -> Told:
    """The names of groups in order, or their number where they are many."""
    names = sorted(set(groups) - {""})
    return names if len(names) <= NAMED else len(names)


def parties(
    judge: Judge | None, train: Iterable[str], validation: Iterable[str], test: Iterable[str]
) -> dict[str, Told]:
    """Who trains the weights of the search, trains its architecture, validates, and is tested.

    Empty where no groups are known. Without a search (no judge) nobody trains an architecture. Where clips
    judge, both parts of the training split are of the same groups.
    """
    trained = set(train)
    if not trained - {""}:
        return {}
    judging = set() if judge is None else set(judge.groups) or trained
    both = {"train": told(trained - judging if judge is not None and judge.groups else trained)}
    if judge is not None:
        both["architecture"] = told(judging)
    return {**both, "validation": told(validation), "test": told(test)}
