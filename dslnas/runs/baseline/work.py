"""A probe of the recordings of a run: fitted before the search, tested, and held against the network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...base.figures import Pairs
from ...base.run_folder import PROBE, TEST, RunFolder
from ...data.splits import digest
from ...train.observer import Observer
from .asked import Baseline, asked_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ...data.features import Prepared, Split
    from ...train.probe.logistic import Classifier, Division

PARTS = 5  # into which groups are divided, where they choose the strength


@dataclass(frozen=True)
class Probe:
    """A fitted probe. facts: what it knows of a split, (N, D). strength: of its penalty; chosen_on: the clips
    that chose it.
    """

    facts: Callable[[Split], Tensor]
    classifier: Classifier
    strength: float
    chosen_on: str
    validation: float

    def probabilities(self, split: Split) -> Tensor:
        """The probabilities of the classes for a split, (N, classes)."""
        return self.classifier.probabilities(self.facts(split))


def fit_probe(asked: Baseline, prepared: Prepared) -> Probe:
    """A probe of the training split; of the test no recording is read.

    The strength of the penalty is chosen on the validation split. Where the test is of groups that are not
    trained on and the validation is of those that are, groups of the training split are held out in turn.
    Raises DslnasError N0603 where a model cannot be used.
    """
    import torch

    from ...train.probe.logistic import choose, fit

    facts, classes = _facts(asked, prepared), len(prepared.classes)
    train, validation = facts(prepared.train), facts(prepared.validation)
    held = prepared.validation.labels
    x, labels = torch.cat([train, validation]), torch.cat([prepared.train.labels, held])
    apart = groups_apart(prepared)
    rows = torch.arange(len(x))
    strength = choose(x, labels, classes, apart or [(rows[: len(train)], rows[len(train) :])])
    fitted = fit(train, prepared.train.labels, classes, strength)
    chosen_on = "groups held out of the training split" if apart else "the validation split"
    return Probe(facts, fitted, strength, chosen_on, fitted.accuracy(validation, held))


def _facts(asked: Baseline, prepared: Prepared) -> Callable[[Split], Tensor]:
    import torch

    from ...train.probe.embedding import load_embedding
    from ...train.probe.statistics import clip_statistics

    frontend = prepared.frontend
    if asked.model is not None:
        return load_embedding(asked.model, frontend, torch.get_num_threads(), asked.refused).of
    return lambda split: clip_statistics(split.raw, frontend.rate)


def groups_apart(prepared: Prepared) -> list[Division]:
    """Divisions of the training split by whole groups; none where the validation split serves."""
    import torch

    train, validation, test = (
        {one.group for one in split.members} for split in (prepared.train, prepared.validation, prepared.test)
    )
    known = "" not in train | validation | test
    if not known or train & test or not train & validation or len(train) < 2:
        return []
    order = {group: place % PARTS for place, group in enumerate(sorted(train, key=digest))}
    part = torch.tensor([order[one.group] for one in prepared.train.members])
    return [
        (torch.nonzero(part != number).flatten(), torch.nonzero(part == number).flatten())
        for number in range(min(PARTS, len(train)))
    ]


def have_probe(folder: RunFolder, prepared: Prepared, observer: Observer) -> None:
    """Fit and test the probe that a run is asked for, unless that is done; its figures are in the metrics."""
    from ...train.testing import judged

    asked = asked_in(folder)
    if asked is None:
        return
    started = time.monotonic()
    observer.begin("probe", 1)
    probe = fit_probe(asked, prepared)
    tested = judged(probe.probabilities(prepared.test).float(), prepared.test, prepared.classes)
    observer.advance("probe", 1, accuracy=tested.figures["accuracy"])
    folder.update_metrics(
        probe={
            "name": asked.name,
            "strength": probe.strength,
            "chosen_on": probe.chosen_on,
            "validation": probe.validation,
            **tested.figures,
        },
        time={"probe": time.monotonic() - started},
    )
    before = folder.read_json(PROBE)
    folder.write_json(PROBE, {**before, **tested.named(prepared).details})  # last: it marks it as done


def hold_against(folder: RunFolder) -> None:
    """Write into the metrics how the tested network of a run does beside its probe, where it has both."""
    if not folder.has(TEST) or not folder.has(PROBE):
        return
    network, probe = (_right(folder.read_json(name)) for name in (TEST, PROBE))
    if len(network) != len(probe) or not network:
        return
    pairs = Pairs.of(network, probe)
    figures: dict[str, Any] = {
        "network_alone": pairs.only_first,
        "probe_alone": pairs.only_second,
        "chance": pairs.chance,
    }
    before = folder.metrics().get("probe")
    folder.update_metrics(probe={**(before if isinstance(before, dict) else {}), "against": figures})


def _right(test: Any) -> Sequence[bool]:
    """Whether each clip of a test was recognised."""
    clips = test.get("clips", ()) if isinstance(test, dict) else ()
    return [clip.get("label") == clip.get("predicted") for clip in clips if isinstance(clip, dict)]
