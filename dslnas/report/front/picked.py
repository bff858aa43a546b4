"""Where a network comes from that was picked from a front, and what an ensemble of it reaches."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.figures import between, independent, percent, percents
from ..fields import Tree
from .wording import told


@dataclass(frozen=True)
class Tested:
    """A network, or the mean of several, in a table: its name, its accuracy with interval, its macro F1, and
    that of each channel where channels are tested.
    """

    name: str
    accuracy: str
    interval: str
    macro_f1: str
    channels: str = ""


def pick_told(metrics: Tree) -> str:
    """From which search a network was picked and what it had there, in sentences; empty where it was not."""
    run, said = metrics.get("pick.run"), metrics.get("pick.pick")
    if not isinstance(run, str) or not isinstance(said, str):
        return ""
    number = metrics.number("pick.number")
    known = {
        name: metrics.number(f"pick.figures.{name}") for name in ("accuracy", "macro_f1", "params", "macs")
    }
    had = ", ".join(told(name, value) for name, value in known.items() if value is not None)
    place = "" if number is None else f"number {number:.0f} of its front, "
    return (
        f"This network was picked from the search {run}: {place}by `{said}`. "
        f"In the search it had {had}. It was trained anew."
    )


def ensemble_rows(metrics: Tree) -> list[Tested]:
    """The single network, each member and the mean of all, as far as they were tested; empty without one."""
    members = metrics.get("ensemble.members")
    if metrics.number("ensemble.accuracy") is None or not isinstance(members, list):
        return []
    found = [_row(metrics, "test", "single network, trained on all clips but those of validation and test")]
    for number, one in enumerate(members, start=1):
        if isinstance(one, dict):
            found.append(_row(Tree(metrics.file, {"member": one}), "member", f"member {number}"))
    found.append(_row(metrics, "ensemble", f"mean of the {len(members)} members"))
    return [one for one in found if one is not None]


def _row(metrics: Tree, at: str, name: str) -> Tested | None:
    accuracy, macro = metrics.number(f"{at}.accuracy"), metrics.number(f"{at}.macro_f1")
    tested = metrics.get(at)
    clips = independent(tested) if isinstance(tested, dict) else 0
    if accuracy is None:
        return None
    interval = between(accuracy, clips) if clips else ""
    each = percents(metrics.numbers(f"{at}.macro_f1_channels"))
    return Tested(name, percent(accuracy), interval, "–" if macro is None else percent(macro), each)
