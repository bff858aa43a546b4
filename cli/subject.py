"""What a command is about: a space, a genotype with its space, or a run folder, as one experiment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dslnas.base.run_folder import GENOTYPE, SETTINGS, SPACE

if TYPE_CHECKING:
    from dslnas.ir.genotype import Genotype
    from dslnas.runs.experiment import Experiment


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
    from dslnas.base.diagnostics import fail

    path = Path(name)
    genotype = genotype_in(path)
    if path.is_dir():
        if not (path / SPACE).is_file():
            raise fail("N0701", f"{path} is no run folder: it has no {SPACE}", help="name a space or a run")
        return Subject(_experiment(str(path / SPACE), path, wish, preset), genotype)
    if genotype is None:
        return Subject(_experiment(name, None, wish, preset), None)
    if space is None and path.suffix == ".json" and (path.parent / SPACE).is_file():
        return Subject(_experiment(str(path.parent / SPACE), path.parent, wish, preset), genotype)
    found = space if space is not None else str(_file_of_space(genotype.space, path))
    named = replace(wish, overrides=(f"space={genotype.space}", *wish.overrides))
    return Subject(_experiment(found, None, named, preset), genotype)


def genotype_in(path: Path) -> Genotype | None:
    """The genotype of a run folder, of a .json file, or of a .nas file that defines one; DslnasError.

    None where there is none: a space, or a run whose search is not done.
    """
    from dslnas.ir.genotype import read
    from dslnas.resolve.genotype_text import read_source

    if path.is_dir():
        return read(path / GENOTYPE) if (path / GENOTYPE).is_file() else None
    if path.suffix == ".json":
        return read(path)
    return read_source(path) if path.suffix == ".nas" and path.is_file() else None


def _experiment(file: str, folder: Path | None, wish: Wish, preset: str) -> Experiment:
    """The experiment of a file under the settings of a run folder, which the user's wishes override."""
    from dslnas.runs.load import load
    from dslnas.runs.run_settings import read_told

    told = read_told(folder / SETTINGS) if folder and (folder / SETTINGS).is_file() else None
    return load(
        file,
        data=wish.data or (told.data if told else None),
        data_root=wish.data_root,
        preset=wish.preset or (told.preset if told else preset),
        overrides=(*(told.overrides if told else ()), *wish.overrides),
        seed=wish.seed if wish.seed is not None else told.seed if told else 0,
    )


def _file_of_space(space: str, genotype: Path) -> Path:
    """The file that defines the space of a genotype: one that it uses, one beside it, or a shipped one.

    Raises DslnasError N0502 where there is none.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.resolve.resolve import resolve, shipped

    if genotype.suffix == ".nas" and space in resolve(genotype)[0].spaces:
        return genotype
    beside = genotype.parent / SPACE
    if beside.is_file() and space in resolve(beside)[0].own_spaces:
        return beside
    for path in sorted(shipped().glob("*.nas")):
        if space in resolve(path)[0].own_spaces:
            return path
    raise fail(
        "N0502",
        f"{genotype}: no {SPACE} with `{space}` lies beside it, and no shipped space is called so",
        help="name the file of its space with --space FILE",
    )
