"""The folder of a sweep: its plan, its run folders, what failed; tables and figures come from it alone."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ...base.diagnostics import DslnasError, fail
from ...base.files import occupied, read_json, write_json
from ...base.run_folder import GENOTYPE, METRICS, TEST
from .. import run as runs
from ..experiment import Experiment
from .trials import SweepFile, Trial, experiment_of, trials_of

PLAN, FAILED, TABLES = "sweep.json", "failed.json", "tables"
FORMAT, VERSION = "dslnas-sweep", 1


@dataclass(frozen=True)
class Planned:
    """A trial as the plan keeps it.

    fingerprint: of all that decides its figures; a file that says something else is no part of this folder.
    """

    name: str
    space: str
    domain: str
    data: str
    method: str
    letter: str
    number: int
    source: str
    fingerprint: str

    @property
    def product(self) -> str:
        """The file that says that the trial is done."""
        return TEST if self.number else GENOTYPE


@dataclass(frozen=True)
class SweepFolder:
    """The trials of a sweep in a folder. sweeps: the names of the trials of each."""

    path: Path
    trials: Mapping[str, Planned]
    sweeps: Mapping[str, tuple[str, ...]]

    @staticmethod
    def is_one(path: Path) -> bool:
        return (path / PLAN).is_file()

    @staticmethod
    def open(path: Path) -> SweepFolder:
        """The sweep in a folder; raises DslnasError N0701 where it holds none, or another version's."""
        if not SweepFolder.is_one(path):
            raise fail("N0701", f"{path} holds no sweep", help=f"a folder of a sweep holds `{PLAN}`")
        plan = read_json(path / PLAN)
        try:
            if (plan["format"], plan["version"]) != (FORMAT, VERSION):
                raise fail("N0701", f"{path / PLAN} is of another version of dslnas")
            trials = {one["name"]: Planned(**one) for one in plan["trials"]}
            sweeps = {str(one["name"]): tuple(one["trials"]) for one in plan["sweeps"]}
            if any(name not in trials for names in sweeps.values() for name in names):
                raise KeyError("a trial that is not there")
        except (TypeError, KeyError, AttributeError) as error:
            message = f"{path / PLAN}: a part is missing or has another form: {error}"
            raise fail("N0701", message) from None
        return SweepFolder(path, trials, sweeps)

    def run(self, name: str) -> Path:
        """The run folder of a trial."""
        return self.path / name

    def done(self, name: str) -> bool:
        """Whether a trial has its product and, written after it, all its figures."""
        return (self.run(name) / self.trials[name].product).is_file() and "versions" in self.metrics(name)

    def metrics(self, name: str) -> dict[str, Any]:
        """The metrics of a trial; nothing where there are none, or none that can be read."""
        try:
            found = read_json(self.run(name) / METRICS)
        except DslnasError:
            return {}
        return found if isinstance(found, dict) else {}

    def pending(self, pattern: str = "*") -> list[Planned]:
        """What is left to do of the trials that a pattern matches, with the searches they need, in order.

        Raises DslnasError N0603 where it matches none.
        """
        wanted = {name for name in self.trials if fnmatch(name, pattern)}
        if not wanted:
            raise fail("N0603", f"no trial matches `{pattern}`", help="`--dry-run` lists them")
        wanted |= {self.trials[name].source for name in wanted if not self.done(name)}
        return [one for name, one in self.trials.items() if name in wanted and not self.done(name)]

    def failed(self) -> dict[str, str]:
        """What went wrong the last time, by the name of the trial."""
        found = read_json(self.path / FAILED) if (self.path / FAILED).is_file() else {}
        return {str(name): str(error) for name, error in found.items()} if isinstance(found, dict) else {}

    def record(self, name: str, error: str | None) -> None:
        """Keep what went wrong with a trial, or forget it where nothing did."""
        failed = {key: value for key, value in self.failed().items() if key != name}
        if error is not None:
            failed[name] = error
        write_json(self.path / FAILED, failed)


def lay_out(file: SweepFile, out: Path, *, device: str = "auto", command: str = "") -> SweepFolder:
    """The folder of a file's sweeps, with a run folder for each trial; what is there already stays.

    Raises DslnasError before anything is written where an experiment does not come to one, and N0701 where
    the folder holds something else, or a trial of that name under other settings.
    """
    known = SweepFolder.open(out).trials if SweepFolder.is_one(out) else {}
    if not known and occupied(out):
        raise fail("N0701", f"{out} is there already, and holds no sweep", help="name another folder: --out")
    trials = file.trials()
    experiments = {t.configuration.name: t.configuration for t in trials}
    loaded = {name: file.experiment(one) for name, one in experiments.items()}
    planned = {t.name: _planned(t, loaded[t.configuration.name]) for t in trials}
    for name, one in planned.items():
        if name in known and known[name] != one:
            help = "name another folder, `--out DIR`, or bring the file back to what it was"
            raise fail("N0701", f"{out / name} is a trial under other settings", help=help)
    out.mkdir(parents=True, exist_ok=True)
    for leftover in out.glob(".*.part"):
        shutil.rmtree(leftover, ignore_errors=True)
    sweeps = {sweep.name: tuple(trial.name for trial in trials_of(sweep)) for sweep in file.sweeps}
    folder = SweepFolder(out, {**known, **planned}, sweeps)
    _write_plan(folder)
    for trial in trials:
        if not folder.run(trial.name).exists():
            _lay_out(trial, loaded[trial.configuration.name], folder, file.request.data_root, device, command)
    return folder


def _planned(trial: Trial, experiment: Experiment) -> Planned:
    one = trial.configuration
    told = experiment_of(trial, experiment)
    return Planned(
        trial.name,
        one.space,
        told.settings.domain,
        told.data,
        one.method,
        trial.letter,
        trial.number,
        trial.source,
        fingerprint(told),
    )


def fingerprint(experiment: Experiment) -> str:
    """A hash of all that decides the figures of a trial; comments and layout of its text do not."""
    settings = replace(experiment.settings, origins={})
    frontends = [way.frontend.fingerprint for way in experiment.frontends.ways]
    parts = (experiment.space_hash, experiment.method, frontends, settings)
    text = repr((*parts, experiment.data, experiment.classes))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lay_out(
    trial: Trial,
    experiment: Experiment,
    folder: SweepFolder,
    data_root: Path | None,
    device: str,
    command: str,
) -> None:
    """The run folder of a trial, whole or not at all: a kill leaves one under another name."""
    told = experiment_of(trial, experiment)
    part = folder.path / f".{trial.name}.part"
    options: dict[str, Any] = {"data_root": data_root, "device": device, "command": command}
    run = runs.lay_out(told, part, **options)
    if trial.number and not trial.letter:
        only = told.only_genotype
        assert only is not None, "a baseline has nothing to choose"
        run.take(only)
    part.rename(folder.run(trial.name))


def _write_plan(folder: SweepFolder) -> None:
    plan = {
        "format": FORMAT,
        "version": VERSION,
        "sweeps": [{"name": name, "trials": list(trials)} for name, trials in folder.sweeps.items()],
        "trials": [asdict(one) for one in folder.trials.values()],
    }
    write_json(folder.path / PLAN, plan)
