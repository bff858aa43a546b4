"""A run: data, search, pruning, retraining, test and report, each done once; what is done is not done again."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from . import folder as files
from .diagnostics import fail
from .experiment import Experiment, describe_settings, load
from .folder import Observer, RunFolder, Silent
from .genotype import Genotype, from_json, to_json
from .genotype import read as read_genotype
from .graph import Program
from .lower.walk import Chosen, Everything, WithDeadEdges, cost
from .prune import prune, strongest_options, validate

if TYPE_CHECKING:
    import torch

    from .data.features import Prepared
    from .lower.pruned import PrunedNetwork
    from .search.relaxed import RelaxedSearch

SEARCH_RECORDS = 60
Until = Literal["search", "train", "test"]


def start(
    experiment: Experiment, out: Path, *, data_root: Path | None = None, device: str = "auto", command: str = ""
) -> Run:
    """A new run folder that holds all a run is told; raises DslnasError N0701 where `out` is taken."""
    folder = RunFolder.create(out)
    folder.write_text(files.SPACE, experiment.text)
    settings = {
        **describe_settings(experiment),
        "data_root": str(data_root.resolve()) if data_root else None,
        "device": device,
        "command": command,
    }
    folder.write_json(files.SETTINGS, settings)
    return Run(folder, experiment, data_root, device)


def train_genotype(
    genotype: Genotype, experiment: Experiment, out: Path, *, data_root: Path | None = None, device: str = "auto",
    command: str = "",
) -> Run:  # fmt: skip
    """A run whose search is given: what remains is to train and to test the genotype."""
    validate(genotype, experiment.evaluation)
    run = start(experiment, out, data_root=data_root, device=device, command=command)
    run.folder.write_json(files.GENOTYPE, to_json(genotype))
    return run


@dataclass(frozen=True)
class Run:
    """A run folder with its experiment."""

    folder: RunFolder
    experiment: Experiment
    data_root: Path | None
    device: str

    @property
    def path(self) -> Path:
        return self.folder.path

    @staticmethod
    def open(path: Path, data_root: Path | None = None, device: str | None = None) -> Run:
        """The run in a folder; raises DslnasError N0701 where it is none."""
        folder = RunFolder.open(path)
        settings = folder.read_json(files.SETTINGS)
        try:
            root = data_root or (Path(settings["data_root"]) if settings["data_root"] else None)
            overrides = [f"space={settings['space']}", f"method={settings['method']}", *settings["set"]]
            experiment = load(
                path / files.SPACE,
                data=settings["data"]["name"],
                data_root=root,
                preset=settings["preset"],
                overrides=overrides,
                seed=settings["seed"],
            )
            return Run(folder, experiment, root, device or settings["device"])
        except (KeyError, TypeError) as error:
            raise fail("N0701", f"{path / files.SETTINGS} lacks {error}") from None

    @property
    def genotype(self) -> Genotype:
        """The genotype that was found; raises DslnasError where there is none yet or it does not fit."""
        genotype = read_genotype(self.path / files.GENOTYPE)
        return validate(genotype, self.experiment.evaluation, str(self.path / files.GENOTYPE))

    def execute(self, observer: Observer | None = None, until: Until = "test") -> dict[str, Any]:
        """Do what is not yet done, and return the metrics; an interrupted run continues where it was."""
        from .report import write_report

        watching = observer or Silent()
        missing = [name for name in _products(until) if not self.folder.has(name)]
        if missing:
            self._execute(watching, until)
        metrics = self.folder.update_metrics(seed=self.experiment.settings.seed, versions=_versions())
        write_report(self.path)
        return metrics

    def _execute(self, observer: Observer, until: Until) -> None:
        from .search.loop import pick_device

        device = pick_device(self.device)
        prepared = self._data(observer)
        if not self.folder.has(files.GENOTYPE):
            self._search(prepared, device, observer)
        if until == "search":
            return
        if not self.folder.has(files.WEIGHTS):
            self._train(prepared, device, observer)
        if until == "test" and not self.folder.has(files.TEST):
            self._test(prepared, device, observer)

    # --- stages ------------------------------------------------------------------------------------------

    def _data(self, observer: Observer) -> Prepared:
        started = time.monotonic()
        settings = self.experiment.settings
        prepared = prepare_data(self.experiment, self.data_root, observer)
        counts = {name: len(prepared.split(name)) for name in ("train", "validation", "test")}  # type: ignore[arg-type]
        self.folder.update_metrics(
            data={
                "name": self.experiment.data,
                "split": settings.split,
                "classes": list(prepared.classes),
                **counts,
                "notes": prepared.notes,
                "skipped": [list(pair) for pair in prepared.skipped],
            },
            time={"data": time.monotonic() - started},
            cut=cut(self.experiment),
        )
        for note in prepared.notes:
            observer.say(note)
        return prepared

    def _search(self, prepared: Prepared, device: torch.device, observer: Observer) -> None:
        from .search.loop import Schedule, run_loop
        from .search.trainee import searching
        from .training import evaluate

        program = self.experiment.supernet
        self.folder.write_json(files.CHOICES, describe_choices(program))
        trainee = searching(self.experiment, program, prepared, device)
        search = trainee.search
        schedule = Schedule(trainee.steps, trainee.per_epoch, min(SEARCH_RECORDS, trainee.steps))
        seconds = run_loop(trainee, "search", schedule, self.folder, observer)
        alpha, gamma = search.mixed()
        keep = {id: search.keep(id) for id in program.selections}
        genotype = prune(program, alpha, gamma, keep, self.experiment.space_hash, self.experiment.method.name)
        validate(genotype, program)
        logits = evaluate(search.supernet, prepared.validation.features, device)
        accuracy = float((logits.argmax(1) == prepared.validation.labels).float().mean())
        self._search_metrics(search, genotype, accuracy, alpha, trainee.steps, seconds)
        _save_weights(self.path / files.SUPERNET, search.supernet)
        self.folder.write_json(files.GENOTYPE, to_json(genotype))
        self.folder.drop_checkpoint()

    def _search_metrics(
        self,
        search: RelaxedSearch,
        genotype: Genotype,
        accuracy: float,
        alpha: Mapping[str, Sequence[float]],
        steps: int,
        seconds: float,
    ) -> None:
        program, evaluation = search.program, self.experiment.evaluation
        dead = {**strongest_options(program, alpha), **dict(genotype.choices)}
        with_dead = WithDeadEdges(dead, Chosen.of(genotype).sources)
        self.folder.update_metrics(
            search={
                "gap": search.gap(),
                "gap_start": start_gap(program, search),
                "supernet_accuracy": accuracy,
                "steps": steps,
            },
            params={
                "supernet": cost(program, Everything()).params,
                "live": cost(evaluation, Chosen.of(genotype)).params,
                "with_dead_edges": cost(evaluation, with_dead).params,
            },
            macs={"live": cost(evaluation, Chosen.of(genotype)).macs},
            time={"search": seconds},
        )

    def _train(self, prepared: Prepared, device: torch.device, observer: Observer) -> None:
        from .search.loop import Schedule, run_loop
        from .search.trainee import retraining

        trainee = retraining(self.experiment, self.genotype, prepared, device)
        per_epoch = trainee.batches.per_epoch
        schedule = Schedule(trainee.steps, per_epoch, max(1, trainee.steps // per_epoch))
        seconds = run_loop(trainee, "train", schedule, self.folder, observer)
        evaluation = self.experiment.evaluation
        live = cost(evaluation, Chosen.of(self.genotype))
        self.folder.update_metrics(
            params={"live": live.params}, macs={"live": live.macs}, time={"train": seconds}
        )
        _save_weights(self.path / files.WEIGHTS, trainee.network)
        self.folder.drop_checkpoint()

    def _test(self, prepared: Prepared, device: torch.device, observer: Observer) -> None:
        from .training import test

        started = time.monotonic()
        observer.begin("test", 1)
        tested = test(self.network(device), prepared.test, prepared.classes, device)
        observer.advance("test", 1, accuracy=tested.figures["accuracy"])
        took = {"test": time.monotonic() - started}
        metrics = self.folder.update_metrics(test=tested.figures, time=took)
        parts = [metrics["time"].get(stage, 0.0) for stage in ("data", "search", "train", "test")]
        self.folder.update_metrics(time={"total": sum(parts)})
        self.folder.write_json(files.TEST, tested.details)

    def network(self, device: torch.device) -> PrunedNetwork:
        """The trained network; raises DslnasError where there is none yet."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from .lower.pruned import PrunedNetwork

        path = self.path / files.WEIGHTS
        if not path.is_file():
            help = f"`dslnas run --resume {self.path}` finishes it"
            raise fail("N0701", f"{self.path} holds no trained network yet", help=help)
        network = PrunedNetwork(self.experiment.evaluation, self.genotype, self.experiment.settings.seed)
        try:
            network.load_state_dict(load_file(path))
        except (SafetensorError, RuntimeError, OSError) as error:
            raise fail("N0701", f"{path} cannot be read: {error}") from None
        return network.to(device)


