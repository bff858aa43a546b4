"""The Python API: a search space from its text to a trained network.

    import dslnas

    space = dslnas.load("ss1.nas", data="fsdd", settings={"nodes": 3, "search.epochs": 4})
    space.check()               # every error and warning, with its place
    space.plan().size           # what would happen
    net = space.supernet()      # an `nn.Module` over every candidate
    g = net.genotype()          # the architecture that its parameters select now
    g.network()                 # the pruned network, an `nn.Module`
    space.start("runs/one").execute()

Files are turned into experiments by `runs/load.py`; torch and matplotlib are imported on first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .base.diagnostics import Diagnostic, DslnasError
from .base.files import write_atomically
from .base.rendering import render_text
from .check.check import check_file
from .ir import genotype as genotypes
from .methods.method import relaxed
from .prune.validate import validate
from .report.render.drawing import CellDrawing, drawing_of, drawing_of_kind, drawings_of
from .report.render.pictures import svg_document
from .resolve.library import find_space
from .runs import load as loading
from .runs.experiment import Experiment
from .runs.request import QUICK, Request

if TYPE_CHECKING:
    from .lower.pruned import PrunedNetwork
    from .runs.plan import Plan
    from .runs.run import Run
    from .search.relaxed.space_supernet import SpaceSupernet


def load(
    file: str | Path,
    *,
    data: str | None = None,
    data_root: str | Path | None = None,
    preset: str = "quick",
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Space:
    """The space in a file, or a shipped one by its name; its data set need not be on disk.

    data, preset, settings: as the options `--data`, `--preset` and `--set` of the commands, the last by name:
    `settings={"nodes": 3, "search.epochs": 4, "method": "forcedarts"}`. Raises DslnasError N0102 where there
    is no such file; `check` returns the mistakes in it, and what cannot work with them raises them.
    """
    root = None if data_root is None else Path(data_root)
    overrides = tuple(f"{key}={_text(value)}" for key, value in (settings or {}).items())
    return Space(find_space(str(file)), Request(data, root, preset, overrides, seed))


def _text(value: Any) -> str:
    """A value as the language writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Findings(tuple[Diagnostic, ...]):
    """The errors and warnings of a file, in the order of its text; empty where it is well formed."""

    def __repr__(self) -> str:
        return "\n\n".join(map(render_text, self)) or "well formed"

    __str__ = __repr__


