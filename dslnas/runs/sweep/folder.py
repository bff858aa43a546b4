"""The folder of a sweep: its plan, run folders and failures; tables and figures are made from it alone."""

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
from ...resolve.settings import StageSettings
from .. import begin
from ..experiment import Experiment
from .trials import SweepFile, Trial, experiment_of, trials_of

PLAN, FAILED, TABLES = "sweep.json", "failed.json", "tables"
FORMAT, VERSION = "dslnas-sweep", 1

# What methods and settings say where nothing is said, of fields that came after fingerprints began.
UNSAID = (
    ", pairs=False",
    ", above=None",
    ", arch_clip=None",
    ", weights_floor=None",
    ", unroll_falls=False",
    ", judge=None",
    ", weights_warmup=0",
    ", retrain_warmup=0",
    ", average=None",
    ", require=()",
    ", balance='none'",
    ", random='auto'",
    ", trained=0",
    ", breeds=True",
    ", folds=0",
    ", windows='loudest'",
    ", deciding=None",
    ", auxiliary=None",
    ", stop=None",
)
SPELT_OTHERWISE = {"Sampling(kind='fair', paths=0)": "'fair'"}  # now: in fingerprints


@dataclass(frozen=True)
class Planned:
    """A trial as `sweep.json` keeps it.

    fingerprint: a hash of all that decides its figures; a file with another one cannot go on in this folder.
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
        """The file whose presence marks the trial as done."""
        return TEST if self.number else GENOTYPE


@dataclass(frozen=True)
class SweepFolder:
    """The trials of the sweeps in a folder. sweeps: name of a sweep -> names of its trials."""

    path: Path
    trials: Mapping[str, Planned]
    sweeps: Mapping[str, tuple[str, ...]]

    @staticmethod
    def is_one(path: Path) -> bool:
        """Whether a folder holds a sweep."""
        return (path / PLAN).is_file()

    @staticmethod
    def open(path: Path) -> SweepFolder:
        """The sweep in a folder; raises DslnasError N0701 where there is none or its version differs."""
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
        """Whether a trial has its product and all its metrics, which are written after it."""
        return (self.run(name) / self.trials[name].product).is_file() and "versions" in self.metrics(name)

    def metrics(self, name: str) -> dict[str, Any]:
        """The metrics of a trial; empty where there are none or they cannot be read."""
        try:
            found = read_json(self.run(name) / METRICS)
        except DslnasError:
            return {}
        return found if isinstance(found, dict) else {}

    def pending(self, pattern: str = "*") -> list[Planned]:
        """The unfinished trials that a pattern matches, with the searches they need, in order.

        Raises DslnasError N0603 where the pattern matches no trial.
        """
        wanted = {name for name in self.trials if fnmatch(name, pattern)}
        if not wanted:
            raise fail("N0603", f"no trial matches `{pattern}`", help="`--dry-run` lists them")
        wanted |= {self.trials[name].source for name in wanted if not self.done(name)}
        return [one for name, one in self.trials.items() if name in wanted and not self.done(name)]

    def failed(self) -> dict[str, str]:
        """The errors of the last attempt, by the name of the trial."""
        found = read_json(self.path / FAILED) if (self.path / FAILED).is_file() else {}
        return {str(name): str(error) for name, error in found.items()} if isinstance(found, dict) else {}

    def record(self, name: str, error: str | None) -> None:
        """Record the error of a trial, or remove it where `error` is None."""
        failed = {key: value for key, value in self.failed().items() if key != name}
        if error is not None:
            failed[name] = error
        write_json(self.path / FAILED, failed)


def lay_out(file: SweepFile, out: Path, *, device: str = "auto", command: str = "") -> SweepFolder:
    """Create the folder of a file's sweeps, with a run folder for each trial; existing ones stay.

    Raises DslnasError before anything is written where an experiment has an error, and N0701 where the folder
    holds something else, or a trial of that name under other settings.
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
    own = experiment_of(trial, experiment)
    return Planned(
        trial.name,
        one.space,
        own.settings.domain,
        f"{own.data}, fold {one.fold}" if one.fold else own.data,
        one.method,
        trial.letter,
        trial.number,
        trial.source,
        fingerprint(own),
    )


def fingerprint(experiment: Experiment) -> str:
    """The hash of all that decides the figures of a trial, without comments and layout of its text.

    It must stay what it is for the same settings: a sweep that was begun before is refused otherwise. So the
    settings of a stage go by the name that their class had when the format began, and what came later leaves
    no trace where it says nothing.
    """
    settings = replace(experiment.settings, origins={})
    frontends = [way.frontend.fingerprint for way in experiment.frontends.ways]
    parts = (experiment.space_hash, experiment.method, frontends, settings)
    text = repr((*parts, experiment.data, experiment.classes)).replace(f"{StageSettings.__name__}(", "Stage(")
    for said in UNSAID:
        text = text.replace(said, "")
    for now, before in SPELT_OTHERWISE.items():
        text = text.replace(now, before)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lay_out(
    trial: Trial,
    experiment: Experiment,
    folder: SweepFolder,
    data_root: Path | None,
    device: str,
    command: str,
) -> None:
    """Create the run folder of a trial, whole or not at all: a kill leaves one under another name."""
    own = experiment_of(trial, experiment)
    part = folder.path / f".{trial.name}.part"
    options: dict[str, Any] = {"data_root": data_root, "device": device, "command": command}
    run = begin.lay_out(own, part, **options)
    if trial.number and not trial.letter:
        only = own.only_genotype
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