def retest(run: Run, observer: Observer | None = None) -> dict[str, Any]:
    """Test the trained network of a run again."""
    run.network(_cpu())  # say that there is none before the data is read
    (run.path / files.TEST).unlink(missing_ok=True)
    return run.execute(observer)


@dataclass(frozen=True)
class Prediction:
    """What a network says of one recording."""

    path: str
    label: str
    probability: float
    probabilities: dict[str, float]


def predict(
    run: Run, recordings: Sequence[Path], device: str = "auto"
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    """Labels and probabilities for recordings, and those that could not be used with their reason."""
    import torch

    from .data.features import load_recordings
    from .data.frontend import FrontEndModule
    from .search.loop import pick_device
    from .training import evaluate

    where = pick_device(device)
    network = run.network(where)
    frontend = run.experiment.frontend
    waves, skipped = load_recordings(recordings, frontend)
    if not len(waves):
        return [], skipped
    unusable = {path for path, _ in skipped}
    used = [str(path) for path in recordings if str(path) not in unusable]
    features = FrontEndModule(frontend).features(waves)
    probabilities = torch.softmax(evaluate(network, features, where), dim=1).tolist()
    classes = run.experiment.classes
    predictions = [
        Prediction(path, classes[row.index(max(row))], max(row), dict(zip(classes, row, strict=True)))
        for path, row in zip(used, probabilities, strict=True)
    ]
    return predictions, skipped


def prepare_data(experiment: Experiment, data_root: Path | None, observer: Observer) -> Prepared:
    """The data of an experiment as tensors, from the cache where it was prepared before."""
    from .data import DataOptions, open_data
    from .data.features import prepare

    settings = experiment.settings
    options = DataOptions(
        split=settings.split, fold=settings.fold, skip_limit=settings.skip_limit, clips=settings.clips
    )
    seen = ""

    def progress(text: str, done: int, total: int) -> None:
        nonlocal seen
        if text != seen:
            seen = text
            observer.begin("data", total)
        observer.advance("data", done)

    return prepare(open_data(experiment.data, data_root, options, progress), experiment.frontend, on_progress=progress)


def start_gap(program: Program, search: RelaxedSearch) -> float:
    """The gap at the start: architecture parameters at zero, where the closed forms hold."""
    from .search.relaxed import gap_of

    uniform = {
        "candidates": {id: len(p.options) for id, p in program.choices.items()},
        "edges": {id: len(s.sources) for id, s in program.selections.items()},
    }
    level = {what: (lambda n: 1.0 / n) if mix == "softmax" else (lambda n: 0.5) for what, mix in search.mixing.items()}
    import torch

    alpha = {id: torch.full((n,), level["candidates"](n)) for id, n in uniform["candidates"].items()}
    gamma = {id: torch.full((n,), level["edges"](n)) for id, n in uniform["edges"].items()}
    return gap_of(program, alpha, gamma, {id: search.keep(id) for id in program.selections})


def describe_choices(program: Program) -> dict[str, Any]:
    """The choice points of a program as JSON data, for the report."""
    return {
        "edges": {
            id: {"cell": p.cell, "node": p.node, "source": p.source, "candidates": list(p.options)}
            for id, p in program.choices.items()
        },
        "nodes": {
            id: {"cell": s.cell, "sources": list(s.sources), "keep": s.keep}
            for id, s in program.selections.items()
        },
    }


def cut(experiment: Experiment) -> list[str]:
    """What the preset leaves away against the paper's sizes, in words."""
    settings = experiment.settings
    if settings.preset == "paper":
        return []
    whole = load(
        experiment.path,
        data=experiment.data,
        preset="paper",
        overrides=[f"space={experiment.space.name}", f"method={experiment.method.name}", f"domain={settings.domain}"],
    ).settings
    found: list[str] = []
    for name, ours, theirs in (("search", settings.search, whole.search), ("retraining", settings.train, whole.train)):
        pairs = [("epochs", ours.epochs, theirs.epochs), ("batch", ours.batch, theirs.batch)]
        pairs += [(key, ours.parameters[key], theirs.parameters.get(key)) for key in ours.parameters if key != "domain"]
        pairs += [("mixup", ours.mixup, theirs.mixup)] if name == "retraining" else []
        found += [f"{name}: {key} {mine:g} instead of {paper:g}" for key, mine, paper in pairs
                  if isinstance(paper, int | float) and mine != paper]  # fmt: skip
    if settings.search.travel is not None:
        found.append(
            f"search: the learning rate of the architecture is scaled so that learning rate x steps is "
            f"{settings.search.travel:g}, what the paper's 5,800 steps at 3e-4 come to"
        )
    return found


def _products(until: Until) -> tuple[str, ...]:
    wanted = {"search": (files.GENOTYPE,), "train": (files.GENOTYPE, files.WEIGHTS)}
    return wanted.get(until, (files.GENOTYPE, files.WEIGHTS, files.TEST))


def _save_weights(path: Path, module: torch.nn.Module) -> None:
    from safetensors.torch import save

    state = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    files.write_atomically(path, save(state))


def _cpu() -> torch.device:
    import torch

    return torch.device("cpu")


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {
        "dslnas": version("dslnas"),
        "torch": version("torch"),
        "python": platform.python_version(),
        "platform": sys.platform,
    }


__all__ = ["Prediction", "Run", "from_json", "predict", "prepare_data", "retest", "start", "train_genotype"]
