"""The data of a run: the clips that it keeps, as tensors, and what its metrics say of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...base import run_folder as files
from ...base.diagnostics import fail
from ...base.places import without_places
from ...base.run_folder import RunFolder
from ...data.catalog import parse_spec
from ...data.own.manifest import Manifest
from ...train.observer import Observer
from ..experiment import Experiment
from ..judging import roles_in
from ..prepared import prepare_data

if TYPE_CHECKING:
    from ...data.dataset import DataSet
    from ...data.features import Prepared


def prepare_kept(
    folder: RunFolder, held: Experiment, data_root: Path | None, observer: Observer, training: bool
) -> Prepared:
    """The data that a run is of, for its front end; for the first one where these are searched.

    The run keeps a list of its clips from then on. held: its experiment, with that list where there is one
    by now. training: whether no clip may be missing of it. Raises DslnasError as `prepare_data` does.
    """
    listed: list[DataSet] = []

    def noted(data: DataSet) -> DataSet:
        listed.append(data)
        return data

    prepared = prepare_data(held.ways[0], data_root, observer, training, noted)
    if held.keeps_clips and not folder.has(files.CLIPS):
        Manifest.of(listed[0], prepared.clips).write(folder.path / files.CLIPS)
    return prepared


def check_classes(experiment: Experiment, prepared: Prepared) -> None:
    """Raise DslnasError N0605 where the data has other classes than the run began with."""
    if prepared.classes != experiment.classes:
        raise fail(
            "N0605",
            f"{experiment.data}: the classes are not those that the run began with: "
            f"{', '.join(prepared.classes)} instead of {', '.join(experiment.classes)}",
            help="bring the recordings back to what they were, or start a new run",
        )


def note_data(folder: RunFolder, held: Experiment, prepared: Prepared, seconds: float) -> list[str]:
    """Write into the metrics what the data of a run is and who does what with it; returns notes for the user.

    seconds: how long it took to prepare. No text of it names a folder of the machine.
    """
    from ...train.testing import describe_validation

    roles = roles_in(held, prepared, _searches(folder))
    notes = [_without_places(held, note) for note in (*prepared.notes, *roles.notes)]
    skipped = [[_without_places(held, part) for part in pair] for pair in prepared.skipped]
    before = folder.metrics().get("data")
    if before and held.manifest is not None:  # what was told when the list was made still holds
        notes = list(dict.fromkeys([*before.get("notes", []), *notes]))
        skipped = before.get("skipped", skipped)
    splits = {"train": prepared.train, "validation": prepared.validation, "test": prepared.test}
    folder.update_metrics(
        data={
            "name": _without_places(held, held.data),
            "split": held.split,
            "classes": list(prepared.classes),
            **{name: len(split) for name, split in splits.items()},
            **roles.figures,
            "notes": notes,
            "skipped": skipped,
        },
        validation=describe_validation(prepared.validation),
        time={"data": seconds},
    )
    return notes


def _without_places(experiment: Experiment, text: str) -> str:
    """A text of the data for a file of the run, without the folders of the machine."""
    path = parse_spec(experiment.data).path
    return without_places(text, [path.absolute().parent] if path is not None else [])


def _searches(folder: RunFolder) -> bool:
    """Whether a run has a search: one whose genotype was given has none."""
    return not folder.has(files.GENOTYPE) or folder.has(files.SUPERNET)
