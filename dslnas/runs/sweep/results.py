"""The results of a sweep, read from its run folders alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from ...base.figures import independent, is_number, wilson
from ...base.files import read_json
from ...base.run_folder import SETTINGS
from .folder import Planned, SweepFolder

Row = tuple[str, str, str, str]  # of a table: data, domain, space, method


@dataclass(frozen=True)
class Architecture:
    """The architecture of one search and its retrainings; a baseline has no search and no letter.

    planned: the number of retrainings planned. accuracies, macro_f1: test figures (0 to 1) of those that are
    done. gap: of equation 6 of the ForceDARTS paper. live, with_dead_edges: parameters of the retrained
    network, without and with those of the edges that pruning dropped. polynomials: the share of kept edges
    (0 to 1) whose operation is of order two or more. search_seconds: of the search; train_seconds: the mean
    over the retrainings. clips: those of the test; independent: how many of them are, which is fewer where
    they are windows or channels of recordings.
    """

    space: str
    domain: str
    data: str
    method: str
    letter: str
    planned: int
    accuracies: tuple[float, ...] = ()
    macro_f1: tuple[float, ...] = ()
    gap: float | None = None
    live: int | None = None
    with_dead_edges: int | None = None
    polynomials: float | None = None
    search_seconds: float | None = None
    train_seconds: float | None = None
    clips: int | None = None
    independent: int | None = None

    @property
    def row(self) -> Row:
        """The row of its table, which the searches of one configuration share."""
        return (self.data, self.domain, self.space, self.method)

    @property
    def accuracy(self) -> float | None:
        """The mean test accuracy of the retrainings, 0 to 1."""
        return fmean(self.accuracies) if self.accuracies else None

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation (n - 1) of the accuracies; None for fewer than two."""
        return stdev(self.accuracies) if len(self.accuracies) > 1 else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval (low, high) of the mean accuracy over tests as large as this one (`wilson`).

        All retrainings are tested by the same clips, so that more of them do not make it narrower.
        """
        mean = self.accuracy
        return None if mean is None or not self.independent else wilson(mean, self.independent)


def architectures(folder: SweepFolder, sweep: str | None = None) -> list[Architecture]:
    """The architectures of a sweep, or of all sweeps of a folder, in the order of the plan, done or not."""
    trials = [folder.trials[name] for name in (folder.trials if sweep is None else folder.sweeps[sweep])]
    groups: dict[tuple[str, ...], list[Planned]] = {}
    for trial in trials:
        place = (trial.data, trial.domain, trial.space, trial.method, trial.letter)
        groups.setdefault(place, []).append(trial)
    return [_architecture(folder, group) for group in groups.values()]


def presets(folder: SweepFolder) -> list[str]:
    """The presets under which the trials of a folder run."""
    paths = [folder.run(name) / SETTINGS for name in folder.trials]
    found = (read_json(path) for path in paths if path.is_file())
    return sorted({str(one.get("preset")) for one in found if isinstance(one, dict)})


def _architecture(folder: SweepFolder, trials: Iterable[Planned]) -> Architecture:
    """The figures of a search and of its retrainings, as far as they are done."""
    known = list(trials)
    first = known[0]
    retrains = [one for one in known if one.number]
    search = next((_metrics(folder, one) for one in known if not one.number), {})
    tested = [metrics for one in retrains if folder.done(one.name) and (metrics := _metrics(folder, one))]
    trained = [search, *tested]
    return Architecture(
        first.space,
        first.domain,
        first.data,
        first.method,
        first.letter,
        len(retrains),
        tuple(_numbers(tested, "test", "accuracy")),
        tuple(_numbers(tested, "test", "macro_f1")),
        _number([search], "search", "gap"),
        _whole(_number(trained, "params", "live")),
        _whole(_number([search], "params", "with_dead_edges")),
        _polynomials(search),
        _number([search], "time", "search"),
        fmean(times) if (times := _numbers(tested, "time", "train")) else None,
        _whole(_number(tested, "test", "clips")),
        next((independent(one["test"]) for one in tested if isinstance(one.get("test"), dict)), None),
    )


def _metrics(folder: SweepFolder, trial: Planned) -> Mapping[str, Any]:
    """The metrics of a trial that is done; empty otherwise."""
    return folder.metrics(trial.name) if folder.done(trial.name) else {}


def _polynomials(metrics: Mapping[str, Any]) -> float | None:
    """The share of the kept edges whose operation is a polynomial, from `honesty` in the metrics."""
    honesty = metrics.get("honesty")
    cells = honesty.get("cells") if isinstance(honesty, dict) else None
    counted = list(cells.values()) if isinstance(cells, dict) else []
    groups = [{"cell": cell} for cell in counted]
    edges, found = (sum(_numbers(groups, "cell", key)) for key in ("edges", "polynomials"))
    return found / edges if edges else None


def _numbers(runs: Iterable[Mapping[str, Any]], group: str, key: str) -> list[float]:
    values = [one[group].get(key) for one in runs if isinstance(one.get(group), dict)]
    return [float(value) for value in values if is_number(value)]


def _number(runs: Iterable[Mapping[str, Any]], group: str, key: str) -> float | None:
    """The first of the values; None where there is none."""
    return next(iter(_numbers(runs, group, key)), None)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
