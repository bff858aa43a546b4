"""The subject of a command: a space, a genotype with its space, or a run folder, as an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dslnas.base.run_folder import GENOTYPE, PRUNING, SETTINGS, SPACE, SUPERNET

if TYPE_CHECKING:
    from dslnas.ir.genotype import Genotype
    from dslnas.runs.experiment import Experiment
    from dslnas.runs.request import Request


@dataclass(frozen=True)
class Subject:
    """An experiment, and the genotype that was named or found in the run folder; None without one.

    searched: whether a run found the genotype by the settings of the experiment.
    """

    experiment: Experiment
    genotype: Genotype | None
    searched: bool = False


def subject_of(name: str, request: Request, space: str | None = None, preset: str = "quick") -> Subject:
    """The experiment of a FILE, GENOTYPE or RUN; `preset`: the default. Raises DslnasError."""
    from dslnas.base.diagnostics import fail
    from dslnas.runs.request import Request

    path = Path(name)
    genotype = genotype_in(path)
    if path.is_dir():
        if not (path / SPACE).is_file():
            raise fail("N0701", f"{path} is no run folder: it has no {SPACE}", help="name a space or a run")
        return Subject(_experiment(str(path / SPACE), path, request, preset), genotype, _searched(path))
    if genotype is None:
        return Subject(_experiment(name, None, request, preset), None)
    if space is None and path.suffix == ".json" and (path.parent / SPACE).is_file():
        run = path.parent
        return Subject(_experiment(str(run / SPACE), run, request, preset), genotype, _searched(run))
    found = space if space is not None else str(_file_of_space(genotype.space, path))
    named = request.over(Request(overrides=(f"space={genotype.space}",)))
    return Subject(_experiment(found, None, named, preset), genotype)


def _searched(run: Path) -> bool:
    """Whether the run in a folder found its genotype: one whose genotype was given has no supernet."""
    return any((run / name).is_file() for name in (SUPERNET, PRUNING))


def genotype_in(path: Path) -> Genotype | None:
    """The genotype of a run folder, of a .json file, or of a .nas file; raises DslnasError N0501.

    None where there is none: a space, or a run whose search is not done.
    """
    from dslnas.ir.genotype import read
    from dslnas.resolve.genotype_text import read_source

    if path.is_dir():
        return read(path / GENOTYPE) if (path / GENOTYPE).is_file() else None
    if path.suffix == ".json":
        return read(path)
    return read_source(path) if path.suffix == ".nas" and path.is_file() else None


def _experiment(file: str, folder: Path | None, request: Request, preset: str) -> Experiment:
    """The experiment of a file under the settings of a run folder, overridden by the user's request."""
    from dslnas.runs.load import load
    from dslnas.runs.plugins import bring
    from dslnas.runs.request import Request
    from dslnas.runs.run_settings import read_run_settings

    from .terminal import print_diagnostics

    if folder and (folder / SETTINGS).is_file():
        settings = read_run_settings(folder / SETTINGS)
        print_diagnostics(bring(folder, settings.plugins))
        request = request.over(settings.request)
    return load(file, request.over(Request(preset=preset)))


def _file_of_space(space: str, genotype: Path) -> Path:
    """The file that defines the space of a genotype: itself, one beside it, or a shipped one.

    Raises DslnasError N0502 where there is none.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.resolve.library import shipped
    from dslnas.resolve.resolve import resolve

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
