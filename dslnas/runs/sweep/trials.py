"""The trials of a sweep: searches and retrainings, each with a permanent name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...base.diagnostics import DslnasError, errors, fail
from ...check.check import check
from ...resolve.definitions import Definitions, Keys
from ...resolve.library import find_space
from ...resolve.resolve import resolve
from ...resolve.settings import parse_override
from ...resolve.sweeps import Configuration, Sweep, read_sweep
from ..experiment import Experiment
from ..load import NOTHING_ASKED, assemble, fitting
from ..request import Request


@dataclass(frozen=True)
class Trial:
    """One run of a sweep: a search, or a retraining of the genotype of one.

    letter: of its search, A for the first seed; empty for a baseline. number: of the retraining, from 1, and
    0 for the search itself.
    """

    configuration: Configuration
    letter: str
    number: int

    @property
    def name(self) -> str:
        """`SS1-real-fsdd-darts-A`, `SS1-real-fsdd-darts-A-1`, `ResNet18-real-fsdd-1`."""
        parts = (self.configuration.name, self.letter, str(self.number) if self.number else "")
        return "-".join(part for part in parts if part)

    @property
    def searches(self) -> bool:
        """Whether the trial is a search, not a retraining."""
        return self.number == 0

    @property
    def source(self) -> str:
        """The name of the search whose genotype is retrained; empty for searches and baselines."""
        return replace(self, number=0).name if self.number and self.letter else ""

    @property
    def seed(self) -> int:
        """The seed: 0, 1, ... for searches A, B, ..., and for the retrainings of each genotype."""
        return self.number - 1 if self.number else letter_number(self.letter)


def letter(number: int) -> str:
    """A, B, ..., Z, AA, AB, ... for 0, 1, ..."""
    rest, last = divmod(number, 26)
    return (letter(rest - 1) if rest else "") + chr(ord("A") + last)


def letter_number(text: str) -> int:
    """The inverse of `letter`: 0 for A, 26 for AA."""
    number = 0
    for character in text:
        number = 26 * number + ord(character) - ord("A") + 1
    return number - 1


def trials_of(sweep: Sweep) -> Iterator[Trial]:
    """The trials of a sweep in the order in which they are run.

    Every configuration has its search A before any has its B: a sweep that is cut short still compares
    like with like. Baselines come last.
    """
    retrains = range(1, sweep.retrains + 1)
    for search in map(letter, range(sweep.searches)):
        for one in sweep.configurations:
            if one.searched:
                yield Trial(one, search, 0)
                yield from (Trial(one, search, number) for number in retrains)
    for one in sweep.configurations:
        if not one.searched:
            yield from (Trial(one, "", number) for number in retrains)


@dataclass(frozen=True)
class SweepFile:
    """A file with its sweeps, checked. request: folder of data sets, preset, settings of the sweeps."""

    path: Path
    definitions: Definitions
    sweeps: tuple[Sweep, ...]
    request: Request

    def trials(self) -> list[Trial]:
        """All trials of all sweeps; one that several sweeps have is listed once."""
        return list({trial.name: trial for sweep in self.sweeps for trial in trials_of(sweep)}.values())

    def experiment(self, configuration: Configuration) -> Experiment:
        """The experiment of a configuration, with seed 0; raises DslnasError where it has an error."""
        definitions = replace(self.definitions, experiment=configuration.experiment)
        experiment = assemble(self.path, definitions, replace(self.request, overrides=()))
        return fitting(experiment) if configuration.searched else experiment


def load_sweeps(name: str, request: Request = NOTHING_ASKED) -> SweepFile:
    """The sweeps of a file, with the keys of `--set` replaced; raises DslnasError with all errors."""
    path = find_space(name)
    definitions, diagnostics = resolve(path)
    definitions = replace(definitions, sweeps=tuple(_overridden(definitions.sweeps, request.overrides)))
    if found := errors(check(definitions, diagnostics)):
        raise DslnasError(*found)
    if not definitions.sweeps:
        help = "`sweep { spaces: SS1  methods: darts, forcedarts }`, one key a line"
        raise fail("N0206", f"{definitions.main.name} defines no sweep", help=help)
    sweeps = tuple(read_sweep(keys, definitions) for keys in definitions.sweeps)
    return SweepFile(path, definitions, sweeps, request)


def _overridden(sweeps: Iterable[Keys], overrides: Sequence[str]) -> Iterator[Keys]:
    """The sweeps with keys replaced by those of the command line."""
    settings = [parse_override(text) for text in overrides]
    for keys in sweeps:
        for setting in settings:
            keys = keys.with_setting(setting.key, setting.values, setting.span)
        yield keys


def experiment_of(trial: Trial, experiment: Experiment) -> Experiment:
    """The experiment of a configuration with the seed of a trial."""
    return replace(experiment, settings=replace(experiment.settings, seed=trial.seed))
