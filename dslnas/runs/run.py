"""A run: data, search, pruning, retraining, test and report; finished stages are not repeated."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..base import limits
from ..base import run_folder as files
from ..base.diagnostics import DslnasError, fail
from ..base.lock import locked
from ..base.places import from_folder, remember, without_places
from ..base.run_folder import RunFolder
from ..data.catalog import parse_spec
from ..data.locations import named_root
from ..data.own.manifest import Manifest
from ..ir.genotype import Genotype, to_json
from ..ir.genotype import read as read_genotype
from ..ir.positions import network_of
from ..ir.walk import cost
from ..methods.method import RelaxedMethod
from ..prune.validate import validate
from ..train.observer import Observer, Silent
from .experiment import Experiment, check_decided, describe_settings
from .judging import roles_in
from .load import load
from .metrics import cut, describe_choices, machine, versions
from .plugins import bring, keep
from .prepared import prepare_data
from .run_settings import read_run_settings
from .searches.cluster import Engine, check_engine
from .threads import AS_TORCH_HAS, Threads

if TYPE_CHECKING:
    import torch

    from ..data.dataset import DataSet
    from ..data.features import Prepared
    from ..lower.pruned import PrunedNetwork
    from ..train.events import EventLog
    from .pruning.asked import Asked

TRAIN_RECORDS = 200  # lines of the history at most
CHECKPOINT_SECONDS = 10.0
Until = Literal["search", "train", "test"]
PRODUCTS: dict[Until, str] = {"search": files.GENOTYPE, "train": files.WEIGHTS, "test": files.TEST}


def start(
    experiment: Experiment,
    out: Path,
    *,
    data_root: Path | None = None,
    device: str = "auto",
    command: str = "",
) -> Run:
    """Create the folder of a new run. A space without choices is trained without a search.

    Raises DslnasError N0603 where the retrained network has choices that the search does not decide, N0701
    where `out` exists and is not empty.
    """
    if (only := experiment.only_genotype) is not None:
        return train_genotype(only, experiment, out, data_root=data_root, device=device, command=command)
    check_decided(experiment)
    return lay_out(experiment, out, data_root=data_root, device=device, command=command)


def lay_out(
    experiment: Experiment,
    out: Path,
    *,
    data_root: Path | None = None,
    device: str = "auto",
    command: str = "",
    first: Callable[[RunFolder], None] | None = None,
) -> Run:
    """Create the folder of a new run with its text and settings, and no results.

    Where the data lies is kept as a path from the folder of the run, and in full in the cache folder: the run
    can be resumed from any folder, also where it has moved alone or with the data, and its folder names no
    place of the machine. first: writes what else the run is to begin with; the settings come last, and make
    the folder a run. Raises DslnasError N0701 where `out`
    exists and is not empty.
    """
    spec = parse_spec(experiment.data)
    if spec.path is not None:
        experiment = replace(experiment, data=str(replace(spec, path=spec.path.absolute())))
    named = named_root(data_root)
    root = named.absolute() if named else None
    settings = dict(describe_settings(experiment))
    kept = str(spec if spec.path is None else replace(spec, path=Path(from_folder(spec.path, out))))
    place = {"place": remember(spec.path)} if spec.path is not None else {}
    settings["data"] = {**settings["data"], "name": kept, **place, "classes": list(experiment.classes)}
    settings |= {
        "data_root": from_folder(root, out) if root else None,
        **({"data_root_place": remember(root)} if root else {}),
        "device": device,
        "command": without_places(command, [one.parent for one in (spec.path, root, out.absolute()) if one]),
    }
    folder = RunFolder.create(out)
    try:
        if plugins := keep(folder, experiment.text):
            settings["plugins"] = plugins
        folder.write_text(files.SPACE, experiment.text)
        if experiment.manifest is not None:  # of the run that it is a part of
            experiment.manifest.write(out / files.CLIPS)
        folder.update_metrics(cut=cut(experiment))
        if first is not None:
            first(folder)
        folder.write_json(files.SETTINGS, settings)
    except BaseException:  # half a folder would be in the way of the next try
        shutil.rmtree(out, ignore_errors=True)
        raise
    return Run(folder, experiment, root, device)


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


def train_genotype(
    genotype: Genotype,
    experiment: Experiment,
    out: Path,
    *,
    data_root: Path | None = None,
    device: str = "auto",
    command: str = "",
) -> Run:
    """Create a run of a given genotype, without a search: it is trained and tested.

    Raises DslnasError N0502 where the genotype does not fit the space, N0701 where `out` exists and is not
    empty.
    """
    validate(genotype, experiment.evaluation)
    run = lay_out(experiment.decided_by(genotype), out, data_root=data_root, device=device, command=command)
    return run.take(genotype)


def start_pruning(source: Run, asked: Asked, out: Path, *, command: str = "") -> Run:
    """Create a run that prunes the network of another and trains what is left, with the other's settings.

    Raises DslnasError N0701 where `out` exists and is not empty.
    """
    from .pruning.work import write_asked

    root, device = source.data_root, source.device

    def first(folder: RunFolder) -> None:
        write_asked(asked, source.path, folder)

    return lay_out(source.experiment, out, data_root=root, device=device, command=command, first=first)


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
        stages: tuple[Until, ...] = ("search", "train", "test")
        wanted = stages[: stages.index(until) + 1]
        with locked(self.path):
            if not all(self.folder.has(PRODUCTS[stage]) for stage in wanted) or self._lacks_probe:
                self._execute(wanted, observer or Silent(), threads, events)
            self.folder.drop_checkpoint()
            return self._report()

    def _report(self) -> dict[str, Any]:
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

    def _execute(self, wanted: tuple[Until, ...], observer: Observer, threads: Threads, events: bool) -> None:
        from ..train.devices import pick_device
        from .baseline.work import have_probe

        device = pick_device(self.device)
        if self.folder.has(files.GENOTYPE):
            _ = self.genotype  # raises for one that does not fit, before the data is read
        chosen = threads.take(self._begun_threads(), observer.say)
        trains = any(not self.folder.has(PRODUCTS[stage]) for stage in wanted if stage != "test")
        prepared = self._data(observer, trains)
        self.folder.update_metrics(machine=machine(device) | chosen)
        log = self._event_log(events, observer)
        have_probe(self.folder, prepared, observer)
        for stage in wanted:
            if self.folder.has(PRODUCTS[stage]):
                continue
            if stage == "search":
                self._search(prepared, device, observer, log)
                continue
            run = self.decided
            if run.experiment.frontend != prepared.frontend:
                prepared = run._prepared(observer, trains)
            if stage == "train":
                run._train(prepared, device, observer, log)
            else:
                run._test(prepared, device, observer)

    @property
    def _lacks_probe(self) -> bool:
        """Whether the run is asked for a probe that it does not have yet."""
        from .baseline.asked import asked_in

        return asked_in(self.folder) is not None

    def _begun_threads(self) -> int | None:
        """The threads that the run began with; None where it has not begun, or does not tell."""
        there = self.folder.metrics().get("machine")
        begun = there.get("threads") if isinstance(there, dict) else None
        return begun if type(begun) is int and 0 < begun <= limits.THREADS else None

    def _event_log(self, wanted: bool, observer: Observer) -> EventLog | None:
        """Where events are written: where that is wanted, or the run has some; else None."""
        from ..train.events import EventLog

        if not wanted and not (self.path / files.EVENTS).is_dir():
            return None
        try:
            return EventLog(self.path)
        except DslnasError as error:
            if wanted:
                raise
            observer.say(f"{error.diagnostics[0].message}: the event files of this run end here")
            return None

    # --- stages ------------------------------------------------------------------------------------------

    def _data(self, observer: Observer, training: bool = True) -> Prepared:
        from ..train.testing import describe_validation

        started = time.monotonic()
        prepared = self._prepared(observer, training)
        if prepared.classes != self.experiment.classes:
            raise fail(
                "N0605",
                f"{self.experiment.data}: the classes are not those that the run began with: "
                f"{', '.join(prepared.classes)} instead of {', '.join(self.experiment.classes)}",
                help="bring the recordings back to what they were, or start a new run",
            )
        splits = {"train": prepared.train, "validation": prepared.validation, "test": prepared.test}
        roles = roles_in(self.experiment, prepared, self._searches)
        notes = [self._without_places(note) for note in (*prepared.notes, *roles.notes)]
        skipped = [[self._without_places(part) for part in pair] for pair in prepared.skipped]
        before = self.folder.metrics().get("data")
        if before and self.held.manifest is not None:  # what was told when the list was made still holds
            notes = list(dict.fromkeys([*before.get("notes", []), *notes]))
            skipped = before.get("skipped", skipped)
        self.folder.update_metrics(
            data={
                "name": self._without_places(self.experiment.data),
                "split": self.experiment.split,
                "classes": list(prepared.classes),
                **{name: len(split) for name, split in splits.items()},
                **roles.figures,
                "notes": notes,
                "skipped": skipped,
            },
            validation=describe_validation(prepared.validation),
            time={"data": time.monotonic() - started},
        )
        for note in notes:
            observer.say(note)
        return prepared

    def _without_places(self, text: str) -> str:
        """A text of the data for a file of the run, without the folders of the machine."""
        path = parse_spec(self.experiment.data).path
        return without_places(text, [path.absolute().parent] if path is not None else [])

    def _prepared(self, observer: Observer, training: bool = True) -> Prepared:
        """The data that the run is of, for its front end; for the first one where these are searched.

        The run keeps a list of its clips from then on. training: whether no clip may be missing of it.
        """
        listed: list[DataSet] = []

        def noted(data: DataSet) -> DataSet:
            listed.append(data)
            return data

        prepared = prepare_data(self.held.ways[0], self.data_root, observer, training, noted)
        if self.experiment.keeps_clips and not self.folder.has(files.CLIPS):
            Manifest.of(listed[0], prepared.clips).write(self.path / files.CLIPS)
        return prepared

    @property
    def _searches(self) -> bool:
        """Whether the run has a search: one whose genotype was given has none."""
        return not self.folder.has(files.GENOTYPE) or self.folder.has(files.SUPERNET)

    def _search(
        self, prepared: Prepared, device: torch.device, observer: Observer, events: EventLog | None
    ) -> None:
        from .pruning.work import prune_parts
        from .searches import relaxed, sampled
        from .searches.work import Work

        built = self.experiment.built(self.experiment.search_stages[-1])
        self.folder.write_json(files.CHOICES, describe_choices(built, self.experiment.method))
        seconds = self.checkpoint_seconds
        given = (self.folder, self.held, prepared, device, observer, events, seconds)
        check_engine(self.experiment, self.engine)
        work = Work(*given, self.data_root, self.engine)
        if self.folder.has(files.PRUNING):
            genotype = prune_parts(work)
        else:
            mixes = isinstance(self.experiment.method, RelaxedMethod)
            genotype = relaxed.search(work) if mixes else sampled.search(work)
        self.folder.write_json(files.GENOTYPE, to_json(genotype))  # written last: it marks the search as done
        self.folder.drop_checkpoint()

    def _train(
        self, prepared: Prepared, device: torch.device, observer: Observer, events: EventLog | None
    ) -> None:
        from ..train.loop import Schedule, run_loop
        from ..train.testing import evaluate, recognised, temperature
        from ..train.weights import save_weights
        from .trainees import retraining

        trainee = retraining(self.experiment, self.genotype, prepared, device)
        per_epoch = trainee.batches.per_epoch
        epochs = max(1, trainee.steps // per_epoch)
        schedule = Schedule(trainee.steps, per_epoch, min(TRAIN_RECORDS, epochs))
        seconds = run_loop(
            trainee, "train", schedule, self.folder, observer, device, self.checkpoint_seconds, events
        )
        live = cost(*network_of(self.experiment.evaluation, self.genotype))
        with trainee.averaged():
            logits = evaluate(trainee.network, prepared.validation.features, device)
        labels = prepared.validation.labels
        self.folder.update_metrics(
            params={"live": live.params},
            macs={"live": live.macs},
            validation={"retrained": recognised(logits, labels)},
            calibration={"temperature": temperature(logits, labels)},
            time={"train": seconds},
        )
        with trainee.averaged():  # written last: it marks the training as done
            save_weights(self.path / files.WEIGHTS, trainee.network)
        self.folder.drop_checkpoint()

    def _test(self, prepared: Prepared, device: torch.device, observer: Observer) -> None:
        from ..train.testing import test

        started = time.monotonic()
        observer.begin("test", 1)
        tested = test(self.network(device), prepared.test, prepared.classes, device, self.temperature)
        observer.advance("test", 1, accuracy=tested.figures["accuracy"])
        times = {**self.folder.metrics().get("time", {}), "test": time.monotonic() - started}
        times["total"] = sum(
            times.get(stage, 0.0) for stage in ("data", "search", "decide", "prune", "train", "test")
        )
        self.folder.update_metrics(test=tested.figures, time=times)
        self.folder.write_json(files.TEST, tested.named(prepared).details)

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


def retest(run: Run, observer: Observer | None = None) -> dict[str, Any]:
    """Test the trained network of a run again; returns the metrics.

    Raises DslnasError N0701 where there is no trained network yet, N0604 where its data is not found.
    """
    from ..train.devices import pick_device

    watching = observer or Silent()
    device = pick_device(run.device)
    run.network(device)  # raises where there is none, before the data is read
    with locked(run.path):
        run._test(run._data(watching, training=False), device, watching)
        return run._report()
