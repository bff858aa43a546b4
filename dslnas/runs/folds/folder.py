"""The folder of a cross-validation: a run for each fold, which can be stopped and gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from ...base.diagnostics import DslnasError, fail
from ...base.files import occupied, read_json, write_json
from ...base.rendering import render_text
from ...base.run_folder import CLIPS, METRICS, TEST
from ...data.catalog import parse_spec
from ...data.dataset import SPLITS, OnProgress, silent
from ...train.observer import Observer
from .. import begin
from ..experiment import Experiment
from ..run import Run
from ..threads import AS_TORCH_HAS, Threads

PLAN, FAILED = "folds.json", "failed.json"
FORMAT, VERSION = "dslnas-folds", 1


@dataclass(frozen=True)
class FoldsFolder:
    """The runs of a cross-validation. names: of their folders, that of fold 1 first."""

    path: Path
    names: tuple[str, ...]

    @staticmethod
    def is_one(path: Path) -> bool:
        """Whether a folder holds a cross-validation."""
        return (path / PLAN).is_file()

    @staticmethod
    def open(path: Path) -> FoldsFolder:
        """The cross-validation in a folder; DslnasError N0701 where there is none or its version differs."""
        plan = read_json(path / PLAN)
        try:
            if (plan["format"], plan["version"]) != (FORMAT, VERSION):
                raise fail("N0701", f"{path / PLAN} is of another version of dslnas")
            names = tuple(str(name) for name in plan["folds"])
        except (TypeError, KeyError) as error:
            raise fail("N0701", f"{path / PLAN}: a part is missing or has another form: {error}") from None
        if not names or any(Path(name).name != name for name in names):
            raise fail("N0701", f"{path / PLAN}: `folds` names no folders beside it")
        return FoldsFolder(path, names)

    def run(self, name: str) -> Path:
        """The run folder of a fold."""
        return self.path / name

    def done(self, name: str) -> bool:
        """Whether the run of a fold has its test and its last figures."""
        return (self.run(name) / TEST).is_file() and "versions" in self.metrics(name)

    def metrics(self, name: str) -> dict[str, object]:
        """The metrics of a fold; empty where there are none yet, or they cannot be read."""
        try:
            found = read_json(self.run(name) / METRICS)
        except DslnasError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def left(self) -> list[str]:
        """The names of the folds that are not done."""
        return [name for name in self.names if not self.done(name)]

    def failed(self) -> dict[str, str]:
        """The errors of the folds whose last attempt has failed, by name."""
        found = read_json(self.path / FAILED) if (self.path / FAILED).is_file() else {}
        errors = found.items() if isinstance(found, dict) else ()
        return {str(name): str(error) for name, error in errors if str(name) in self.left}


@dataclass(frozen=True)
class Attempt:
    """What came of the run of a fold; `error` is None where it is done."""

    name: str
    error: str | None = None


Watch = Callable[[str], AbstractContextManager[Observer]]


def fold_settings(folds: int, fold: int) -> tuple[str, ...]:
    """What a run of one fold sets, as texts of `--set`."""
    return f"data.folds={folds}", f"data.fold={fold}"


def of_fold(experiment: Experiment, fold: int) -> Experiment:
    """The experiment of another fold than the one that `fold_settings` has set last."""
    settings = replace(experiment.settings, fold=fold)
    overrides = (*experiment.overrides[:-1], fold_settings(settings.folds, fold)[-1])
    return replace(experiment, settings=settings, overrides=overrides)


def clips_of(
    experiments: Sequence[Experiment], data_root: Path | None = None, on_progress: OnProgress = silent
) -> list[dict[str, int]]:
    """How many clips train, validate and test in each fold.

    Raises DslnasError as `Experiment.open_data` does where one of them could not be run.
    """
    listed = (one.open_data(data_root, on_progress) for one in experiments)
    return [{split: data.count(split) for split in SPLITS} for data in listed]


def lay_out(
    experiments: Sequence[Experiment],
    out: Path,
    *,
    data_root: Path | None = None,
    device: str = "auto",
    command: str = "",
) -> FoldsFolder:
    """Create the folder of a cross-validation with a run for each experiment, that of fold 1 first.

    Raises DslnasError N0701 where something is there already, and as `run.start` does.
    """
    if occupied(out):
        help = f"go on with it, `dslnas run --resume {out}`, or name another folder: --out"
        raise fail("N0701", f"{out} is there already", help=help)
    folder = FoldsFolder(out, tuple(f"fold{number}" for number in range(1, len(experiments) + 1)))
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, experiment in zip(folder.names, experiments, strict=True):
            begin.start(experiment, folder.run(name), data_root=data_root, device=device, command=command)
        plan = {"format": FORMAT, "version": VERSION, "folds": list(folder.names)}
        write_json(out / PLAN, plan)  # written last: half a folder is none
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    return folder


@dataclass(frozen=True)
class Continued:
    """How the runs of a cross-validation go on: None is as they began.

    data: where their recordings lie now, if they have moved.
    """

    data_root: Path | None = None
    device: str | None = None
    data: str | None = None

    def open(self, path: Path) -> Run:
        """The run of a fold; raises DslnasError N0701 where it cannot be used."""
        if self.data is None or (path / CLIPS).is_file():
            return Run.open(path, self.data_root, self.device, self.data)
        run = Run.open(path, self.data_root, self.device)  # not begun: there is nothing to hold the data to
        spec = parse_spec(self.data)
        moved = str(spec if spec.path is None else replace(spec, path=spec.path.absolute()))
        return replace(run, experiment=replace(run.experiment, data=moved))


def execute(
    folder: FoldsFolder,
    watch: Watch,
    how: Continued | None = None,
    threads: Threads = AS_TORCH_HAS,
    events: bool = False,
) -> Iterator[Attempt]:
    """Do the folds that are left, one after another; an error of one is kept, and the others go on."""
    errors = folder.failed()
    for name in folder.left:
        error = None
        with watch(name) as observer:
            try:
                (how or Continued()).open(folder.run(name)).execute(observer, "test", threads, events)
            except DslnasError as problem:
                error = "\n".join(map(render_text, problem.diagnostics))
        errors = {key: value for key, value in errors.items() if key != name}
        if error is not None:
            errors[name] = error
        write_json(folder.path / FAILED, errors)
        yield Attempt(name, error)
