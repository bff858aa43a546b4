"""`dslnas diff`: the differences of two spaces, runs or genotypes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DataOption, JsonOption, Preset, SetOption

if TYPE_CHECKING:
    from dslnas.base.figures import Pairs
    from dslnas.ir.genotype import Genotype
    from dslnas.runs.compare.facts import Change, Facts, Value
    from dslnas.runs.request import Request

MAKE_NAMES = ("operations", "candidates")  # shown as the language writes them
EXAMPLE = "Example: dslnas diff ss1 sspolasym5 --data sc09"


def diff(
    before: Annotated[
        str, typer.Argument(metavar="A", help="A space, a run folder, or a genotype (.json or .nas).")
    ],
    after: Annotated[str, typer.Argument(metavar="B", help="What to compare it with.")],
    data: DataOption = None,
    preset: Annotated[
        Preset | None, typer.Option("--preset", help="quick, or the published sizes: paper. Default: paper.")
    ] = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="PATH", help="Draw the cells of two genotypes side by side."),
    ] = None,
) -> None:
    """Show what B gained and lost: operations, candidates, edges, choices, size, method, settings.

    Of two genotypes the edges and the options; in the picture, what both have is grey. Of two runs also their
    tests, and what each tells rightly that the other does not, where both heard the same clips.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.runs.compare import facts, tested
    from dslnas.runs.request import Request

    from .subject import genotype_in
    from .terminal import print_json

    names = (before, after)
    genotypes = [genotype_in(Path(name)) for name in names]
    if out is not None and None in genotypes:
        missing = names[genotypes.index(None)]
        raise fail("N0501", f"{missing} holds no genotype", help="a picture shows the cells of two genotypes")
    request = Request(data, None, preset and preset.value, tuple(settings or ()))
    changes = facts.changes(*_facts(names, genotypes, request))
    pairs = _pairs(names)
    if as_json:
        paired = {"paired": tested.to_json(pairs)} if pairs else {}
        print_json({"before": before, "after": after, "changes": facts.to_json(changes), **paired})
    else:
        show(changes)
        if pairs:
            _tell(pairs, names)
    if out is not None:
        draw([genotype for genotype in genotypes if genotype], names, out)


def _facts(names: tuple[str, str], genotypes: Sequence[Genotype | None], request: Request) -> list[Facts]:
    """The facts to compare: of two genotypes their choices, of two runs these and their experiments."""
    from dslnas.base.diagnostics import fail
    from dslnas.runs.compare.facts import facts_of, facts_of_genotype
    from dslnas.runs.compare.tested import facts_of_test

    from .subject import subject_of

    files = [genotype and not Path(name).is_dir() for name, genotype in zip(names, genotypes, strict=True)]
    found = [facts_of_genotype(genotype) for genotype in genotypes if genotype]
    both = len(found) == len(names)
    if both and any(files):
        return found
    if any(files):
        name = names[0] if files[0] else names[1]
        help = "compare two spaces, two runs or two genotypes"
        raise fail("N0501", f"{name} is a genotype, and the other is none", help=help)
    experiments = [facts_of(subject_of(name, request, preset="paper").experiment) for name in names]
    tests = [facts_of_test(Path(name)) for name in names] if all(map(_is_folder, names)) else ({}, {})
    return [
        {**one, **own, **tested}
        for one, own, tested in zip(experiments, found if both else ({}, {}), tests, strict=True)
    ]


def _is_folder(name: str) -> bool:
    return Path(name).is_dir()


def _pairs(names: tuple[str, str]) -> Pairs | None:
    """How two runs tell the same clips; None where they are no runs, or did not hear the same."""
    from dslnas.runs.compare.tested import pairs_of

    return pairs_of(*map(Path, names)) if all(map(_is_folder, names)) else None


def _tell(pairs: Pairs, names: tuple[str, str]) -> None:
    """Print what two tests of the same clips say."""
    from dslnas.runs.compare.tested import told

    from .terminal import out

    out().print(told(pairs, names), soft_wrap=True)


def show(changes: Sequence[Change]) -> None:
    """Print what was lost and what was gained, part by part."""
    from rich.text import Text

    from .terminal import out

    console = out()
    for part, group in groupby(changes, lambda change: change.part):
        console.print(part, style="bold")
        for change in group:
            for mark, value, style in (("-", change.before, "red"), ("+", change.after, "green")):
                if value is not None:
                    sign = " =" if part in MAKE_NAMES else ":"
                    text = f"  {mark} {change.name}{sign} {_shown(value)}"
                    console.print(Text(text, style), soft_wrap=True)
    if not changes:
        console.print("no difference")


def _shown(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def draw(genotypes: Sequence[Genotype], names: tuple[str, str], path: Path) -> None:
    """Draw the cells of two genotypes, those of one kind side by side; what both have is grey."""
    from dslnas.base.diagnostics import fail
    from dslnas.report.render.pictures import drawings_beside, render

    from .terminal import out

    before, after = ({cell.name: cell for cell in genotype.cells} for genotype in genotypes)
    pairs = [(before[name], after[name]) for name in before if name in after]
    if not pairs:
        raise fail("N0603", "the genotypes have no kind of cell in common", help="a picture shows cells")
    drawings = [drawing for one, other in pairs for drawing in drawings_beside(one, other, names)]
    out().print(str(render(drawings, path, per_row=2)), soft_wrap=True)
