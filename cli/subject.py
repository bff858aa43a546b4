"""What a command is about: a space, a genotype with its space, or a run folder, as one experiment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dslnas.experiment import Experiment
    from dslnas.genotype import Genotype

GENOTYPE, SPACE, SETTINGS = "genotype.json", "space.nas", "settings.json"


@dataclass(frozen=True)
class Wish:
    """What the user says about an experiment; None and empty: what the run folder or the default says."""

    data: str | None = None
    data_root: Path | None = None
    preset: str | None = None
    overrides: Sequence[str] = ()
    seed: int | None = None


@dataclass(frozen=True)
class Subject:
    """An experiment, and the genotype that was named, where one was."""

    experiment: Experiment
    genotype: Genotype | None


def subject_of(name: str, wish: Wish, space: str | None = None, preset: str = "quick") -> Subject:
    """The experiment that FILE, GENOTYPE or RUN names; `preset` where nobody says one. DslnasError."""
    from dslnas.diagnostics import fail
    from dslnas.genotype import read

    path = Path(name)
    if path.is_dir():
        if not (path / SPACE).is_file():
            raise fail("N0701", f"{path} is no run folder: it has no {SPACE}", help="name a space or a run")
        genotype = read(path / GENOTYPE) if (path / GENOTYPE).is_file() else None
        return Subject(_experiment(str(path / SPACE), path, wish, preset), genotype)
    if path.suffix == ".json":
        genotype = read(path)
        if space is None and (path.parent / SPACE).is_file():
            return Subject(_experiment(str(path.parent / SPACE), path.parent, wish, preset), genotype)
        found = space if space is not None else str(_shipped(genotype.space, path))
        wish = Wish(
            wish.data, wish.data_root, wish.preset, (f"space={genotype.space}", *wish.overrides), wish.seed
        )
        return Subject(_experiment(found, None, wish, preset), genotype)
    return Subject(_experiment(name, None, wish, preset), None)


def _experiment(file: str, folder: Path | None, wish: Wish, preset: str) -> Experiment:
    """The experiment of a file under the settings of a run folder, which the user's wishes override."""
    from dslnas.experiment import load

    known = _settings(folder)
    named = [f"{key}={known[key]}" for key in ("space", "method") if key in known]
    return load(
        file,
        data=wish.data or known.get("data", {}).get("name"),
        data_root=wish.data_root,
        preset=wish.preset or known.get("preset") or preset,
        overrides=(*named, *known.get("set", ()), *wish.overrides),
        seed=wish.seed if wish.seed is not None else known.get("seed", 0),
    )


def _settings(folder: Path | None) -> dict[str, Any]:
    """The settings that a run folder keeps; none where there is no run folder."""
    from dslnas.diagnostics import fail

    if folder is None or not (folder / SETTINGS).is_file():
        return {}
    try:
        data = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise fail("N0701", f"{folder / SETTINGS} is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise fail("N0701", f"{folder / SETTINGS} holds no settings")
    return data


def _shipped(space: str, genotype: Path) -> Path:
    """The shipped file that defines the space of a genotype; DslnasError N0502 where there is none."""
    from dslnas.diagnostics import fail
    from dslnas.resolve import resolve, shipped

    for path in sorted(shipped().glob("*.nas")):
        if space in resolve(path)[0].own_spaces:
            return path
    raise fail(
        "N0502",
        f"{genotype}: no space.nas lies beside it, and no shipped space is called `{space}`",
        help="name the file of its space with --space FILE",
    )
