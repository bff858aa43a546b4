"""New runs: the folder with its text and settings, and no results."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import run_folder as files
from ..base.places import from_folder, remember, without_places
from ..base.run_folder import RunFolder
from ..data.catalog import parse_spec
from ..data.locations import named_root
from ..ir.genotype import Genotype
from ..prune.validate import validate
from .experiment import Experiment, check_decided, describe_settings
from .metrics import cut
from .plugins import keep
from .run import Run

if TYPE_CHECKING:
    from .pruning.asked import Asked


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
    searched: bool = True,
) -> Run:
    """Create the folder of a new run with its text and settings, and no results.

    Where the data lies is kept as a path from the folder of the run, and in full in the cache folder: the run
    can be resumed from any folder, also where it has moved alone or with the data, and its folder names no
    place of the machine. first: writes what else the run is to begin with; the settings come last, and make
    the folder a run. searched: whether its genotype is one that these settings find.
    Raises DslnasError N0701 where `out` exists and is not empty.
    """
    named = named_root(data_root)
    root = named.absolute() if named else None
    settings = _settings(experiment, out, root, device, command)
    spec = parse_spec(experiment.data)
    if spec.path is not None:
        experiment = replace(experiment, data=str(replace(spec, path=spec.path.absolute())))
    folder = RunFolder.create(out)
    try:
        if plugins := keep(folder, experiment.text):
            settings["plugins"] = plugins
        folder.write_text(files.SPACE, experiment.text)
        if experiment.manifest is not None:  # of the run that it is a part of
            experiment.manifest.write(out / files.CLIPS)
        folder.update_metrics(cut=cut(experiment, searched))
        if first is not None:
            first(folder)
        folder.write_json(files.SETTINGS, settings)
    except BaseException:  # half a folder would be in the way of the next try
        shutil.rmtree(out, ignore_errors=True)
        raise
    return Run(folder, experiment, root, device)


def train_genotype(
    genotype: Genotype,
    experiment: Experiment,
    out: Path,
    *,
    data_root: Path | None = None,
    device: str = "auto",
    command: str = "",
    searched: bool = False,
) -> Run:
    """Create a run of a given genotype, without a search: it is trained and tested.

    searched: whether these settings have found it in another run; else how they would search is told nowhere
    among the differences from the published sizes. Raises DslnasError N0502 where the genotype does not fit
    the space, N0701 where `out` exists and is not empty.
    """
    validate(genotype, experiment.evaluation)
    run = lay_out(
        experiment.decided_by(genotype),
        out,
        data_root=data_root,
        device=device,
        command=command,
        searched=searched,
    )
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


def _settings(
    experiment: Experiment, out: Path, root: Path | None, device: str, command: str
) -> dict[str, Any]:
    """The settings of a new run in the folder `out`, as its file holds them.

    root: the folder in which data sets lie, in full.
    """
    spec = parse_spec(experiment.data)
    kept = str(spec if spec.path is None else replace(spec, path=Path(from_folder(spec.path, out))))
    place = {"place": remember(spec.path)} if spec.path is not None else {}
    settings = dict(describe_settings(experiment))
    settings["data"] = {**settings["data"], "name": kept, **place, "classes": list(experiment.classes)}
    return settings | {
        "data_root": from_folder(root, out) if root else None,
        **({"data_root_place": remember(root)} if root else {}),
        "device": device,
        "command": without_places(command, [one.parent for one in (spec.path, root, out.absolute()) if one]),
    }