@dataclass(frozen=True)
class Space:
    """A search space with the data, the method and the settings it is searched with.

    In a notebook it shows as a table, each of its `cells` as a picture.
    """

    path: Path
    request: Request

    @property
    def data(self) -> str | None:
        """The name of the data set; None: that of the file, else `digits`."""
        return self.request.data

    @property
    def data_root(self) -> Path | None:
        """The folder in which data sets lie; None: `$DSLNAS_DATA`."""
        return self.request.data_root

    @property
    def preset(self) -> str:
        """The preset of sizes, `quick` or `paper`."""
        return self.request.preset or QUICK

    @property
    def overrides(self) -> tuple[str, ...]:
        """The settings given beside the file, each `key=value` as for `--set`."""
        return tuple(self.request.overrides)

    @property
    def seed(self) -> int:
        """The seed of the weights, the architecture parameters and the order of the data."""
        return self.request.seed or 0

    def check(self) -> Findings:
        """Every error and warning of the file, and what keeps its experiment from being run."""
        found = check_file(self.path)
        try:
            _ = self.experiment
        except DslnasError as error:
            found += [diagnostic for diagnostic in error.diagnostics if diagnostic not in found]
        return Findings(found)

    @cached_property
    def experiment(self) -> Experiment:
        """The space, method, data and settings of a run, checked; raises DslnasError with every mistake."""
        try:
            return loading.load(self.path, self.request)
        except DslnasError as error:
            for diagnostic in error.diagnostics:
                error.add_note(render_text(diagnostic))
            raise

    @property
    def name(self) -> str:
        """The name of the space in its file."""
        return self.experiment.space.name

    @property
    def cells(self) -> dict[str, SearchedCell]:
        """Each kind of cell with all its edges, by name."""
        program = self.experiment.supernet
        drawings = {name: drawing_of_kind(kind, program) for name, kind in program.kinds.items()}
        return {name: SearchedCell(**_fields(drawing)) for name, drawing in drawings.items()}

    def plan(self, genotype: genotypes.Genotype | None = None) -> Plan:
        """The plan of a run, without starting it: sizes, parameters, MACs, memory, tensor types.

        genotype: one whose own costs the plan also has.
        """
        from .runs import plan

        roles = plan.planned_roles(self.experiment, self.data_root)
        clips = plan.planned_clips(self.experiment, self.data_root)
        return plan.plan(self.experiment, genotype, plan.free_memory(), roles, clips=clips)

    def supernet(self, seed: int | None = None) -> SpaceSupernet[Genotype]:
        """The supernet of all candidates, with new weights drawn from `seed` (None: the seed of the space).

        (N, channels, frequency, time) -> logits (N, classes). Raises DslnasError N0601 where the method is
        no relaxation (DARTS and its relatives) and so mixes no candidates.
        """
        from .search.relaxed.space_supernet import SpaceSupernet

        one = self.experiment
        return SpaceSupernet(
            one.supernet,
            relaxed(one.method, "this supernet", "settings={'method': 'darts'}"),
            self.seed if seed is None else seed,
            one.space_hash,
            lambda found: Genotype.of(found, self),
        )

    def genotype(self, source: str | Path | Mapping[str, Any] | genotypes.Genotype) -> Genotype:
        """A genotype of this space, from a file or from the JSON data of one.

        Raises DslnasError N0501 where it cannot be read, N0502 where it does not fit the space.
        """
        if isinstance(source, genotypes.Genotype):
            found, where = source, "genotype"
        elif isinstance(source, Mapping):
            found, where = genotypes.from_json(dict(source)), "genotype"
        else:
            found, where = genotypes.read(Path(source)), str(source)
        return Genotype.of(validate(found, self.experiment.evaluation, where), self)

    def start(self, folder: str | Path, device: str = "auto") -> Run:
        """A new run: `.execute()` prepares the data, searches, retrains what it found, tests and reports.

        Raises DslnasError N0701 where the folder exists and is not empty.
        """
        from .runs import begin

        return begin.start(self.experiment, Path(folder), data_root=self.request.data_root, device=device)

    def __repr__(self) -> str:
        return f"<space in {self.path}>"

    def _repr_html_(self) -> str:
        """A table for notebooks: method, data, cells, sizes and costs."""
        planned = self.plan()
        params, macs = planned.params, planned.macs
        rows = [
            ("method", planned.method),
            ("data", f"{planned.data}, {planned.classes} classes, preset {planned.preset}"),
            *((f"cell {c.name}", f"{c.nodes} nodes, {c.edges} edges, {c.uses} uses") for c in planned.cells),
            ("choice points", f"{planned.choices:,}"),
            ("architectures", f"{planned.size:,}"),
            ("parameters", f"{params.supernet:,}; pruned {params.pruned.least:,} .. {params.pruned.most:,}"),
            ("MACs per example", f"{macs.supernet:,}; pruned {macs.pruned.least:,} .. {macs.pruned.most:,}"),
            ("peak memory of a step", f"{planned.memory.peak / 2**30:,.2f} GiB"),
        ]
        return _html_table(planned.space, rows)


def _html_table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    from markupsafe import escape

    lines = (f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in rows)
    return f"<table><caption>{escape(title)}</caption>{''.join(lines)}</table>"


class SearchedCell(CellDrawing):
    """A kind of cell before the search, with all its edges; in a notebook it shows as a picture."""

    def _repr_svg_(self) -> str:
        return svg_document([self])


class FoundCell(genotypes.Cell):
    """A cell of a genotype; in a notebook it shows as a picture."""

    def _repr_svg_(self) -> str:
        return svg_document([drawing_of(self)])


def _fields(data: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, as they are."""
    return {one.name: getattr(data, one.name) for one in fields(data)}


@dataclass(frozen=True, eq=False)
class Genotype(genotypes.Genotype):
    """A genotype together with its space, from which its network is built.

    In a notebook it shows as a picture of its cells.
    """

    home: Space | None = field(default=None, repr=False)

    @classmethod
    def of(cls, genotype: genotypes.Genotype, home: Space) -> Self:
        """A genotype with the space that it belongs to."""
        return cls(**{one.name: getattr(genotype, one.name) for one in fields(genotypes.Genotype)}, home=home)

    def cell(self, name: str) -> FoundCell:
        """The cell of a kind, such as `normal`; in a notebook it shows as a picture."""
        return FoundCell(**_fields(super().cell(name)))

    def _repr_svg_(self) -> str | None:
        """The picture that a notebook shows; none of a space without cells."""
        title = f"{self.space}, {self.method}"
        return svg_document(drawings_of(self), title) if self.cells else None

    def network(self, seed: int | None = None) -> PrunedNetwork:
        """The pruned network at the sizes of the retraining, with new weights drawn from `seed`.

        (N, channels, frequency, time) -> logits (N, classes).
        """
        from .lower.pruned import PrunedNetwork

        assert self.home is not None, "made by a space"
        return PrunedNetwork(self.home.experiment.evaluation, self, self.home.seed if seed is None else seed)

    def save(self, path: str | Path) -> Path:
        """Write it as the JSON that the commands read; returns the path, raises DslnasError N0701."""
        write_atomically(Path(path), genotypes.json_text(self).encode("utf-8", "backslashreplace"), "N0701")
        return Path(path)
