"""A sweep as a measurement to publish: a CSV of all results, and a JSON file with their provenance."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...base.diagnostics import DslnasError, fail
from ...base.files import read_json, write_atomically, write_json
from ...base.run_folder import SETTINGS
from .folder import Planned, SweepFolder
from .results import architectures
from .tables import as_csv
from .transferred import transfers_of

BY_HAND = ("title", "remarks")  # keys that a person writes into the file, which are kept
OF_THE_PLACE = {"--data-root", "--out", "--jobs", "--threads", "--engine", "--only", "--publish"}
FLAGS = {"--json", "--tables"}
STAGES = {"search": "search", "train": "retraining"}


def publish_measurement(folder: SweepFolder, path: Path) -> list[Path]:
    """Write the results of the sweeps of a folder to a JSON file and a CSV beside it; returns both paths.

    The CSV has one line for each architecture. The JSON file has their provenance: `command`, `machine`,
    `differs` (from the paper: data, preset and its reductions), and `transfers` to other data, if any. Its
    `title` and `remarks` are kept. Raises DslnasError N0701 where nothing is
    done yet, or a file cannot be read or written.
    """
    found = [one for one in architectures(folder) if one.accuracies or one.gap is not None]
    if not found:
        help = f"`dslnas sweep {folder.path}` does its trials"
        raise fail("N0701", f"{folder.path}: nothing is done yet that could be published", help=help)
    table = path.with_suffix(".csv")
    kept = _by_hand(path)
    about = {
        "title": kept.get("title", f"The sweep `{path.stem}`"),
        "command": _command(folder),
        "machine": _machines(folder),
        "differs": _differs(folder),
        **{key: kept[key] for key in BY_HAND[1:] if key in kept},
        **({"transfers": rows} if (rows := transfers_of(folder)) else {}),
        "table": table.name,
    }
    write_atomically(table, as_csv(found).encode("utf-8", "backslashreplace"))
    write_json(path, about)
    return [path, table]


def _by_hand(path: Path) -> Mapping[str, Any]:
    """The keys of an existing file that are written by hand."""
    if not path.exists():
        return {}
    found = read_json(path)
    if not isinstance(found, dict):
        raise fail("N0701", f"{path}: this is no measurement", help="name a file that may be written")
    return {key: found[key] for key in BY_HAND if key in found}


def _command(folder: SweepFolder) -> str:
    """The command that started the sweep last, without options that concern its machine alone."""
    commands = [str(settings.get("command", "")) for _, settings in _settings(folder)]
    words = iter(shlex.split(commands[-1]) if commands else ())
    kept = []
    for word in words:
        name, _, value = word.partition("=")
        if name in OF_THE_PLACE:
            if not value:
                next(words, None)
        elif word not in FLAGS:
            kept.append(Path(word).name if Path(word).is_absolute() else word)
    return shlex.join(kept)


def _machines(folder: SweepFolder) -> list[str]:
    """The machines of the trials: `NVIDIA H100, 4 threads, bf16`."""
    found = []
    for trial, settings in _settings(folder):
        if isinstance(machine := folder.metrics(trial.name).get("machine"), dict):
            threads = machine.get("threads")
            counted = "1 thread" if threads == 1 else f"{threads} threads"
            found.append(f"{machine.get('device')}, {counted}, {settings.get('precision')}")
    return list(dict.fromkeys(found))


def _differs(folder: SweepFolder) -> list[str]:
    """Data, preset, its differences from the paper's sizes, and what the sweep itself sets."""
    presets = dict.fromkeys(f"preset `{settings.get('preset')}`" for _, settings in _settings(folder))
    return [*dict.fromkeys(_data(folder)), *presets, *_sizes(folder)]


def _data(folder: SweepFolder) -> Iterator[str]:
    """`fsdd`: 1,600 clips to train, 200 to validate, 200 to test, split `speaker`."""
    for name in folder.trials:
        if isinstance(data := folder.metrics(name).get("data"), dict):
            train, validation, test = (f"{data.get(key, 0):,}" for key in ("train", "validation", "test"))
            yield (
                f"`{data.get('name')}`: {train} clips to train, {validation} to validate, {test} to test, "
                f"split `{data.get('split')}`"
            )


def _sizes(folder: SweepFolder) -> Iterator[str]:
    """Differences of sizes from the paper's; those not of all data sets and domains name theirs."""
    places: dict[str, set[str]] = {}
    for trial, settings in _settings(folder):
        if trial.letter and folder.done(trial.name):
            for text in (*folder.metrics(trial.name).get("cut", ()), *_set(settings)):
                places.setdefault(str(text), set()).add(_place(trial))
    everywhere = set().union(*places.values())
    for text, found in places.items():
        yield text if found == everywhere else f"{text} ({'; '.join(sorted(found))})"


def _set(settings: Mapping[str, Any]) -> Iterator[str]:
    """The sizes that a sweep sets, in older runs, which do not tell them: `retraining: steps 1200, ...`."""
    if "beaten" in settings:  # what the run tells as cut holds what the sweep sets
        return
    for key, origin in settings.get("origins", {}).items():
        group, _, name = key.partition(".")
        if group in STAGES and not origin.startswith("profile"):
            yield f"{STAGES[group]}: {name} {settings.get(group, {}).get(name)}, as the sweep sets it"


def _place(trial: Planned) -> str:
    return f"{trial.data}, {trial.domain}" if trial.domain else trial.data


def _settings(folder: SweepFolder) -> Iterable[tuple[Planned, Mapping[str, Any]]]:
    """Each trial with the settings that its run was started with, where they can be read."""
    for name, trial in folder.trials.items():
        try:
            settings = read_json(folder.run(name) / SETTINGS)
        except DslnasError:
            continue
        if isinstance(settings, dict):
            yield trial, settings
