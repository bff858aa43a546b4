"""A run: what its folder holds, and its stages one after the other; finished ones are not repeated."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..base import run_folder as files
from ..base.diagnostics import fail
from ..base.lock import locked
from ..base.run_folder import RunFolder
from ..data.catalog import parse_spec
from ..data.own.manifest import Manifest
from ..ir.genotype import Genotype, to_json
from ..ir.genotype import read as read_genotype
from ..prune.validate import validate
from ..train.observer import Observer, Silent
from .experiment import Experiment
from .load import load
from .metrics import describe_choices, machine, versions
from .plugins import bring
from .run_settings import read_run_settings
from .searches.cluster import Engine
from .searches.work import Work
from .stages.data import check_classes, note_data, prepare_kept
from .stages.search import search
from .stages.test import test
from .stages.train import train
from .threads import AS_TORCH_HAS, Threads, begun_with

if TYPE_CHECKING:
    import torch

    from ..data.features import Prepared
    from ..lower.pruned import PrunedNetwork
    from ..train.events import EventLog

CHECKPOINT_SECONDS = 10.0
Until = Literal["search", "train", "test"]
PRODUCTS: dict[Until, str] = {"search": files.GENOTYPE, "train": files.WEIGHTS, "test": files.TEST}


@dataclass(frozen=True)
class Run:
    """A run folder with its experiment.

    checkpoint_seconds: between checkpoints; a kill loses no more. engine: where a search by sampling
    evaluates its candidates.
    """

    folder: RunFolder
    experiment: Experiment
    data_root: Path | None
    device: str
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    engine: Engine = field(default="here", kw_only=True)

    @property
    def path(self) -> Path:
        """The path of the run folder."""
        return self.folder.path

    @staticmethod
    def open(
        path: Path, data_root: Path | None = None, device: str | None = None, data: str | None = None
    ) -> Run:
        """The run in a folder with its plugins; its data need not be on disk.

        data: where the data lies now, if it has moved. That a plugin has changed is a warning of its
        experiment. Raises DslnasError N0701 where it is no run, or where `data` is given and it keeps no list
        of its clips to check that against, N0208 where a plugin cannot be used.
        """
        folder = RunFolder.open(path)
        settings = read_run_settings(path / files.SETTINGS)
        changed = bring(path, settings.plugins)
        experiment = load(path / files.SPACE, settings.request)
        manifest = Manifest.read(path / files.CLIPS) if folder.has(files.CLIPS) else None
        begun = "data" in folder.metrics()
        experiment = replace(
            experiment,
            warnings=(*changed, *experiment.warnings),
            manifest=manifest,
            by_path=manifest is None and begun,
        )
        if data is not None:
            experiment = _moved(experiment, data, path)
        root = data_root or settings.request.data_root
        return Run(folder, experiment, root, device or settings.device).decided

    @property
    def decided(self) -> Run:
        """The run with the front end that its genotype chooses; as it is where there is nothing to choose."""
        from .pruning.asked import read_asked

        if not self.experiment.frontends.points:
            return self
        if self.folder.has(files.GENOTYPE):
            return replace(self, experiment=self.experiment.decided_by(self.genotype))
        if self.folder.has(files.PRUNING):
            genotype = read_asked(self.path, self.experiment).genotype
            return replace(self, experiment=self.experiment.decided_by(genotype))
        return self

    @property
    def held(self) -> Experiment:
        """The experiment with the list of the clips of the run, where it keeps one by now."""
        if self.experiment.manifest is not None or not self.folder.has(files.CLIPS):
            return self.experiment
        return replace(self.experiment, manifest=Manifest.read(self.path / files.CLIPS))

    def take(self, genotype: Genotype) -> Run:
        """The run with a given genotype, which replaces the search.

        Raises DslnasError N0502 where it does not fit the space.
        """
        validate(genotype, self.experiment.evaluation)
        built = self.experiment.built(self.experiment.settings.train)
        self.folder.write_json(files.CHOICES, describe_choices(built, self.experiment.method))
        self.folder.write_json(
            files.GENOTYPE, to_json(genotype)
        )  # written last: it marks the search as complete
        return replace(self, experiment=self.experiment.decided_by(genotype))

    @property
    def genotype(self) -> Genotype:
        """The genotype that was found; raises DslnasError where there is none yet or it does not fit."""
        path = self.path / files.GENOTYPE
        if not path.is_file():
            raise fail("N0701", f"{self.path} holds no genotype yet", help=self._finish)
        return validate(read_genotype(path), self.experiment.evaluation, str(path))

    @property
    def _finish(self) -> str:
        return f"`dslnas run --resume {self.path}` finishes it"

    @property
    def temperature(self) -> float:
        """By what the logits of the trained network are divided; 1 in runs of before there was one."""
        return float(self.folder.metrics().get("calibration", {}).get("temperature", 1.0))

    def network(self, device: torch.device) -> PrunedNetwork:
        """The trained network (N, channels, F, T) -> (N, classes); DslnasError N0701 if there is none."""
        from ..lower.pruned import PrunedNetwork
        from ..train.weights import load_weights

        path = self.path / files.WEIGHTS
        if not path.is_file():
            raise fail("N0701", f"{self.path} holds no trained network yet", help=self._finish)
        network = PrunedNetwork(self.experiment.evaluation, self.genotype, self.experiment.settings.seed)
        load_weights(path, network, "delete the file to train the genotype again")
        return network.to(device)

    def prepared(self, observer: Observer, training: bool = True) -> Prepared:
        """The data that the run is of, for its front end; for the first one where these are searched.

        The run keeps a list of its clips from then on. training: whether no clip may be missing of it.
        """
        return prepare_kept(self.folder, self.held, self.data_root, observer, training)

    def execute(
        self,
        observer: Observer | None = None,
        until: Until = "test",
        threads: Threads = AS_TORCH_HAS,
        events: bool = False,
    ) -> dict[str, Any]:
        """Do the stages that are not done yet, up to `until`, from the checkpoint on; returns the metrics.

        threads: the processor threads that torch takes for it; by default those that it has. events: whether
        TensorBoard's event files are written too, which a run that has some continues.
        Raises DslnasError: N0604 and N0605 where the data is missing or has changed, N0601 where training
        diverges, N0502 and N0701 where files of the folder cannot be used or another process works in it.
        """
        from .baseline.asked import asked_in

        stages: tuple[Until, ...] = ("search", "train", "test")
        wanted = stages[: stages.index(until) + 1]
        with locked(self.path):
            lacks_probe = asked_in(self.folder) is not None
            if lacks_probe or not all(self.folder.has(PRODUCTS[stage]) for stage in wanted):
                self._execute(wanted, observer or Silent(), threads, events)
            self.folder.drop_checkpoint()
            return self.report()

    def _execute(self, wanted: tuple[Until, ...], observer: Observer, threads: Threads, events: bool) -> None:
        """Do the stages that are not done yet, after the data and the probe that the run is asked for."""
        from ..train.devices import pick_device
        from ..train.events import event_log
        from .baseline.work import have_probe

        device = pick_device(self.device)
        if self.folder.has(files.GENOTYPE):
            _ = self.genotype  # raises for one that does not fit, before the data is read
        chosen = threads.take(begun_with(self.folder.metrics()), observer.say)
        missing = [stage for stage in wanted if not self.folder.has(PRODUCTS[stage])]
        trains = any(stage != "test" for stage in missing)
        prepared = self._hear(observer, trains)
        self.folder.update_metrics(machine=machine(device) | chosen)
        log = event_log(self.path, events, observer.say)
        have_probe(self.folder, prepared, observer)
        for stage in missing:
            run = self if stage == "search" else self.decided
            if stage != "search" and run.experiment.frontend != prepared.frontend:
                prepared = run.prepared(observer, trains)
            run._do(stage, run._work(prepared, device, observer, log))

    def _hear(self, observer: Observer, training: bool) -> Prepared:
        """The data, checked against what the run began with, noted and told."""
        started = time.monotonic()
        prepared = self.prepared(observer, training)
        check_classes(self.experiment, prepared)
        for note in note_data(self.folder, self.held, prepared, time.monotonic() - started):
            observer.say(note)
        return prepared

    def _work(
        self, prepared: Prepared, device: torch.device, observer: Observer, log: EventLog | None = None
    ) -> Work:
        """What a stage of the run works with."""
        given = (self.folder, self.held, prepared, device, observer, log, self.checkpoint_seconds)
        return Work(*given, self.data_root, self.engine)

    def _do(self, stage: Until, work: Work) -> None:
        """Do a stage to its end."""
        if stage == "search":
            search(work)
        elif stage == "train":
            train(work, self.genotype)
        else:
            test(work, self.network(work.device), self.temperature)

    def report(self) -> dict[str, Any]:
        """Write caveats, seed and versions into the metrics, which are returned, and the report page."""
        from ..report.honesty import honesty_of
        from ..report.page import write_report
        from ..report.rundata import read_run
        from .baseline.work import hold_against

        hold_against(self.folder)
        if honesty := honesty_of(read_run(self.path)):
            self.folder.update_metrics(honesty=honesty.to_json())
        self.folder.update_metrics(
            seed=self.experiment.settings.seed, versions=versions()
        )  # the last figures
        write_report(self.path)
        return self.folder.metrics()


def retest(run: Run, observer: Observer | None = None) -> dict[str, Any]:
    """Test the trained network of a run again; returns the metrics.

    Raises DslnasError N0701 where there is no trained network yet, N0604 where its data is not found.
    """
    from ..train.devices import pick_device

    watching = observer or Silent()
    device = pick_device(run.device)
    run.network(device)  # raises where there is none, before the data is read
    with locked(run.path):
        run._do("test", run._work(run._hear(watching, training=False), device, watching))
        return run.report()


def _moved(experiment: Experiment, data: str, path: Path) -> Experiment:
    """The experiment of a run whose data lies elsewhere now."""
    if experiment.manifest is None:
        help = "put the data back where the run found it"
        raise fail(
            "N0701",
            f"{path} keeps no list of its clips, against which other data could be checked",
            help=help,
        )
    spec = parse_spec(data)
    return replace(
        experiment, data=str(spec if spec.path is None else replace(spec, path=spec.path.absolute()))
    )
