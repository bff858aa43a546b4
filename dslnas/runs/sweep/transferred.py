"""Transfer results of a sweep: accuracies on other data, from runs that `dslnas transfer` has tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from .folder import Planned, SweepFolder

FIGURES = ("as_it_is", "retrained")  # the network as it is, and with a new last layer


def transfers_of(folder: SweepFolder) -> list[dict[str, Any]]:
    """A row for each architecture and other data set, with figures over the retrainings tested on it.

    `as_it_is`, `retrained`: the mean accuracy, 0 to 1; `..._sd`: its sample standard deviation (n - 1), or
    None.
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for trial in folder.trials.values():
        for data, found in _tested(folder, trial).items():
            place = (trial.data, data, trial.domain, trial.space, trial.method, trial.letter)
            groups.setdefault(place, []).append(found)
    names = ("trained_on", "data", "domain", "space", "method", "search")
    return [dict(zip(names, place, strict=True)) | _figures(runs) for place, runs in groups.items()]


def _tested(folder: SweepFolder, trial: Planned) -> dict[str, Mapping[str, Any]]:
    """The transfer results of a trial, by the name of the data."""
    found = folder.metrics(trial.name).get("transfer")
    runs = found.values() if isinstance(found, dict) else ()
    return {str(one["data"]): one for one in runs if isinstance(one, dict) and "data" in one}


def _figures(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean accuracies and deviations over retrainings of one architecture."""
    found: dict[str, Any] = {"networks": len(runs)}
    for name in FIGURES:
        groups = (one[name] for one in runs if isinstance(one.get(name), dict))
        values = [group["accuracy"] for group in groups if group.get("accuracy") is not None]
        found[name] = fmean(values) if values else None
        found[f"{name}_sd"] = stdev(values) if len(values) > 1 else None
    return found
