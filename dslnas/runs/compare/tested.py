"""Two tests beside each other: their accuracies with intervals, and what each alone tells rightly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...base.diagnostics import DslnasError
from ...base.figures import Pairs, from_to, independent, is_number, percent, wilson
from ...base.run_folder import CLIPS, TEST, RunFolder
from ...data.own.manifest import Manifest
from .facts import Facts, Value

PART = "test"
_Place = tuple[str, ...]  # of a clip: its file, its channel, what the file contains, its class


def facts_of_test(run: Path) -> Facts:
    """The accuracy of a run with its 95 % interval, and its macro F1; nothing where it is not tested."""
    tested = RunFolder(run).metrics().get("test")
    if not isinstance(tested, dict) or not is_number(share := tested.get("accuracy")):
        return {}
    facts: dict[tuple[str, str], Value] = {(PART, "accuracy"): percent(share)}
    if count := independent(tested):
        interval = from_to(wilson(share, count))
        facts[PART, "accuracy"] = f"{percent(share)} (95 % interval {interval}) of {count:,} clips"
    if is_number(f1 := tested.get("macro_f1")):
        facts[PART, "macro F1"] = percent(f1)
    return facts


def pairs_of(before: Path, after: Path) -> Pairs | None:
    """How many clips both runs tell rightly, one of them alone, and none; None unless all clips are the same.

    Clips are told by their files and classes, and by what the files contain where both runs know it. Windows
    and channels of recordings are not independent of each other, and are not paired.
    """
    folders = RunFolder(before), RunFolder(after)
    names = [folder.metrics().get("data", {}).get("name") for folder in folders]
    if not all(folder.has(TEST) for folder in folders) or names[0] != names[1]:
        return None
    try:
        known = all(folder.has(CLIPS) for folder in folders)
        one, other = (_right(folder, known) for folder in folders)
    except (DslnasError, KeyError, TypeError, AttributeError):
        return None  # of another form: nothing can be said
    if not one or not other or one.keys() != other.keys():
        return None
    return Pairs.of(one.values(), (other[place] for place in one))


def _right(folder: RunFolder, known: bool) -> Mapping[_Place, bool] | None:
    """Whether each clip of a test was told rightly; None where clips are parts of recordings.

    known: whether the list of clips says what they contain.
    """
    clips: list[dict[str, Any]] = folder.read_json(TEST)["clips"]
    rows = Manifest.read(folder.path / CLIPS).rows if known else ()
    contents = {row.file: row.content for row in rows}
    found: dict[_Place, bool] = {
        (clip["path"], contents.get(clip["path"], ""), clip["label"]): bool(
            clip["label"] == clip["predicted"]
        )
        for clip in clips
    }
    return found if len(found) == len(clips) else None


def told(pairs: Pairs, names: tuple[str, str]) -> str:
    """What pairs say, in sentences. names: of the two runs."""
    low, high = pairs.interval
    said = (
        f"of the same {pairs.count:,} clips, {names[0]} alone tells {pairs.only_first:,} rightly and "
        f"{names[1]} alone {pairs.only_second:,}: {100 * pairs.difference:+.1f} points, "
        f"95 % interval {100 * low:+.1f} to {100 * high:+.1f}"
    )
    chance = f"networks that are equally good differ so much in {100 * pairs.chance:.3g} % of such tests"
    return f"{said}; {chance}"


def to_json(pairs: Pairs) -> dict[str, Any]:
    """Pairs as JSON data; shares from 0 to 1."""
    return {
        "clips": pairs.count,
        "both_right": pairs.both,
        "only_before_right": pairs.only_first,
        "only_after_right": pairs.only_second,
        "none_right": pairs.neither,
        "difference": pairs.difference,
        "interval": list(pairs.interval),
        "chance": pairs.chance,
    }
